"""Traversals as files: one sheet of all rows, and a GIF in which all numbers move at once."""

from collections.abc import Sequence

import numpy as np

from aeviz.data.dataset import to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.ink import THEMES, enlarged, gif, png, tile_images
from aeviz.latent.traversals import REACH, STEPS, CodeNumbers
from aeviz.networks.autoencoder import Autoencoder

# Pixels along a picture's edge in the file, at least.
_SIDE = 56
# Of the GIF: pictures from end to end, and seconds of each; there and back in four seconds.
_FRAMES, _SECONDS = 24, 0.08
# Pictures beside each other in the GIF.
_ACROSS = 6


def rows_png(
    network: Autoencoder, shape: PictureShape, code: np.ndarray, numbers: CodeNumbers, theme: str
) -> bytes:
    """Return a PNG of one row a number of the code, in the order of the numbers.

    Args:
        network: One that is told nothing.
        shape: Of its pictures.
        code: (latent_dim,), what the rows go round.
        numbers: The numbers of the code.
        theme: "light" or "dark".
    """
    moves = np.linspace(-REACH, REACH, STEPS)
    drawn = [_traversed(network, code, numbers, k, moves) for k in range(len(code))]
    return png(_sheet(shape, np.concatenate(drawn), STEPS), THEMES[theme])


def rows_gif(
    network: Autoencoder, shape: PictureShape, code: np.ndarray, numbers: CodeNumbers, theme: str
) -> bytes:
    """Return an endless GIF of one picture a number of the code; as `rows_png`."""
    there = np.sin(np.linspace(-np.pi / 2, np.pi / 2, _FRAMES)) * REACH
    drawn = np.stack([_traversed(network, code, numbers, k, there) for k in range(len(code))])
    across = min(_ACROSS, len(drawn))
    frames = [_sheet(shape, drawn[:, i], across) for i in range(_FRAMES)]
    ways: Sequence[np.ndarray] = [*frames, *frames[-2:0:-1]]
    return gif(list(ways), THEMES[theme], [_SECONDS] * len(ways))


def _traversed(
    network: Autoencoder, code: np.ndarray, numbers: CodeNumbers, k: int, moves: np.ndarray
) -> np.ndarray:
    codes = np.tile(code.astype(np.float32), (len(moves), 1))
    codes[:, k] += (moves * numbers.spread[k]).astype(np.float32)
    return to_bytes(network.decode(codes))


def _sheet(shape: PictureShape, pictures: np.ndarray, across: int) -> np.ndarray:
    sheet = tile_images(pictures, shape, across, gap=max(1, shape.side // 14))
    return enlarged(sheet, -(-_SIDE // shape.side))
