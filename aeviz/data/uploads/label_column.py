"""Which column of a table of numbers is the label, by all that the values tell.

A table of 785 columns holds pictures of 784 pixels and one thing more, and does not say where. As a
pixel, that column is like the pixels beside it; as a label, it is whole numbers, of several kinds,
none of which is nearly always the one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aeviz.data.limits import MOST_CLASSES
from aeviz.data.uploads.axes import colour_side

# More kinds than this are a measurement, and no kinds.
_MOST_KINDS = 1_000
# Of a row of numbers in threes, pixels a side from which it is taken for a picture.
_LEAST_COLOUR_SIDE = 8
# A pixel at the edge has one value, the paper's, nearly always.
_MOSTLY = 0.9
# A pixel is this much like one beside it, or more (correlation); labels seldom are.
_ALIKE = 0.5
# Evidence apart by this decides; less, and both readings are shown.
_SURE = 1.0


@dataclass(frozen=True, eq=False)
class Settled:
    """Pictures and labels of a table told apart.

    Attributes:
        pixels: (n, pixels), of the values' own type.
        labels: (n,), or None.
        words: where the labels are from, for people.
        readings: the ways it may be read, in words; () for one way only.
        reading: which of them this is.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    words: str = ""
    readings: tuple[str, ...] = ()
    reading: int = 0


def is_square(pixels: int) -> bool:
    """Whether so many pixels are a square picture."""
    # Pictures of a single pixel, or of 2 x 2, are tables of something else.
    return pixels >= 9 and math.isqrt(pixels) ** 2 == pixels


def is_picture(values: int) -> bool:
    """Whether so many values are a square picture, grey or in colour."""
    return is_square(values) or _is_colour(values)


def _is_colour(values: int) -> bool:
    return colour_side(values) >= _LEAST_COLOUR_SIDE


def settle(values: np.ndarray, way: int | None = None) -> Settled | None:
    """Tell pixels and labels apart in (n, columns) numbers; None where nothing is square.

    A grey picture goes before one in colour. way: which reading is wanted where there are two.
    """
    return _settle(values, way, is_square) or _settle(values, way, _is_colour)


def _settle(
    values: np.ndarray, way: int | None, is_square: Callable[[int], bool]
) -> Settled | None:
    columns = values.shape[1]
    if is_square(columns):
        return Settled(values, None)
    if is_square(columns - 1):
        if _counts_rows(values[:, 0]):
            return Settled(_cut(values[:, 1:]), None)
        return _first_or_last(values, way)
    if is_square(columns - 2) and _counts_rows(values[:, 0]):
        return _first_or_last(values[:, 1:], way)
    for kinds in range(2, MOST_CLASSES + 1):
        if is_square(columns - kinds):
            for pixels, marks, where in (
                (values[:, :-kinds], values[:, -kinds:], "last"),
                (values[:, kinds:], values[:, :kinds], "first"),
            ):
                if _one_hot(marks):
                    words = f"the {where} {kinds} columns"
                    return Settled(_cut(pixels), marks.argmax(axis=1), words)
    return None


def _cut(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values)


def _counts_rows(column: np.ndarray) -> bool:
    """Whether it is a number for each row, one more each time. uint8 holds none of 256 rows."""
    column = column.astype(np.float64)
    return len(column) > 1 and bool((np.diff(column) == 1).all())


def _one_hot(marks: np.ndarray) -> bool:
    return bool(((marks == 0) | (marks == 1)).all() and (marks.sum(axis=1) == 1).all())


def _first_or_last(values: np.ndarray, way: int | None) -> Settled:
    first, last = _evidence(values, 0), _evidence(values, -1)
    # The first where nothing tells, as in most files with labels.
    best = 0 if first >= last else 1
    unsure = abs(first - last) < _SURE and max(first, last) > -math.inf
    readings = ("labels in the first column", "labels in the last column") if unsure else ()
    chosen = way if way in (0, 1) and unsure else best
    pixels = values[:, 1:] if chosen == 0 else values[:, :-1]
    words = "the first column" if chosen == 0 else "the last column"
    return Settled(_cut(pixels), values[:, -chosen].copy(), words, readings, chosen)


def _evidence(values: np.ndarray, place: int) -> float:
    """How much the first or the last column looks like labels; minus infinity for not at all."""
    column = values[:, place].astype(np.float64)
    kinds, counts = np.unique(column, return_counts=True)
    if not 2 <= len(kinds) <= min(_MOST_KINDS, len(column) // 2) or (kinds != np.rint(kinds)).any():
        return -math.inf
    score = 0.0
    pixels = values[:, 1:] if place == 0 else values[:, :-1]
    if kinds[-1] > pixels.max() or kinds[0] < pixels.min():
        score += 2  # no pixel has such a value
    if (np.diff(kinds) == 1).all() and kinds[0] in (0, 1):
        score += 1  # numbered as people number kinds
    if counts.max() > _MOSTLY * len(column):
        score -= 2
    side = math.isqrt(values.shape[1] - 1)
    beside = (1, side) if place == 0 else (-2, -1 - side)
    if max(_alike(column, values[:, other]) for other in beside) > _ALIKE:
        score -= 2
    return score


def _alike(a: np.ndarray, b: np.ndarray) -> float:
    b = b.astype(np.float64)
    if a.std() == 0 or b.std() == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
