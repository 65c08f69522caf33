"""The layers of a network: which there are, how large each is, and what it computes in NumPy.

A layer takes and gives rows of numbers, one a picture. Between convolutions a row holds a picture
of many channels, as Keras flattens one: row by row from the top, all channels of a pixel together.
"""

from dataclasses import dataclass

import numpy as np

# Convolutions look at squares of so many pixels a side, and move on by so many.
WINDOW, STRIDE = 3, 2
# Pictures that go through a convolution at once: what a block's arithmetic passes over then stays
# in a processor's own memory, and wide layers need megabytes.
_AT_ONCE = 64


def _elu(x: np.ndarray) -> np.ndarray:
    negative = np.expm1(np.minimum(x, 0.0))
    return np.add(np.maximum(x, 0.0, out=x), negative, out=x)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    # Through tanh: exp(-x) would overflow for strongly negative x.
    x *= 0.5
    np.tanh(x, out=x)
    x += 1.0
    x *= 0.5
    return x


# Each takes an array of floats it may overwrite. The names are Keras's own.
ACTIVATIONS = {
    "linear": lambda x: x,
    "tanh": lambda x: np.tanh(x, out=x),
    "relu": lambda x: np.maximum(x, 0.0, out=x),
    "elu": _elu,
    "silu": lambda x: x * _sigmoid(x.copy()),
    "sigmoid": _sigmoid,
}


@dataclass(frozen=True)
class LayerPlan:
    """What a layer is, before it has weights.

    Attributes:
        inputs: numbers that a dense layer takes; channels that a convolution takes.
        units: numbers that a dense layer gives; channels that a convolution gives.
        activation: a name in ACTIVATIONS.
        sides: None for a dense layer. For a convolution, pixels along an edge of what it takes and
            of what it gives: half as many, rounded up, of a convolution; twice as many, or one less
            than that, of a transposed one.
        told: of a dense layer that is told what a picture shows, how many kinds there are: it takes
            so many numbers more, a 1 for the kind and 0 for all others.
    """

    inputs: int
    units: int
    activation: str = "linear"
    sides: tuple[int, int] | None = None
    told: int = 0

    @property
    def transposed(self) -> bool:
        """Whether it is a transposed convolution: one that makes pictures larger."""
        return self.sides is not None and self.sides[1] > self.sides[0]

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """Of its kernel, as Keras has it; the bias is (units,)."""
        ends = (self.inputs + self.told, self.units)
        if self.sides is None:
            return ends
        return (WINDOW, WINDOW, *(ends[::-1] if self.transposed else ends))

    @property
    def weights(self) -> int:
        """How many weights and biases it has."""
        return int(np.prod(self.kernel_shape)) + self.units

    @property
    def taken(self) -> int:
        """Numbers of one picture that go in, what it is told not counted."""
        return self.inputs * (self.sides[0] ** 2 if self.sides else 1)

    @property
    def given(self) -> int:
        """Numbers of one picture that come out."""
        return self.units * (self.sides[1] ** 2 if self.sides else 1)

    @property
    def products(self) -> int:
        """Multiplications for one picture."""
        places = min(self.sides) ** 2 if self.sides else 1
        return places * int(np.prod(self.kernel_shape))

    def with_weights(self, kernel: np.ndarray, bias: np.ndarray) -> "Layer":
        """Return the layer of this plan with these weights, float32."""
        return Layer(kernel, bias, self.activation, self.sides, self.told)


@dataclass(frozen=True)
class Layer:
    """A layer with its weights: `activation(x @ kernel + bias)`, or a convolution in place of `@`.

    kernel and bias are float32 of the shapes in LayerPlan; activation, sides and told are as there.
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: str = "linear"
    sides: tuple[int, int] | None = None
    told: int = 0

    @property
    def plan(self) -> LayerPlan:
        """What it is."""
        units = len(self.bias)
        inputs = self.kernel.size // units // (WINDOW**2 if self.sides else 1) - self.told
        return LayerPlan(inputs, units, self.activation, self.sides, self.told)

    def of_kind(self, kind: int) -> "Layer":
        """Return the layer that computes the same when it is told this kind, and is told nothing.

        What a 1 adds to every picture is one row of the kernel, and goes into the bias.
        """
        if not self.told:
            return self
        inputs = len(self.kernel) - self.told
        bias = self.bias + self.kernel[inputs + kind]
        return Layer(self.kernel[:inputs], bias, self.activation)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(n, taken + told) -> (n, given), as precise as `x` is: float32 or float64."""
        if self.sides is None:
            y = x @ self.kernel
            y += self.bias
            return ACTIVATIONS[self.activation](y)
        plan = self.plan
        convolve = _transposed if plan.transposed else _convolution
        out = np.empty((len(x), plan.given), x.dtype)
        for start in range(0, len(x), _AT_ONCE):
            some = x[start : start + _AT_ONCE]
            pictures = some.reshape(len(some), self.sides[0], self.sides[0], plan.inputs)
            y = convolve(pictures, self.kernel.astype(x.dtype, copy=False), self.sides[1])
            y += self.bias
            out[start : start + len(some)] = ACTIVATIONS[self.activation](y).reshape(len(some), -1)
        return out


def _convolution(pictures: np.ndarray, kernel: np.ndarray, side: int) -> np.ndarray:
    """(n, s, s, inputs) -> (n, side, side, units); Keras's `Conv2D`, strides 2, padding "same"."""
    n, size = len(pictures), pictures.shape[1]
    # Of an even side nothing is added before the first pixel, of an odd one a pixel at either end.
    before = size % 2
    after = (side - 1) * STRIDE + WINDOW - size - before
    edges = (before, after)
    pictures = np.pad(pictures, ((0, 0), edges, edges, (0, 0)))
    out = np.zeros((n * side * side, kernel.shape[3]), pictures.dtype)
    for y, x in np.ndindex(WINDOW, WINDOW):
        seen = pictures[:, y : y + side * STRIDE : STRIDE, x : x + side * STRIDE : STRIDE]
        out += seen.reshape(len(out), -1) @ kernel[y, x]
    return out.reshape(n, side, side, -1)


def _transposed(pictures: np.ndarray, kernel: np.ndarray, side: int) -> np.ndarray:
    """(n, s, s, inputs) -> (n, side, side, units), side 2 s or 2 s - 1.

    Keras's `Conv2DTranspose`, strides 2, padding "same", which gives 2 s; of an odd side the first
    row and column are cut off, so that it is the transpose of `_convolution` there too.
    """
    n, size = len(pictures), pictures.shape[1]
    rows = pictures.reshape(n * size * size, -1)
    drawn = np.zeros((n, STRIDE * size + 1, STRIDE * size + 1, kernel.shape[2]), pictures.dtype)
    for y, x in np.ndindex(WINDOW, WINDOW):
        part = (rows @ kernel[y, x].T).reshape(n, size, size, -1)
        drawn[:, y : y + STRIDE * size : STRIDE, x : x + STRIDE * size : STRIDE] += part
    first = cut(size, side)
    return np.ascontiguousarray(drawn[:, first : first + side, first : first + side])


def cut(size: int, side: int) -> int:
    """How many rows and columns a transposed convolution loses at the top and the left.

    size: pixels along an edge of what it takes. side: of what it gives.
    """
    return STRIDE * size - side
