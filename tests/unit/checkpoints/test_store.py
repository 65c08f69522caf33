"""Checkpoint files: exact round trips, and one sentence for everything that can be wrong."""

import io
import json
import os
import re
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import save

from aeviz.checkpoints import checkpoint as checkpoints_checkpoint
from aeviz.checkpoints import reader as checkpoints_reader
from aeviz.checkpoints import store as checkpoints_store
from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError, OptimizerState, to_bytes
from aeviz.checkpoints.history import HistoryView, LossRecord, Snapshot
from aeviz.checkpoints.store import (
    ListedCheckpoint,
    find_checkpoint,
    list_checkpoints,
    load_checkpoint,
    new_name,
    save_checkpoint,
)
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled
from aeviz.latent.frames import Frame
from aeviz.latent.grid import Span
from aeviz.latent.plane import LatentPlane
from aeviz.latent.test_codes import Agreement, TestCodes
from aeviz.networks.autoencoder import Autoencoder, Layer
from aeviz.networks.recipes import PRESETS, Preset
from aeviz.storage import tensors as storage_tensors
from aeviz.storage.places import home
from aeviz.sweeps.plan import SWEEPS, models_of

PIXELS, SIDE, PROBES, POINTS, TESTED, CELLS = 64, 8, 6, 9, 7, 5
PLAIN = replace(PRESETS["karpathy-2d"], encoder=(5,), decoder=(5,), latent_dim=3, published=None)
VARIATIONAL = replace(
    PRESETS["vae-2d"].published, encoder=(7, 5), decoder=(5,), latent_dim=2, published=None
)


def stack(random, width, layers):
    out = []
    for units, activation in layers:
        kernel = random.normal(size=(width, units)).astype(np.float32)
        out.append(Layer(kernel, random.normal(size=units).astype(np.float32), activation))
        width = units
    return tuple(out)


def made_up_test_codes(latent_dim, *, labels=True):
    """Of classes 3, 5 and 8, the last of which has no neighbours of another class."""
    random = np.random.default_rng(3)
    rows = (Agreement(3, 0.5, 5, 0.5), Agreement(5, 0.7, 3, 0.2), Agreement(8, 1.0, None, 0.0))
    return TestCodes(
        points=random.normal(size=(TESTED, 2)).astype(np.float16),
        codes=random.normal(size=(TESTED, latent_dim)).astype(np.float16)
        if latent_dim <= 64
        else None,
        errors=random.random(TESTED).astype(np.float16),
        labels=np.array([3, 5, 8, 8, 5, 3, 3], dtype=np.uint8) if labels else None,
        plane=LatentPlane(
            random.normal(size=latent_dim).astype(np.float32),
            random.normal(size=(2, latent_dim)).astype(np.float32),
        ),
        agreement=rows if labels else (),
    )


def jpeg(random, width=CELLS * SIDE, height=CELLS * SIDE, mode="L", **how):
    out = io.BytesIO()
    noise = random.integers(0, 256, (height, width, len(mode)), dtype=np.uint8)
    Image.fromarray(noise.squeeze()).save(out, format="JPEG", **how)
    return out.getvalue()


def made_up_frame(random):
    left, bottom = random.normal(size=2).tolist()
    return Frame(Span(left, left + 1.5, bottom, bottom + 2.5), CELLS, jpeg(random))


def checkpoint(
    preset=PLAIN,
    *,
    name="karpathy-2d-made-by-hand",
    labels=True,
    weights=True,
    shots=4,
    film=True,
    optimizer=True,
):
    """A model with random weights and a made-up history; nothing was trained.

    optimizer: with the state of an optimiser that keeps two numbers of each weight.
    """
    random = np.random.default_rng(7)
    encoder, decoder = preset.dense_layers(PIXELS)
    autoencoder = Autoencoder(
        stack(random, PIXELS, encoder),
        stack(random, preset.latent_dim, decoder),
        variational=preset.variational,
    )
    flat = [
        w
        for layer in (*autoencoder.encoder, *autoencoder.decoder)
        for w in (layer.kernel, layer.bias)
    ]
    losses, snapshots = [], []
    for i in range(2 * shots):
        at_mark = i % 2 == 0  # every other record is a live glance
        parts = (("reconstruction", 3.0 / (i + 1)), ("KL", 0.1 * i)) if preset.variational else ()
        record = LossRecord(
            step=10 * i,
            train_loss=float("nan") if i == 0 else 1.0 / i,
            validation_loss=1.1 / (i + 1) if at_mark else float("nan"),
            parts=parts if at_mark else (),
        )
        losses.append(record)
        if at_mark:
            snapshots.append(
                Snapshot(
                    step=10 * i,
                    seconds=0.1 * i,
                    loss=record,
                    reconstructions=random.integers(0, 256, (PROBES, PIXELS), dtype=np.uint8),
                    codes=random.normal(size=(PROBES, preset.latent_dim)).astype(np.float16),
                    map_points=random.normal(size=(POINTS, 2)).astype(np.float16),
                    mse=0.5 / (i + 1),
                    weights=tuple(w.astype(np.float16) for w in flat) if weights else None,
                    frame=made_up_frame(random) if film else None,
                )
            )
    return Checkpoint(
        name=name,
        preset=preset,
        dataset="digits",
        seed=11,
        autoencoder=autoencoder,
        history=HistoryView(tuple(losses), tuple(snapshots), snapshots[-1] if snapshots else None),
        best_step=40,
        created="2026-01-02T03:04:05+00:00",
        side=SIDE,
        probe_indices=np.arange(PROBES, dtype=np.int32),
        probe_labels=np.arange(PROBES, dtype=np.uint8) if labels else None,
        map_labels=np.arange(POINTS, dtype=np.uint8) if labels else None,
        figures={"test_mse": 0.0379, "seconds": 38.0, "test_kl": float("nan")},
        notice="Stopped by hand at step 60 of 100.",
        test_codes=made_up_test_codes(preset.latent_dim, labels=labels),
        fingerprint="0123abcd",
        note='Better than the last one.\nTry a wider code: 3 < 5 & "so on".',
        optimizer=made_up_state(flat) if optimizer else None,
        continued_from="karpathy-2d-before",
        steps_before=1_200,
    )


def made_up_state(weights):
    """As if Adam had taken 1,240 steps: two slots of each weight."""
    random = np.random.default_rng(9)
    slots = (random.random(w.shape, dtype=np.float32) for w in weights for _ in range(2))
    return OptimizerState(1_240, tuple(slots))


