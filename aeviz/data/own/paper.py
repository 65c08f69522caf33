"""Light paper or dark, drawings or photos: what decides whether dark and light change places."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from aeviz.data.uploads.resize import border_pixels

# Pictures' edges brighter than this are taken for paper.
_PAPER = 127
# So many pictures, spread over all, tell what they are.
_SAMPLE = 300
# On the way from a picture's paper, 0, to its darkest, 1: nearer than this to an end is that tone.
_SAME_TONE = 0.15
# A drawing's paper covers at least half of it. Its greys are the edges of strokes: of what is not
# paper, less than this is grey amid grey. MNIST has 0.00, photos of CIFAR-10 with light edges 0.23.
_LEAST_PAPER, _MOST_GREY = 0.5, 0.1


def on_light_ground(images: np.ndarray) -> bool:
    """Whether the edges of (n, side, side) uint8 pictures are light, taken together."""
    return float(np.median(border_pixels(images[:: len(images) // 5_000 + 1]))) > _PAPER


def are_line_drawings(images: np.ndarray) -> bool:
    """Whether most of (n, side, side) uint8 pictures on light ground are mostly paper and ink."""
    some = images[:: len(images) // _SAMPLE + 1].astype(np.float32)
    paper = np.array([np.median(border_pixels(picture)) for picture in some])[:, None, None]
    ink = np.quantile(some, 0.01, axis=(1, 2), keepdims=True)
    tone = (paper - some) / np.maximum(paper - ink, 1)
    around = sliding_window_view(tone, (3, 3), axis=(1, 2))
    grey = (around.min((-1, -2)) > _SAME_TONE) & (around.max((-1, -2)) < 1 - _SAME_TONE)
    covered = (np.abs(tone) > _SAME_TONE).mean((1, 2))
    drawn = (covered <= 1 - _LEAST_PAPER) & (grey.mean((1, 2)) <= _MOST_GREY * covered)
    return bool(drawn.mean() >= 0.5)
