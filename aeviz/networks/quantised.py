"""Codes in one byte a number: what is left of a picture when its code is stored in 8 bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEVELS = 256
# What a code takes on disk, for each of its numbers.
BYTES_8BIT, BYTES_FLOAT32 = 1, 4


@dataclass(frozen=True)
class CodeRange:
    """The least and the greatest value of each number of a code, (latent_dim,) float32 each."""

    low: np.ndarray
    high: np.ndarray

    def joined(self, other: CodeRange) -> CodeRange:
        """The range that covers both."""
        return CodeRange(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    @property
    def finite(self) -> bool:
        """Whether all of it are numbers; codes of a network that overflows are not."""
        return bool(np.isfinite(self.low).all() and np.isfinite(self.high).all())


def code_range(codes: np.ndarray) -> CodeRange:
    """The range of (n, latent_dim) float codes, n at least 1: those of the training images."""
    return CodeRange(
        codes.min(axis=0).astype(np.float32),
        codes.max(axis=0).astype(np.float32),
    )


def quantise(codes: np.ndarray, limits: CodeRange) -> np.ndarray:
    """(n, latent_dim) finite floats -> (n, latent_dim) uint8, the nearest level of each number.

    LEVELS levels are evenly spaced from its low to its high. A number out of the range is held at
    its end, one with no range at all is level 0.
    """
    step = _step(limits)
    safe = np.where(step > 0, step, 1.0)
    levels = np.rint((codes.astype(np.float64) - limits.low) / safe)
    return np.where(step > 0, np.clip(levels, 0, LEVELS - 1), 0).astype(np.uint8)


def dequantise(levels: np.ndarray, limits: CodeRange) -> np.ndarray:
    """(n, latent_dim) uint8 -> (n, latent_dim) float32, at most half a step from the original."""
    return (limits.low + levels * _step(limits)).astype(np.float32)


def through_8_bits(codes: np.ndarray, limits: CodeRange) -> np.ndarray:
    """(n, latent_dim) float32 codes as they come back from 8 bits, float32."""
    return dequantise(quantise(codes, limits), limits)


def _step(limits: CodeRange) -> np.ndarray:
    return (limits.high.astype(np.float64) - limits.low) / (LEVELS - 1)
