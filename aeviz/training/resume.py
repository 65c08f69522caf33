"""Going on with a model's training: what a run takes over from the checkpoint it continues.

The kept weights are those of the best step, and so is the optimiser's state. Where the state is not
there, or the recipe has another optimiser now, a fresh one is begun and the new model says so.
"""

from dataclasses import dataclass, field

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError, OptimizerState
from aeviz.checkpoints.store import find_checkpoint
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.limits import MOST_STEPS_BEFORE
from aeviz.networks.preset import Preset
from aeviz.networks.settings import OPTIMIZER_SLOTS

# A state takes up to twice the room of its weights. This is enough for every recipe of PRESETS (the
# largest, 784-1024-512-64-512-1024-784, has 21.8 MB) and keeps files as small as something to hand
# on.
OPTIMIZER_STATE_BYTES = 22_000_000


@dataclass(frozen=True)
class ResumePoint:
    """The state that a run takes over from the model whose training it continues."""

    name: str  # of that model
    weights: tuple[np.ndarray, ...] = field(repr=False)  # float32: kernel, bias, kernel, ...
    optimizer: OptimizerState | None  # None for a fresh state
    steps: int  # that the weights have seen
    notice: str  # a sentence where the state is fresh, else ""


def keeps_optimizer(preset: Preset, shape: PictureShape) -> bool:
    """Whether a run of this recipe keeps its optimiser's state."""
    return optimizer_bytes(preset, shape) <= OPTIMIZER_STATE_BYTES


def optimizer_bytes(preset: Preset, shape: PictureShape) -> int:
    """What an optimiser's state takes, in memory as in a file: float32."""
    return 4 * OPTIMIZER_SLOTS[preset.optimizer] * preset.parameter_count(shape)


def resume_point(checkpoint: Checkpoint, preset: Preset, shape: PictureShape) -> ResumePoint:
    """What a run of `preset`, on pictures of this shape, takes over from `checkpoint`.

    Raises CheckpointError where it cannot: other layers, other pictures, or no weights.
    """
    title, autoencoder = checkpoint.title, checkpoint.autoencoder
    if autoencoder is None:
        raise CheckpointError(
            f"{title} comes without its weights, so its training cannot go on: train its recipe "
            "from the start."
        )
    if checkpoint.shape != shape:
        raise CheckpointError(
            f"{title} was trained on pictures of {checkpoint.shape.words} pixels: choose such "
            "pictures to go on with it."
        )
    if _network(preset, shape) != _network(checkpoint.preset, shape):
        raise CheckpointError(
            f"The recipe has other layers than {title}: leave them as they are to go on with it."
        )
    steps = checkpoint.steps_before + checkpoint.best_step
    counts = (steps, checkpoint.optimizer.step if checkpoint.optimizer else 0)
    if not all(0 <= count <= MOST_STEPS_BEFORE for count in counts):
        raise CheckpointError(
            f"{title} has taken more than {MOST_STEPS_BEFORE:,} steps, which is as far as any "
            "training goes."
        )
    layers = (*autoencoder.encoder, *autoencoder.decoder)
    weights = tuple(w for layer in layers for w in (layer.kernel, layer.bias))
    state, notice = checkpoint.optimizer, ""
    if preset.optimizer != checkpoint.preset.optimizer:
        state, notice = None, "the recipe has another one than before"
    elif state is None:
        notice = "the old one was not kept"
    if notice:
        notice = f"Went on with a fresh optimiser: {notice}."
    return ResumePoint(checkpoint.name, weights, state, steps, notice)


def parent_name(checkpoint: Checkpoint) -> str | None:
    """Return the parent model's name: "" if trained from scratch, None if it was deleted."""
    try:
        if checkpoint.continued_from:
            find_checkpoint(checkpoint.continued_from)
    except CheckpointError:
        return None
    return checkpoint.continued_from


def _network(preset: Preset, shape: PictureShape) -> tuple:
    """What two recipes of one network have in common; all else may differ."""
    return preset.layers(shape), preset.latent_dim, preset.variational
