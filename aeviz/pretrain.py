"""`python -m aeviz.pretrain [NAME ...] [--again]`: trains what comes with aeviz, into pretrained/.

Weights are stored in float16 and everything is measured after that rounding, so every figure is
that of the file. Snapshots keep what was drawn, not their weights: small files, and no picture of
the data set. A model whose file was made from the same recipe, data set and seed is left alone, so
a rebuild that was broken off goes on where it was, and redoes only what changed.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

from aeviz.checkpoints import (
    PRETRAINED,
    Checkpoint,
    CheckpointError,
    load_checkpoint,
    save_checkpoint,
)
from aeviz.code_size_rule import SIZES, preset_for
from aeviz.course import TrainingDiverged
from aeviz.datasets import DatasetError, ImageDataset, load_dataset
from aeviz.figures_of_merit import measure
from aeviz.half_precision import in_half_precision
from aeviz.history import HistoryView, Snapshot
from aeviz.presets import PRESETS, Preset
from aeviz.test_codes import test_codes

# To be raised when what is stored of a model changes, so that all of them are made again.
GALLERY_VERSION = 2
SEED = 0
# Everyone who copies the project copies the gallery.
MOST_MEGABYTES = 60

# The digits of the offline data set are 1,297 small training images: the tuned recipes, meant for
# 55,000, would show each of them hundreds or thousands of times. With these many steps the test MSE
# is as low as with all of them, or lower (.038, .034 and .034 against .039, .034 and .034), and the
# last validation loss stays within 7 % of the best, where it ended up to 36 % above.
_ON_DIGITS: dict[str, dict[str, float]] = {
    "karpathy-2d": {"steps": 8_000},
    "vae-2d": {"steps": 4_000},
    "deep-2d": {"steps": 1_000},
    # 144 numbers are more than twice the 64 pixels, and each is still to be seen in the picture of
    # the code. Of so few it takes a higher price to make most rest. With more steps the first model
    # redraws pictures to the byte: a film of it would show the data set's own.
    "overcomplete": {"steps": 2_000, "latent_dim": 144},
    "sparse": {"steps": 2_000, "latent_dim": 144, "code_l1": 1e-3},
}

# Not trained on MNIST too: there each would be ten times as large, and shows no more.
_ON_DIGITS_ONLY = ("overcomplete", "sparse")

# What comes with aeviz: file name -> (data set, recipe).
GALLERY: dict[str, tuple[str, Preset]] = {
    **{n: ("mnist", preset) for n, preset in PRESETS.items() if n not in _ON_DIGITS_ONLY},
    **{
        f"{name}-as-published": ("mnist", PRESETS[name].published)
        for name in ("karpathy-2d", "vae-2d")
    },
    **{
        f"digits-{name}": ("digits", replace(PRESETS[name], **changes, published=None))
        for name, changes in _ON_DIGITS.items()
    },
    **{f"sweep-{size}": ("mnist", preset_for(size)) for size in SIZES},
}

# Of a sweep, the table wants curves and last pictures: so few moments and no film of the manifold,
# which take 3 MB of each of the other files.
_SWEEP_MOMENTS = 5
# The long codes of these are most of their files.
_OVERCOMPLETE_MOMENTS = 24

# Those of GALLERY whose weights are left out: 3 to 4 MB each, too large to come along. What was
# measured, drawn and plotted of them is there.
_LARGEST_SWEEP_CODE_WITH_WEIGHTS = 32
WITHOUT_WEIGHTS: frozenset[str] = frozenset(
    f"sweep-{size}" for size in SIZES if size > _LARGEST_SWEEP_CODE_WITH_WEIGHTS
)


def fingerprint(dataset: str, preset: Preset) -> str:
    """SHA-256, in hex, of all that a gallery model is made from."""
    made_from = [GALLERY_VERSION, SEED, dataset, preset.to_dict()]
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def for_gallery(checkpoint: Checkpoint, name: str, dataset: ImageDataset) -> Checkpoint:
    """A checkpoint as it is kept in pretrained/: rounded, measured again, without spare weights.

    Without the optimiser's state too, and of WITHOUT_WEIGHTS without any.
    """
    autoencoder = in_half_precision(checkpoint.autoencoder)
    shots = tuple(replace(s, weights=None) for s in checkpoint.history.snapshots)
    if name.startswith("sweep-"):
        shots = _few(shots, checkpoint.best_step, _SWEEP_MOMENTS)
        shots = tuple(replace(s, frame=None) for s in shots)
    elif name.removeprefix("digits-") in _ON_DIGITS_ONLY:
        shots = _few(shots, checkpoint.best_step, _OVERCOMPLETE_MOMENTS)
    if _shows_originals(shots, dataset):
        shots = ()
    return replace(
        checkpoint,
        name=name,
        autoencoder=None if name in WITHOUT_WEIGHTS else autoencoder,
        history=HistoryView(checkpoint.history.losses, shots, shots[-1] if shots else None),
        figures=checkpoint.figures | measure(autoencoder, checkpoint.preset, dataset),
        test_codes=test_codes(autoencoder, dataset),
        fingerprint=fingerprint(dataset.name, checkpoint.preset),
        optimizer=None,
    )


def _few(shots: tuple[Snapshot, ...], best_step: int, count: int) -> tuple[Snapshot, ...]:
    """So many of them, first to last, and the one whose weights were kept."""
    last = len(shots) - 1
    evenly = {round(i * last / (count - 1)) for i in range(count)}
    return tuple(s for i, s in enumerate(shots) if i in evenly or s.step == best_step)


def _shows_originals(shots: tuple[Snapshot, ...], dataset: ImageDataset) -> bool:
    """Whether a picture came out as it went in, to the byte: the data set's, which stays out."""
    originals = {image.tobytes() for image in dataset.images}
    return any(p.tobytes() in originals for s in shots for p in s.reconstructions)


