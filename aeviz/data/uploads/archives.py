"""Files in zip and tar archives, listed, and unpacked in memory with limits; nothing is extracted.

What is compressed is never unpacked further than its declared size, whatever it holds.
"""

import bz2
import io
import lzma
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from aeviz.data.dataset import DatasetError
from aeviz.data.limits import LARGEST_UPLOAD, MOST_PICTURES
from aeviz.data.uploads import decoding
from aeviz.data.uploads.entry_names import readable_names

# Pictures, and what macOS puts beside each of them. An entry takes about a kilobyte of memory.
_MOST_ENTRIES = 2 * MOST_PICTURES + 10_000
# Begins each entry of a zip's list (PKWARE APPNOTE, 4.3.12): it has no more than this occurs.
_ENTRY = b"PK\x01\x02"
_LOCAL_HEADER = 30
_UNICODE_PATH = 0x7075
# What is unpacked whole, to be read as another file, is all in memory.
LARGEST_INNER = 2 * LARGEST_UPLOAD
# LZMA asks for this much memory at most; its strongest usual setting uses 64 MB.
_MOST_LZMA = 128 << 20
# bzip2 unpacks in blocks that may take a hundredth of a second for the few bytes that they hold.
_MOST_SECONDS = 60.0
_LOCKED, _DAMAGED, _TIGHT = "locked with a password", "damaged", "packed suspiciously tight"
_STARTS = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0"}
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Entry:
    """One file in an archive.

    path: as a person wrote it. size: in bytes, unpacked. unpack: see `read`. trouble: why it cannot
    be read.
    """

    path: str
    size: int
    unpack: Callable[[int | None], bytes] = field(repr=False)
    trouble: str = ""

    def read(self, most: int | None = None) -> bytes:
        """Its first `most` bytes, or all. Raises what zlib, bz2 and lzma raise over damage."""
        return self.unpack(most)


# --- zip -----------------------------------------------------------------------------------------


def opened_zip(name: str, data: bytes) -> zipfile.ZipFile:
    """A zip with its list read, unless that is too long. Raises DatasetError."""
    if data.count(_ENTRY) > _MOST_ENTRIES:
        raise _too_many(name)
    with decoding.reading(name):
        return zipfile.ZipFile(io.BytesIO(data))


def _too_many(name: str) -> DatasetError:
    return DatasetError(
        f"{name} holds more than {_MOST_ENTRIES:,} files and at most {MOST_PICTURES:,} "
        "pictures are possible: leave some out."
    )


def zip_entries(archive: zipfile.ZipFile, data: bytes) -> list[Entry]:
    """The files of an opened zip of these bytes, in its order."""
    infos = archive.infolist()
    # zipfile takes what is not marked as UTF-8 for code page 437, which has a letter for each byte.
    paths = {id(i): i.filename if i.flag_bits & 0x800 else _noted_name(i) for i in infos}
    unknown = [info for info in infos if not paths[id(info)]]
    names = readable_names([_raw_name(info) for info in unknown])
    paths |= dict(zip(map(id, unknown), names, strict=True))
    clock = _Clock()
    return [
        Entry(
            path=paths[id(info)],
            size=info.file_size,
            unpack=lambda most, info=info: _unzipped(data, info, most, clock),
            trouble=_zip_trouble(info),
        )
        for info in infos
    ]


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.split("\0")[0].encode("cp437", "replace")


