"""What a recipe may ask for, what it will cost, and a sentence for everything refused."""

from __future__ import annotations

import math
import os
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from aeviz.autoencoder import ACTIVATIONS
from aeviz.found_pictures import MOST_PICTURES
from aeviz.history import snapshot_steps
from aeviz.presets import Preset

# name -> how many numbers it remembers of every weight
OPTIMIZER_SLOTS = {"adam": 2, "sgd": 0, "adadelta": 2}
OPTIMIZERS = tuple(OPTIMIZER_SLOTS)
SCHEDULES = ("constant", "cosine")
LOSSES = ("mse", "bce")
NOISE_MODES = ("fixed", "per image")
SAMPLINGS = ("shuffled", "with replacement")
INITIALIZERS = ("glorot_uniform", "glorot_normal", "truncated_normal", "he_normal")

# Overcomplete codes are part of the story (source 2), up to this many numbers.
LARGEST_CODE = 2_000
# Source 5's widest layer is 10,000; twice that is beyond what a desk machine trains in a day.
WIDEST_LAYER = 20_000
DEEPEST_STACK = 8
# Adadelta's own default rate is 1 (ConvNetJS, Keras docs say so too), SGD seldom wants more.
HIGHEST_RATE = 2.0
LONGEST_RUN = 5_000_000
# Steps of a model whose training can go on: two hundred of the longest runs. TensorFlow counts them
# in 31 bits.
MOST_STEPS_BEFORE = 200 * LONGEST_RUN
# Snapshots keep their weights where all of them together stay under this: a film of the whole
# network for the small ones, no gigabyte files for the large ones.
SNAPSHOT_WEIGHTS_BYTES = 12_000_000
# Leave half the machine's memory to everything else that runs on it.
MEMORY_SHARE = 0.5
# Where Linux says what a container may use, in bytes: control groups of version 2 ("max" for no
# limit) and 1 (more than any machine has for no limit).
_MEMORY_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class PresetError(ValueError):
    """A recipe that cannot be trained, in one sentence."""


def check_preset(preset: Preset, *, pixels: int, images: int) -> None:
    """Raise PresetError with one sentence if the recipe makes no sense for such a data set.

    pixels: in one picture. images: how many training images there are.
    """
    check_recipe(preset)
    _whole(preset.batch_size, 1, images, "A batch", of=f"the {images:,} training pictures")
    needed, allowed = memory_needed(preset, pixels=pixels, images=images), memory_allowed()
    if needed > allowed:
        raise PresetError(
            f"This network would need about {needed / 1e9:.1f} GB of memory and this machine can "
            f"spare {allowed / 1e9:.1f} GB: choose narrower layers or a smaller batch."
        )


def check_recipe(preset: Preset) -> None:
    """Raise PresetError with one sentence if the recipe makes no sense for any data set."""
    _whole(preset.latent_dim, 1, LARGEST_CODE, "The code")
    for widths in (preset.encoder, preset.decoder):
        if len(widths) > DEEPEST_STACK:
            raise PresetError(
                f"At most {DEEPEST_STACK} hidden layers a side; this has {len(widths)}."
            )
        for width in widths:
            _whole(width, 1, WIDEST_LAYER, "A hidden layer")
    _whole(preset.before_readout, 0, WIDEST_LAYER, "The layer before the read-out")
    _whole(preset.batch_size, 1, MOST_PICTURES, "A batch")
    _whole(preset.steps, 1, LONGEST_RUN, "The number of steps")
    _whole(preset.patience, 0, LONGEST_RUN, "Patience")
    for name, choices in (
        ("activation", ACTIVATIONS),
        ("code_activation", ACTIVATIONS),
        ("output_activation", ("linear", "relu", "sigmoid")),
        ("optimizer", OPTIMIZERS),
        ("schedule", SCHEDULES),
        ("loss", LOSSES),
        ("noise_mode", NOISE_MODES),
        ("sampling", SAMPLINGS),
        ("initializer", INITIALIZERS),
    ):
        if getattr(preset, name) not in choices:
            words = name.replace("_", " ")
            raise PresetError(f"The {words} should be one of: {', '.join(choices)}.")
    rate = preset.learning_rate
    if not (math.isfinite(rate) and 0 < rate <= HIGHEST_RATE):
        raise PresetError(
            f"A learning rate of {rate:g} cannot train: choose one above 0 and up to "
            f"{HIGHEST_RATE:g}; 0.001 is a good start."
        )
    _real(preset.noise, 0, 0.95, "Noise")
    _real(preset.code_l1, 0, 10, "The L1 penalty on the code")
    _real(preset.l2, 0, 1, "The L2 penalty")
    _real(preset.kl_weight, 0, 1_000, "The weight of the KL term")
    if preset.loss == "bce" and preset.output_activation != "sigmoid":
        raise PresetError(
            "Binary cross-entropy needs a read-out between 0 and 1: choose the sigmoid read-out, "
            "or mean squared error as the loss."
        )
    if preset.variational and preset.loss != "bce":
        raise PresetError(
            "A variational autoencoder here weighs the KL term against binary cross-entropy: "
            "choose that loss, with the sigmoid read-out."
        )
    if preset.variational and preset.code_l1:
        raise PresetError("A variational code has the KL term already: set its L1 penalty to 0.")


