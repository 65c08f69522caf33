"""What a recipe may ask for, what it will cost, and a sentence for everything refused."""

from dataclasses import replace

from aeviz.data.picture_shape import PictureShape
from aeviz.errors import UserError
from aeviz.networks.costs import memory_allowed, memory_needed
from aeviz.networks.preset import Preset
from aeviz.networks.settings import LONGEST_RUN, SETTINGS

# Steps of a model whose training can go on: two hundred of the longest runs. TensorFlow counts them
# in 31 bits.
MOST_STEPS_BEFORE = 200 * LONGEST_RUN
# The pages on which a network answers the pointer hand all of it to the browser, two bytes a
# weight. The largest of source 5's kind, 10,000 wide with a code of 784, has 31.4 million. One
# message takes 80 MB (`maxMessageSize` in .streamlit/config.toml).
MOST_WEIGHTS = 32_000_000


# Labels are bytes.
MOST_KINDS = 256


class PresetError(UserError):
    """A recipe that cannot be trained, in one sentence."""


def check_preset(
    preset: Preset, shape: PictureShape, *, images: int, kinds: int | None = None
) -> None:
    """Raise PresetError with one sentence if the recipe makes no sense for such a data set.

    Args:
        preset: The recipe.
        shape: Of a picture.
        images: How many training images there are.
        kinds: Of how many kinds they are, 0 without labels; None where nobody knows yet.
    """
    check_recipe(preset)
    check_shape(preset, shape)
    if preset.labels and kinds == 0:
        raise PresetError(
            "This recipe is told what each picture shows, and nobody has named the kinds of these "
            "pictures: choose pictures with labels, or another recipe."
        )
    if kinds is not None and 0 < preset.labels < kinds:
        raise PresetError(
            f"This recipe knows {preset.labels} kinds of picture and these are of {kinds}: choose "
            "the recipe anew, for these pictures."
        )
    if preset.batch_size > images:
        raise PresetError(
            f"A batch of {preset.batch_size:,} is not possible: choose 1 up to the {images:,} "
            "training pictures."
        )
    needed, allowed = memory_needed(preset, shape, images=images), memory_allowed()
    if needed > allowed:
        raise PresetError(
            f"This network would need about {needed / 1e9:.1f} GB of memory and this machine can "
            f"spare {allowed / 1e9:.1f} GB: choose narrower layers or a smaller batch."
        )
    weights = preset.parameter_count(shape)
    if weights > MOST_WEIGHTS:
        raise PresetError(
            f"This network would have {weights / 1e6:,.0f} million weights and the pages can show "
            f"one of {MOST_WEIGHTS / 1e6:.0f} million at most: choose narrower layers."
        )


def check_shape(preset: Preset, shape: PictureShape) -> None:
    """Raise PresetError with one sentence if the recipe makes no sense for such pictures."""
    most = (shape.side - 1).bit_length()
    if len(preset.convolutions) > most:
        raise PresetError(
            f"{len(preset.convolutions)} convolutions are not possible: each halves the side of a "
            f"picture, so those of {shape.side} pixels a side take {most} at most."
        )


def check_recipe(preset: Preset) -> None:
    """Raise PresetError with one sentence if the recipe makes no sense for any data set."""
    for setting in SETTINGS.values():
        problem = setting.problem(getattr(preset, setting.name))
        if problem:
            raise PresetError(problem)
    if preset.labels and not 2 <= preset.labels <= MOST_KINDS:
        raise PresetError(
            f"A recipe can be told of 2 to {MOST_KINDS} kinds of picture, not of {preset.labels:,}."
        )
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
    if preset.before_readout and preset.convolutions:
        raise PresetError(
            "Convolutions draw the picture after the layer before the read-out: leave that out."
        )
    if preset.variational and preset.code_l1:
        raise PresetError("A variational code has the KL term already: set its L1 penalty to 0.")


def fitted(preset: Preset, *, images: int, kinds: int = 0) -> Preset:
    """The recipe for a data set: batches no larger than all of it, and told of all its kinds.

    images: how many training images there are. kinds: of how many kinds; 0 without labels, and then
    a recipe that is told of them stays as it is.
    """
    labels = max(kinds, 2) if preset.labels and kinds else preset.labels
    return replace(preset, batch_size=min(preset.batch_size, images), labels=labels)


def fitted_note(images: int) -> str:
    """What becomes of the batches where there are only so many training images."""
    return f"There are {images:,} pictures to learn from, so every step looks at all of them."
