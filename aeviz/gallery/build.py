"""Trains what comes with aeviz into pretrained/: `python -m aeviz.gallery [NAME ...] [--again]`.

Weights are stored in float16, shortened, and everything is measured after that rounding, so every
figure is that of the file. Snapshots keep what was drawn, in fewer tones, not their weights: small
files, and no picture of the data set. A model whose file was made from the same recipe, data set
and seed is left alone, so a rebuild that was broken off goes on where it was, and redoes only what
changed.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.history import HistoryView, Snapshot
from aeviz.checkpoints.store import PRETRAINED, load_checkpoint, save_checkpoint
from aeviz.coding.rates import Coding, coding_of
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import ImageDataset
from aeviz.errors import UserError
from aeviz.evaluation.losses import measure
from aeviz.gallery import recipes
from aeviz.latent.test_codes import test_codes
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.half_precision import BITS, in_fewer_digits, in_half_precision
from aeviz.networks.preset import Preset
from aeviz.training.trainer import train

# Of a sweep, the table wants curves and last pictures: so few moments and no film of the manifold,
# which take 3 MB of each of the other files.
_SWEEP_MOMENTS = 5
# The manifold of a longer code is a plane through it, and the film of that plane would be a quarter
# of a model's file.
_FILMED = 2
# Of float16's ten binary digits after the first, what the kernels of a large network keep. Packed,
# they take 58 % of their two bytes; the test MSE of deep-2d, sweep-32, fashion-vae-2d and
# shapes-colour-vae rises by .1 % to .2 %, with four digits by .3 % to .9 %. Networks of fewer
# weights are a small part of their files, and that of digits-overcomplete would err a tenth more.
_BITS, _LARGE_NETWORK = 5, 400_000
# Of a code and of a place on a map: a 64th of the number is about as much as a dot is wide.
_CODE_BITS = 5
# Tones of the film's pictures, every fourth of 256: nobody sees it, and they take 37 % less.
_TONES = 4


def fingerprint(dataset: str, preset: Preset) -> str:
    """Return the SHA-256, in hex, of all that a gallery model is made from."""
    made_from = [recipes.GALLERY_VERSION, recipes.SEED, dataset, preset.to_dict()]
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def for_gallery(checkpoint: Checkpoint, name: str, dataset: ImageDataset) -> Checkpoint:
    """Return a checkpoint as pretrained/ keeps it: rounded, measured again, without spare weights.

    The optimiser's state is left out too, and all weights of WITHOUT_WEIGHTS.
    """
    large = checkpoint.preset.parameter_count(checkpoint.shape) >= _LARGE_NETWORK
    autoencoder = in_half_precision(checkpoint.network, _BITS if large else BITS)
    shots = tuple(replace(s, weights=None) for s in checkpoint.history.snapshots)
    if name.startswith("sweep-"):
        shots = _few(shots, checkpoint.best_step, _SWEEP_MOMENTS)
        shots = tuple(replace(s, frame=None) for s in shots)
    elif name in recipes.SHORT_FILMS:
        shots = _few(shots, checkpoint.best_step, recipes.SHORT_FILMS[name])
    if checkpoint.preset.latent_dim > _FILMED:
        shots = tuple(replace(s, frame=None) for s in shots)
    # Before the tones become fewer, which would hide it.
    shots = () if _shows_originals(shots, dataset) else tuple(map(_shortened, shots))
    return replace(
        checkpoint,
        name=name,
        autoencoder=None if name in recipes.WITHOUT_WEIGHTS else autoencoder,
        history=HistoryView(checkpoint.history.losses, shots, shots[-1] if shots else None),
        figures=checkpoint.figures | measure(autoencoder, checkpoint.preset, dataset),
        test_codes=test_codes(autoencoder, dataset, _CODE_BITS),
        coding=_coding(autoencoder, checkpoint.preset, dataset, name),
        fingerprint=fingerprint(dataset.name, checkpoint.preset),
        optimizer=None,
    )


def _few(shots: tuple[Snapshot, ...], best_step: int, count: int) -> tuple[Snapshot, ...]:
    """So many of them, first to last, and the one whose weights were kept."""
    last = len(shots) - 1
    evenly = {round(i * last / (count - 1)) for i in range(count)}
    return tuple(s for i, s in enumerate(shots) if i in evenly or s.step == best_step)


def _shortened(shot: Snapshot) -> Snapshot:
    tones = np.rint(shot.reconstructions / _TONES) * _TONES
    return replace(
        shot,
        reconstructions=np.minimum(tones, 255).astype(np.uint8),
        codes=in_fewer_digits(shot.codes, _CODE_BITS),
        map_points=in_fewer_digits(shot.map_points, _CODE_BITS),
    )


def _coding(
    autoencoder: Autoencoder, preset: Preset, dataset: ImageDataset, name: str
) -> Coding | None:
    """Without the transform where the weights stay out too: without them it is of no use."""
    coding = coding_of(autoencoder, dataset, in_order=preset.ordered)
    if coding is None or name not in recipes.WITHOUT_WEIGHTS:
        return coding
    return replace(coding, transform=None)


def _shows_originals(shots: tuple[Snapshot, ...], dataset: ImageDataset) -> bool:
    """Whether a picture came out as it went in, to the byte: the data set's, which stays out."""
    originals = {image.tobytes() for image in dataset.images}
    return any(p.tobytes() in originals for s in shots for p in s.reconstructions)


def is_built(name: str, folder: Path) -> bool:
    """Whether the model's file is there, opens, and was made from what GALLERY says now."""
    try:
        found = load_checkpoint(folder / f"{name}.safetensors")
    except CheckpointError:
        return False
    as_wanted = (found.autoencoder is None) == (name in recipes.WITHOUT_WEIGHTS)
    return as_wanted and found.fingerprint == fingerprint(*recipes.GALLERY[name])


def main(arguments: list[str]) -> int:
    """Train and store the named models, all of them if none is named; 0 if all went well."""
    names = [a for a in arguments if a != "--again"]
    unknown = [n for n in names if n not in recipes.GALLERY]
    if unknown:
        print(f"No such model: {', '.join(unknown)}. There are: {', '.join(recipes.GALLERY)}.")
        return 2
    datasets: dict[str, ImageDataset] = {}
    went_well = True
    for name in names or recipes.GALLERY:
        if "--again" not in arguments and is_built(name, PRETRAINED):
            print(f"{name}: made from the same recipe already, left as it is.", flush=True)
            continue
        try:
            _build(name, datasets)
        except UserError as error:
            print(f"{name}: {error}", flush=True)
            went_well = False
    return 0 if _table(PRETRAINED) and went_well else 1


def _build(name: str, datasets: dict[str, ImageDataset]) -> None:
    data, preset = recipes.GALLERY[name]
    if data not in datasets:
        datasets[data] = load_dataset(data)
    dataset = datasets[data]
    print(f"{name}: {preset.steps:,} steps on {dataset.title} ...", flush=True)
    checkpoint = for_gallery(train(preset, dataset, seed=recipes.SEED), name, dataset)
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
        stray = "" if name in recipes.GALLERY else "  (not in the gallery: delete it)"
        print(f"{name:34}  {size:5.1f}  {mse}{stray}")
    fits = total <= recipes.MOST_MEGABYTES
    words = "at most" if fits else "at most: TOO LARGE"
    print(f"{'all':34}  {total:5.1f}  of {recipes.MOST_MEGABYTES} {words}")
    return fits
