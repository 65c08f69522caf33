"""What a recipe may ask for, what it will cost, and a sentence for everything refused."""

from __future__ import annotations

import math
from dataclasses import replace

from aeviz.data.limits import MOST_PICTURES
from aeviz.errors import UserError
from aeviz.networks.autoencoder import ACTIVATIONS
from aeviz.networks.costs import memory_allowed, memory_needed
from aeviz.networks.recipes import Preset

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


class PresetError(UserError):
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
