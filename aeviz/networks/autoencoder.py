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

    A variational encoder's last layer is twice as wide as the code: means, then log-variances. One
    layer of each part may be told what a picture shows; labels, (n,) whole numbers below `kinds`,
    are then needed wherever pictures or codes go through, and of no effect in any other network.
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

    @property
    def kinds(self) -> int:
        """Kinds of picture, one of which it is told; 0 for a network that is told nothing."""
        return self.decoder[0].told

    def knows(self, labels: np.ndarray | None) -> bool:
        """Whether it can be told these labels, or needs none."""
        return not self.kinds or (labels is not None and int(labels.max()) < self.kinds)

    def of_kind(self, kind: int) -> "Autoencoder":
        """Return it as a network that is told nothing and takes every picture for this kind."""
        encoder, decoder = (
            tuple(layer.of_kind(kind) for layer in part) for part in (self.encoder, self.decoder)
        )
        return Autoencoder(encoder, decoder, self.variational)

    def encode(self, images: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """(n, values) float32 in [0, 1] -> (n, latent_dim) float32; for a VAE the mean."""
        return self._encoded(images, labels)[:, : self.latent_dim]

    def encode_distribution(
        self, images: np.ndarray, labels: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """A VAE's mean and log-variance for each image, (n, latent_dim) float32 each.

        Raises:
            ValueError: A plain autoencoder, whose codes are points.
        """
        if not self.variational:
            raise ValueError("Only a variational autoencoder gives each picture a distribution.")
        out = self._encoded(images, labels)
        return out[:, : self.latent_dim], out[:, self.latent_dim :]

    def decode(self, codes: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """(n, latent_dim) float32 -> (n, values) float32.

        In [0, 1] with a sigmoid read-out; a linear or ReLU read-out may leave that range.
        """
        return _through(self.decoder, np.ascontiguousarray(codes, dtype=np.float32), labels)

    def _encoded(self, images: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        # In double precision: a decoder can make the rounding of a code 100 times larger, and two
        # machines that add up in another order would no longer draw the same to 1e-5.
        images = np.asarray(images, dtype=np.float64)
        return _through(self.encoder, images, labels).astype(np.float32)

    def reconstruct(self, images: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """decode(encode(images)), (n, values) float32."""
        return self.decode(self.encode(images, labels), labels)


def _through(layers: tuple[Layer, ...], x: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    for layer in layers:
        if layer.told:
            if labels is None:
                raise ValueError("This network needs to be told what each picture shows.")
            x = np.concatenate([x, np.eye(layer.told, dtype=x.dtype)[labels]], axis=1)
        x = layer(x)
    return x


def as_autoencoder(preset: Preset, shape: PictureShape, weights: list[np.ndarray]) -> Autoencoder:
    """Flat weights (kernel, bias, kernel, ...), encoder first, as an Autoencoder."""
    pairs = iter(zip(weights[0::2], weights[1::2], strict=True))
    encoder, decoder = (
        tuple(plan.with_weights(*next(pairs)) for plan in plans) for plans in preset.layers(shape)
    )
    return Autoencoder(encoder, decoder, variational=preset.variational)
