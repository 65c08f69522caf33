"""Pictures as PNG and JPEG files, one by one or in a zip. Nothing is ever unpacked to disk."""

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
from aeviz.data.uploads.folders import arrange
from aeviz.data.uploads.image_bytes import JPEG_START, PNG_START, bare_jpeg, bare_png, jpeg_passes
from aeviz.data.uploads.resize import resize_picture

# Pillow's own guard, at the limit here and as an error: it holds wherever a picture is opened.
Image.MAX_IMAGE_PIXELS = decoding.MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

PICTURE_STARTS = (PNG_START, JPEG_START)
# A progressive JPEG is drawn over and over; cameras and programs use up to about ten passes, and a
# small file with thousands of them keeps a processor busy for minutes.
_MOST_PASSES = 64
# Of a decoding, what each pass after the first costs.
_PASS_COST = 0.1
_DAMAGED, _TOO_LARGE = "damaged", "too large"
# JPEG is decoded at a half, a quarter or an eighth where that leaves this many times the side.
_DRAFT = 2
# EXIF tag 274: how the camera was held (CIPA DC-008, "Orientation").
_ORIENTATION = 274
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
            data = _bare(file.read())
            with _opened(data) as picture:
                pixels, colours = math.prod(picture.size), picture.mode not in ("1", "L", "I;16")
                size = picture.size
            passes = 1 if data.startswith(PNG_START) else jpeg_passes(data)
        except (_TooLarge, Image.DecompressionBombError, Image.DecompressionBombWarning):
            left_out[_TOO_LARGE] += 1
            continue
        except MemoryError:
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
        labels_from="folder names",
        n_test=places.n_test,
        n_validation=places.n_validation,
        left_out=left_out + places.left_out,
        notes=places.notes,
    )


def _said(left_out: Counter[str]) -> str:
    return f" ({', '.join(f'{n:,} {why}' for why, n in left_out.items())})" if left_out else ""


class _TooLarge(Exception):
    pass


def _bare(data: bytes) -> bytes:
    return bare_png(data) if data.startswith(PNG_START) else bare_jpeg(data)


def _opened(data: bytes) -> Image.Image:
    """A picture of `_bare` bytes whose size is known and whose pixels are not decoded yet."""
    picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
    if math.prod(picture.size) > decoding.MOST_PIXELS:
        raise _TooLarge
    return picture


def _decode(files: list[PictureFile], options: decoding.DecodeOptions) -> decoding.DecodedPictures:
    images = np.empty((len(files), options.side, options.side), np.uint8)
    kept = np.zeros(len(files), bool)
    for i, file in enumerate(files):
        try:
            images[i] = decode_picture(file.read(), options.side, options.square)
            kept[i] = True
        except MemoryError:
            raise
        except Exception:  # whatever Pillow raises over a picture that breaks off
            pass
        if not i % 50:
            options.progress(i / len(files))
    options.progress(1.0)
    return decoding.DecodedPictures(images if kept.all() else images[kept], kept)


def decode_picture(data: bytes, side: int, how: str) -> np.ndarray:
    """PNG or JPEG bytes -> (side, side) uint8, see `resize_picture`; what is clear is white."""
    with _opened(_bare(data)) as picture:
        picture.draft("L", (_DRAFT * side, _DRAFT * side))  # JPEG only; others pay no heed
        turn = _TURNS.get(picture.getexif().get(_ORIENTATION))
        grey = _grey(picture)
    return resize_picture(grey.transpose(turn) if turn is not None else grey, side, how)


def _grey(picture: Image.Image) -> Image.Image:
    if picture.mode in ("I;16", "I;16B", "I", "F"):
        # Sixteen bits: Pillow's own conversion would clip at 255.
        return Image.fromarray((np.asarray(picture).astype(np.float32) / 257).astype(np.uint8))
    if picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        paper = Image.new("L", clear.size, 255)
        paper.paste(clear.convert("L"), mask=clear.getchannel("A"))
        return paper
    return picture.convert("L")
