"""Traversals as files: one sheet of all rows, and a GIF in which all numbers move at once."""

from collections.abc import Sequence

import numpy as np

from aeviz.data.dataset import to_bytes
from aeviz.drawing.ink import THEMES, enlarged, gif, png, tile_images
from aeviz.latent.traversals import REACH, STEPS, CodeNumbers
from aeviz.ui.live.explored import Explored

# Pixels along a picture's edge in the file, at least.
_SIDE = 56
# Of the GIF: pictures from end to end, and seconds of each; there and back in four seconds.
_FRAMES, _SECONDS = 24, 0.08
# Pictures beside each other in the GIF.
_ACROSS = 6


def rows_png(model: Explored, code: np.ndarray, numbers: CodeNumbers, theme: str) -> bytes:
    """Return a PNG of one row a number of the code, in the order of the numbers.

    code: (latent_dim,), what the rows go round. theme: "light" or "dark".
    """
    moves = np.linspace(-REACH, REACH, STEPS)
    all_of_them = range(model.latent_dim)
    drawn = np.concatenate([_traversed(model, code, numbers, k, moves) for k in all_of_them])
    return png(_sheet(model, drawn, STEPS), THEMES[theme])


def rows_gif(model: Explored, code: np.ndarray, numbers: CodeNumbers, theme: str) -> bytes:
    """Return an endless GIF of one picture a number of the code, in the order of the numbers."""
    there = np.sin(np.linspace(-np.pi / 2, np.pi / 2, _FRAMES)) * REACH
    drawn = np.stack([_traversed(model, code, numbers, k, there) for k in range(model.latent_dim)])
    across = min(_ACROSS, len(drawn))
    frames = [_sheet(model, drawn[:, i], across) for i in range(_FRAMES)]
    ways: Sequence[np.ndarray] = [*frames, *frames[-2:0:-1]]
    return gif(list(ways), THEMES[theme], [_SECONDS] * len(ways))


def _traversed(
    model: Explored, code: np.ndarray, numbers: CodeNumbers, k: int, moves: np.ndarray
) -> np.ndarray:
    codes = np.tile(code.astype(np.float32), (len(moves), 1))
    codes[:, k] += (moves * numbers.spread[k]).astype(np.float32)
    return to_bytes(model.checkpoint.network.decode(codes))


def _sheet(model: Explored, pictures: np.ndarray, across: int) -> np.ndarray:
    shape = model.checkpoint.shape
    sheet = tile_images(pictures, shape, across, gap=max(1, shape.side // 14))
    return enlarged(sheet, -(-_SIDE // shape.side))
