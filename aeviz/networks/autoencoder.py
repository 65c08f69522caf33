"""An autoencoder as NumPy arithmetic: encode, decode, reconstruct.

Looking at a trained model needs no TensorFlow. Keras is the oracle this file and `layers.py` are
tested against.
"""

from dataclasses import dataclass

import numpy as np

from aeviz.data.picture_shape import PictureShape
from aeviz.networks.layers import Layer
from aeviz.networks.preset import Preset


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
        return self.decoder[0].plan.taken

    @property
    def values(self) -> int:
        """How many numbers a picture has, all channels together."""
        return self.decoder[-1].plan.given

    def encode(self, images: np.ndarray) -> np.ndarray:
        """(n, values) float32 in [0, 1] -> (n, latent_dim) float32; for a VAE the mean."""
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
        """(n, latent_dim) float32 -> (n, values) float32.

        In [0, 1] with a sigmoid read-out; a linear or ReLU read-out may leave that range.
        """
        return _through(self.decoder, np.ascontiguousarray(codes, dtype=np.float32))

    def _encoded(self, images: np.ndarray) -> np.ndarray:
        # In double precision: a decoder can make the rounding of a code 100 times larger, and two
        # machines that add up in another order would no longer draw the same to 1e-5.
        return _through(self.encoder, np.asarray(images, dtype=np.float64)).astype(np.float32)

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """decode(encode(images)), (n, values) float32."""
        return self.decode(self.encode(images))


def _through(layers: tuple[Layer, ...], x: np.ndarray) -> np.ndarray:
    for layer in layers:
        x = layer(x)
    return x


def as_autoencoder(preset: Preset, shape: PictureShape, weights: list[np.ndarray]) -> Autoencoder:
    """Flat weights (kernel, bias, kernel, ...), encoder first, as an Autoencoder."""
    pairs = iter(zip(weights[0::2], weights[1::2], strict=True))
    encoder, decoder = (
        tuple(plan.with_weights(*next(pairs)) for plan in plans) for plans in preset.layers(shape)
    )
    return Autoencoder(encoder, decoder, variational=preset.variational)
