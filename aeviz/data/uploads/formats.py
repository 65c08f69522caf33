"""What an upload holds: which of the formats its files are in, told by what they begin with."""

from collections import Counter
from dataclasses import dataclass, field, replace

from aeviz.data.dataset import DatasetError
from aeviz.data.limits import LARGEST_UPLOAD
from aeviz.data.uploads import archives, images, named_arrays
from aeviz.data.uploads.decoding import LARGEST_UNPACKED, UploadedPictures, reading
from aeviz.data.uploads.tables import find_in_table
from aeviz.data.uploads.unreadable import advice, advice_for_zip
from aeviz.text.names import file_name

FORMATS = (
    "a zip or tar of pictures (PNG, JPEG, GIF, WebP, BMP, TIFF), such files themselves, an .npz or "
    ".npy file, a CSV or IDX files"
)
_ARRAYS, _ARCHIVES = {"idx", "npy", "npz"}, {"zip", "tar"}
_NOT_PICTURES = "not pictures"
# How many times something packed may be in something packed: a tar in a gzip in a zip.
_DEEPEST = 3
# So many first bytes tell what a file is: a block of a tar archive.
_START = 512


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
    return _find(uploads, way, _DEEPEST)


def _find(uploads: list[Upload], way: int | None, deeper: int) -> UploadedPictures:
    """deeper: how many times more something packed may be in something packed."""
    kinds = [_kind(upload) for upload in uploads]
    name = "This upload" if len(uploads) > 1 else file_name(uploads[0].name)
    if "picture" in kinds:
        files = [
            images.PictureFile(upload.name, lambda data=upload.data: data)
            for upload, kind in zip(uploads, kinds, strict=True)
            if kind == "picture"
        ]
        unread = _Unread()
        for upload, kind in zip(uploads, kinds, strict=True):
            if kind != "picture":
                unread.add(upload.name, upload.data[:_START])
        return images.find_in_files(name, files, unread.left_out)
    if set(kinds) <= _ARRAYS:
        files = [(file_name(u.name), u.data, kind) for u, kind in zip(uploads, kinds, strict=True)]
        return named_arrays.find_in_arrays(
            [(name, _arrays(name, data, kind)) for name, data, kind in files], way
        )
    known = advice(uploads[0].data[:_START]) if set(kinds) == {"unknown"} else ""
    if known:
        raise DatasetError(f"{file_name(uploads[0].name)} {known}.")
    if set(kinds) <= _ARCHIVES and deeper:
        entries = [entry for u, kind in zip(uploads, kinds, strict=True) for entry in
                   _entries(u, kind, "" if len(uploads) == 1 else u.name)]  # fmt: skip
        return _find_in(name, entries, way, deeper)
    if len(uploads) > 1:
        raise DatasetError(
            f"These are {len(uploads):,} files that do not belong together: upload one at a time; "
            "only pictures, arrays, IDX files and archives come in several."
        )
    data = uploads[0].data
    if kinds == ["table"]:
        return find_in_table(name, data, way)
    if kinds == ["unknown"]:
        what = "is empty" if not data else "is none of the files that are known here"
        raise DatasetError(f"{name} {what}: choose {FORMATS}.")
    if not deeper:
        raise DatasetError(f"{name} is packed in something packed: unpack it and upload that.")
    inner = Upload(_unpacked_name(uploads[0].name), archives.unpacked(name, data))
    return _find([inner], way, deeper - 1)


def _unpacked_name(path: str) -> str:
    """Such as a.csv for a.csv.gz, a.tar for a.tgz."""
    rest, _, ending = path.rpartition(".")
    if ending.lower() in ("tgz", "tbz2", "txz"):
        return f"{rest}.tar"
    return rest if ending.lower() in ("gz", "bz2", "xz") else path


# --- archives ------------------------------------------------------------------------------------


def _entries(upload: Upload, kind: str, folder: str) -> list[archives.Entry]:
    """The files in a zip or tar, as if they were in a folder called like it unless it is ""."""
    name = file_name(upload.name)
    if kind == "tar":
        entries = archives.tar_entries(name, upload.data)
    else:
        archive = archives.opened_zip(name, upload.data)
        entries = archives.zip_entries(archive, upload.data)
    stem = folder.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
    return [replace(entry, path=f"{stem}/{entry.path}") for entry in entries] if stem else entries


