"""Pictures as files of their own: opened with limits, and drawn small and alike."""

import io
import math
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from aeviz.data.dataset import DatasetError
from aeviz.data.uploads import decoding
from aeviz.data.uploads.folders import WHERE, arrange
from aeviz.data.uploads.image_bytes import (
    JPEG_START,
    PNG_START,
    bare_jpeg,
    bare_png,
    jpeg_passes,
    orientation,
)
from aeviz.data.uploads.picture_tones import AS_IS, Seen, Tones, drawn_in, tones_of
from aeviz.data.uploads.rarer_image_bytes import (
    GIF_STARTS,
    TIFF_STARTS,
    TooLarge,
    bare_gif,
    bare_webp,
    checked_bmp,
    checked_tiff,
    is_bmp,
    is_pnm,
    is_webp,
    tiff_pieces,
)
from aeviz.data.uploads.resize import resize_picture

# Pillow's own guard, at the limit here and as an error: it holds wherever a picture is opened.
Image.MAX_IMAGE_PIXELS = decoding.MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

_BARE = {
    "PNG": bare_png,
    "JPEG": bare_jpeg,
    "GIF": bare_gif,
    "WEBP": bare_webp,
    "BMP": checked_bmp,
    "TIFF": checked_tiff,
    "PPM": bytes,
}
# A progressive JPEG is drawn over and over; cameras and programs use up to about ten passes, and a
# small file with thousands of them keeps a processor busy for minutes.
_MOST_PASSES = 64
# Of a decoding, what each pass after the first costs.
_PASS_COST = 0.1
# What each strip of a TIFF costs, in pixels.
_STRIP_COST = 500
_DAMAGED, _TOO_LARGE = "damaged", "too large"
# JPEG is decoded at a half, a quarter or an eighth where that leaves this many times the side.
_DRAFT = 2
_GREY = ("1", "L", "I;16", "I;16B", "I", "F")
# Of the work, what the first look at all pictures is where a second may follow.
_FIRST_LOOK = 0.9
# By how the camera was held (CIPA DC-008, "Orientation").
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class PictureFile:
    """One file that begins like a picture. path: as it was given, with folders if it has some."""

    path: str
    read: Callable[[], bytes]


def is_litter(path: str) -> bool:
    """Folders, and what operating systems leave in zips: nothing a person put there."""
    parts = path.replace("\\", "/").split("/")
    return (
        not parts[-1]
        or parts[-1].startswith(".")
        or parts[-1].lower() in ("thumbs.db", "desktop.ini")
        or "__MACOSX" in parts
    )


def find_in_files(
    name: str, files: list[PictureFile], left_out: Counter[str]
) -> decoding.UploadedPictures:
    """The pictures among files that begin like some, sizes checked. Raises DatasetError."""
    decoding.check_count(len(files))
    good, sizes, colour, cost = [], [], False, 0.0
    for file in files:
        try:
            data = file.read()
            kind = _kind(data)
            data = _BARE[kind](data)
            with _opened(data, kind) as picture:
                pixels, colours = math.prod(picture.size), picture.mode not in _GREY
                size = picture.size
            passes = jpeg_passes(data) if kind == "JPEG" else 1
            pixels += _STRIP_COST * tiff_pieces(data) if kind == "TIFF" else 0
        except (TooLarge, Image.DecompressionBombError, Image.DecompressionBombWarning):
            left_out[_TOO_LARGE] += 1
            continue
        except (MemoryError, DatasetError):
            raise
        except Exception:  # whatever Pillow and zipfile raise over a bad file
            left_out[_DAMAGED] += 1
            continue
        if passes > _MOST_PASSES:
            left_out[_DAMAGED] += 1
            continue
        cost += pixels * (1 + _PASS_COST * max(0, passes - 1))
        good.append(file)
        sizes.append(size)
        colour = colour or colours
    if cost > decoding.MOST_PIXELS_TOGETHER:
        raise DatasetError(
            f"{name} would take too long to draw, with {cost / 1e6:,.0f} million pixels where "
            f"{decoding.MOST_PIXELS_TOGETHER / 1e6:,.0f} million are possible: make the pictures "
            "smaller first, 64 pixels a side are enough."
        )
    if not good:
        raise DatasetError(
            f"{name} holds no pictures that can be opened{_said(left_out)}: upload PNG or JPEG "
            "files, or a zip of them."
        )
    places = arrange([file.path for file in good])
    used, sizes = [good[i] for i in places.order], [sizes[i] for i in places.order]
    return decoding.UploadedPictures(
        count=len(used),
        sizes=frozenset(sizes),
        side=int(np.median([max(size) for size in sizes])),
        colour=colour,
        decode=lambda options: _decode(used, options),
        labels=places.kinds,
        labels_from=WHERE,
        n_test=places.n_test,
        n_validation=places.n_validation,
        left_out=left_out + places.left_out,
        notes=places.notes,
    )