def _noted_name(info: zipfile.ZipInfo) -> str:
    """The name that Info-ZIP's and WinZip's notes give in UTF-8 (APPNOTE 4.6.9); "" for none."""
    extra, raw = info.extra, _raw_name(info)
    while len(extra) > 4:
        kind, size = struct.unpack_from("<HH", extra)
        note, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and note[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return note[5:].decode("utf-8", "replace")
    return ""


def _zip_trouble(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 1:
        return _LOCKED
    return _TIGHT if decoding.is_packed_too_tight(info.compress_size, info.file_size) else ""


class _Clock:
    """Counts the seconds that an archive's slow kinds of compression take."""

    def __init__(self) -> None:
        self._left = _MOST_SECONDS

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._left -= time.perf_counter() - self._start
        if self._left < 0:
            raise DatasetError(
                "This zip takes too long to unpack: pack it again as an ordinary zip, which is "
                "compressed by deflate."
            )


def _unzipped(data: bytes, info: zipfile.ZipInfo, most: int | None, clock: _Clock) -> bytes:
    """A file in a zip; its checksum is compared where all of it is asked for."""
    start = info.header_offset
    if data[start : start + 4] != b"PK\x03\x04":
        raise ValueError("There is no file where one should be.")
    name, extra = struct.unpack_from("<HH", data, start + 26)
    start += _LOCAL_HEADER + name + extra
    # The first bytes are in the first block, of at most 900,000 (bzip2).
    length = info.compress_size if most is None else min(info.compress_size, 1 << 20)
    packed = memoryview(data)[start : start + length]
    size = info.file_size if most is None else min(most, info.file_size)
    if info.compress_type == zipfile.ZIP_STORED:
        found = bytes(packed[:size])
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        # Zero would be no limit.
        found = zlib.decompressobj(-15).decompress(packed, max(1, size))
    else:
        with clock:
            found = _slowly_unzipped(packed, info.compress_type, size)
    if most is None and (len(found) != size or zlib.crc32(found) != info.CRC):
        raise ValueError("It is not what was packed.")
    return found


def _slowly_unzipped(packed: memoryview, method: int, size: int) -> bytes:
    if method == zipfile.ZIP_BZIP2:
        return bz2.BZ2Decompressor().decompress(packed, size)
    if method != zipfile.ZIP_LZMA:
        raise ValueError("It is packed in a way that is not known.")
    # APPNOTE 5.8.8: version, length of the properties, properties.
    code, dictionary = struct.unpack_from("<BI", packed, 4)
    if dictionary > _MOST_LZMA:
        raise ValueError("It asks for too much memory.")
    rest, literal = divmod(code, 9)
    place, position = rest % 5, rest // 5
    kind = {"id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": literal, "lp": place,
            "pb": position}  # fmt: skip
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[kind]).decompress(packed[9:], size)


# --- gzip, bzip2, xz -----------------------------------------------------------------------------


def packing(start: bytes) -> str:
    """The kind of compression that a file begins like, "" for none."""
    return next((kind for kind, begins in _STARTS.items() if start.startswith(begins)), "")


def unpacked(name: str, data: bytes, most: int | None = None) -> bytes:
    """What a gzip, bzip2 or xz file holds, or as many bytes of it. Raises DatasetError."""
    limit = min(LARGEST_INNER, decoding.TIGHTEST_PACKING * len(data) + 1_000_000)
    limit = limit if most is None else most
    found, rest, count = bytearray(), memoryview(data), 0
    with decoding.reading(name):
        # What follows and is not packed pads the end.
        while len(found) <= limit and packing(bytes(rest[:6])):
            count += 1
            if count > 64 + len(data) // 1_000:
                raise ValueError("It has too many parts.")
            rest = _unpack_one(rest, found, limit)
    if most is None and len(found) > limit:
        decoding.check_packing(name, len(data), len(found))
        raise DatasetError(
            f"{name} unpacks to more than {limit / 1e6:,.0f} MB, the most that is possible: make "
            "the pictures smaller or leave some out."
        )
    return bytes(found[:limit])


def _unpack_one(rest: memoryview, found: bytearray, limit: int) -> memoryview:
    """Unpack one of the streams that may follow one another. Returns what comes after it."""
    kind = packing(bytes(rest[:6]))
    if kind == "gzip":
        tool = zlib.decompressobj(31)
    elif kind == "bzip2":
        tool = bz2.BZ2Decompressor()
    else:
        tool = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_LZMA)
    for place in range(0, len(rest), _CHUNK):
        chunk = rest[place : place + _CHUNK]
        found += tool.decompress(chunk, limit + 1 - len(found))
        if tool.eof:
            return rest[place + len(chunk) - len(tool.unused_data) :]
        if len(found) > limit:
            return rest[:0]
    raise EOFError("It ends too early.")


# --- tar -----------------------------------------------------------------------------------------

_BLOCK = 512
_TAR_MARK = b"ustar"
# Regular files (POSIX.1-2001, ustar); everything else is a folder, a link or a device.
_REGULAR = (b"0", b"\0", b"7")
_LONG_NAME, _NOTES = b"L", b"x"
_LONGEST_NAME = 65_536
_PATH_NOTE = re.compile(rb"[0-9]{1,9} path=([^\n]{1,8192})\n")


def is_tar(start: bytes) -> bool:
    """Whether a file of which these are the first 512 bytes is a tar archive."""
    return start[257:262] == _TAR_MARK


def tar_entries(name: str, data: bytes) -> list[Entry]:
    """The regular files in an unpacked tar archive, in its order. Raises DatasetError."""
    found: list[tuple[bytes, int, int]] = []
    place, noted = 0, b""
    with decoding.reading(name):
        while len(header := data[place : place + _BLOCK]) == _BLOCK and header.strip(b"\0"):
            size, kind = _tar_size(header), header[156:157]
            start, place = place + _BLOCK, place + _BLOCK + -(-size // _BLOCK) * _BLOCK
            content = data[start : start + min(size, _LONGEST_NAME)]
            if kind == _LONG_NAME:
                noted = content.split(b"\0")[0]
            elif kind == _NOTES:
                path = _PATH_NOTE.search(content)
                noted = path[1] if path else b""
            else:
                if kind in _REGULAR and start + size <= len(data):
                    found.append((noted or _tar_name(header), start, size))
                noted = b""
            if len(found) > _MOST_ENTRIES:
                raise _too_many(name)
    paths = readable_names([path for path, _, _ in found])
    return [
        Entry(path, size, lambda most, at=at, size=size: _tar_read(data, at, size, most))
        for path, (_, at, size) in zip(paths, found, strict=True)
    ]


def _tar_read(data: bytes, at: int, size: int, most: int | None) -> bytes:
    return data[at : at + (size if most is None else min(most, size))]


def _tar_size(header: bytes) -> int:
    """A file's size. Raises ValueError where the header's checksum is wrong."""
    counted = sum(header[:148]) + sum(header[156:]) + 8 * ord(" ")
    if counted != _octal(header[148:156]):
        raise ValueError("The checksum is wrong.")
    field = header[124:136]
    return int.from_bytes(field[1:], "big") if field[0] & 0x80 else _octal(field)


def _octal(field: bytes) -> int:
    return int(field.strip(b" \0") or b"0", 8)


def _tar_name(header: bytes) -> bytes:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    # GNU's tar, whose mark ends otherwise, keeps times where others keep the folders.
    return prefix + b"/" + name if prefix and header[262:263] == b"\0" else name
