"""The settings of a recipe, one entry each: words, bounds, and what a table says of it.

The form, the address, the checks and the description of a recipe are made from these entries. A new
setting is a field of Preset, an entry in SECTIONS, and the code that uses it.
"""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from aeviz.data.limits import MOST_PICTURES
from aeviz.networks.layers import ACTIVATIONS
from aeviz.networks.preset import Preset

# name -> how many numbers it remembers of every weight
OPTIMIZER_SLOTS = {"adam": 2, "sgd": 0, "adadelta": 2}

# Overcomplete codes are part of the story (source 2), up to this many numbers.
LARGEST_CODE = 2_000
# Source 5's widest layer is 10,000; twice that is beyond what a desk machine trains in a day.
WIDEST_LAYER = 20_000
DEEPEST_STACK = 8
# Adadelta's own default rate is 1 (ConvNetJS, Keras docs say so too), SGD seldom wants more.
HIGHEST_RATE = 2.0
LONGEST_RUN = 5_000_000

_WORDS = {
    "mse": "mean squared error",
    "bce": "binary cross-entropy",
    "adam": "Adam",
    "sgd": "SGD",
    "adadelta": "Adadelta",
    "silu": "SiLU",
    "elu": "ELU",
    "relu": "ReLU",
    "linear": "none (linear)",
}


def choice_in_words(choice: str) -> str:
    """One of a setting's choices, for people."""
    return _WORDS.get(choice, choice.replace("_", " "))


class Bounds(NamedTuple):
    """The least and the greatest value of a number, and the sentence for any other."""

    what: str
    low: float
    high: float
    refusal: str = "{} of {} is not possible: choose {} up to {}."

    def problem(self, number: float | str) -> str:
        """Why this is out of bounds, in one sentence; "" where it is within."""
        if isinstance(number, str) or self.low <= number <= self.high:
            return ""
        form = "{:,}" if isinstance(number, int) else "{:g}"
        return self.refusal.format(self.what, *map(form.format, (number, self.low, self.high)))


class Said(NamedTuple):
    """What a recipe's table says of a setting. Settings that share a row are said in one go."""

    row: str
    words: str
    zero: str | None = None  # in place of the words for a number that is 0


@dataclass(frozen=True)
class Setting:
    """One setting of a recipe. The type of its value says what kind it is.

    A tuple is the widths of layers, a string one of `choices`, an int or a float a number.
    """

    name: str  # of the field of Preset, and of the parameter in an address
    label: str  # what the form asks for
    help: str | None = None
    choices: Collection[str] = ()
    bounds: Bounds | None = None  # of a number, or of the width of a layer
    on: int = 0  # the number that a switch in the form sets, 0 where that is no switch
    shown_when: Callable[[Preset], bool] = lambda preset: True  # whether a recipe has this setting
    said: Said | None = None

    @property
    def plain_name(self) -> str:
        """The name in a sentence: "latent dim"."""
        return self.name.replace("_", " ")

    def problem(self, value: str | float | tuple[int, ...]) -> str:
        """Why no recipe can have this value, in one sentence; "" where one can."""
        if self.choices and value not in self.choices:
            return f"The {self.plain_name} should be one of: {', '.join(self.choices)}."
        numbers = value if isinstance(value, tuple) else (value,)
        if len(numbers) > DEEPEST_STACK:
            return f"At most {DEEPEST_STACK} hidden layers a side; this has {len(numbers)}."
        problems = map(self.bounds.problem, numbers) if self.bounds else ()
        return next(filter(None, problems), "")


_WIDTHS = "Widths joined by dashes, such as 512-128. Empty for none."
_WIDTH = Bounds("A hidden layer", 1, WIDEST_LAYER)
# Eight times as many as the widest of our own: they are wide where pictures are small.
_CHANNELS = Bounds("A convolution", 1, 1_024)
_BENDS = "Bends of the layers"