def _said(left_out: Counter[str]) -> str:
    return f" ({', '.join(f'{n:,} {why}' for why, n in left_out.items())})" if left_out else ""


def is_picture(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a picture of a kind that is read."""
    return bool(_kind(start))


def _kind(start: bytes) -> str:
    """Pillow's name for a kind of picture, "" for none that is read."""
    if start.startswith(PNG_START):
        return "PNG"
    if start.startswith(JPEG_START):
        return "JPEG"
    if start.startswith(GIF_STARTS):
        return "GIF"
    if start.startswith(TIFF_STARTS):
        return "TIFF"
    rest = {"WEBP": is_webp, "BMP": is_bmp, "PPM": is_pnm}
    return next((kind for kind, is_it in rest.items() if is_it(start)), "")


def _opened(data: bytes, kind: str) -> Image.Image:
    """A picture of bare bytes whose size is known and whose pixels are not decoded yet."""
    picture = Image.open(io.BytesIO(data), formats=(kind,))
    if math.prod(picture.size) > decoding.MOST_PIXELS:
        raise TooLarge
    return picture


def _decode(files: list[PictureFile], options: decoding.DecodeOptions) -> decoding.DecodedPictures:
    """All pictures, and once more where what all of them are like changes how each is drawn."""
    images = np.empty((len(files), *options.shape.array), np.uint8)
    kept = np.ones(len(files), bool)
    seen = _draw_all(files, options, AS_IS, images, kept, (0.0, _FIRST_LOOK))
    tones, notes = tones_of(seen)
    if tones != AS_IS:
        _draw_all(files, options, tones, images, kept, (_FIRST_LOOK, 1.0))
    options.progress(1.0)
    return decoding.DecodedPictures(images if kept.all() else images[kept], kept, notes)


def _draw_all(
    files: list[PictureFile],
    options: decoding.DecodeOptions,
    tones: Tones,
    images: np.ndarray,
    kept: np.ndarray,
    progress: tuple[float, float],
) -> list[Seen]:
    """Fill `images` with those that are kept, and take out of `kept` what cannot be drawn."""
    found, (start, end) = [], progress
    for i in np.flatnonzero(kept):
        try:
            images[i], seen = decode_picture(files[i].read(), options, tones)
            found.append(seen)
        except (MemoryError, DatasetError):
            raise
        except Exception:  # whatever Pillow raises over a picture that breaks off
            kept[i] = False
        if not i % 50:
            options.progress(start + (end - start) * i / len(files))
    return found


def decode_picture(
    data: bytes, options: decoding.DecodeOptions, tones: Tones = AS_IS
) -> tuple[np.ndarray, Seen]:
    """A picture file -> uint8 of the shape in `options`, and what the picture was like."""
    side, mode = options.side, "RGB" if options.colour else "L"
    kind, turn = _kind(data), _TURNS.get(orientation(data))
    with _opened(_BARE[kind](data), kind) as picture:
        picture.draft(mode, (_DRAFT * side, _DRAFT * side))  # JPEG only; others pay no heed
        drawn, seen = drawn_in(mode, picture, tones)
    drawn = drawn.transpose(turn) if turn is not None else drawn
    return resize_picture(drawn, side, options.square), seen