def assert_same(a, b):
    """Equality in depth: NaN equals NaN, arrays by value, shape and type."""
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif hasattr(a, "__dataclass_fields__"):
        for field in fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name))
    elif isinstance(a, tuple | list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_same(a[key], b[key])
    else:
        assert a == b or (a != a and b != b)


def refused(path):
    """The one sentence a file is refused with."""
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    return one_sentence(caught.value)


def one_sentence(error):
    sentence = str(error)
    assert isinstance(error, ValueError)
    assert "\n" not in sentence and "Traceback" not in sentence
    assert 20 < len(sentence) < 400 and sentence.endswith("."), sentence
    return sentence


def parts_of(path):
    """Description and tensors of a checkpoint file, by safetensors' own reader."""
    with safe_open(path, framework="numpy") as file:
        about = json.loads(file.metadata()["aeviz"])
        return about, {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118


def rewritten(path, *, about=None, tensors=None, raw=None):
    """The file again with changed contents and a checksum that matches them: a forgery."""
    old_about, old_tensors = parts_of(path)
    tensors = {k: v for k, v in (old_tensors | (tensors or {})).items() if v is not None}
    text = raw if raw is not None else json.dumps(old_about | (about or {}))
    metadata = {"aeviz": text, "checksum": storage_tensors.checksum(text, tensors)}
    path.write_bytes(save(tensors, metadata=metadata))
    return path


@pytest.fixture
def saved(tmp_path):
    return save_checkpoint(checkpoint(), tmp_path)


# ---------------------------------------------------------------------------------------------
# Round trips


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("preset", [PLAIN, VARIATIONAL], ids=lambda p: p.name)
def test_what_is_saved_comes_back_exactly(tmp_path, preset, labels, weights):
    made = checkpoint(preset, labels=labels, weights=weights)
    path = save_checkpoint(made, tmp_path)
    assert path == tmp_path / f"{made.name}.safetensors"
    assert_same(load_checkpoint(path), made)
    assert os.listdir(tmp_path) == [path.name]


def test_a_model_without_a_history_comes_back(tmp_path):
    made = checkpoint(shots=0)
    back = load_checkpoint(save_checkpoint(made, tmp_path))
    assert back.history == HistoryView()
    assert_same(back.autoencoder, made.autoencoder)


def test_the_loaded_model_computes_the_same(tmp_path):
    made = checkpoint(VARIATIONAL)
    back = load_checkpoint(save_checkpoint(made, tmp_path))
    images = np.random.default_rng(0).random((3, PIXELS), dtype=np.float32)
    np.testing.assert_array_equal(
        back.autoencoder.reconstruct(images), made.autoencoder.reconstruct(images)
    )


def test_source_2s_own_picture_has_no_index_among_the_validation_images(tmp_path):
    made = replace(checkpoint(), probe_indices=np.arange(PROBES - 1, dtype=np.int32))
    assert_same(load_checkpoint(save_checkpoint(made, tmp_path)), made)


def test_a_model_without_test_codes_comes_back(tmp_path):
    made = replace(checkpoint(), test_codes=None, fingerprint="")
    assert_same(load_checkpoint(save_checkpoint(made, tmp_path)), made)


def test_of_codes_above_64_numbers_only_the_points_are_kept(tmp_path):
    made = checkpoint(replace(PLAIN, latent_dim=65))
    assert made.test_codes.codes is None
    path = save_checkpoint(made, tmp_path)
    assert_same(load_checkpoint(path), made)
    codes = np.zeros((TESTED, 65), np.float16)
    assert "test.codes" in refused(rewritten(path, tensors={"test.codes": codes}))
    assert load_checkpoint(
        save_checkpoint(checkpoint(replace(PLAIN, latent_dim=64)), tmp_path)
    ).test_codes.codes.shape == (TESTED, 64)


def test_a_single_picture_has_no_neighbours_to_agree_with(tmp_path):
    test = made_up_test_codes(3)
    one = replace(test, points=test.points[:1], codes=test.codes[:1], errors=test.errors[:1])
    one = replace(one, labels=test.labels[:1], agreement=())
    made = replace(checkpoint(), test_codes=one)
    assert_same(load_checkpoint(save_checkpoint(made, tmp_path)), made)


def with_weights(made, change):
    """The checkpoint with `change` done to every kernel and bias."""
    parts = {
        part: tuple(
            Layer(change(x.kernel), change(x.bias), x.activation)
            for x in getattr(made.autoencoder, part)
        )
        for part in ("encoder", "decoder")
    }
    return replace(made, autoencoder=replace(made.autoencoder, **parts))


def rounded(weights):
    return weights.astype(np.float16).astype(np.float32)


WEIGHTS = ("encoder.0.kernel", "encoder.0.bias", "decoder.1.kernel", "decoder.1.bias")


def test_weights_that_fit_in_two_bytes_take_two(tmp_path):
    made = with_weights(checkpoint(), rounded)
    path = save_checkpoint(made, tmp_path)
    _, tensors = parts_of(path)
    assert {tensors[name].dtype for name in WEIGHTS} == {np.dtype(np.float16)}
    assert_same(load_checkpoint(path), made)  # in float32, as they were
    assert len(to_bytes(made)) < len(to_bytes(checkpoint()))


@pytest.mark.parametrize("odd", [1 + 2**-11, 65_520.0, 2.0**-26], ids=["digits", "large", "small"])
def test_one_weight_that_does_not_fit_keeps_all_of_them_whole(tmp_path, odd):
    made = with_weights(checkpoint(), rounded)
    bias = made.autoencoder.decoder[-1].bias
    bias[-1] = odd
    path = save_checkpoint(made, tmp_path)
    _, tensors = parts_of(path)
    assert {tensors[name].dtype for name in WEIGHTS} == {np.dtype(np.float32)}
    assert_same(load_checkpoint(path), made)


def test_the_checksum_covers_weights_of_two_bytes_as_they_are_stored(tmp_path):
    path = save_checkpoint(with_weights(checkpoint(), rounded), tmp_path)
    about, tensors = parts_of(path)
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    assert metadata["checksum"] == storage_tensors.checksum(metadata["aeviz"], tensors)
    tensors["encoder.0.kernel"] = tensors["encoder.0.kernel"].astype(np.float32)
    path.write_bytes(save(tensors, metadata=metadata))
    assert "checksum" in refused(path)


# Made by the program when it wrote format 1: vae-2d with layers of four, five steps on the digits.
FORMAT_1 = Path(__file__).with_name("format-1.safetensors")


def test_a_file_of_format_1_opens():
    back = load_checkpoint(FORMAT_1)
    about, tensors = parts_of(FORMAT_1)
    assert about["schema"] == 1 and "agreement" not in about
    assert (back.test_codes, back.fingerprint) == (None, "")
    assert (back.name, back.dataset, back.preset.name) == ("format-1", "digits", "vae-2d")
    assert [s.step for s in back.history.snapshots] == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(back.probe_labels, tensors["probe_labels"])
    x = images = scaled(load_dataset("digits").test_images).astype(np.float64)
    for part, count in (("encoder", 2), ("decoder", 2)):
        for i in range(count):
            x = x @ tensors[f"{part}.{i}.kernel"] + tensors[f"{part}.{i}.bias"]
            if i < count - 1:
                x = np.where(x > 0, x, np.expm1(x))
        x = x[:, :2] if part == "encoder" else 1 / (1 + np.exp(-x))
    mse = np.square(x - images).mean()
    assert back.figures["test_mse"] == pytest.approx(mse, rel=1e-5)
    np.testing.assert_allclose(
        back.autoencoder.reconstruct(images.astype(np.float32)), x, atol=1e-5
    )


# Made by the program when it wrote format 2: the same model, with what it makes of the test digits.
FORMAT_2 = Path(__file__).with_name("format-2.safetensors")


def test_a_file_of_format_2_opens():
    back, before = load_checkpoint(FORMAT_2), load_checkpoint(FORMAT_1)
    about, tensors = parts_of(FORMAT_2)
    assert about["schema"] == 2 and "film_cells" not in about
    assert back.fingerprint == "0123abcd"
    np.testing.assert_array_equal(back.test_codes.points, tensors["test.points"])
    assert len(back.test_codes.agreement) == 10
    assert all(s.frame is None for s in back.history.snapshots)
    assert_same(replace(back, name="format-1", test_codes=None, fingerprint=""), before)


# Made by the program when it wrote format 3: the same model, with the manifold at every snapshot.
FORMAT_3 = Path(__file__).with_name("format-3.safetensors")


def test_a_file_of_format_3_opens():
    back, before = load_checkpoint(FORMAT_3), load_checkpoint(FORMAT_2)
    about, tensors = parts_of(FORMAT_3)
    assert about["schema"] == 3 and about["film_cells"] == 16
    assert not {"weights", "title", "note", "optimizer_step"} & about.keys()
    assert (back.given_title, back.note, back.optimizer) == ("", "", None)
    assert (back.continued_from, back.steps_before) == ("", 0)
    shots = back.history.snapshots
    ends = tensors["film.ends"]
    assert b"".join(s.frame.picture for s in shots) == tensors["film.pictures"].tobytes()
    for snapshot, start, end in zip(shots, [0, *ends], ends, strict=False):
        assert len(snapshot.frame.picture) == end - start
        with Image.open(io.BytesIO(snapshot.frame.picture)) as picture:
            assert picture.size == (128, 128)  # 16 cells of 8 pixels
    bare = tuple(replace(s, frame=None) for s in shots)
    history = HistoryView(back.history.losses, bare, bare[-1])
    assert_same(replace(back, name="format-2", history=history), before)


EARLIER = [FORMAT_1, FORMAT_2, FORMAT_3]


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_a_file_of_an_earlier_format_saved_again_is_one_of_the_newest(tmp_path, path):
    old = load_checkpoint(path)
    path = save_checkpoint(old, tmp_path)
    assert parts_of(path)[0]["schema"] == 4
    assert_same(load_checkpoint(path), old)


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_a_file_of_an_earlier_format_is_listed_with_all_there_is(tmp_path, path):
    (tmp_path / path.name).write_bytes(path.read_bytes())
    (row,) = list_checkpoints(tmp_path)
    assert (row.problem, row.given_title, row.note, row.continued_from) == ("", "", "", "")
    assert (row.has_weights, row.optimizer_kept) == (True, False)
    assert (row.layer_sizes, row.latent_dim) == ((64, 4, 2, 4, 64), 2)
    assert (row.side, row.seed, row.steps, row.bytes) == (8, 0, 5, path.stat().st_size)


# ---------------------------------------------------------------------------------------------
# Weights left out, the owner's words, the optimiser's state


@pytest.mark.parametrize("preset", [PLAIN, VARIATIONAL], ids=lambda p: p.name)
def test_a_model_without_its_weights_comes_back(tmp_path, preset):
    made = replace(checkpoint(preset), autoencoder=None, optimizer=None)
    path = save_checkpoint(made, tmp_path)
    assert not [name for name in parts_of(path)[1] if name.startswith(("encoder", "decoder"))]
    assert_same(load_checkpoint(path), made)
    (row,) = list_checkpoints(tmp_path)
    assert not row.has_weights and not row.problem


def test_weights_are_there_or_not_as_the_description_says(tmp_path):
    path = save_checkpoint(checkpoint(), tmp_path)
    assert "decoder.0.bias" in refused(rewritten(path, about={"weights": False}))
    path = save_checkpoint(replace(checkpoint(), autoencoder=None), tmp_path)
    assert "encoder.0.kernel" in refused(rewritten(path, about={"weights": True}))


@pytest.mark.parametrize(
    "changes",
    [
        {"latent_dim": 2_001},
        {"latent_dim": 10**400},
        {"latent_dim": 0},
        {"encoder": [20_001]},
        {"encoder": [0]},
        {"encoder": [-5]},
        {"decoder": [5] * 9},
        {"before_readout": 10**9},
        {"before_readout": -1},
        {"activation": "softmax"},
        {"output_activation": "x"},
        {"optimizer": "x"},
        {"steps": 0},
        {"steps": 10**9},
        {"batch_size": 10**9},
        {"learning_rate": 0.0},
    ],
    ids=str,
)
def test_without_weights_a_network_that_cannot_be_is_refused_too(tmp_path, changes):
    made = replace(
        checkpoint(shots=0), autoencoder=None, optimizer=None, test_codes=None, probe_labels=None
    )
    path = save_checkpoint(made, tmp_path)
    load_checkpoint(path)
    refused(rewritten(path, about={"preset": parts_of(path)[0]["preset"] | changes}))


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adadelta"])
def test_the_state_of_every_optimiser_comes_back(tmp_path, optimizer):
    made = checkpoint(replace(PLAIN, optimizer=optimizer), optimizer=optimizer != "sgd")
    if optimizer == "sgd":
        made = replace(made, optimizer=OptimizerState(40))
    path = save_checkpoint(made, tmp_path)
    assert_same(load_checkpoint(path), made)
    (row,) = list_checkpoints(tmp_path)
    assert row.optimizer_kept


def test_a_state_of_another_optimiser_is_refused(saved):
    preset = parts_of(saved)[0]["preset"]
    assert "optimizer.0" in refused(
        rewritten(saved, about={"preset": preset | {"optimizer": "sgd"}})
    )
    saved.write_bytes(to_bytes(checkpoint()))
    assert "optimizer" in refused(
        rewritten(saved, about={"preset": preset | {"optimizer": "x" * 99}})
    )
    saved.write_bytes(to_bytes(checkpoint()))
    assert "optimizer.0" in refused(rewritten(saved, about={"optimizer_step": None}))


@pytest.mark.parametrize(
    "about",
    [
        {"weights": 1},
        {"weights": None},
        {"title": None},
        {"title": 5},
        {"note": ["x"]},
        {"optimizer_step": -1},
        {"optimizer_step": 1.0},
        {"optimizer_step": True},
        {"optimizer_step": 10**400},
        {"continued_from": "../x"},
        {"continued_from": "A B"},
        {"continued_from": None},
        {"steps_before": -1},
        {"steps_before": None},
        {"steps_before": "5"},
        {"steps_before": 10**400},
    ],
    ids=lambda about: str(about)[:40],
)
def test_an_owner_who_says_what_cannot_be_said_is_refused(saved, about):
    refused(rewritten(saved, about=about))
    (row,) = list_checkpoints(saved.parent)
    assert row.problem == f"{saved.name} cannot be read."


def test_a_strangers_words_are_made_harmless(saved):
    preset = parts_of(saved)[0]["preset"] | {
        "title": "<b>Bold</b>\n**recipe**",
        "summary": "[a](javascript:1) " * 100,
        "not_given": [["\u202ea", "`b`"]],
    }
    rewritten(
        saved,
        about={
            "preset": preset,
            "title": "<i>x</i>" * 50,
            # What is left of a letter and its accent is one letter, and stays it.
            "note": "e<\u0301 \u202e two\r\nlines\0" + "x" * 5_000,
            "dataset": "<mnist>",
            "created": "2026\n<script>",
            "notice": "\x1b[31mred",
        },
    )
    back, (row,) = load_checkpoint(saved), list_checkpoints(saved.parent)
    assert back.preset.title == "bBold/b recipe"
    assert len(back.preset.summary) == 300 and "[" not in back.preset.summary
    assert back.preset.not_given == (("a", "b"),)
    assert len(back.given_title) == 60 and "<" not in back.given_title
    assert back.note.startswith("e<\u0301  two\nlinesx") and len(back.note) == 2_000
    assert (back.dataset, back.created, back.notice) == ("mnist", "", "[31mred")
    assert (row.title, row.note, row.dataset) == (back.given_title, back.note, "mnist")
    again = load_checkpoint(save_checkpoint(back, saved.parent))
    assert_same(again, back)


def test_the_words_of_our_own_recipes_are_harmless_already():
    recipes = [*PRESETS.values(), *(p.published for p in PRESETS.values() if p.published)]
    recipes += [model.preset for sweep in SWEEPS.values() for model in models_of(sweep)]
    for preset in recipes:
        about = {"preset": json.loads(json.dumps(preset.to_dict()))}
        assert checkpoints_reader.recipe_of(about) == replace(preset, published=None)


@pytest.mark.parametrize("name", ["../x", "A", "", "a b", "x" * 71], ids=repr)
def test_a_recipe_whose_name_no_file_could_have_is_refused(saved, name):
    refused(rewritten(saved, about={"preset": parts_of(saved)[0]["preset"] | {"name": name}}))


def test_a_history_longer_than_any_is_refused(tmp_path, monkeypatch):
    for limit, most in (
        ("_MOST_RECORDS", 8),
        ("_MOST_SNAPSHOTS", 4),
        ("_MOST_PARTS", 2),
        ("_MOST_PROBES", PROBES),
        ("_MOST_POINTS", POINTS),
        ("MOST_PICTURES", TESTED),
    ):
        path = save_checkpoint(checkpoint(VARIATIONAL), tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(checkpoints_reader, limit, most)
            load_checkpoint(path)
            patch.setattr(checkpoints_reader, limit, most - 1)
            refused(path)


def test_a_model_is_listed_with_what_its_owner_says_and_what_it_is(tmp_path):
    made = replace(checkpoint(), given_title="Mine", figures={"seconds": 38.5, "steps": 60.0})
    assert made.title == "Mine"
    path = save_checkpoint(made, tmp_path)
    assert list_checkpoints(tmp_path) == [
        ListedCheckpoint(
            name=made.name,
            path=path,
            title="Mine",
            created=made.created,
            own=True,
            preset="karpathy-2d",
            variant="changed",
            dataset="digits",
            test_mse=pytest.approx(float("nan"), nan_ok=True),
            fingerprint="0123abcd",
            given_title="Mine",
            note=made.note,
            has_weights=True,
            latent_dim=3,
            seed=11,
            steps=60,
            best_step=40,
            layer_sizes=(64, 5, 3, 5, 64),
            seconds=38.5,
            side=8,
            bytes=path.stat().st_size,
            optimizer_kept=True,
            continued_from="karpathy-2d-before",
            steps_before=1_200,
        )
    ]


@pytest.mark.parametrize("side", [65, 1_000, 10**9])
def test_pictures_larger_than_any_here_are_refused(saved, side):
    assert "how large" in refused(rewritten(saved, about={"side": side}))


def test_a_film_of_more_pixels_than_can_be_unpacked_in_time_is_refused(tmp_path, monkeypatch):
    path = save_checkpoint(checkpoint(), tmp_path)
    monkeypatch.setattr("aeviz.checkpoints.reader._MOST_FILM_PIXELS", 4 * (CELLS * SIDE) ** 2)
    load_checkpoint(path)
    monkeypatch.setattr("aeviz.checkpoints.reader._MOST_FILM_PIXELS", 4 * (CELLS * SIDE) ** 2 - 1)
    assert "film that cannot be shown" in refused(path)


# ---------------------------------------------------------------------------------------------
# The film


def test_a_film_comes_back_byte_for_byte(tmp_path):
    made = checkpoint()
    back = load_checkpoint(save_checkpoint(made, tmp_path))
    assert [s.frame for s in back.history.snapshots] == [s.frame for s in made.history.snapshots]


def test_a_model_without_a_film_comes_back(tmp_path):
    made = checkpoint(film=False)
    path = save_checkpoint(made, tmp_path)
    assert_same(load_checkpoint(path), made)
    assert parts_of(path)[0]["film_cells"] is None


def film_of(pictures):
    """The tensors of a film of these files."""
    return {
        "film.pictures": np.frombuffer(b"".join(pictures), np.uint8),
        "film.ends": np.cumsum([len(p) for p in pictures]),
    }


RANDOM = np.random.default_rng(5)
GOOD = [jpeg(RANDOM) for _ in range(4)]
UNREADABLE = {
    "no picture": b"not a picture",
    "too large": jpeg(RANDOM, width=CELLS * SIDE + 1),
    "in colour": jpeg(RANDOM, mode="RGB"),
    "cut off": GOOD[0][: len(GOOD[0]) // 2],
    "huge": jpeg(RANDOM, 5_000, 5_000),
    "drawn over and over": jpeg(RANDOM, progressive=True),
}


@pytest.mark.parametrize("which", UNREADABLE)
def test_a_film_with_a_picture_that_is_none_is_refused(saved, which):
    load_checkpoint(rewritten(saved, tensors=film_of(GOOD)))
    tensors = film_of([*GOOD[:2], UNREADABLE[which], GOOD[3]])
    assert "film that cannot be shown" in refused(rewritten(saved, tensors=tensors))


WRONG_ENDS = {
    "out of order": lambda ends: ends[[0, 2, 1, 3]],
    "an empty one": lambda ends: ends * [0, 1, 1, 1],
    "before the start": lambda ends: ends - [10**9, 0, 0, 0],
    "beyond the end": lambda ends: ends + [0, 0, 0, 1],
    "not to the end": lambda ends: ends - [0, 0, 0, 1],
    "beyond all bounds": lambda ends: np.full(4, np.iinfo(np.int64).max),
}


@pytest.mark.parametrize("wrong", WRONG_ENDS)
def test_a_film_whose_pictures_do_not_follow_each_other_is_refused(saved, wrong):
    ends = WRONG_ENDS[wrong](parts_of(saved)[1]["film.ends"])
    assert "begin and end" in refused(rewritten(saved, tensors={"film.ends": ends}))


@pytest.mark.parametrize(
    "span", [(1, 1, 0, 1), (2, 1, 0, 1), (0, 1, 3, 2), (0, 1e9, 0, 1), (0, 1e-9, 0, 1)], ids=str
)
def test_a_film_over_a_range_that_is_none_is_refused(saved, span):
    spans = parts_of(saved)[1]["film.spans"]
    spans[1] = span
    assert "film" in refused(rewritten(saved, tensors={"film.spans": spans}))


@pytest.mark.parametrize("cells", [0, 4, 6, 61, 5.0, "5", True, [5], 10**400, None])
def test_a_film_of_other_cells_than_it_says_is_refused(saved, cells):
    assert "film" in refused(rewritten(saved, about={"film_cells": cells}))


def test_saving_again_replaces_the_file_whole(tmp_path):
    save_checkpoint(checkpoint(), tmp_path)
    save_checkpoint(replace(checkpoint(), seed=99), tmp_path)
    assert load_checkpoint(tmp_path / "karpathy-2d-made-by-hand.safetensors").seed == 99
    assert len(os.listdir(tmp_path)) == 1


def test_bytes_are_a_safetensors_file_others_can_read(tmp_path):
    made = checkpoint()
    path = tmp_path / "x.safetensors"
    path.write_bytes(to_bytes(made))
    _, tensors = parts_of(path)
    np.testing.assert_array_equal(tensors["encoder.0.kernel"], made.autoencoder.encoder[0].kernel)
    np.testing.assert_array_equal(tensors["losses"][:, 0], made.history.step)


def arrays_of(value):
    """Every array reachable from a checkpoint."""
    if isinstance(value, np.ndarray):
        yield value
    elif hasattr(value, "__dataclass_fields__"):
        for field in fields(value):
            yield from arrays_of(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from arrays_of(item)


def test_nothing_returned_can_be_written_to(saved):
    before = saved.read_bytes()
    back = load_checkpoint(saved)
    arrays = list(arrays_of(back))
    assert len(arrays) > 30
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(FrozenInstanceError):
        back.seed = 1
    del arrays, back
    assert saved.read_bytes() == before


def test_a_file_can_be_replaced_while_its_arrays_are_in_use(saved):
    back = load_checkpoint(saved)
    kernel = back.autoencoder.encoder[0].kernel.copy()
    saved.write_bytes(b"\0" * saved.stat().st_size)
    np.testing.assert_array_equal(back.autoencoder.encoder[0].kernel, kernel)


# ---------------------------------------------------------------------------------------------
# Damage


def test_one_flipped_bit_anywhere_is_noticed(saved):
    good = saved.read_bytes()
    header_ends = 8 + int.from_bytes(good[:8], "little")
    assert header_ends < len(good)
    random = np.random.default_rng(0)
    places = {*range(8), *range(8, 60), header_ends - 1, header_ends, len(good) - 1}
    places |= set(random.integers(8, header_ends, 250).tolist())
    places |= set(random.integers(header_ends, len(good), 100).tolist())
    sentences = set()
    for place in sorted(places):
        bad = bytearray(good)
        bad[place] ^= 1 << int(random.integers(8))
        saved.write_bytes(bad)
        sentences.add(refused(saved))
    assert any("checksum" in sentence for sentence in sentences)
    saved.write_bytes(good)
    load_checkpoint(saved)


def test_every_bit_of_one_weight_is_covered(saved):
    good = saved.read_bytes()
    start = 8 + int.from_bytes(good[:8], "little")
    for bit in range(32):
        bad = bytearray(good)
        bad[start + bit // 8] ^= 1 << bit % 8
        saved.write_bytes(bad)
        assert "damaged" in refused(saved)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused(saved, share):
    good = saved.read_bytes()
    saved.write_bytes(good[: int(len(good) * share)])
    assert saved.name in refused(saved)


def test_a_file_that_lacks_its_last_byte_or_has_one_more_is_refused(saved):
    good = saved.read_bytes()
    for bad in (good[:-1], good + b"\0"):
        saved.write_bytes(bad)
        assert "not a readable model file" in refused(saved)


@pytest.mark.parametrize(
    "contents",
    [
        b"not a tensor file at all, just words",
        b"PK\x03\x04" + bytes(100),
        b"\x80\x04\x95" + bytes(50),
        bytes(1_000),
        b"\xff" * 1_000,
        (2**62).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"null",
        (60_000).to_bytes(8, "little") + b"[" * 60_000,
        (60_000).to_bytes(8, "little") + b'{"a":' * 12_000,
    ],
    ids=lambda b: repr(b[:12]),
)
def test_other_files_are_refused(tmp_path, contents):
    path = tmp_path / "x.safetensors"
    path.write_bytes(contents)
    assert "x.safetensors" in refused(path)


@pytest.mark.parametrize(
    "metadata", [None, {}, {"format": "pt"}, {"checksum": "0" * 64}, {"aeviz": "{"}], ids=str
)
def test_a_tensor_file_of_somebody_elses_is_refused(tmp_path, metadata):
    path = tmp_path / "theirs.safetensors"
    path.write_bytes(save({"weight": np.zeros((2, 2), np.float32)}, metadata=metadata))
    assert "theirs.safetensors" in refused(path)


def test_a_wrong_checksum_and_a_missing_one_are_refused(saved):
    about, tensors = parts_of(saved)
    text = json.dumps(about)
    for metadata in ({"aeviz": text}, {"aeviz": text, "checksum": "0" * 64}):
        saved.write_bytes(save(tensors, metadata=metadata))
        assert "checksum" in refused(saved)


def test_the_checksum_covers_the_description(saved):
    about, tensors = parts_of(saved)
    with safe_open(saved, framework="numpy") as file:
        checksum = file.metadata()["checksum"]
    about["seed"] += 1
    saved.write_bytes(save(tensors, metadata={"aeviz": json.dumps(about), "checksum": checksum}))
    assert "checksum" in refused(saved)


def test_another_version_is_named(saved):
    assert "another version" in refused(rewritten(saved, about={"schema": 99}))
    assert "another version" in refused(rewritten(saved, about={"schema": 0}))
    assert "another version" in refused(rewritten(saved, about={"schema": [2]}))
    assert "another version" in refused(rewritten(saved, about={"schema": None}))
    assert "another version" in refused(rewritten(saved, about={"schema": "1" * 100_000}))


def test_a_forgery_that_changes_nothing_is_fine(saved):
    # So that the refusals below are about what they change.
    assert_same(load_checkpoint(rewritten(saved)), checkpoint())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "tensor",
    [
        "encoder.0.kernel",
        "decoder.1.bias",
        "snapshots.codes",
        "snapshots.map_points",
        "snapshots.weights.0",
        "snapshots.seconds",
        "film.spans",
        "test.points",
        "test.codes",
        "test.errors",
        "test.centre",
        "test.axes",
    ],
)
def test_weights_that_are_not_numbers_are_refused(saved, tensor, value):
    array = parts_of(saved)[1][tensor]
    array.flat[-1] = value
    assert tensor in refused(rewritten(saved, tensors={tensor: array}))


TENSORS = sorted(checkpoints_checkpoint.tensors_of(checkpoint()))


@pytest.mark.parametrize("tensor", TENSORS)
def test_a_tensor_that_is_missing_is_named(saved, tensor):
    changed = rewritten(saved, tensors={tensor: None})
    if tensor in ("probe_labels", "map_labels"):
        assert getattr(load_checkpoint(changed), tensor) is None  # images may have no labels
    elif tensor == "test.labels":
        assert "classes" in refused(changed)  # how they agree is told all the same
    else:
        assert tensor in refused(changed)


@pytest.mark.parametrize("tensor", TENSORS)
def test_a_tensor_of_another_shape_is_refused(saved, tensor):
    array = parts_of(saved)[1][tensor]
    grown = np.concatenate([array, array[:1]])
    flat = array.reshape(-1, 1, 1, 1)
    if tensor == "losses":
        grown = np.column_stack([array, array[:, 0]])  # one more row is one more record
    for changed in (grown, flat):
        refused(rewritten(saved, tensors={tensor: changed}))


@pytest.mark.parametrize("tensor", TENSORS)
def test_a_tensor_of_another_kind_is_refused(saved, tensor):
    array = parts_of(saved)[1][tensor]
    other = np.float32 if array.dtype.kind in "iu" else np.int32
    assert tensor in refused(rewritten(saved, tensors={tensor: np.zeros(array.shape, other)}))


@pytest.mark.parametrize("tensor", [t for t in TENSORS if t.startswith(("encoder", "test"))])
def test_a_tensor_of_another_width_is_refused(saved, tensor):
    """So wide that what is beyond float32 would only become infinite later."""
    array = parts_of(saved)[1][tensor]
    wide = np.zeros(array.shape, np.float64 if array.dtype.kind == "f" else np.uint16)
    assert tensor in refused(rewritten(saved, tensors={tensor: wide}))


def test_test_codes_of_no_pictures_or_with_errors_below_0_are_refused(saved):
    _, tensors = parts_of(saved)
    per_picture = ("test.points", "test.codes", "test.errors", "test.labels")
    none = {name: tensors[name][:0] for name in per_picture}
    assert "redrawn" in refused(rewritten(saved, tensors=none, about={"agreement": []}))
    saved.write_bytes(to_bytes(checkpoint()))
    errors = tensors["test.errors"] - np.float16(1)
    assert "redrawn" in refused(rewritten(saved, tensors={"test.errors": errors}))


def test_test_codes_the_description_does_not_know_of_are_refused(saved):
    assert "test.axes" in refused(rewritten(saved, about={"agreement": None}))
    saved.write_bytes(to_bytes(checkpoint(film=False, optimizer=False)))
    assert "test.axes" in refused(rewritten(saved, about={"schema": 1}))
    saved.write_bytes(to_bytes(checkpoint()))
    assert "optimizer.0" in refused(rewritten(saved, about={"schema": 3}))


def test_a_film_the_description_does_not_know_of_is_refused(saved):
    assert "film.ends" in refused(rewritten(saved, about={"schema": 2}))


ROWS = checkpoints_checkpoint.description_of(checkpoint())["agreement"]


@pytest.mark.parametrize(
    "row",
    [
        {"label": 4},
        {"label": 5},
        {"label": -3},
        {"label": 3.0},
        {"label": "3"},
        {"label": None},
        {"share": 0.51},
        {"share": -0.1},
        {"share": 1},
        {"share": "half"},
        {"share": None},
        {"share": float("nan")},
        {"share": float("inf")},
        {"confused_share": 0.6},
        {"confused_share": -0.1},
        {"confused_share": float("nan")},
        {"confused_with": 3},
        {"confused_with": 4},
        {"confused_with": 5.0},
        {"confused_with": None},
        {"confused_with": "5"},
        {"more": 1},
        {"more\n than that": 1},
    ],
    ids=str,
)
def test_an_agreement_that_does_not_add_up_is_refused(saved, row):
    refused(rewritten(saved, about={"agreement": [ROWS[0] | row, *ROWS[1:]]}))


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[:2],
        ROWS[::-1],
        [*ROWS, ROWS[0]],
        [*ROWS[:2], ROWS[2] | {"share": 1.5}],
        ["x"],
        "x",
        1,
        True,
        {"label": 3},
        [[]],
        [{}],
        [None],
    ],
    ids=lambda rows: str(rows)[:40],
)
def test_an_agreement_that_is_not_one_is_refused(saved, rows):
    refused(rewritten(saved, about={"agreement": rows}))


def test_a_tensor_too_many_is_refused(saved):
    extra = np.zeros((3, 3), np.float32)
    assert "encoder.9.kernel" in refused(rewritten(saved, tensors={"encoder.9.kernel": extra}))


@pytest.mark.parametrize(
    "changes",
    [
        {"latent_dim": 4},
        {"encoder": [6]},
        {"encoder": [5, 5]},
        {"encoder": []},
        {"decoder": [5, 5]},
        {"before_readout": 4},
        {"variational": True},
        {"latent_dim": 0},
        {"latent_dim": -3},
        {"latent_dim": 10**400},
        {"activation": "softmax"},
        {"output_activation": "__import__"},
        {"code_activation": "x" * 100_000},
        {"encoder": [True]},
        {"steps": 1.5},
        {"learning_rate": 10**400},
        {"hidden": 3},
        {"name": None},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_a_recipe_that_does_not_fit_the_weights_is_refused(saved, changes):
    preset = parts_of(saved)[0]["preset"] | changes
    refused(rewritten(saved, about={"preset": preset}))


@pytest.mark.parametrize(
    "about",
    [
        {"preset": None},
        {"preset": []},
        {"preset": {}},
        {"preset": "karpathy-2d"},
        {"side": 9},
        {"side": 0},
        {"side": -SIDE},
        {"side": float(SIDE)},
        {"side": "8"},
        {"side": None},
        {"side": [8]},
        {"seed": "x"},
        {"seed": None},
        {"seed": float("inf")},
        {"best_step": float("inf")},
        {"best_step": float("nan")},
        {"figures": None},
        {"figures": []},
        {"figures": {"test_mse": "good"}},
        {"figures": {"test_mse": None}},
        {"figures": {"test_mse": 10**400}},
        {"parts": None},
        {"parts": ["reconstruction"]},
        {"snapshots": 99},
        {"snapshots": -1},
        {"snapshots": 0},
        {"snapshots": "many"},
        {"snapshots": None},
        {"snapshot_weights": False},
    ],
    ids=str,
)
def test_a_description_that_makes_no_sense_is_refused(saved, about):
    refused(rewritten(saved, about=about))


@pytest.mark.parametrize(
    "about",
    [
        {"seed": -1},
        {"seed": 2**31},
        {"seed": True},
        {"seed": 1.0},
        {"best_step": -1},
        {"best_step": 10**9},
        {"figures": {"steps": 1e9}},
        {"figures": {"steps": -1}},
        {"figures": {"seconds": "Infinity"}},
        {"figures": {"seconds": float("inf")}},
        {"figures": {"seconds": 1e12}},
        {"figures": {"seconds": -0.5}},
        {"figures": {"test_mse": -1e-9}},
        {"figures": {"test_mse": "0.5"}},
        {"figures": {"test_mse": True}},
        {"figures": {"test_kl": -2}},
    ],
    ids=str,
)
def test_numbers_that_no_training_gives_are_refused_and_not_listed(saved, about):
    refused(rewritten(saved, about=about))
    (row,) = list_checkpoints(saved.parent)
    assert row.problem == f"{saved.name} cannot be read."


def test_the_largest_numbers_that_a_training_gives_are_fine(saved):
    figures = {"steps": 5_000_000, "seconds": 3e9, "test_mse": 0, "test_kl": -1e-6}
    rewritten(saved, about={"seed": 2**31 - 1, "best_step": 5_000_000, "figures": figures})
    back, (row,) = load_checkpoint(saved), list_checkpoints(saved.parent)
    assert back.figures == figures and back.seed == row.seed == 2**31 - 1
    assert (row.steps, row.seconds, row.best_step) == (5_000_000, 3e9, 5_000_000)
    rewritten(saved, about={"figures": {"steps": "NaN"}})
    (row,) = list_checkpoints(saved.parent)
    assert row.steps == PLAIN.steps and not row.problem


@pytest.mark.parametrize(
    "created", ["yesterday", "", "0000-00-00", "0001-01-01T00:00:00+23:59", "x" * 500, 5, None]
)
def test_a_time_that_is_none_is_left_out(saved, created):
    rewritten(saved, about={"created": created})
    (row,) = list_checkpoints(saved.parent)
    assert load_checkpoint(saved).created == row.created == "" and not row.problem


def test_figures_that_belong_to_a_missing_one_are_left_out_or_refused(saved):
    rewritten(saved, about={"figures": {"test_mse": 0.01, "test_noisy_rmse": 0.2}})
    assert load_checkpoint(saved).figures == {"test_mse": 0.01}
    preset = parts_of(saved)[0]["preset"] | {"source": 5}
    rewritten(saved, about={"preset": preset, "figures": {"test_mse": 0.01, "validation_mse": 1}})
    assert load_checkpoint(saved).preset.source == 5
    refused(rewritten(saved, about={"figures": {"test_mse": 0.01}}))


@pytest.mark.parametrize("parts", [["reconstruction", "x"], ["KL", "reconstruction"], ["KL"] * 2])
def test_a_variational_loss_of_other_parts_is_refused(tmp_path, parts):
    path = save_checkpoint(checkpoint(VARIATIONAL), tmp_path)
    assert "losses are made of" in refused(rewritten(path, about={"parts": parts}))


def test_a_variational_loss_without_parts_is_refused_where_it_would_be_told(tmp_path):
    path = save_checkpoint(checkpoint(VARIATIONAL), tmp_path)
    losses = parts_of(path)[1]["losses"]
    bare = {"about": {"parts": []}, "tensors": {"losses": np.array(losses[:, :3])}}
    assert "losses are made of" in refused(rewritten(path, **bare))
    # A part that is not finite is still a part: a training may end so.
    losses[0, 4] = np.inf
    rewritten(path, about={"parts": ["reconstruction", "KL"]}, tensors={"losses": losses})
    (name, value), (other, lost) = load_checkpoint(path).history.snapshots[0].loss.parts
    assert (name, value, other) == ("reconstruction", 3.0, "KL") and np.isnan(lost)


EVIL = "[x](javascript:1)![y](http://z)`<b>"


@pytest.mark.parametrize(
    "change",
    [
        {"tensors": {EVIL: np.zeros(1, np.uint8)}},
        {"tensors": {EVIL: np.full(1, np.nan, np.float32)}},
        {"about": {"agreement": [{EVIL: 1}]}},
        {"about": {"schema": EVIL}},
    ],
    ids=["a tensor", "numbers", "a key", "a format"],
)
def test_a_strangers_words_in_a_refusal_are_made_harmless(saved, change):
    sentence = refused(rewritten(saved, **change))
    assert not set(sentence) & set("[]<>`*"), sentence
    assert "javascript" in sentence


def test_a_file_name_in_a_refusal_is_made_harmless(tmp_path, saved):
    path = tmp_path / "[x](javascript:1)<b>.safetensors"
    path.write_bytes(saved.read_bytes())
    assert load_checkpoint(path).name == "[x](javascript:1)<b>"
    refusal = refused(rewritten(path, about={"parts": None}))
    (row,) = (row for row in list_checkpoints(tmp_path) if row.path == path)
    assert "rename the file" in row.problem
    (bad := tmp_path / "bad.safetensors").write_bytes(b"")
    (other,) = (row for row in list_checkpoints(tmp_path) if row.path == bad)
    assert other.problem == "bad.safetensors cannot be read."
    for text in (refusal, row.problem, row.title):
        assert not set(text) & set("[]<>`*"), text


@pytest.mark.parametrize(
    "missing", sorted(checkpoints_checkpoint.description_of(checkpoint()).keys() - {"name"})
)
def test_a_description_that_lacks_something_is_refused(saved, missing):
    about = parts_of(saved)[0]
    del about[missing]
    refused(rewritten(saved, raw=json.dumps(about)))


@pytest.mark.parametrize(
    "raw",
    ["", "{", "[]", "null", "1", '"x"', "[" * 100_000, '{"a":' * 100_000, '{"schema": 1}', "NaN"],
    ids=lambda raw: raw[:6],
)
def test_a_description_that_is_not_one_is_refused(saved, raw):
    refused(rewritten(saved, raw=raw))


@pytest.mark.parametrize("record", [-1, 8, 10**6])
def test_snapshots_that_belong_to_no_record_are_refused(saved, record):
    array = parts_of(saved)[1]["snapshots.record"]
    array[0] = record
    refused(rewritten(saved, tensors={"snapshots.record": array}))


@pytest.mark.parametrize("step", [np.nan, np.inf, -1.0, 1e300])
def test_losses_at_no_step_are_refused(saved, step):
    array = parts_of(saved)[1]["losses"]
    array[0, 0] = step
    refused(rewritten(saved, tensors={"losses": array}))


def test_a_model_that_watched_other_pictures_than_it_says_is_refused(saved):
    indices = parts_of(saved)[1]["probe_indices"]
    for wrong in (indices[:-2], indices - 1):
        saved.write_bytes(to_bytes(checkpoint()))
        assert "every picture" in refused(rewritten(saved, tensors={"probe_indices": wrong}))


# ---------------------------------------------------------------------------------------------
# Names, folders and writing


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        ".",
        "../x",
        "a/b",
        "a\\b",
        "/etc/x",
        ".hidden",
        "A",
        "ä",
        "a b",
        "a\0b",
        "a\n",
        "-a",
    ]
    + ["a" * 101],
    ids=repr,
)
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path, name):
    folder = tmp_path / "models"
    with pytest.raises(CheckpointError) as caught:
        save_checkpoint(replace(checkpoint(), name=name), folder)
    one_sentence(caught.value)
    assert list(tmp_path.rglob("*.safetensors")) == []


@pytest.mark.parametrize(
    "name",
    ["no-such-model", "../secret", "a/b", "/etc/passwd", "no-such.safetensors", "", ".", "a\0b"]
    + ["a" * 5_000],
    ids=lambda name: repr(name[:20]),
)
def test_what_is_not_there_is_said_in_a_sentence(name):
    refused(name)


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    folder = tmp_path / "x.safetensors"
    folder.mkdir()
    refused(folder)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    # Under a regular file nobody can make a folder, whatever their rights.
    (tmp_path / "file").write_text("x")
    with pytest.raises(CheckpointError, match="AEVIZ_HOME") as caught:
        save_checkpoint(checkpoint(), tmp_path / "file" / "models")
    one_sentence(caught.value)


@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_a_failing_write_leaves_no_half_file_and_the_old_one_whole(tmp_path, monkeypatch, failing):
    path = save_checkpoint(checkpoint(), tmp_path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"aeviz.checkpoints.store.os.{failing}", fail)
    with pytest.raises(CheckpointError, match="No space left on device") as caught:
        save_checkpoint(replace(checkpoint(), seed=99), tmp_path)
    one_sentence(caught.value)
    with pytest.raises(CheckpointError):
        save_checkpoint(replace(checkpoint(), name="another"), tmp_path)
    assert os.listdir(tmp_path) == [path.name]
    assert path.read_bytes() == before


def test_an_interrupted_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("aeviz.checkpoints.store.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(checkpoint(), tmp_path)
    assert os.listdir(tmp_path) == []


def test_models_go_to_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "mine"))
    assert home() == tmp_path / "mine"
    path = save_checkpoint(checkpoint())
    assert path.parent == tmp_path / "mine"
    assert_same(load_checkpoint("karpathy-2d-made-by-hand"), checkpoint())


def test_without_aeviz_home_it_is_the_platforms_folder(monkeypatch):
    import platformdirs

    monkeypatch.delenv("AEVIZ_HOME")
    assert home() == Path(platformdirs.user_data_dir("aeviz", appauthor=False))
    monkeypatch.setenv("AEVIZ_HOME", "")
    assert home() == Path(platformdirs.user_data_dir("aeviz", appauthor=False))


def test_a_new_name_is_allowed_and_new():
    names = {new_name(Preset(name=name, title="", summary="")) for name in PRESETS for _ in "abc"}
    assert len(names) == 3 * len(PRESETS)
    assert all(checkpoints_reader.NAME.fullmatch(name) for name in names)


# ---------------------------------------------------------------------------------------------
# Listing


def test_models_are_listed_newest_first(tmp_path):
    for i, created in enumerate(["2026-01-01", "2026-03-01", "2026-02-01"]):
        save_checkpoint(replace(checkpoint(), name=f"m{i}", created=created), tmp_path)
    listed = list_checkpoints(tmp_path)
    assert [row.name for row in listed] == ["m1", "m2", "m0"]
    assert listed[0].path == tmp_path / "m1.safetensors"
    assert (listed[0].title, listed[0].preset) == (PLAIN.title, PLAIN.name)
    assert (listed[0].dataset, listed[0].problem) == ("digits", "")


def test_the_users_own_models_come_before_the_projects(tmp_path, monkeypatch):
    mine, theirs = tmp_path / "mine", tmp_path / "pretrained"
    monkeypatch.setenv("AEVIZ_HOME", str(mine))
    monkeypatch.setattr(checkpoints_store, "PRETRAINED", theirs)
    save_checkpoint(replace(checkpoint(), name="old", created="2020-01-01"))
    save_checkpoint(replace(checkpoint(), name="shipped", created="2026-01-01"), theirs)
    assert [(row.name, row.own) for row in list_checkpoints()] == [
        ("old", True),
        ("shipped", False),
    ]
    assert load_checkpoint("shipped").name == "shipped"


def test_no_folder_is_an_empty_list(tmp_path):
    assert list_checkpoints(tmp_path / "nowhere") == []
    (tmp_path / "file").write_text("x")
    assert list_checkpoints(tmp_path / "file") == []


def test_a_bad_file_is_listed_with_its_problem_and_hides_no_other(tmp_path, saved):
    good = saved.read_bytes()
    (tmp_path / "empty.safetensors").write_bytes(b"")
    (tmp_path / "half.safetensors").write_bytes(good[: len(good) // 2])
    (tmp_path / "folder.safetensors").mkdir()
    (tmp_path / "loose.safetensors").symlink_to(tmp_path / "nowhere")
    for i, raw in enumerate(["[]", "null", "1", "[" * 100_000, '{"preset": []}']):
        path = tmp_path / f"forged{i}.safetensors"
        path.write_bytes(good)
        rewritten(path, raw=raw)
    path = tmp_path / "forged-figure.safetensors"
    path.write_bytes(good)
    rewritten(path, about={"figures": {"test_mse": 10**400}})
    (tmp_path / "notes.txt").write_text("not a model")
    listed = {row.name: row for row in list_checkpoints(tmp_path)}
    assert len(listed) == 11
    assert listed.pop(saved.name.removesuffix(".safetensors")).problem == ""
    assert all(re.fullmatch(r"\S+ cannot be read\.", row.problem) for row in listed.values())


def test_a_write_under_way_is_not_listed(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "aeviz.checkpoints.store.os.replace",
        lambda part, target: seen.append(list_checkpoints(tmp_path)),
    )
    save_checkpoint(checkpoint(), tmp_path)
    assert seen == [[]]


def test_title_is_for_people():
    assert checkpoint().title == f"{PLAIN.title}, 2026-01-02 03:04"


# ---------------------------------------------------------------------------------------------
# Files that a person copied into the folder


@pytest.fixture
def copied_as(saved, tmp_path, monkeypatch):
    """A model's file under another name, as a person would copy it; nothing else is there."""
    data = saved.read_bytes()
    saved.unlink()
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    monkeypatch.setattr(checkpoints_store, "PRETRAINED", tmp_path / "none")

    def copy(name):
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(data)
        return path

    return copy


def test_a_name_with_capitals_is_found_as_it_is_listed(copied_as):
    path = copied_as("My_Model.v2")
    (row,) = list_checkpoints()
    assert (row.name, row.problem) == ("My_Model.v2", "")
    assert find_checkpoint(row.name) == path and load_checkpoint(row.name).name == row.name
    # And what goes on with it says so and opens.
    later = replace(load_checkpoint(row.name), name="later", continued_from=row.name)
    assert load_checkpoint(save_checkpoint(later)).continued_from == row.name


@pytest.mark.parametrize("name", ["model (1)", "Modèle", "-x", "a.safetensors", "x" * 101])
def test_a_name_that_no_link_finds_is_listed_with_a_sentence(copied_as, name):
    path = copied_as(name)
    (row,) = list_checkpoints()
    assert row.name == name and row.own
    assert re.fullmatch(r".*: rename the file with letters, digits, .*\.", row.problem)
    assert path.is_file()


def test_sentences_about_a_file_hold_no_markup_of_its_name(tmp_path, monkeypatch):
    path = tmp_path / "*bold* `code` <b>[x]\u202e.safetensors"
    shown = "bold code bx .safetensors"
    assert refused(path) == f"There is no model file {shown}."
    path.write_bytes(b"nothing")
    assert refused(path).startswith(f"{shown} is not a readable model file")

    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(checkpoints_store, "safe_open", full)
    assert f"to open {shown}:" in refused(path)
