"""The manifold at one moment of a training, small enough to be kept of every moment.

A frame is drawn from that moment's weights over that moment's own range and kept as a JPEG file, of
its ink where pictures are grey, so that there is a film of every run, however large its network.
Measured for 784 pixels and 16 cells a side, 48 frames take 0.8 to 1.3 MB; lossless PNG would be
three times that, and WebP, a fifth smaller, takes 5 ms a frame and more to write where JPEG takes
0.3 ms.
"""

import io
import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image
from threadpoolctl import ThreadpoolController

from aeviz.data.picture_shape import PictureShape
from aeviz.data.uploads.image_bytes import JPEG_START, jpeg_passes
from aeviz.latent.grid import RANGES, Span, default_range, grid_points, manifold_image
from aeviz.latent.plane import LatentPlane
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.preset import Preset

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
    picture: bytes  # a JPEG file of cells*side pixels a side: grey, 255 for full ink, or colour


def manifold_frame(
    autoencoder: Autoencoder,
    shape: PictureShape,
    plane: LatentPlane,
    points: np.ndarray,
    preset: Preset,
) -> Frame:
    """Draw the manifold over the range a recipe is usually drawn over.

    shape: of one picture. plane: what a place on the map means as a code. points: (N, 2), where
    codes lie on it.
    """
    n = FILM_CELLS
    span = RANGES[default_range(preset)].span(points, n)
    # A network that is told what to draw takes its kinds in turn along every row, each row one
    # further on: neighbours are of other kinds and of nearly the same style.
    kinds = np.add.outer(np.arange(n), np.arange(n)).ravel() % max(1, autoencoder.kinds)
    with _blas().limit(limits=1):
        drawn = manifold_image(autoencoder, plane.lift(grid_points(span, n)), n, shape, kinds)
    out = io.BytesIO()
    quality = _QUALITY_OF_SMALL if shape.side < _SMALL else _QUALITY
    # The colours of so small pictures are not to be spread over four pixels.
    Image.fromarray(drawn).save(out, format="JPEG", quality=quality, subsampling="4:4:4")
    return Frame(span, n, out.getvalue())


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    # One thread for these products. Those of the linear algebra library wait for each other while
    # a training keeps the processors busy: a frame of 784-50-50-2 took 30 ms in the midst of one
    # instead of 2, one of 784-1000-100 118 ms instead of 16 (two cores, other programs running).
    return ThreadpoolController().select(user_api="blas")


def frame_picture(picture: bytes, shape: PictureShape) -> np.ndarray:
    """Unpack a frame's picture, an array as `PictureShape.array` has it, uint8.

    shape: of the whole picture. Raises FrameError, before anything is unpacked, for bytes that are
    no JPEG of exactly this shape, drawn in one pass and without anything else in it.
    """
    try:
        _check_bare(picture)
        with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
            mode = "RGB" if shape.coloured else "L"
            if image.size != (shape.side, shape.side) or image.mode != mode:
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
    raise FrameError("not a plain JPEG")
