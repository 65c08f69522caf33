"""`python -m aeviz.pretrain [NAME ...]`: trains the models that come with aeviz, into pretrained/.

Weights are stored in float16 and measured after that rounding, so every figure is that of the file.
Snapshots keep what was drawn, not their weights: small files, and no picture of the data set.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from aeviz.autoencoder import Autoencoder, Layer
from aeviz.checkpoints import PRETRAINED, Checkpoint, save_checkpoint
from aeviz.datasets import ImageDataset, load_dataset
from aeviz.figures_of_merit import measure
from aeviz.history import HistoryView
from aeviz.presets import PRESETS, Preset

# What comes with aeviz: file name -> (data set, recipe).
GALLERY: dict[str, tuple[str, Preset]] = {
    "karpathy-2d": ("mnist", PRESETS["karpathy-2d"]),
    "karpathy-2d-as-published": ("mnist", PRESETS["karpathy-2d"].published),
}


def half_precision(autoencoder: Autoencoder) -> Autoencoder:
    """The same network with every weight rounded to float16 (held as float32)."""

    def rounded(layer: Layer) -> Layer:
        kernel, bias = (x.astype(np.float16).astype(np.float32) for x in (layer.kernel, layer.bias))
        return Layer(kernel, bias, layer.activation)

    return Autoencoder(
        tuple(map(rounded, autoencoder.encoder)),
        tuple(map(rounded, autoencoder.decoder)),
        autoencoder.variational,
    )


def for_gallery(checkpoint: Checkpoint, name: str, dataset: ImageDataset) -> Checkpoint:
    """A checkpoint as it is kept in pretrained/: rounded, measured again, without spare weights."""
    autoencoder = half_precision(checkpoint.autoencoder)
    shots = tuple(replace(s, weights=None) for s in checkpoint.history.snapshots)
    history = HistoryView(checkpoint.history.losses, shots, shots[-1])
    figures = checkpoint.figures | measure(autoencoder, checkpoint.preset, dataset)
    return replace(checkpoint, name=name, autoencoder=autoencoder, history=history, figures=figures)


def main(names: list[str]) -> int:
    """Train and store the named models, all of them if none is named; 0 if all went well."""
    from aeviz.training import train

    unknown = [n for n in names if n not in GALLERY]
    if unknown:
        print(f"No such model: {', '.join(unknown)}. There are: {', '.join(GALLERY)}.")
        return 2
    for name in names or GALLERY:
        data, preset = GALLERY[name]
        dataset = load_dataset(data)
        checkpoint = for_gallery(train(preset, dataset), name, dataset)
        path = save_checkpoint(checkpoint, PRETRAINED)
        figures = ", ".join(f"{k} {v:.5g}" for k, v in checkpoint.figures.items())
        print(f"{path.name} ({path.stat().st_size / 1e6:.1f} MB): {figures}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