def fitted(preset: Preset, *, images: int) -> Preset:
    """The recipe for so few training images: its batches are no larger than all of them."""
    return replace(preset, batch_size=min(preset.batch_size, images))


def _whole(value: int, low: int, high: int, what: str, of: str = "") -> None:
    if not low <= value <= high:
        limit = of or f"{high:,}"
        raise PresetError(f"{what} of {value:,} is not possible: choose {low:,} up to {limit}.")


def _real(value: float, low: float, high: float, what: str) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise PresetError(f"{what} of {value:g} is not possible: choose {low:g} up to {high:g}.")


def keeps_snapshot_weights(preset: Preset, pixels: int) -> bool:
    """Whether a run of this recipe keeps the weights of every snapshot."""
    count = preset.parameter_count(pixels) * len(snapshot_steps(preset.steps))
    return 2 * count <= SNAPSHOT_WEIGHTS_BYTES  # two bytes each: float16


def memory_needed(preset: Preset, *, pixels: int, images: int) -> int:
    """Bytes that training needs at most, data set included, TensorFlow itself not.

    Four float32 copies of the weights (value, gradient, two Adam moments), one more for the best
    and one for a snapshot (where the optimiser's state is copied as well, it is a few megabytes);
    three copies of a batch's activations; the activations of one block of the evaluation; the
    images as bytes.
    """
    weights = 6 * 4 * preset.parameter_count(pixels)
    widths = sum(preset.layer_sizes(pixels))
    activations = 4 * widths * (3 * preset.batch_size + EVALUATION_BLOCK)
    return weights + activations + images * pixels + SNAPSHOT_WEIGHTS_BYTES


# Images go through the network this many at a time, so that a 10,000-wide layer does not need
# 200 MB at once: all of a snapshot's (SNAPSHOT_IMAGES and the watched ones) in one go.
EVALUATION_BLOCK = 1_100


@lru_cache(maxsize=1)
def memory_allowed() -> int:
    """Bytes a run may need: MEMORY_SHARE of this machine's memory, or of its container's."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        total = 8_000_000_000
    return int(min([total, *_container_memory()]) * MEMORY_SHARE)


def _container_memory() -> list[int]:
    """The limits in bytes that this process's container has; none outside of one."""
    limits = []
    for path in _MEMORY_LIMITS:
        try:
            limits.append(int(path.read_text("ascii")))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return [limit for limit in limits if limit > 0]


@lru_cache(maxsize=1)
def _multiply_rate() -> float:
    """Floating-point operations a second of a float32 matrix product here, the best of ten.

    The best, because it is asked for when a page has just started and all else is busy with that:
    the median then said two minutes for a run of forty seconds.
    """
    n = 768
    a = np.ones((n, n), dtype=np.float32)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        a @ a
        times.append(time.perf_counter() - start)
    return 2 * n**3 / min(times)


def step_operations(preset: Preset, pixels: int) -> float:
    """Multiplications and additions of one training step.

    Forward, gradient of the weights and gradient of the inputs are one matrix product each; the
    first layer needs no gradient of its input.
    """
    encoder, decoder = preset.dense_layers(pixels)
    widths = [pixels, *(n for n, _ in encoder)]
    products = sum(a * b for a, b in zip(widths, widths[1:], strict=False))
    first = widths[0] * widths[1]
    widths = [preset.latent_dim, *(n for n, _ in decoder)]
    products += sum(a * b for a, b in zip(widths, widths[1:], strict=False))
    return preset.batch_size * (6.0 * products - 2.0 * first)


# Fitted to measured runs on two cores: a step costs its operations at this share of the matrix
# multiply rate, plus a fixed part that small networks feel; a run costs a start (imports, compile).
_RATE_SHARE = 0.6
_SECONDS_PER_STEP = 3e-4
_SECONDS_TO_START = 6.0


def estimated_seconds(preset: Preset, pixels: int) -> float:
    """About how long a run will take on this machine, in seconds."""
    per_step = step_operations(preset, pixels) / (_multiply_rate() * _RATE_SHARE)
    return _SECONDS_TO_START + preset.steps * (per_step + _SECONDS_PER_STEP)
