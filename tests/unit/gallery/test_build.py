"""What is done to a model before it is kept in pretrained/, what is rebuilt, and what is there."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.checkpoint import OptimizerState
from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import DatasetMissing, scaled
from aeviz.data.sources import DATASETS
from aeviz.evaluation.rate_distortion import CURVES
from aeviz.gallery import build as gallery_build
from aeviz.gallery import recipes as gallery_recipes
from aeviz.networks.limits import check_preset
from aeviz.networks.recipes import PRESETS

SMALL = replace(PRESETS["karpathy-2d"], steps=45, published=None)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A model trained, stored by `main` and opened again; and the digits it was trained on."""
    folder = tmp_path_factory.mktemp("pretrained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gallery_build, "PRETRAINED", folder)
        patch.setattr(gallery_recipes, "GALLERY", {"small": ("digits", SMALL)})
        assert gallery_build.main([]) == 0
    (path,) = folder.iterdir()
    assert path.name == "small.safetensors"
    return load_checkpoint(path), load_dataset("digits")


# --- what is stored --------------------------------------------------------------------------


def test_weights_fit_in_half_precision(written):
    checkpoint, _ = written
    for layer in (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder):
        for weights in (layer.kernel, layer.bias):
            assert weights.dtype == np.float32
            np.testing.assert_array_equal(weights, weights.astype(np.float16))


def test_figures_and_test_codes_are_those_of_the_rounded_weights(written):
    checkpoint, digits = written
    images = scaled(digits.test_images).astype(np.float64)
    functions = {"tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "linear": np.array}
    outputs = [images]
    for layer in (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder):
        outputs.append(functions[layer.activation](outputs[-1] @ layer.kernel + layer.bias))
    codes, x = outputs[len(checkpoint.autoencoder.encoder)], outputs[-1]
    errors = np.square(x - images).mean(axis=1)
    assert checkpoint.figures["test_mse"] == pytest.approx(errors.mean(), rel=1e-5)
    assert checkpoint.figures["pca_test_mse"] > 0
    # Five binary digits after the first are kept of a code.
    np.testing.assert_allclose(checkpoint.test_codes.codes, codes, rtol=2**-6, atol=1e-4)
    np.testing.assert_allclose(checkpoint.test_codes.errors, errors, rtol=6e-4)


def test_the_film_is_whole_but_for_its_weights(written):
    checkpoint, _ = written
    view = checkpoint.history
    assert [s.step for s in view.snapshots] == view.step.tolist()
    assert view.snapshots[-1].step == 45 and len(view.snapshots) >= 40
    assert all(s.weights is None and s.frame is not None for s in view.snapshots)
    assert view.snapshots[0].reconstructions.shape == (50, 64)


def test_its_pictures_are_in_fewer_tones(written):
    checkpoint, _ = written
    tones = {t for s in checkpoint.history.snapshots for t in np.unique(s.reconstructions).tolist()}
    assert tones <= {*range(0, 256, 4), 255} and len(tones) > 20


def test_only_a_code_of_two_numbers_keeps_the_film_of_its_manifold(written):
    checkpoint, digits = written
    longer = replace(checkpoint, preset=replace(checkpoint.preset, latent_dim=3))
    kept = gallery_build.for_gallery(longer, "small", digits).history.snapshots
    assert len(kept) == len(checkpoint.history.snapshots) and not any(s.frame for s in kept)


def test_the_optimisers_state_is_left_out(written):
    checkpoint, digits = written
    assert checkpoint.optimizer is None
    kept = replace(checkpoint, optimizer=OptimizerState(45))
    assert gallery_build.for_gallery(kept, "small", digits).optimizer is None


def test_figures_of_a_model_without_weights_are_those_of_the_rounded_ones(written, monkeypatch):
    checkpoint, digits = written
    monkeypatch.setattr(gallery_recipes, "WITHOUT_WEIGHTS", frozenset({"small"}))
    # By less than what rounding takes away again.
    layers = tuple(
        replace(layer, kernel=layer.kernel * np.float32(1 + 1e-4))
        for layer in checkpoint.autoencoder.encoder
    )
    whole = replace(checkpoint.autoencoder, encoder=layers)
    bare = gallery_build.for_gallery(replace(checkpoint, autoencoder=whole), "small", digits)
    assert bare.autoencoder is None
    assert bare.figures == checkpoint.figures
    np.testing.assert_array_equal(bare.test_codes.codes, checkpoint.test_codes.codes)


# --- what is rebuilt -------------------------------------------------------------------------


class Workshop:
    """A gallery of two in a folder of its own, and a `train` that only says it was asked to."""

    def __init__(self, folder, trained):
        self.folder, self.trained, self.asked, self.before = (
            folder,
            trained,
            [],
            lambda preset: None,
        )

    def train(self, preset, dataset, *, seed):
        self.before(preset)
        self.asked.append(preset.name)
        return replace(self.trained, preset=preset)

    def main(self, *arguments):
        """The recipes trained by one call, which has to go well."""
        self.asked = []
        assert gallery_build.main(list(arguments)) == 0
        return self.asked

    def files(self):
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}


@pytest.fixture
def workshop(tmp_path, monkeypatch, written):
    made = Workshop(tmp_path, written[0])
    first, second = replace(SMALL, name="first"), replace(SMALL, name="second")
    monkeypatch.setattr(gallery_build, "PRETRAINED", tmp_path)
    monkeypatch.setattr(
        gallery_recipes, "GALLERY", {"one": ("digits", first), "two": ("digits", second)}
    )
    monkeypatch.setattr(gallery_build, "train", made.train)
    return made


def test_a_second_rebuild_redoes_nothing_and_says_so(workshop, capsys):
    assert workshop.main() == ["first", "second"]
    before = workshop.files()
    capsys.readouterr()
    assert workshop.main() == []
    assert workshop.files() == before
    said = capsys.readouterr().out
    assert said.count("left as it is") == 2


def test_one_model_can_be_built_alone(workshop):
    assert workshop.main("two") == ["second"]
    assert set(workshop.files()) == {"two.safetensors"}
    assert workshop.main("two") == []


def test_again_rebuilds_what_has_not_changed(workshop):
    workshop.main()
    assert workshop.main("--again") == ["first", "second"]
    assert workshop.main("two", "--again") == ["second"]


def test_a_broken_off_rebuild_goes_on_where_it_was(workshop):
    def interrupt(preset):
        if preset.name == "second":
            raise KeyboardInterrupt

    workshop.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        gallery_build.main([])
    assert set(workshop.files()) == {"one.safetensors"}
    workshop.before = lambda preset: None
    assert workshop.main() == ["second"]


@pytest.mark.parametrize(
    "change", [{"steps": 46}, {"learning_rate": 1e-3}, {"encoder": (50, 50, 50)}], ids=str
)
def test_only_a_changed_recipe_is_rebuilt(workshop, change):
    workshop.main()
    dataset, preset = gallery_recipes.GALLERY["two"]
    changed = replace(preset, **change)
    gallery_recipes.GALLERY["two"] = (dataset, changed)
    assert [n for n in ("one", "two") if gallery_build.is_built(n, workshop.folder)] == ["one"]
    if "encoder" not in change:  # the stand-in's network has the old layers
        assert workshop.main() == ["second"]
        assert load_checkpoint(workshop.folder / "two.safetensors").preset == changed


@pytest.mark.parametrize("constant", ["GALLERY_VERSION", "SEED"])
def test_all_are_rebuilt_when_what_is_stored_changes(workshop, monkeypatch, constant):
    workshop.main()
    monkeypatch.setattr(gallery_recipes, constant, getattr(gallery_recipes, constant) + 1)
    assert workshop.main() == ["first", "second"]


def test_a_model_of_another_data_set_is_rebuilt(workshop):
    workshop.main()
    gallery_recipes.GALLERY["one"] = ("mnist", gallery_recipes.GALLERY["one"][1])
    assert not gallery_build.is_built("one", workshop.folder)


def test_a_model_is_rebuilt_when_its_weights_are_to_be_left_out_or_not(workshop, monkeypatch):
    workshop.main()
    monkeypatch.setattr(gallery_recipes, "WITHOUT_WEIGHTS", frozenset({"one"}))
    assert workshop.main() == ["first"]
    assert load_checkpoint(workshop.folder / "one.safetensors").autoencoder is None
    assert workshop.main() == []
    monkeypatch.setattr(gallery_recipes, "WITHOUT_WEIGHTS", frozenset())
    assert workshop.main() == ["first"]


def test_a_damaged_file_is_rebuilt(workshop):
    workshop.main()
    path = workshop.folder / "one.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    assert workshop.main() == ["first"]
    load_checkpoint(path)


def test_a_data_set_that_is_not_there_stops_only_its_own_models(workshop, monkeypatch, capsys):
    def load(name):
        if name == "mnist":
            raise DatasetMissing("MNIST is not on this computer.")
        return load_dataset(name)

    monkeypatch.setattr(gallery_build, "load_dataset", load)
    gallery_recipes.GALLERY["one"] = ("mnist", gallery_recipes.GALLERY["one"][1])
    assert gallery_build.main([]) == 1
    assert workshop.asked == ["second"]
    assert "one: MNIST is not on this computer.\n" in capsys.readouterr().out


def test_at_the_end_sizes_are_told_and_files_that_do_not_belong(workshop, monkeypatch, capsys):
    workshop.main()
    size = (workshop.folder / "one.safetensors").stat().st_size / 1e6
    (workshop.folder / "stray.safetensors").write_bytes(bytes(1_100_000))
    capsys.readouterr()
    assert gallery_build.main([]) == 0
    said = capsys.readouterr().out
    mse = workshop.trained.figures["test_mse"]
    assert [f"one {size:.1f} {mse:.5f}"] == [
        " ".join(line.split()) for line in said.splitlines() if line.startswith("one ")
    ]
    (line,) = (line for line in said.splitlines() if line.startswith("stray"))
    assert "1.1" in line and "delete it" in line
    assert said.splitlines()[-1].split()[:2] == ["all", f"{2 * size + 1.1:.1f}"]
    assert "60" in said.splitlines()[-1]
    monkeypatch.setattr(gallery_recipes, "MOST_MEGABYTES", 1)
    assert gallery_build.main([]) == 1
    assert "TOO LARGE" in capsys.readouterr().out


def test_an_unknown_name_is_answered_with_those_there_are(capsys):
    assert gallery_build.main(["karpathy-2d", "nonsense"]) == 2
    said = capsys.readouterr().out
    assert "nonsense" in said and all(name in said for name in gallery_recipes.GALLERY)


# --- what there is to build ------------------------------------------------------------------


OVERCOMPLETE = {"overcomplete", "sparse"}


def test_the_gallery_holds_every_recipe_tuned_and_two_as_published():
    for name, preset in PRESETS.items():
        if name not in OVERCOMPLETE and name not in gallery_recipes.LIVE_ONLY:
            assert gallery_recipes.GALLERY[name] == ("mnist", preset)
    for name in ("karpathy-2d", "vae-2d"):
        published = gallery_recipes.GALLERY[f"{name}-as-published"]
        assert published == ("mnist", PRESETS[name].published)


def test_the_offline_digits_have_models_of_the_same_networks_with_fewer_steps():
    offline = {
        name.removeprefix("digits-"): preset
        for name, (data, preset) in gallery_recipes.GALLERY.items()
        if data == "digits"
    }
    assert set(offline) == {"karpathy-2d", "vae-2d", "deep-2d"} | OVERCOMPLETE
    for name, preset in offline.items():
        tuned = PRESETS[name]
        assert preset.steps < tuned.steps
        if name in OVERCOMPLETE:
            tuned = replace(tuned, latent_dim=preset.latent_dim, code_l1=preset.code_l1)
        assert preset == replace(tuned, steps=preset.steps, published=None)


def test_the_overcomplete_models_of_the_offline_digits_differ_in_the_price_alone():
    free, sparse = (gallery_recipes.GALLERY[f"digits-{n}"][1] for n in ("overcomplete", "sparse"))
    assert free.latent_dim == sparse.latent_dim > 64
    assert free.code_l1 == 0 < sparse.code_l1


def test_the_gallery_holds_recipes_that_can_be_trained():
    for name, preset in gallery_recipes.GALLERY.values():
        source = DATASETS[name]
        check_preset(preset, source.shape, images=source.n_train)


# --- what is in pretrained/ ------------------------------------------------------------------


STORED = sorted(PRETRAINED.glob("*.safetensors"))


def test_the_gallery_is_small_enough_to_come_along():
    files = [path for path in PRETRAINED.rglob("*") if path.is_file()]
    assert STORED and files and {*STORED, CURVES} == set(files)
    assert sum(path.stat().st_size for path in files) <= 60e6


def _moments(name: str) -> int:
    """How many a gallery model shows, at least."""
    if name in ("sweep-784", "sweep-500"):  # their pictures would be the data set's own
        return 0
    if name in ("photo-128", "ordered-64"):
        return 12
    if name in gallery_recipes.SHORT_FILMS:
        return 20
    return 5 if name.startswith("sweep-") else 40


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_every_stored_model_opens_and_belongs_to_the_gallery(path):
    checkpoint = load_checkpoint(path)
    dataset, preset = gallery_recipes.GALLERY[path.stem]
    assert checkpoint.dataset == dataset and checkpoint.preset.name == preset.name
    assert len(checkpoint.history.snapshots) >= _moments(path.stem)
    assert all(s.weights is None for s in checkpoint.history.snapshots)
    assert {"train_mse", "validation_mse", "test_mse"} <= checkpoint.figures.keys()
    assert checkpoint.optimizer is None
    if path.stem in gallery_recipes.WITHOUT_WEIGHTS:
        assert checkpoint.autoencoder is None
        return
    large = checkpoint.preset.parameter_count(checkpoint.shape) >= 400_000
    for layer in (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder):
        short = layer.kernel.astype(np.float16)
        np.testing.assert_array_equal(layer.kernel, short)
        # Of the ten binary digits after the first the last five are zeros, but for numbers so small
        # that float16 has fewer anyway.
        usual = short[np.abs(short) >= 2.0**-9]
        assert not large or not (usual.view(np.uint16) & 0b11111).any()


@pytest.fixture(scope="module")
def originals(mnist):
    """Every MNIST image, as bytes."""
    return {image.tobytes() for image in mnist.images}


def test_no_picture_in_the_gallery_is_one_of_mnist(originals, mnist):
    assert mnist.images[0].tobytes() in originals
    for path in STORED:
        checkpoint = load_checkpoint(path)
        for snapshot in checkpoint.history.snapshots:
            pictures = {picture.tobytes() for picture in snapshot.reconstructions}
            assert not pictures & originals, path.name


def test_the_gallery_is_whole_and_up_to_date():
    assert [
        name for name in gallery_recipes.GALLERY if not gallery_build.is_built(name, PRETRAINED)
    ] == []
