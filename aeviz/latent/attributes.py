"""What can be measured on a picture with no label: how much ink, how slanted, how bold, what hue.

Grey pictures are amounts of ink; of a picture in colour, what differs from the colour of its edge
is the thing in it. A picture in which there is nothing to measure has NaN.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aeviz.data.picture_shape import PictureShape

# Of a picture's values, below which there is too little ink to say where it lies: one grey pixel.
_LEAST_INK = 0.5
# What differs less from the ground than this, of 1, is the ground: the noise of a decoder.
_GROUND_NOISE = 0.06
# Below this colourfulness, of 1, a hue says nothing.
_LEAST_CHROMA = 0.02
# Hues are told from -40 to 320 degrees: cut open between violet and red, where `shapes` has none.
_HUE_CUT = 40.0
# ITU-R BT.601.
_LIGHT = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Attribute:
    """Something to measure on a picture.

    name: one word, as in an address. title: for people. less, more: what a picture becomes as it
    falls or rises: "bolder". unit: after a value, "" for a share. measure: see
    `measured`.
    """

    name: str
    title: str
    less: str
    more: str
    unit: str
    measure: Callable[[np.ndarray], np.ndarray]


def measured(attribute: Attribute, pictures: np.ndarray, shape: PictureShape) -> np.ndarray:
    """Return an attribute of pictures.

    Args:
        attribute: One of `attributes_of` the shape.
        pictures: (n, values) uint8, or float of which 0 to 1 is taken.
        shape: Of one picture.

    Returns:
        (n,) float64, NaN where there is nothing to measure.
    """
    rows = pictures.astype(np.float64) / (255 if pictures.dtype == np.uint8 else 1)
    arrays = np.clip(rows, 0, 1).reshape(len(rows), *shape.array)
    with np.errstate(invalid="ignore", divide="ignore"):
        return attribute.measure(arrays)


def attributes_of(shape: PictureShape) -> tuple[Attribute, ...]:
    """Return what is measured on pictures of a shape."""
    return _OF_COLOUR if shape.coloured else _OF_INK


# --- grey pictures -------------------------------------------------------------------------------


def _ink(pictures: np.ndarray) -> np.ndarray:
    return pictures.mean(axis=(1, 2))


def _slant(pictures: np.ndarray) -> np.ndarray:
    """How far strokes move to the right for each pixel up, by their edges.

    The one shear that all edges would have in common, by least squares: sum(gx gy) / sum(gx gx) of
    the gradient (a part of the structure tensor, Bigun and Granlund 1987). Level strokes have no
    say; by the moments (-mu11 / mu02, as deskewing has it) the bar of a 7 hides how it leans.
    """
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    right = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    level = np.square(right).sum(axis=(1, 2))
    return _where_ink(pictures, (right * down).sum(axis=(1, 2)) / level)


def _thickness(pictures: np.ndarray) -> np.ndarray:
    """Twice the area over the length of the edge: a long stroke of width w has w.

    The edge's length is the total variation, which no blur changes that is narrower than the
    stroke; a stroke that is only a blur has the width at which it is half as dark.
    """
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    down = np.diff(padded, axis=1)[:, :, :-1]
    right = np.diff(padded, axis=2)[:, :-1]
    edge = np.hypot(down, right).sum(axis=(1, 2))
    return _where_ink(pictures, 2 * pictures.sum(axis=(1, 2)) / edge)


def _width(pictures: np.ndarray) -> np.ndarray:
    return np.sqrt(_variances(pictures)[0])


def _height(pictures: np.ndarray) -> np.ndarray:
    return np.sqrt(_variances(pictures)[1])


def _where_ink(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.where(weights.sum(axis=(1, 2)) >= _LEAST_INK, values, np.nan)


def _centre(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) each: where the ink's centre of mass is from the picture's middle, y downwards."""
    places = _places(weights.shape[1])
    total = weights.sum(axis=(1, 2))
    x = (weights.sum(axis=1) @ places) / total
    y = (weights.sum(axis=2) @ places) / total
    return _where_ink(weights, x), _where_ink(weights, y)


def _variances(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) each: the variances of where the ink is, across and down, in square pixels."""
    places, (x, y) = _places(weights.shape[1]), _centre(weights)
    total = weights.sum(axis=(1, 2))
    across = (weights.sum(axis=1) @ places**2) / total - x**2
    down = (weights.sum(axis=2) @ places**2) / total - y**2
    return np.maximum(across, 0), np.maximum(down, 0)


@lru_cache(maxsize=8)
def _places(side: int) -> np.ndarray:
    return np.arange(side) - (side - 1) / 2


# --- pictures in colour --------------------------------------------------------------------------


def _thing(pictures: np.ndarray) -> np.ndarray:
    """(n, side, side), how far each pixel belongs to what is not the ground, 0 to 1."""
    edge = np.concatenate(
        [pictures[:, 0], pictures[:, -1], pictures[:, 1:-1, 0], pictures[:, 1:-1, -1]], axis=1
    )
    ground = np.median(edge, axis=1)[:, None, None]
    off = np.abs(pictures - ground).max(axis=3)
    off = np.where(off > _GROUND_NOISE, off, 0.0)
    # A share of what the thing itself differs by, so that a pale thing is no smaller.
    most = np.percentile(off, 98, axis=(1, 2))[:, None, None]
    return np.where(most > 0, np.minimum(off / np.maximum(most, 1e-9), 1), 0.0)


def _hue(pictures: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(pictures, 3, 0)
    thing = _thing(pictures)
    along = (thing * (red - (green + blue) / 2)).sum(axis=(1, 2))
    across = (thing * (green - blue) * np.sqrt(3) / 2).sum(axis=(1, 2))
    degrees = np.rad2deg(np.arctan2(across, along))
    told = (degrees + _HUE_CUT) % 360 - _HUE_CUT
    enough = np.hypot(along, across) >= _LEAST_CHROMA * np.maximum(thing.sum(axis=(1, 2)), 1)
    return np.where(enough, told, np.nan)


def _brightness(pictures: np.ndarray) -> np.ndarray:
    return (pictures @ np.array(_LIGHT)).mean(axis=(1, 2))


def _x(pictures: np.ndarray) -> np.ndarray:
    return _centre(_thing(pictures))[0]


def _y(pictures: np.ndarray) -> np.ndarray:
    return -_centre(_thing(pictures))[1]


def _size(pictures: np.ndarray) -> np.ndarray:
    thing = _thing(pictures)
    return _where_ink(thing, np.sqrt(thing.sum(axis=(1, 2)) / np.pi))


_OF_INK = (
    Attribute("ink", "Ink", "fainter", "darker", "", _ink),
    Attribute("slant", "Slant", "leaning left", "leaning right", "", _slant),
    Attribute("thickness", "Thickness", "thinner", "bolder", "pixels", _thickness),
    Attribute("width", "Width", "narrower", "wider", "pixels", _width),
    Attribute("height", "Height", "flatter", "taller", "pixels", _height),
)
_OF_COLOUR = (
    Attribute("hue", "Hue", "redder", "more violet", "degrees", _hue),
    Attribute("brightness", "Brightness", "darker", "brighter", "", _brightness),
    Attribute("x", "Place across", "further left", "further right", "pixels", _x),
    Attribute("y", "Place up", "lower", "higher", "pixels", _y),
    Attribute("size", "Size", "smaller", "larger", "pixels", _size),
)
ATTRIBUTES: dict[str, Attribute] = {one.name: one for one in (*_OF_INK, *_OF_COLOUR)}
