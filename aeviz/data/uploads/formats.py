"""What an upload holds: which of the formats its files are in, told by what they begin with."""

import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field

from aeviz.data.dataset import DatasetError
from aeviz.data.limits import LARGEST_UPLOAD, MOST_PICTURES
from aeviz.data.uploads import images, named_arrays
from aeviz.data.uploads.decoding import UploadedPictures, reading
from aeviz.data.uploads.tables import find_in_table
from aeviz.text.names import file_name

FORMATS = "a zip of PNG or JPEG files, such files themselves, an .npz file, a CSV or IDX files"
# Pictures, and what macOS puts beside each of them. An entry takes about a kilobyte of memory.
_MOST_ENTRIES = 2 * MOST_PICTURES + 10_000
# Begins each entry of a zip's list (PKWARE APPNOTE, 4.3.12): it has no more than this occurs.
_ENTRY = b"PK\x01\x02"


@dataclass(frozen=True)
class Upload:
    """One uploaded file: its name as the browser gave it, perhaps with folders, and its bytes."""

    name: str
    data: bytes = field(repr=False)


def check_size(size: int) -> None:
    """Raise DatasetError, one sentence, for files of too many bytes together."""
    if size > LARGEST_UPLOAD:
        raise DatasetError(
            f"These are {size / 2**20:,.0f} MB and at most {LARGEST_UPLOAD // 2**20} MB can be "
            "uploaded at once: make the pictures smaller or leave some out."
        )


def find_pictures(uploads: list[Upload], way: int | None = None) -> UploadedPictures:
    """The pictures in one or more uploaded files, their sizes known, none drawn yet.

    way: which reading is wanted where there are several; None for the most likely. Raises
    DatasetError with one sentence.
    """
    check_size(sum(len(upload.data) for upload in uploads))
    uploads = [u for u in uploads if not images.is_litter(u.name)] or uploads
    if not uploads:
        raise DatasetError(f"There is nothing here yet: choose {FORMATS}.")
    kinds = [_kind(upload) for upload in uploads]
    if "picture" in kinds:
        files = [
            images.PictureFile(images.folder_of(upload.name), lambda data=upload.data: data)
            for upload, kind in zip(uploads, kinds, strict=True)
            if kind == "picture"
        ]
        others = len(uploads) - len(files)
        name = "This upload" if len(uploads) > 1 else file_name(uploads[0].name)
        return images.find_in_files(
            name, files, Counter({"not pictures": others} if others else {})
        )
    if set(kinds) <= {"idx", "npy", "npz"}:
        files = [(file_name(u.name), u.data, kind) for u, kind in zip(uploads, kinds, strict=True)]
        return named_arrays.find_in_arrays(
            [(name, _arrays(name, data, kind)) for name, data, kind in files], way
        )
    if len(uploads) > 1:
        raise DatasetError(
            f"These are {len(uploads):,} files that do not belong together: upload one at a time; "
            "only pictures, arrays and IDX files come in several."
        )
    upload, name = uploads[0], file_name(uploads[0].name)
    if kinds == ["zip"]:
        return images.find_in_zip(name, _archive(name, upload.data))
    if kinds == ["table"]:
        return find_in_table(name, upload.data, way)
    what = "is empty" if not upload.data else "is none of the files that are known here"
    raise DatasetError(f"{name} {what}: choose {FORMATS}.")


def _kind(upload: Upload) -> str:
    data, ending = upload.data, upload.name[-100:].lower().rpartition(".")[2]
    if data.startswith(images.PICTURE_STARTS):
        return "picture"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "npz" if _holds_arrays(data) else "zip"
    if data.startswith(b"\x93NUMPY"):
        return "npy"
    if data.startswith(b"\x1f\x8b") or (data.startswith(b"\0\0") and data[2:3] > b"\x07"):
        return "idx"
    return "table" if data and ending in ("csv", "tsv", "txt") else "unknown"


def _arrays(name: str, data: bytes, kind: str) -> list[named_arrays.NamedArray]:
    if kind == "npz":
        return named_arrays.arrays_in_npz(name, _archive(name, data))
    one = named_arrays.array_in_npy if kind == "npy" else named_arrays.array_in_idx
    return [one(name, data)]


def _archive(name: str, data: bytes) -> zipfile.ZipFile:
    if data.count(_ENTRY) > _MOST_ENTRIES:
        raise DatasetError(
            f"{name} holds more than {_MOST_ENTRIES:,} files and at most {MOST_PICTURES:,} "
            "pictures are possible: leave some out."
        )
    with reading(name):
        return zipfile.ZipFile(io.BytesIO(data))


def _holds_arrays(data: bytes) -> bool:
    if data.count(_ENTRY) > _MOST_ENTRIES:
        return False
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except Exception:  # said where it is read as a zip
        return False
    return any(name.endswith(".npy") for name in names)
