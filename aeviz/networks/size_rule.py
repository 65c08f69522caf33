"""One rule from the size of the code to a network: the gallery's twelve sizes are made by it.

Chosen by measurement on MNIST's validation images, for runs of 5,000 steps at first. Code of 500:
no hidden layer, .00006; one of 1,000, .00145, since a bend only stands in the way of what PCA does
nearly without loss. Code of 300: a ReLU read-out .0006, a sigmoid one .0014; code of 200: .00113
and .00128; code of 100: .0023 and .0018. SiLU at a rate of .003 was ahead of ReLU and ELU at .001
(code of 100: .0018, .0021, .0027), and ELU gained nothing from the higher rate. Code of 32: two
hidden layers .0038, one .0040, three at the lower rate .0055.
"""

import math

from aeviz.networks.preset import Preset
from aeviz.text.numbers import count

# What the titles of its recipes begin with.
FAMILY = "Made to size"
# Hidden units on either side of the code, shared out over its layers.
HIDDEN_UNITS = 900
# A fourth layer gained nothing in a budget of minutes.
MOST_LAYERS = 3
# How many times smaller the code is for each hidden layer.
RATIO_PER_LAYER = 4
# From here on a picture is mostly paper and ink again, which a sigmoid holds at 0 and 1; before it,
# the read-out must also tell 0.97 from 0.99, and a sigmoid bends too much there.
SIGMOID_FROM_RATIO = 4
# Four to six minutes a model on two cores. Networks without hidden layers take their steps three
# times as fast, and gain from more of them: 25,000 left the code of 500 a hundredth above PCA.
STEPS, STEPS_WITHOUT_LAYERS = 25_000, 50_000
# Three layers at the higher rate were no better for twice the steps: the code of 10 went from .0099
# to .0103, the code of 2 stayed at .0321.
RATE, RATE_OF_THE_DEEPEST = 3e-3, 1e-3
# Source 5's, and on down to a single number.
SIZES = (784, 500, 300, 200, 100, 64, 32, 16, 10, 5, 2, 1)

RULE = (
    "one rule makes all twelve. A hidden layer on either side for every factor of four that the "
    "code is smaller than the picture (none below a factor of two, three at most), 900 hidden "
    "units a side, each layer half as wide as the one before."
)
RULE_IN_FULL = (
    f"{RULE[0].upper()}{RULE[1:]} SiLU on the hidden layers; the read-out is linear without hidden "
    f"layers, ReLU up to a factor of {SIGMOID_FROM_RATIO} and sigmoid from there on. Adam at "
    f"{RATE:g}, with three hidden layers {RATE_OF_THE_DEEPEST:g}, falling to zero along a cosine "
    f"over {STEPS:,} batches of 128, twice as many without hidden layers."
)


def hidden_layers(values: int, code_size: int) -> tuple[int, ...]:
    """Widths from a picture of so many values to the code: () for codes of more than half of them.

    values / code_size, to the base of RATIO_PER_LAYER, rounded, is how many; each is half as wide
    as the one before and all together are HIDDEN_UNITS, but for rounding.
    """
    ratio = math.log(values / code_size, RATIO_PER_LAYER)
    layers = min(MOST_LAYERS, max(0, math.floor(ratio + 0.5)))
    shares = [0.5**i for i in range(layers)]
    return tuple(round(HIDDEN_UNITS * share / sum(shares)) for share in shares)


def preset_for(code_size: int, values: int = 784) -> Preset:
    """The rule's recipe for a code of so many numbers."""
    encoder = hidden_layers(values, code_size)
    read_out = "sigmoid" if values / code_size >= SIGMOID_FROM_RATIO else "relu"
    return Preset(
        name=f"sized-{code_size}",
        title=f"{FAMILY}, {count(code_size)}",
        summary="One of twelve networks made by one rule from the size of the code.",
        encoder=encoder,
        latent_dim=code_size,
        decoder=encoder[::-1],
        activation="silu" if encoder else "linear",
        output_activation=read_out if encoder else "linear",
        learning_rate=RATE_OF_THE_DEEPEST if len(encoder) == MOST_LAYERS else RATE,
        schedule="cosine",
        batch_size=128,
        steps=STEPS if encoder else STEPS_WITHOUT_LAYERS,
    )
