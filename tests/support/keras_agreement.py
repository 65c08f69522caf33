"""Exported models in plain Keras, in a process of its own that knows nothing of aeviz."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.training.keras_models import to_keras

# What somebody would write in a notebook: one part after the other, and the whole; a conditional
# model is told a kind as well.
NOTEBOOK = """
import sys
import keras
import numpy as np
for name in sys.argv[1:]:
    model = keras.saving.load_model(f"{name}.keras", safe_mode=True)
    pictures = np.load(f"{name}.npy")
    told = [np.load(f"{name}.kinds.npy")] if len(model.inputs) == 2 else []
    codes = model.get_layer("encoder").predict([pictures, *told], verbose=0)
    drawn = model.get_layer("decoder").predict([codes, *told], verbose=0)
    whole = model.predict([pictures, *told], verbose=0)
    np.savez(f"{name}.npz", codes=codes, drawn=drawn, whole=whole)
assert not any(name.split(".")[0] == "aeviz" for name in sys.modules)
"""


@dataclass(frozen=True)
class InKeras:
    """What Keras computes of (n, pixels) pictures. codes: (n, code). drawn: (n, pixels), decoded
    from them. whole: (n, pixels), by the whole model at once."""

    codes: np.ndarray = field(repr=False)
    drawn: np.ndarray = field(repr=False)
    whole: np.ndarray = field(repr=False)


def labels_for(checkpoint: Checkpoint, pictures: np.ndarray) -> np.ndarray | None:
    """Labels for as many pictures, the kinds in turn, for a model that is told them."""
    kinds = checkpoint.preset.labels
    return np.arange(len(pictures)) % kinds if kinds else None


def in_keras(models: Iterable[tuple[Checkpoint, np.ndarray]], folder: Path) -> dict[str, InKeras]:
    """Model name -> what its `.keras` export makes of its (n, pixels) float32 pictures.

    A conditional one is told `labels_for` them. folder: an empty one, where the process works.
    """
    names = []
    for checkpoint, pictures in models:
        names.append(checkpoint.name)
        np.save(folder / f"{checkpoint.name}.npy", pictures)
        labels = labels_for(checkpoint, pictures)
        if labels is not None:
            kinds = np.eye(checkpoint.preset.labels, dtype=np.float32)[labels]
            np.save(folder / f"{checkpoint.name}.kinds.npy", kinds)
        (folder / f"{checkpoint.name}.keras").write_bytes(to_keras(checkpoint))
    # Without what would let it find aeviz.
    apart = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", NOTEBOOK, *names], cwd=folder, env=apart, check=True)
    out = {}
    for name in names:
        with np.load(folder / f"{name}.npz") as arrays:
            out[name] = InKeras(**{part: arrays[part] for part in ("codes", "drawn", "whole")})
    return out
