"""How much each number of a code tells of what a picture was drawn from, where that is known.

The mutual information gap of Chen et al. 2018 ("Isolating Sources of Disentanglement in Variational
Autoencoders", section 4): 1 where each factor has one number of its own, 0 where at least two
numbers tell as much of it. Measured on the codes' means, in bins, as is usual since Locatello et
al. 2019.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from aeviz.data import shapes

# Properties of the coloured shapes, by their field in `Properties`.
_TITLES = {"kind": "shape", "hue": "hue", "size": "size", "turn": "turn", "x": "across", "y": "up"}

# Of codes and of factors. With ten by ten cells and 2,000 pictures, chance alone looks like .02
# nats; with the twenty by twenty of the literature, which has 10,000 pictures, like .09.
BINS = 10


@dataclass(frozen=True)
class Told:
    """What the numbers of a code tell of factors.

    factors: their names. nats: (latent_dim, factors) mutual information. shares: the same over each
    factor's own entropy, 0 to 1. gaps: (factors,), how far the best number is before the second
    best, in shares; the number itself where there is only one.
    """

    factors: tuple[str, ...]
    nats: np.ndarray = field(repr=False)
    shares: np.ndarray = field(repr=False)
    gaps: np.ndarray = field(repr=False)

    @property
    def gap(self) -> float:
        """The mutual information gap: the mean over factors."""
        return float(self.gaps.mean())


def told_of(codes: np.ndarray, factors: Mapping[str, np.ndarray]) -> Told:
    """Return what (n, latent_dim) codes tell of factors, each (n,) and not the same everywhere."""
    binned = {name: _binned(values) for name, values in factors.items()}
    columns = [_binned(column) for column in codes.T.astype(np.float64)]
    nats = np.array([[_information(z, v) for v in binned.values()] for z in columns])
    entropies = np.array([_information(v, v) for v in binned.values()])
    shares = nats / entropies
    ranked = np.sort(np.vstack([shares, np.zeros_like(shares[:1])]), axis=0)
    return Told(tuple(factors), nats, shares, ranked[-1] - ranked[-2])


def told_of_shapes(codes: np.ndarray) -> Told:
    """Return what the codes of the coloured shapes' test pictures tell of each property.

    codes: (shapes.N_TEST, latent_dim).
    """
    drawn = shapes.properties()
    values = {title: getattr(drawn, name)[-shapes.N_TEST :] for name, title in _TITLES.items()}
    return told_of(codes, values)


def _binned(values: np.ndarray) -> np.ndarray:
    """Each value's bin, of BINS equally wide ones; whole numbers of few kinds are their own."""
    if values.dtype.kind in "ui" and len(np.unique(values)) <= BINS:
        return np.unique(values, return_inverse=True)[1]
    low, high = values.min(), values.max()
    if not high > low:
        return np.zeros(len(values), int)
    return np.minimum(((values - low) / (high - low) * BINS).astype(int), BINS - 1)


def _information(a: np.ndarray, b: np.ndarray) -> float:
    """The mutual information of two rows of bins, in nats; their entropy where they are one."""
    together = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(together, (a, b), 1 / len(a))
    apart = together.sum(axis=1, keepdims=True) * together.sum(axis=0)
    known = together > 0
    return float((together[known] * np.log(together[known] / apart[known])).sum())