def _find_in(
    name: str, entries: list[archives.Entry], way: int | None, deeper: int
) -> UploadedPictures:
    """The pictures in an archive; without any, those in the files in it that hold some."""
    files, others, unread = [], [], _Unread()
    for entry in entries:
        if images.is_litter(entry.path):
            continue
        trouble, start = entry.trouble, b""
        if not trouble:
            try:
                start = entry.read(_START)
            except DatasetError:
                raise
            except Exception:  # of many kinds, all of which mean that there is nothing to read
                trouble = "damaged"
        if trouble:
            unread.left_out[trouble] += 1
        elif images.is_picture(start):
            files.append(entry)
        else:
            unread.add(entry.path, start)
            if _kind_by_start(entry.path, start) not in ("unknown", "text"):
                others.append(entry)
    if not files:
        known = advice_for_zip(entry.path for entry in entries)
        if not known and not others and unread.first:
            known = f"holds no pictures that can be opened: {unread.first}"
        if known:
            raise DatasetError(f"{name} {known}.")
        if others:
            return _find_inner(name, others, way, deeper)
    unpacked = sum(file.size for file in files)
    if unpacked > LARGEST_UNPACKED:
        raise DatasetError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB of pictures and at most "
            f"{LARGEST_UNPACKED / 1e6:,.0f} MB are possible: make the pictures "
            "smaller or leave some out."
        )
    return images.find_in_files(
        name, [images.PictureFile(file.path, file.read) for file in files], unread.left_out
    )


class _Unread:
    """What is left out, since it is no picture: counted, and the first of a known kind named."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self.first = self._advice = ""

    def add(self, path: str, start: bytes) -> None:
        """Count a file that begins like this."""
        what = advice(start)
        if what and not self.first:
            self.first, self._advice = f"{file_name(path)} {what}", what
        known = what and what == self._advice
        self.left_out[f"not read, since {self.first}" if known else _NOT_PICTURES] += 1


def _find_inner(
    name: str, entries: list[archives.Entry], way: int | None, deeper: int
) -> UploadedPictures:
    """The pictures in the one file, or the several of arrays, that an archive holds."""
    if sum(entry.size for entry in entries) > archives.LARGEST_INNER:
        raise DatasetError(
            f"{name} unpacks to more than {archives.LARGEST_INNER / 1e6:,.0f} MB: unpack it and "
            "upload what is in it."
        )
    with reading(name):
        uploads = [Upload(entry.path, entry.read()) for entry in entries]
    kinds = {_kind(upload) for upload in uploads}
    if len(uploads) > 1 and not (kinds <= _ARRAYS or kinds <= _ARCHIVES):
        some = " and ".join(file_name(upload.name) for upload in uploads[:2])
        raise DatasetError(
            f"{name} holds no pictures but {len(uploads):,} files such as {some}: unpack it and "
            "upload one of them."
        )
    return _find(uploads, way, deeper - 1)


# --- kinds of files ------------------------------------------------------------------------------


def _kind(upload: Upload) -> str:
    kind = _kind_by_start(upload.name, upload.data[:_START])
    if kind == "zip":
        return "npz" if _holds_arrays(upload.data) else "zip"
    if kind == "packed" and _begins_idx(_first_unpacked(upload)):
        return "idx"
    return "table" if kind == "text" else kind


def _kind_by_start(path: str, start: bytes) -> str:
    """What a file is, by its name and first bytes."""
    ending = path[-100:].lower().rpartition(".")[2]
    if images.is_picture(start):
        return "picture"
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if start.startswith(b"\x93NUMPY"):
        return "npy"
    if archives.packing(start):
        return "packed"
    if archives.is_tar(start):
        return "tar"
    if _begins_idx(start):
        return "idx"
    kinds = {"csv": "table", "tsv": "table", "txt": "text"}
    return kinds.get(ending, "unknown") if start else "unknown"


def _begins_idx(start: bytes) -> bool:
    return start.startswith(b"\0\0") and start[2:3] > b"\x07"


def _first_unpacked(upload: Upload) -> bytes:
    try:
        return archives.unpacked(file_name(upload.name), upload.data, _START)
    except DatasetError:  # said where it is unpacked
        return b""


def _holds_arrays(data: bytes) -> bool:
    try:
        names = archives.opened_zip("It", data).namelist()
    except DatasetError:  # said where it is read as a zip
        return False
    return any(name.endswith(".npy") for name in names)


def _arrays(name: str, data: bytes, kind: str) -> list[named_arrays.NamedArray]:
    if kind == "npz":
        return named_arrays.arrays_in_npz(name, archives.opened_zip(name, data))
    one = named_arrays.array_in_npy if kind == "npy" else named_arrays.array_in_idx
    return [one(name, data)]
