"""How alike two pictures are: PSNR in decibels, and SSIM, which looks at structure."""

import math

import numpy as np

from aeviz.data.picture_shape import PictureShape

# Of so many pictures, the first: it takes most of a millisecond each.
_OF = 250
# Pixels along the window that SSIM compares in, scikit-image's own size; pictures of 8 have room.
_WINDOW = 7


def psnr(mse: float) -> float | None:
    """Return 10 log10(1 / MSE), peak 1; None for pictures that are the same."""
    return -10 * math.log10(mse) if mse > 0 else None


def mean_ssim(drawn: np.ndarray, originals: np.ndarray, shape: PictureShape) -> float:
    """Return the mean structural similarity of (n, values) uint8 pictures, -1 to 1, 1 for the same.

    Wang et al. 2004, with windows of 7 x 7; of pictures in colour the mean of the channels; of the
    first 250.
    """
    # Imported here: a second, and only what measures wants it.
    from skimage.metrics import structural_similarity

    # Every channel of every picture as one of a stack.
    one, other = (_stacked(pictures[:_OF], shape) for pictures in (drawn, originals))
    return float(
        structural_similarity(one, other, win_size=_WINDOW, data_range=255, channel_axis=0)
    )


def _stacked(pictures: np.ndarray, shape: PictureShape) -> np.ndarray:
    channels = pictures.reshape(len(pictures), shape.side, shape.side, shape.channels)
    return channels.transpose(0, 3, 1, 2).reshape(-1, shape.side, shape.side)
