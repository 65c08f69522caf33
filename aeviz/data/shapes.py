"""Coloured shapes, drawn here: pictures of which every property is known.

One shape a picture, with its own hue, size, turn and place: what the numbers of a code ought to
mean can be told. Nothing is fetched, and everyone has the same ones.
"""

from dataclasses import dataclass

import numpy as np

from aeviz.data.dataset import ImageDataset, to_bytes
from aeviz.data.picture_shape import COLOUR, PictureShape

SHAPE = PictureShape(32, COLOUR)
NAMES = ("circle", "square", "triangle", "star")
N_TRAIN, N_VALIDATION, N_TEST = 16_000, 2_000, 2_000
# RandomState, whose numbers NumPy promises never to change.
_SEED = 20_000
# An open arc from red to violet, in degrees: going round it would end where it began, and no single
# direction in a code could follow that.
HUES = (0.0, 280.0)
# Of the circle, in pixels; the others are larger by _REACH so that all look of one size.
SIZES = (5.0, 8.0)
# How far the middle of a shape is from the picture's, in pixels: the largest star stays inside.
OFFSETS = (-4.5, 4.5)
_SATURATION, _VALUE = 0.85, 0.95
# A plain dark ground, on which blue and yellow both stand out.
_GROUND = 0.1
# By name: corners (0 for the circle); how far a corner is from the middle, in sizes; how far the
# point between two corners is from it, in reaches. Straight edges have cos(pi / corners).
_CORNERS = (0, 4, 3, 5)
_REACH = (1.0, 1.15, 1.25, 1.25)
_BETWEEN = (1.0, np.cos(np.pi / 4), np.cos(np.pi / 3), 0.5)
# So many pictures are drawn at once: 4 MB an array, which stays in a processor's cache.
_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class Properties:
    """What was drawn, each (n,): the answer that the numbers of a code can be compared with.

    kind: the place in NAMES. hue: degrees. size: of the circle, in pixels. turn: degrees, less than
    brings the shape onto itself, 0 for a circle. x, y: from the middle, in pixels, y downwards.
    """

    kind: np.ndarray
    hue: np.ndarray
    size: np.ndarray
    turn: np.ndarray
    x: np.ndarray
    y: np.ndarray


def properties(count: int = N_TRAIN + N_VALIDATION + N_TEST) -> Properties:
    """The properties of the first `count` pictures, each drawn evenly from its range."""
    # A row for each picture, so that the first ones do not depend on how many there are.
    shares = np.random.RandomState(_SEED).random_sample((count, 6)).T
    kind = (shares[0] * len(NAMES)).astype(np.uint8)
    turn = np.array([0.0, 90.0, 120.0, 72.0])[kind] * shares[3]
    hue, size, x, y = (
        low + (high - low) * share
        for (low, high), share in zip(
            (HUES, SIZES, OFFSETS, OFFSETS), shares[[1, 2, 4, 5]], strict=True
        )
    )
    return Properties(kind, hue, size, turn, x, y)


def draw(what: Properties) -> np.ndarray:
    """The pictures of these shapes, (n, 32, 32, 3) uint8, with smooth edges on a dark ground."""
    count = len(what.kind)
    pictures = np.empty((count, *SHAPE.array), np.uint8)
    for start in range(0, count, _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        # A pixel is covered as far as its middle lies inside, over the width of one pixel.
        covered = np.clip(0.5 - _distances(what, rows), 0, 1)[..., None]
        colours = _colours(what.hue[rows])[:, None, None]
        pictures[rows] = to_bytes(_GROUND + covered * (colours - _GROUND))
    return pictures


def make_shapes() -> ImageDataset:
    """The data set: 20,000 pictures, labels as in NAMES."""
    what = properties()
    return ImageDataset(
        "shapes", "Coloured shapes", draw(what), what.kind, N_TRAIN, N_VALIDATION, N_TEST
    )


def _distances(what: Properties, rows: slice) -> np.ndarray:
    """(n, 32, 32), how far each pixel is outside of its shape, in pixels; less than 0 inside.

    All shapes but the circle are mirrored about each corner, so that one edge stands for all.
    """
    kind, size = what.kind[rows], what.size[rows]
    places = np.arange(SHAPE.side, dtype=np.float32) - (SHAPE.side - 1) / 2
    x = (places[None, None, :] - what.x[rows, None, None]).astype(np.float32)
    y = (places[None, :, None] - what.y[rows, None, None]).astype(np.float32)
    from_middle = np.hypot(x, y)
    corners, reach, between = (
        np.array(table, np.float32)[kind][:, None, None] for table in (_CORNERS, _REACH, _BETWEEN)
    )
    reach = reach * size[:, None, None].astype(np.float32)
    half = np.pi / np.maximum(corners, 1)
    # 0 at a corner, `half` between two of them; a shape that is not turned points upwards.
    angle = np.arctan2(x, -y) - np.deg2rad(what.turn[rows, None, None]).astype(np.float32)
    angle = np.abs((angle + half) % (2 * half) - half)
    # The edge runs from the corner, (reach, 0), to the point between, at the angle `half`.
    along = between * reach * np.cos(half) - reach
    across = between * reach * np.sin(half)
    right, up = from_middle * np.cos(angle) - reach, from_middle * np.sin(angle)
    edge = (right * across - up * along) / np.hypot(along, across)
    return np.where(corners == 0, from_middle - reach, edge)


def _colours(hues: np.ndarray) -> np.ndarray:
    """(n,) degrees -> (n, 3), 0 to 1: HSV with the saturation and value of all shapes."""
    k = (np.array([5.0, 3.0, 1.0]) + hues[:, None] / 60) % 6
    return _VALUE * (1 - _SATURATION * np.clip(np.minimum(k, 4 - k), 0, 1))
