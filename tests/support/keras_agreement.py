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

# What somebody would write in a notebook: one part after the other, and the whole.
NOTEBOOK = """
import sys
import keras
import numpy as np
for name in sys.argv[1:]:
    model = keras.saving.load_model(f"{name}.keras", safe_mode=True)
    pictures = np.load(f"{name}.npy")
    codes = model.get_layer("encoder").predict(pictures, verbose=0)
    drawn = model.get_layer("decoder").predict(codes, verbose=0)
    np.savez(f"{name}.npz", codes=codes, drawn=drawn, whole=model.predict(pictures, verbose=0))
assert not any(name.split(".")[0] == "aeviz" for name in sys.modules)
"""


@dataclass(frozen=True)
class InKeras:
    """What Keras computes of (n, pixels) pictures. codes: (n, code). drawn: (n, pixels), decoded
    from them. whole: (n, pixels), by the whole model at once."""

    codes: np.ndarray = field(repr=False)
    drawn: np.ndarray = field(repr=False)
    whole: np.ndarray = field(repr=False)


def in_keras(models: Iterable[tuple[Checkpoint, np.ndarray]], folder: Path) -> dict[str, InKeras]:
    """Model name -> what its `.keras` export makes of its (n, pixels) float32 pictures.

    folder: an empty one, where the process works.
    """
    names = []
    for checkpoint, pictures in models:
        names.append(checkpoint.name)
        np.save(folder / f"{checkpoint.name}.npy", pictures)
        (folder / f"{checkpoint.name}.keras").write_bytes(to_keras(checkpoint))
    # Without what would let it find aeviz.
    apart = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", NOTEBOOK, *names], cwd=folder, env=apart, check=True)
    out = {}
    for name in names:
        with np.load(folder / f"{name}.npz") as arrays:
            out[name] = InKeras(**{part: arrays[part] for part in ("codes", "drawn", "whole")})
    return out