# The columns of the form, each with what is above it.
SECTIONS: dict[str, tuple[Setting, ...]] = {
    "The network": (
        Setting(
            "convolutions",
            "Convolutions, from the picture on",
            "Channels joined by dashes, such as 16-32. Each looks at neighbouring pixels together "
            "and halves the picture; the decoder mirrors them. Empty for none.",
            bounds=_CHANNELS,
        ),
        Setting("encoder", "Encoder layers, from picture to code", _WIDTHS, bounds=_WIDTH),
        Setting(
            "latent_dim",
            "Numbers in the code",
            f"1 to {LARGEST_CODE:,}. More than a picture has pixels is called overcomplete.",
            bounds=Bounds("The code", 1, LARGEST_CODE),
        ),
        Setting("decoder", "Decoder layers, from code to picture", _WIDTHS, bounds=_WIDTH),
        Setting(
            "activation", "Bend of the hidden layers", choices=ACTIVATIONS, said=Said(_BENDS, "{}")
        ),
        Setting(
            "code_activation",
            "Bend of the code",
            choices=ACTIVATIONS,
            said=Said(_BENDS, "; code {}"),
        ),
        Setting(
            "output_activation",
            "Read-out",
            "ReLU or sigmoid remove the grey veil that a linear read-out leaves on the pictures.",
            choices=("linear", "relu", "sigmoid"),
            said=Said(_BENDS, "; read-out {}"),
        ),
        Setting(
            "before_readout",
            "Decoder as printed",
            "Source 3 prints one more linear layer of 4 numbers before the read-out, likely by "
            "mistake: every picture then has to pass through 4 numbers.",
            bounds=Bounds("The layer before the read-out", 0, WIDEST_LAYER),
            on=4,
            shown_when=lambda preset: preset.variational,
        ),
        Setting(
            "initializer",
            "Initial weights",
            choices=("glorot_uniform", "glorot_normal", "truncated_normal", "he_normal"),
            said=Said("Initial weights", "{}"),
        ),
    ),
    "What it tries to do": (
        Setting("loss", "Loss", choices=("mse", "bce"), said=Said("Loss", "{}")),
        Setting(
            "kl_weight",
            "Weight of the KL term",
            "How strongly the codes are kept in one round cloud. 1 is the usual value.",
            bounds=Bounds("The weight of the KL term", 0, 1_000),
            shown_when=lambda preset: preset.variational,
            said=Said("Loss", " and the KL term, weight {:g}"),
        ),
        Setting(
            "noise",
            "Noise: share of pixels blacked out",
            "0 for none, up to 0.95.",
            bounds=Bounds("Noise", 0, 0.95),
            said=Said("Noise", "up to {:.0%} of the pixels blacked out", zero=""),
        ),
        Setting(
            "noise_mode",
            "Noise level",
            "Per image: each picture gets its own share between none and the noise above.",
            choices=("fixed", "per image"),
        ),
        Setting(
            "code_l1",
            "L1 penalty on the code",
            "Pushes most numbers of the code to zero. Useful with overcomplete codes.",
            bounds=Bounds("The L1 penalty on the code", 0, 10),
            said=Said("Penalties", "; L1 on the code {:g}", zero=""),
        ),
        Setting(
            "l2",
            "L2 penalty on the weights",
            "Against overfitting.",
            bounds=Bounds("The L2 penalty", 0, 1),
            said=Said("Penalties", "; L2 on the weights {:g}", zero=""),
        ),
        Setting(
            "bias_start",
            "Initial bias",
            said=Said("Initial weights", ", bias {:g}"),
        ),
    ),
    "How it trains": (
        Setting("optimizer", "Optimiser", choices=OPTIMIZER_SLOTS, said=Said("Optimiser", "{}")),
        Setting(
            "learning_rate",
            "Learning rate",
            "How large each step is.",
            bounds=Bounds(
                "A learning rate",
                math.ulp(0.0),
                HIGHEST_RATE,
                "{0} of {1} cannot train: choose one above 0 and up to {3}; 0.001 is a good start.",
            ),
            said=Said("Optimiser", ", learning rate {:g}"),
        ),
        Setting(
            "schedule",
            "Rate over time",
            "Cosine: sinks smoothly to zero at the end.",
            choices=("constant", "cosine"),
            said=Said("Optimiser", ", {}"),
        ),
        Setting(
            "batch_size",
            "Batch size",
            "Pictures looked at in each step.",
            bounds=Bounds("A batch", 1, MOST_PICTURES),
            said=Said("Batches", "{:,} pictures"),
        ),
        Setting(
            "sampling",
            "Batches are drawn",
            choices=("shuffled", "with replacement"),
            said=Said("Batches", ", {}"),
        ),
        Setting(
            "steps",
            "Steps",
            bounds=Bounds("The number of steps", 1, LONGEST_RUN),
            said=Said("Steps", "{:,} steps"),
        ),
        Setting(
            "patience",
            "Patience",
            "Stop when validation has not improved for this many steps. 0: never.",
            bounds=Bounds("Patience", 0, LONGEST_RUN),
            said=Said("Patience", "{:,} steps", zero="never stops early"),
        ),
    ),
}
SETTINGS = {setting.name: setting for section in SECTIONS.values() for setting in section}


def described(preset: Preset) -> dict[str, str]:
    """A recipe's settings in words, by the row of its table."""
    rows: dict[str, str] = {}
    for setting in SETTINGS.values():
        said, value = setting.said, getattr(preset, setting.name)
        if said and setting.shown_when(preset):
            words = said.words.format(choice_in_words(value) if setting.choices else value)
            words = said.zero if said.zero is not None and not value else words
            rows[said.row] = rows.get(said.row, "") + words
    if preset.noise and preset.noise_mode == "per image":
        rows["Noise"] += ", each picture its own share"
    return rows