def is_built(name: str, folder: Path) -> bool:
    """Whether the model's file is there, opens, and was made from what GALLERY says now."""
    try:
        found = load_checkpoint(_path(name, folder))
    except CheckpointError:
        return False
    as_wanted = (found.autoencoder is None) == (name in WITHOUT_WEIGHTS)
    return as_wanted and found.fingerprint == fingerprint(*GALLERY[name])


def main(arguments: list[str]) -> int:
    """Train and store the named models, all of them if none is named; 0 if all went well."""
    names = [a for a in arguments if a != "--again"]
    unknown = [n for n in names if n not in GALLERY]
    if unknown:
        print(f"No such model: {', '.join(unknown)}. There are: {', '.join(GALLERY)}.")
        return 2
    datasets: dict[str, ImageDataset] = {}
    went_well = True
    for name in names or GALLERY:
        if "--again" not in arguments and is_built(name, PRETRAINED):
            print(f"{name}: made from the same recipe already, left as it is.", flush=True)
            continue
        try:
            _build(name, datasets)
        except (DatasetError, CheckpointError, TrainingDiverged) as error:
            print(f"{name}: {error}", flush=True)
            went_well = False
    return 0 if _table(PRETRAINED) and went_well else 1


def _build(name: str, datasets: dict[str, ImageDataset]) -> None:
    from aeviz.training import train

    data, preset = GALLERY[name]
    if data not in datasets:
        datasets[data] = load_dataset(data)
    dataset = datasets[data]
    print(f"{name}: {preset.steps:,} steps on {dataset.title} ...", flush=True)
    checkpoint = for_gallery(train(preset, dataset, seed=SEED), name, dataset)
    # Saved at once and whole: a rebuild that is broken off later keeps it.
    save_checkpoint(checkpoint, PRETRAINED)
    print("  " + ", ".join(f"{k} {v:.5g}" for k, v in checkpoint.figures.items()), flush=True)


def _table(folder: Path) -> bool:
    """Print the folder's models with their sizes; whether all of them together stay small enough.

    A file that GALLERY does not name is counted as well, and pointed out.
    """
    total = 0.0
    print(f"\n{'model':34}  {'MB':>5}  test MSE")
    for path in sorted(folder.glob("*.safetensors")):
        size, name = path.stat().st_size / 1e6, path.name.removesuffix(".safetensors")
        total += size
        try:
            mse = f"{load_checkpoint(path).figures.get('test_mse', float('nan')):8.5f}"
        except CheckpointError as error:
            mse = str(error)
        stray = "" if name in GALLERY else "  (not in the gallery: delete it)"
        print(f"{name:34}  {size:5.1f}  {mse}{stray}")
    fits = total <= MOST_MEGABYTES
    print(f"{'all':34}  {total:5.1f}  of {MOST_MEGABYTES} at most{'' if fits else ': TOO LARGE'}")
    return fits


def _path(name: str, folder: Path) -> Path:
    return folder / f"{name}.safetensors"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
