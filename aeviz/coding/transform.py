"""A code's numbers made equal: after it a step of any of them costs the picture as much.

Rounding every number of a code to the same step would be wasteful: some move the whole picture,
some hardly a pixel, and many say the same again. As in the transform coding of pictures, the code
is turned so that its numbers no longer depend on each other, and stretched so that a small step of
any changes the picture by as much: one step for all is then the best there is (Gersho & Gray 1992,
chapter 8, with the decoder's own slope in place of an orthogonal transform).
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from aeviz.networks.autoencoder import Autoencoder

# Codes at which the decoder's slope is taken. Of a long code fewer: each takes a picture a number.
_CODES, _PICTURES = 100, 4_000
# A step of this share of a number's spread: small beside a bend of the decoder, and far above what
# float32 rounds away.
_STEP = 0.05
# What changes the picture less than this share of what changes it most is held to do as much as
# that: a number that a network has given up does nothing at all.
_LEAST_SLOPE = 1e-6


@dataclass(frozen=True)
class CodeTransform:
    """From codes to numbers of equal worth, and back.

    mean: (k,) float32. forward: (k, k) float32, of full rank. spreads: (k,) float32, how far each
    of the numbers spreads round 0, which an entropy coder wants to know.
    """

    mean: np.ndarray = field(repr=False)
    forward: np.ndarray = field(repr=False)
    spreads: np.ndarray = field(repr=False)

    @cached_property
    def back(self) -> np.ndarray:
        """(k, k) float64, the inverse of `forward`. Raises LinAlgError where there is none."""
        return np.linalg.inv(self.forward.astype(np.float64))

    def apply(self, codes: np.ndarray) -> np.ndarray:
        """(n, k) codes -> (n, k) float64. A change of all by d changes the MSE by about k d²."""
        return (codes.astype(np.float64) - self.mean) @ self.forward.astype(np.float64)

    def undo(self, numbers: np.ndarray) -> np.ndarray:
        """(n, k) -> (n, k) float32 codes."""
        return (numbers @ self.back + self.mean).astype(np.float32)


def first_of(transform: CodeTransform, numbers: int) -> CodeTransform:
    """Return the transform of the first numbers of a code alone, of one that is in order."""
    n = numbers
    return CodeTransform(transform.mean[:n], transform.forward[:n, :n], transform.spreads[:n])


def transform_of(
    autoencoder: Autoencoder,
    codes: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    in_order: bool = False,
) -> CodeTransform | None:
    """Return the transform for a network, from (n, k) of its codes: those of training pictures.

    Args:
        autoencoder: the network.
        codes: any number from two on.
        labels: what the pictures show, for a network that is told it.
        in_order: the first numbers after it are made of the first numbers of the code alone, and
            the other way round, so that the beginning of a code can be had without its end. It
            costs a little: the numbers are stretched, and not turned.

    Returns:
        None where the codes are not finite, or all the same.
    """
    codes = codes.astype(np.float64)
    if not np.isfinite(codes).all() or not codes.std(axis=0).max(initial=0.0):
        return None
    mean = codes.mean(axis=0)
    size = codes.shape[1]
    slopes = _slopes(autoencoder, codes, labels)
    strengths, ways = np.linalg.eigh(slopes)
    if not strengths.max() > 0:
        return None
    if in_order:
        return _in_order(codes - mean, mean, np.diag(slopes))
    scales = np.sqrt(np.maximum(strengths, _LEAST_SLOPE * strengths.max()))
    stretched = (ways * scales) @ ways.T
    spread = np.cov((codes - mean) @ stretched, rowvar=False).reshape(size, size)
    # The widest first.
    squares, turned = (part[..., ::-1] for part in np.linalg.eigh(spread))
    parts = mean, stretched @ turned, np.sqrt(np.maximum(squares, 0.0))
    return CodeTransform(*(part.astype(np.float32) for part in parts))


def _in_order(centred: np.ndarray, mean: np.ndarray, slopes: np.ndarray) -> CodeTransform:
    """Each number less what those before it tell of it, stretched by how much it does."""
    forward = np.eye(len(mean))
    # A little of each is its own: what is wholly told by others could not be divided by.
    own = 1e-6 * np.eye(len(mean)) * np.square(centred).mean(axis=0).max()
    spread = centred.T @ centred / len(centred) + own
    for i in range(1, len(mean)):
        forward[:i, i] = -np.linalg.solve(spread[:i, :i], spread[:i, i])
    forward = forward * np.sqrt(np.maximum(slopes, _LEAST_SLOPE * slopes.max()))
    spreads = (centred @ forward).std(axis=0)
    parts = mean, forward, spreads
    return CodeTransform(*(part.astype(np.float32) for part in parts))


def _slopes(autoencoder: Autoencoder, codes: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    """(k, k): what a small change of two numbers does to the MSE a value, the mean over codes."""
    size = codes.shape[1]
    steps = _STEP * np.maximum(codes.std(axis=0), 1e-6 * codes.std(axis=0).max())
    some = np.linspace(0, len(codes) - 1, min(len(codes), max(8, min(_CODES, _PICTURES // size))))
    total = np.zeros((size, size))
    for row in some.astype(int):
        moved = np.concatenate([codes[row] + np.diag(steps), codes[row] - np.diag(steps)])
        told = None if labels is None else np.full(len(moved), labels[row])
        drawn = autoencoder.decode(moved.astype(np.float32), told).astype(np.float64)
        slope = (drawn[:size] - drawn[size:]) / (2 * steps[:, None])
        total += slope @ slope.T / drawn.shape[1]
    return total / len(some)
