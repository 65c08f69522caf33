"""What each number of a code does: how far it varies, what it changes, what it costs.

A traversal is one number of the code taken from two standard deviations below its mean to two above
while the others stay as they are.
"""

from dataclasses import dataclass, field

import numpy as np

from aeviz.data.dataset import scaled
from aeviz.networks.autoencoder import Autoencoder

# Pictures of a row, and how far its ends are from the mean, in standard deviations of the codes.
STEPS, REACH = 7, 2.0
# A number that tells less than this of a picture, in nats, has been given up: posterior collapse
# (Bowman et al. 2016; the bound is that of Burda et al. 2016's "active units").
GIVEN_UP = 0.01
# Test pictures whose KL is averaged: known to a hundredth then.
_KL_PICTURES = 1_000


@dataclass(frozen=True)
class CodeNumbers:
    """The numbers of a code, each array (latent_dim,) float32.

    mean, spread: of the test codes. change: how much a traversal changes the picture, the root mean
    square over its values between both ends, 0 to 1. kl: nats that the number tells of a picture,
    mean over test pictures; None for a plain autoencoder, or where its pictures are not here.
    """

    mean: np.ndarray = field(repr=False)
    spread: np.ndarray = field(repr=False)
    change: np.ndarray = field(repr=False)
    kl: np.ndarray | None = field(default=None, repr=False)

    @property
    def order(self) -> list[int]:
        """The numbers, from 0 on, by how much they change the picture, the greatest first."""
        return np.argsort(-self.change, kind="stable").tolist()

    @property
    def given_up(self) -> list[int]:
        """The numbers that a variational autoencoder makes no use of, in order."""
        return [] if self.kl is None else np.nonzero(self.kl < GIVEN_UP)[0].tolist()


def code_numbers(
    autoencoder: Autoencoder,
    codes: np.ndarray,
    images: np.ndarray | None,
    labels: np.ndarray | None = None,
) -> CodeNumbers:
    """Return what each number of a code does.

    Args:
        autoencoder: The model.
        codes: (n, latent_dim) float, of test pictures, n at least 1.
        images: (m, values) uint8, test pictures, or None where they are not here.
        labels: (m,), theirs, for a network that is told them; its changes are those of a picture
            of the first one's kind.
    """
    codes = codes.astype(np.float32)
    mean, spread = codes.mean(axis=0), codes.std(axis=0)
    ends = REACH * np.diag(spread)
    kind = None if labels is None else np.full(len(mean), labels[0])
    low, high = (np.clip(autoencoder.decode(mean + way * ends, kind), 0, 1) for way in (-1, 1))
    change = np.sqrt(np.square(high - low).mean(axis=1))
    return CodeNumbers(mean, spread, change, _kl(autoencoder, images, labels))


def _kl(
    autoencoder: Autoencoder, images: np.ndarray | None, labels: np.ndarray | None
) -> np.ndarray | None:
    """From the encoder's Gaussian to the standard one (Kingma & Welling 2014, appendix B)."""
    if images is None or not autoencoder.variational:
        return None
    told = None if labels is None else labels[:_KL_PICTURES]
    mean, log_variance = autoencoder.encode_distribution(scaled(images[:_KL_PICTURES]), told)
    each = 0.5 * (np.square(mean) + np.exp(log_variance) - 1 - log_variance)
    return each.mean(axis=0).astype(np.float32)
