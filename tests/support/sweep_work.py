"""Stands in for training in tests of sweeps: a model with random weights, as its file's bytes.

Importable by name, so that it can be sent to a worker.
"""

import time
from dataclasses import replace

from aeviz.checkpoints.checkpoint import to_bytes
from aeviz.networks.recipes import PRESETS
from aeviz.sweeps.plan import Grid, Sweep
from tests.support.made_up_models import made_up_dataset, made_up_model

BASE = replace(PRESETS["karpathy-2d"], published=None)


def small_sweep(*sizes: int, **changes) -> Sweep:
    """Networks without hidden layers on the small digits, one for each code size."""
    return replace(Sweep("Small", (Grid(BASE, 50, sizes, ((),)),), dataset="digits"), **changes)


def make_up(model, *, control=None, history=None, progress=None) -> bytes:
    """A checkpoint that fits the model's recipe, without training."""
    dataset = made_up_dataset(8, tests=5, name=model.dataset)
    made = made_up_model(
        model.key, dataset, latent_dim=model.preset.latent_dim, codes=False, seed=model.seed
    )
    return to_bytes(replace(made, preset=model.preset, fingerprint=model.fingerprint))


def make_up_slowly(model) -> bytes:
    """The same after half a second."""
    time.sleep(0.5)
    return make_up(model)
