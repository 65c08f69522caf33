"""Pictures of any size and shape as small squares."""

import numpy as np
from PIL import Image

from aeviz.data.uploads.decoding import CROP

# Average over all pixels that fall into one, and draw no halos as sharper filters do. By Pillow's
# table of filters, Hamming's is the one for shrinking and the bilinear one that for enlarging.
_SHRINK, _ENLARGE = Image.Resampling.HAMMING, Image.Resampling.BILINEAR
# Lets Pillow halve large pictures in whole steps first, several times as fast; its documentation
# calls 2 close to, and 3 almost, indistinguishable.
_REDUCING_GAP = 3.0


def resize_picture(picture: Image.Image, side: int, how: str) -> np.ndarray:
    """A picture of mode "L" -> (side, side) uint8, or of mode "RGB" -> (side, side, 3).

    how: CROP cuts its middle square out; PAD keeps all of it and fills up to a square with the
    brightness in the middle of its own edge's, channel by channel.
    """
    width, height = picture.size
    if width == height == side:
        return np.asarray(picture)
    if width == height and width % side == 0:
        return np.asarray(picture.reduce(width // side))  # the average of whole pixels
    if how == CROP:
        short = min(width, height)
        left, top = (width - short) // 2, (height - short) // 2
        box = (left, top, left + short, top + short)
        kind = _SHRINK if side < short else _ENLARGE
        return np.asarray(picture.resize((side, side), kind, box=box, reducing_gap=_REDUCING_GAP))
    long = max(width, height)
    size = (max(1, round(side * width / long)), max(1, round(side * height / long)))
    kind = _SHRINK if side < long else _ENLARGE
    small = np.asarray(picture.resize(size, kind, reducing_gap=_REDUCING_GAP))
    if small.shape[:2] == (side, side):
        return small
    channels = small.reshape(*small.shape[:2], -1)
    ground = [np.median(border_pixels(channels[..., i])) for i in range(channels.shape[-1])]
    out = np.empty((side, side, *small.shape[2:]), np.uint8)
    out[:] = np.array(ground, np.uint8) if small.ndim > 2 else ground[0]
    top, left = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    return out


def resize_pictures(pictures: np.ndarray, side: int, how: str) -> np.ndarray:
    """(n, height, width[, 3]) uint8 -> (n, side, side[, 3]) uint8; see `resize_picture`."""
    if pictures.shape[1:3] == (side, side):
        return pictures
    out = np.empty((len(pictures), side, side, *pictures.shape[3:]), np.uint8)
    for small, picture in zip(out, pictures, strict=True):
        small[:] = resize_picture(Image.fromarray(picture), side, how)
    return out


def border_pixels(pictures: np.ndarray) -> np.ndarray:
    """The outermost pixels of (..., height, width) pictures, flat; corners come twice."""
    rows, columns = pictures[..., [0, -1], :], pictures[..., :, [0, -1]]
    return np.concatenate([rows.ravel(), columns.ravel()])
