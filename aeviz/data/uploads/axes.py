"""Which axes of an array are its pictures: told by lengths, and where those leave it open, by eye.

The eye is a measure: pixels side by side are alike in a picture and unlike where axes are mistaken.
"""

import math
from dataclasses import dataclass

import numpy as np

from aeviz.data.limits import FEWEST_PICTURES, MOST_PICTURES
from aeviz.data.picture_shape import COLOUR

# Smaller than this a side, a picture shows nothing; larger ones are photos, which come as files.
LEAST_PIXELS, MOST_PIXELS = 4, 1_024
# Of an array, looked at to tell its axes: enough for an average, and no wait.
_LOOKED_AT = 200
# Readings less apart than this in roughness are both shown. Digits, clothes and photos read right
# and wrong were 1.6 times apart and more.
_CLEARLY_SMOOTHER = 1.3
# How a colour picture stands in one row, by whether it is in planes.
_IN_A_ROW = {
    False: "red, green and blue of each pixel together",
    True: "all red first, then all green, then all blue",
}


@dataclass(frozen=True)
class Axes:
    """One way to read an array as pictures.

    Attributes:
        words: for people, such as "the last axis counts the pictures".
        order: the axes longer than 1, in the order pictures, height, width, channels; where a
            picture is one axis, that axis stands for height and width.
        shape: (n, height, width) or (n, height, width, 3).
        planes: of a colour picture in one axis, whether all its red comes first, then all green and
            all blue, as in CIFAR's own files; else red, green and blue of each pixel together.
    """

    words: str
    order: tuple[int, ...]
    shape: tuple[int, ...]
    planes: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.shape[1], self.shape[2]

    def pictures(self, array: np.ndarray, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Return pictures `start` up to `stop` of a whole array, (k, *shape[1:]), C-ordered."""
        core = array.reshape([length for length in array.shape if length != 1])
        some = np.transpose(core, self.order)[start:stop]
        return np.ascontiguousarray(self.shaped(some))

    def shaped(self, some: np.ndarray) -> np.ndarray:
        """Return pictures whose axes are in order, (k, ...), as (k, *shape[1:])."""
        if self.planes:
            return some.reshape(len(some), COLOUR, *self.size).transpose(0, 2, 3, 1)
        return some.reshape(len(some), *self.shape[1:])


def colour_side(values: int) -> int:
    """Return the side of a square picture of so many values in colour; 0 where there is none."""
    side = math.isqrt(max(0, values) // COLOUR)
    return side if COLOUR * side * side == values else 0


def possible_axes(shape: tuple[int, ...]) -> list[Axes]:
    """Return every way in which an array of this shape could be pictures, the usual one first.

    Axes of length 1 say nothing and are passed over: (n, 1, 784), (n, 28, 28, 1).
    """
    core = tuple(length for length in shape if length != 1)
    found = []
    for last in (False, True):
        count = len(core) - 1 if last else 0
        rest = [axis for axis in range(len(core)) if axis != count]
        words = ("the last" if last else "the first") + " axis counts the pictures"
        if len(core) == 2:
            order, values = (count, rest[0]), core[rest[0]]
            side = math.isqrt(values)
            if side * side == values:
                found.append(Axes(words, order, (core[count], side, side)))
            elif colour_side(values):
                side = colour_side(values)
                for planes, how in _IN_A_ROW.items():
                    shape = (core[count], side, side, COLOUR)
                    found.append(Axes(f"{words}, {how}", order, shape, planes))
        elif len(core) == 3:
            found.append(Axes(words, (count, *rest), tuple(core[i] for i in (count, *rest))))
        elif len(core) == 4:
            # Colour comes last or first of what is one picture.
            for channel in (rest[-1], rest[0]):
                if core[channel] == COLOUR:
                    order = (count, *(axis for axis in rest if axis != channel), channel)
                    found.append(Axes(words, order, tuple(core[i] for i in order)))
                    break
    found = [one for one in found if min(one.size) >= LEAST_PIXELS and one.shape[0]]
    fit = [
        one
        for one in found
        if max(one.size) <= MOST_PIXELS and FEWEST_PICTURES <= one.shape[0] <= MOST_PICTURES
    ]
    return fit or found[:1]


def smoothest(ways: list[Axes], array: np.ndarray) -> tuple[int, bool]:
    """Return which way gives the smoothest pictures, and whether by far. array: as it is stored."""
    rough = [_roughness(way, array) for way in ways]
    best, second = np.argsort(rough, kind="stable")[:2]
    return int(best), bool(rough[second] > _CLEARLY_SMOOTHER * rough[best])


def _roughness(way: Axes, array: np.ndarray) -> float:
    """Return how unlike neighbouring pixels are, of how unlike any two of a picture are."""
    step = max(1, way.shape[0] // _LOOKED_AT)
    core = array.reshape([length for length in array.shape if length != 1])
    some = way.shaped(np.transpose(core, way.order)[::step].astype(np.float64))
    with np.errstate(all="ignore"):  # numbers that are none, or too large, come out as infinite
        near = np.abs(np.diff(some, axis=1)).mean() + np.abs(np.diff(some, axis=2)).mean()
        flat = some.reshape(len(some), -1)
        mixed = np.random.default_rng(0).permutation(flat, axis=1)
        far = 2 * np.abs(flat - mixed).mean()
        rough = near / far
    return float(rough) if np.isfinite(rough) else math.inf
