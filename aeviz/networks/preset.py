"""What a recipe is: what network to build and how to train it, whatever the pictures' size."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field, replace

from aeviz.data.picture_shape import PictureShape
from aeviz.networks.layers import STRIDE, LayerPlan


@dataclass(frozen=True)
class Preset:
    """An architecture and a training recipe, independent of the data set's picture size."""

    name: str
    title: str
    summary: str
    source: int = 0  # which of the five write-ups, 0 for our own

    # Architecture: picture - convolutions - encoder - latent_dim - decoder - as many transposed
    # convolutions - picture. Each convolution halves the picture's side, each transposed one
    # doubles it again.
    encoder: tuple[int, ...] = ()
    latent_dim: int = 2
    decoder: tuple[int, ...] = ()
    activation: str = "tanh"
    code_activation: str = "linear"
    output_activation: str = "linear"
    before_readout: int = 0  # width of one more linear layer before the read-out, 0 for none
    variational: bool = False
    initializer: str = "glorot_uniform"
    bias_start: float = 0.0
    convolutions: tuple[int, ...] = ()  # channels of each; () for a network of dense layers
    # Kinds of picture, one of which the dense part of the encoder and the decoder are both told; 0
    # for a network that sees the picture alone. Conditional, in the words of Sohn et al. 2015.
    labels: int = 0
    # Whether its numbers come in the order of what they are worth: in training each picture keeps
    # only the first ones of its code. See `aeviz.training.ordered`.
    ordered: bool = False

    # What is minimised
    loss: str = "mse"
    kl_weight: float = 1.0  # beta; used by a variational autoencoder only
    noise: float = 0.0  # share of the input pixels set to black
    noise_mode: str = "fixed"  # "fixed", or "per image": each image's share drawn from [0, noise]
    code_l1: float = 0.0
    l2: float = 0.0

    # How
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    batch_size: int = 128
    sampling: str = "shuffled"
    steps: int = 10_000
    patience: int = 0  # stop when validation has not improved for this many steps; 0 for never

    not_given: tuple[tuple[str, str], ...] = ()
    published: Preset | None = field(default=None, repr=False)

    @property
    def numbers_kept(self) -> int:
        """What has to be kept of a picture to draw it again: its code, and its kind if told."""
        return self.latent_dim + bool(self.labels)

    def layers(self, shape: PictureShape) -> tuple[list[LayerPlan], list[LayerPlan]]:
        """The layers of encoder and decoder, in order, for pictures of this shape."""
        bend, encoder, decoder = self.activation, [], []
        side, channels = shape.side, shape.channels
        for units in self.convolutions:
            sides = (side, -(-side // STRIDE))
            encoder.append(LayerPlan(channels, units, bend, sides))
            side, channels = sides[1], units
        flat = side * side * channels
        wide = self.latent_dim * (2 if self.variational else 1)
        code_bend = "linear" if self.variational else self.code_activation
        widths = [(n, bend) for n in self.encoder]
        # The encoder is told after its first dense layer. Told at once it turns the map its own way
        # for every kind, and one code is then another hand for each. One training each of cvae-2d's
        # layers, 5,300 steps: told at once 126.4 nats, and how far redrawings as all ten digits
        # lean follows the source with a rank correlation of .35, of one digit not at all; told
        # after the first layer, with a penalty of 1e-4 on the weights, 126.7 and .57, at least .44.
        at = min(1, len(widths))
        encoder += _dense(flat, [*widths, (wide, code_bend)], self.labels, at)
        widths = [(n, bend) for n in self.decoder]
        if self.before_readout:
            widths.append((self.before_readout, "linear"))
        widths.append((flat, bend if self.convolutions else self.output_activation))
        decoder = _dense(self.latent_dim, widths, self.labels, 0)
        for plan in reversed(encoder[: len(self.convolutions)]):
            decoder.append(LayerPlan(plan.units, plan.inputs, bend, plan.sides[::-1]))
        decoder[-1] = replace(decoder[-1], activation=self.output_activation)
        return encoder, decoder

    def layer_sizes(self, shape: PictureShape) -> tuple[int, ...]:
        """The numbers in every layer from input to output, the code's included once."""
        encoder, decoder = self.layers(shape)
        given = [plan.given for plan in (*encoder[:-1], *decoder)]
        given.insert(len(encoder) - 1, self.latent_dim)
        return (shape.values, *given)

    def layer_names(self, shape: PictureShape) -> tuple[str, ...]:
        """What to call every layer from input to output: "64", of a convolution "14x14x16".

        That is the numbers a layer gives, a convolution's as side x side x channels; of a network
        with convolutions the pictures themselves too.
        """
        encoder, decoder = self.layers(shape)
        names = [f"{size}" for size in self.layer_sizes(shape)]
        for i, plan in enumerate([*encoder[:-1], None, *decoder]):
            if plan and plan.sides:
                names[i + 1] = f"{plan.sides[1]}x{plan.sides[1]}x{plan.units}"
        if self.convolutions:
            names[0] = f"{shape.side}x{shape.side}x{shape.channels}"
        return tuple(names)

    def parameter_count(self, shape: PictureShape) -> int:
        """Weights and biases of the network for pictures of this shape."""
        return sum(plan.weights for plans in self.layers(shape) for plan in plans)

    def to_dict(self) -> dict:
        """Plain values for JSON, without the published variant."""
        values = asdict(replace(self, published=None))
        del values["published"]
        # As it was before there were these: what is made from this still finds its models.
        for later in ("convolutions", "labels", "ordered"):
            if not values[later]:
                del values[later]
        return values

    @classmethod
    def from_dict(cls, values: dict) -> Preset:
        """The inverse of to_dict, also after a trip through JSON.

        Raises:
            ValueError: It names an unknown field, or one whose value is of the wrong type.
        """
        clean: dict = {}
        for key, value in values.items():
            if key not in _KINDS:
                raise ValueError(f"A recipe has no setting called {str(key)[:40]!r}.")
            kind = _KINDS[key]
            if kind is tuple:
                value = _tuples(key, value)
            elif kind is float and isinstance(value, int | float) and not isinstance(value, bool):
                # Neither nan nor infinite, and no integer that is too large for a float.
                value = float(value) if abs(value) <= sys.float_info.max else None
            if type(value) is not kind:
                should_be = {bool: "true or false", float: "a number"}.get(kind)
                should_be = should_be or f"of type {kind.__name__}"
                raise ValueError(f"The recipe's {key} should be {should_be}.")
            clean[key] = value
        if not {"name", "title", "summary"} <= clean.keys():
            raise ValueError("The recipe has no name.")
        return cls(**clean)


def _dense(inputs: int, widths: list[tuple[int, str]], told: int, at: int) -> list[LayerPlan]:
    """Dense layers of these (units, activation), one after another. told: of layer `at`, from 0."""
    plans = []
    for i, (units, activation) in enumerate(widths):
        plans.append(LayerPlan(inputs, units, activation, told=told if i == at else 0))
        inputs = units
    return plans


# field of Preset -> the type of its values
_KINDS = {key: type(value) for key, value in vars(Preset("", "", "")).items() if key != "published"}


def _tuples(key: str, value) -> tuple:
    if not isinstance(value, list | tuple) or len(value) > 64:
        raise ValueError(f"The recipe's {key} should be a short list.")
    if key == "not_given":
        pairs = all(isinstance(p, list | tuple) and len(p) == 2 for p in value)
        if not (pairs and all(isinstance(word, str) for p in value for word in p)):
            raise ValueError("The recipe's not_given should be pairs of words.")
        return tuple((p[0], p[1]) for p in value)
    if not all(type(n) is int for n in value):
        raise ValueError(f"The recipe's {key} should be whole numbers.")
    return tuple(value)
