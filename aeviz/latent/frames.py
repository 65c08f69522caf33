"""The manifold at one moment of a training, small enough to be kept of every moment.

A frame is drawn from that moment's weights over that moment's own range and kept as a JPEG file of
its ink, so that there is a film of every run, however large its network. Measured for 784 pixels
and 16 cells a side, 48 frames take 0.8 to 1.3 MB; lossless PNG would be three times that, and WebP,
a fifth smaller, takes 5 ms a frame and more to write where JPEG takes 0.3 ms.
"""

import io
import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image
from threadpoolctl import ThreadpoolController

from aeviz.data.uploads.image_bytes import JPEG_START, jpeg_passes
from aeviz.latent.grid import RANGES, Span, default_range, grid_points, manifold_image
from aeviz.latent.plane import LatentPlane
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.recipes import Preset

# Cells along a side: all ten digits find room, and decoding them costs a run less than measuring
# its loss on the validation images.
FILM_CELLS = 16
# JPEG's quality. Of pictures of 28 pixels a side 50 leaves pixels 2 to 3 levels of 255 off, where
# the eye finds no trace of it; of 8 pixels a side each is a stroke, and 50 would leave them 10 off.
_QUALITY, _QUALITY_OF_SMALL, _SMALL = 50, 85, 16
# The parts of a frame's file before its pixels: JFIF's, two kinds of tables, and the start of a
# picture that is drawn once from top to bottom (ITU-T T.81, table B.1). There are five in all.
_BASELINE, _START_OF_SCAN = 0xC0, 0xDA
_PARTS = (0xE0, 0xDB, 0xC4, _BASELINE)
_MOST_PARTS = 16


class FrameError(ValueError):
    """A picture that is not what it should be, in a few words that end a sentence."""


@dataclass(frozen=True)
class Frame:
    """The manifold at one moment."""

    span: Span  # of that moment's map, between its outermost cells' centres
    cells: int  # along a side
    picture: bytes  # a grey JPEG file of cells*side pixels a side, 255 for full ink


def manifold_frame(
    autoencoder: Autoencoder, plane: LatentPlane, points: np.ndarray, preset: Preset
) -> Frame:
    """Draw the manifold over the range a recipe is usually drawn over.

    plane: what a place on the map means as a code. points: (N, 2), where codes lie on it.
    """
    n, side = FILM_CELLS, round(autoencoder.pixels**0.5)
    span = RANGES[default_range(preset)].span(points, n)
    with _blas().limit(limits=1):
        ink = manifold_image(autoencoder, plane.lift(grid_points(span, n)), n, side)
    out = io.BytesIO()
    quality = _QUALITY_OF_SMALL if side < _SMALL else _QUALITY
    Image.fromarray(ink).save(out, format="JPEG", quality=quality)
    return Frame(span, n, out.getvalue())


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    # One thread for these products. Those of the linear algebra library wait for each other while
    # a training keeps the processors busy: a frame of 784-50-50-2 took 30 ms in the midst of one
    # instead of 2, one of 784-1000-100 118 ms instead of 16 (two cores, other programs running).
    return ThreadpoolController().select(user_api="blas")


def frame_ink(picture: bytes, height: int) -> np.ndarray:
    """Unpack the ink of a frame's picture, (height, height) uint8.

    Raises FrameError, before anything is unpacked, for bytes that are no grey JPEG of exactly this
    size, drawn in one pass and without anything else in it.
    """
    try:
        _check_bare(picture)
        with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
            if image.size != (height, height) or image.mode != "L":
                raise FrameError(f"{image.mode} of {image.width} x {image.height} pixels")
            return np.array(image)
    except FrameError:
        raise
    # Pillow's readers raise whatever the line they stumble over does.
    except Exception as error:
        raise FrameError("not a readable picture") from error


def _check_bare(picture: bytes) -> None:
    # Drawn over and over, a small file keeps a processor busy for minutes, and the hundreds of
    # frames of a film for days.
    place, codes = 2, []
    while picture.startswith(JPEG_START) and len(codes) <= _MOST_PARTS:
        marker, length = struct.unpack_from(">HH", picture, place)
        code = marker - 0xFF00
        if code == _START_OF_SCAN:
            if codes.count(_BASELINE) == 1 and jpeg_passes(picture) == 1:
                return
            break
        if code not in _PARTS or length < 2:
            break
        codes.append(code)
        place += 2 + length
    raise FrameError("not a plain grey JPEG")
