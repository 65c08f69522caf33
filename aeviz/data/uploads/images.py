"""Pictures as PNG and JPEG files, one by one or in a zip. Nothing is ever unpacked to disk."""

import io
import math
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from aeviz.data.dataset import DatasetError
from aeviz.data.uploads import decoding
from aeviz.data.uploads.image_bytes import JPEG_START, PNG_START, bare_jpeg, bare_png, jpeg_passes
from aeviz.data.uploads.resize import resize_picture
from aeviz.text.names import plain_name

# Pillow's own guard, at the limit here and as an error: it holds wherever a picture is opened.
Image.MAX_IMAGE_PIXELS = decoding.MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

PICTURE_STARTS = (PNG_START, JPEG_START)
# A progressive JPEG is drawn over and over; cameras and programs use up to about ten passes, and a
# small file with thousands of them keeps a processor busy for minutes.
_MOST_PASSES = 64
# Of a decoding, what each pass after the first costs.
_PASS_COST = 0.1
_NOT_PICTURES, _DAMAGED, _TOO_LARGE = "not pictures", "damaged", "too large"
_LOCKED, _TIGHT = "locked with a password", "packed suspiciously tight"
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
    """One file that begins like a picture. folder: the innermost it was in, plain, or ""."""

    folder: str
    read: Callable[[], bytes]


def folder_of(path: str) -> str:
    """The innermost folder of a path in a zip or an upload, as a plain name; "" for none."""
    return plain_name(path.replace("\\", "/").rpartition("/")[0].rpartition("/")[2])


def is_litter(path: str) -> bool:
    """Folders, and what operating systems leave in zips: nothing a person put there."""
    parts = path.replace("\\", "/").split("/")
    return (
        not parts[-1]
        or parts[-1].startswith(".")
        or parts[-1].lower() in ("thumbs.db", "desktop.ini")
        or "__MACOSX" in parts
    )


def find_in_zip(name: str, archive: zipfile.ZipFile) -> decoding.UploadedPictures:
    """The pictures in a zip, in its order; other files are left out. Raises DatasetError."""
    files, left_out, unpacked = [], Counter(), 0
    for info in archive.infolist():
        if is_litter(info.filename):
            continue
        trouble = _trouble(archive, info)
        if trouble:
            left_out[trouble] += 1
            continue
        unpacked += info.file_size
        files.append(PictureFile(folder_of(info.filename), _reader(archive, info)))
    if unpacked > decoding.LARGEST_UNPACKED:
        raise DatasetError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB of pictures and at most "
            f"{decoding.LARGEST_UNPACKED / 1e6:,.0f} MB are possible: make the pictures "
            "smaller or leave some out."
        )
    return find_in_files(name, files, left_out)


def _trouble(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 1:
        return _LOCKED
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return _DAMAGED
    try:
        with archive.open(info) as stream:
            start = stream.read(8)
    except Exception:  # of many kinds, all of which mean that there is nothing to read
        return _DAMAGED
    if not start.startswith(PICTURE_STARTS):
        return _NOT_PICTURES
    return _TIGHT if decoding.is_packed_too_tight(info.compress_size, info.file_size) else ""


def _reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        with archive.open(info) as stream:
            # One byte more makes zipfile compare the checksum, and no more than was declared comes.
            return stream.read(info.file_size + 1)

    return read


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
    return decoding.UploadedPictures(
        count=len(good),
        sizes=frozenset(sizes),
        side=int(np.median([max(size) for size in sizes])),
        colour=colour,
        decode=lambda options: _decode(good, options),
        labels=_folders(good),
        labels_from="folder names",
        left_out=left_out,
    )


def _said(left_out: Counter[str]) -> str:
    return f" ({', '.join(f'{n:,} {why}' for why, n in left_out.items())})" if left_out else ""


def _folders(files: list[PictureFile]) -> np.ndarray | None:
    folders = np.array([file.folder for file in files])
    return folders if np.all(folders != "") and len(np.unique(folders)) > 1 else None


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
