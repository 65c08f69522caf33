"""Checks of numbers from a browser, which may send anything."""

import math
from collections.abc import Iterable
from typing import TypeVar

import numpy as np

# A code further out than this is no code; float16 ends at 65,504.
LARGEST_NUMBER = 1e6
Known = TypeVar("Known")


def known(values: Iterable[Known | None]) -> tuple[Known, ...] | None:
    """Return all values; None where one of them is None."""
    some = tuple(values)
    good = tuple(value for value in some if value is not None)
    return good if len(good) == len(some) else None


def number(value: object) -> float | None:
    """Return a finite number of at most LARGEST_NUMBER either way; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating):
        return None
    # Not by converting first: a whole number may be too large for that.
    return float(value) if abs(value) <= LARGEST_NUMBER else None


def count(value: object) -> int | None:
    """Return a whole number, 0 or more; None for anything else."""
    # JavaScript has no whole numbers of its own: 3 may come as 3.0. Times in milliseconds fit.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        return None
    return int(value) if value == math.floor(value) else None
