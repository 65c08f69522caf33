"""An autoencoder as NumPy arithmetic: encode, decode, reconstruct.

The models are stacks of dense layers, so looking at a trained one needs no TensorFlow. Keras is the
oracle this file is tested against.
"""

from dataclasses import dataclass

import numpy as np

from aeviz.networks.recipes import Preset


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
class Layer:
    """A dense layer: `activation(x @ kernel + bias)`.

    kernel is (inputs, units) float32, bias (units,) float32, activation a name in ACTIVATIONS.
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: str = "linear"

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(n, inputs) -> (n, units), as precise as `x` is: float32 or float64."""
        y = x @ self.kernel
        y += self.bias
        return ACTIVATIONS[self.activation](y)


@dataclass(frozen=True)
class Autoencoder:
    """An encoder and a decoder, each a stack of layers.

    A variational encoder's last layer is twice as wide as the code: means, then log-variances.
    """

    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]
    variational: bool = False

    @property
    def latent_dim(self) -> int:
        """How many numbers a code has."""
        return self.decoder[0].kernel.shape[0]

    @property
    def pixels(self) -> int:
        """How many pixels a picture has."""
        return self.decoder[-1].kernel.shape[1]

    def encode(self, images: np.ndarray) -> np.ndarray:
        """(n, pixels) float32 in [0, 1] -> (n, latent_dim) float32; for a VAE the mean."""
        return self._encoded(images)[:, : self.latent_dim]

    def encode_distribution(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A VAE's mean and log-variance for each image, (n, latent_dim) float32 each.

        Raises:
            ValueError: A plain autoencoder, whose codes are points.
        """
        if not self.variational:
            raise ValueError("Only a variational autoencoder gives each picture a distribution.")
        out = self._encoded(images)
        return out[:, : self.latent_dim], out[:, self.latent_dim :]

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """(n, latent_dim) float32 -> (n, pixels) float32.

        In [0, 1] with a sigmoid read-out; a linear or ReLU read-out may leave that range.
        """
        return _through(self.decoder, np.ascontiguousarray(codes, dtype=np.float32))

    def _encoded(self, images: np.ndarray) -> np.ndarray:
        # In double precision: a decoder can make the rounding of a code 100 times larger, and two
        # machines that add up in another order would no longer draw the same to 1e-5.
        return _through(self.encoder, np.asarray(images, dtype=np.float64)).astype(np.float32)

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """decode(encode(images)), (n, pixels) float32."""
        return self.decode(self.encode(images))


def _through(layers: tuple[Layer, ...], x: np.ndarray) -> np.ndarray:
    for layer in layers:
        x = layer(x)
    return x


def as_autoencoder(preset: Preset, pixels: int, weights: list[np.ndarray]) -> Autoencoder:
    """Flat weights (kernel, bias, kernel, ...), encoder first, as an Autoencoder."""
    pairs = iter(zip(weights[0::2], weights[1::2], strict=True))
    encoder, decoder = (
        tuple(Layer(*next(pairs), activation) for _, activation in layers)
        for layers in preset.dense_layers(pixels)
    )
    return Autoencoder(encoder, decoder, variational=preset.variational)
