"""Directions in a code with a name: which way to go for more of something.

A direction is that of a regression of an attribute on the code, or the difference of two groups'
mean codes. Its length is the spread of the codes along it: pulled by 1, a code moves by one
standard deviation of all codes.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from aeviz.errors import UserError

# Where a slider ends: all but one code in forty lie within, on either side.
_ENDS = (2.5, 97.5)
# Fewer pictures say nothing of a direction.
FEWEST = 10
# Of the codes' mean variance, added to that of each of their numbers.
_RIDGE = 1e-3
# Of the largest value: what differs less is the same.
_SAME = 1e-9
# Directions of so many resampled pictures are compared.
RESAMPLED = 20


class DirectionError(UserError):
    """A direction that cannot be had, in one sentence."""


@dataclass(frozen=True)
class Direction:
    """A way to go in the code.

    vector: (latent_dim,) float32, what a pull of 1 adds to a code. low, high: the pulls between
    which nearly all codes lie, seen from the mean code. agreement: the mean cosine between it and
    the directions of resampled pictures, -1 to 1.
    """

    vector: np.ndarray = field(repr=False)
    low: float
    high: float
    agreement: float


def direction_of(codes: np.ndarray, values: np.ndarray, *, seed: int = 0) -> Direction:
    """Return the direction along which an attribute grows.

    It is that of a linear regression: the covariance of code and attribute, freed of what the
    numbers of the code have in common (divided by their own covariance). Going along the covariance
    alone, digits change about twice as often (`python -m tests.benchmarks.directions` has both).

    Args:
        codes: (n, latent_dim) float.
        values: (n,) float, the attribute of each picture; those that are NaN are left out.
        seed: Of the resampling.

    Raises:
        DirectionError: too few pictures, or the attribute is the same for all of them.
    """
    known = np.isfinite(values)
    codes, values = codes[known].astype(np.float64), values[known].astype(np.float64)
    if len(values) < FEWEST:
        raise DirectionError(f"This needs at least {FEWEST} pictures on which it can be measured.")
    if np.ptp(values) <= _SAME * max(1.0, np.abs(values).max()):
        raise DirectionError("This is the same in all pictures, so nothing leads to more of it.")
    rng = np.random.default_rng(seed)
    rows = (rng.integers(0, len(values), len(values)) for _ in range(RESAMPLED))
    again = [_slope(codes[some], values[some]) for some in rows]
    return _scaled(_slope(codes, values), codes, again)


def difference_of(
    codes: np.ndarray, less: np.ndarray, more: np.ndarray, *, seed: int = 0
) -> Direction:
    """Return the direction from one group of pictures to another.

    Args:
        codes: (n, latent_dim) float, of all pictures.
        less: (a, latent_dim), the codes of the group that it leads away from.
        more: (b, latent_dim), those of the group that it leads to.
        seed: Of the resampling.

    Raises:
        DirectionError: a group is empty, or both have the same mean code.
    """
    if not len(less) or not len(more):
        raise DirectionError("Each group needs at least one picture: choose some for both.")
    if np.array_equal(np.unique(less, axis=0), np.unique(more, axis=0)):
        raise DirectionError("Both groups are the same, so nothing leads from one to the other.")
    codes, first, second = (x.astype(np.float64) for x in (codes, less, more))
    rng = np.random.default_rng(seed)

    def resampled(group: np.ndarray) -> np.ndarray:
        return group[rng.integers(0, len(group), len(group))].mean(axis=0)

    again = [resampled(second) - resampled(first) for _ in range(RESAMPLED)]
    return _scaled(second.mean(axis=0) - first.mean(axis=0), codes, again)


def along(way: np.ndarray, codes: np.ndarray, agreement: float) -> Direction:
    """Return a way that is known already as a direction in these codes, (n, latent_dim).

    agreement: what it was when the way was measured. Raises DirectionError for a way to nowhere.
    """
    return replace(_scaled(way, codes.astype(np.float64), []), agreement=agreement)


def _slope(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """How much more of the attribute a step along each number of the code brings, (latent_dim,)."""
    centred = codes - codes.mean(axis=0)
    spread = centred.T @ centred / len(codes)
    together = centred.T @ (values - values.mean()) / len(codes)
    # Numbers that a model has given up on hardly vary: nothing is to be learnt from them.
    ridge = _RIDGE * np.trace(spread) / len(spread) or 1.0
    return np.linalg.solve(spread + ridge * np.eye(len(spread)), together)


def _scaled(way: np.ndarray, codes: np.ndarray, again: list[np.ndarray]) -> Direction:
    length = np.linalg.norm(way)
    if not length > _SAME * max(1.0, np.abs(codes).max()):
        raise DirectionError("Nothing in the code leads from one to the other.")
    way = way / length
    along = (codes - codes.mean(axis=0)) @ way
    spread = float(along.std()) or 1.0
    low, high = np.percentile(along, _ENDS) / spread
    lengths = [np.linalg.norm(one) or 1.0 for one in again]
    cosines = [one @ way / size for one, size in zip(again, lengths, strict=True)]
    agreement = np.mean(cosines) if cosines else 1.0
    return Direction((spread * way).astype(np.float32), float(low), float(high), float(agreement))
