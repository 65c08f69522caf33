"""PNG and JPEG files without the parts that draw nothing, before anything decodes them.

What decoders do with notes, colour profiles and previews in a picture takes time and memory that
its size does not tell: a kilobyte of packed notes unpacks to a megabyte, and thousands of empty
parts are looked at one by one.
"""

import re
import struct
from collections.abc import Iterator

from aeviz.data.uploads.rarer_image_bytes import is_webp, webp_chunks

PNG_START, JPEG_START = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"

# Size and type, colours, what is clear, pixels, end (PNG specification, chapter 11).
_PNG_PARTS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# So many parts, and one more for each so many bytes: writers put eight kilobytes or more in one.
_PARTS, _BYTES_A_PART = 64, 256
# Markers without a length (ITU-T T.81, table B.1): none belong before the pixels.
_BARE = (0x01, *range(0xD0, 0xDA))
_START_OF_SCAN = 0xDA
# JFIF's, EXIF's (how the camera was held) and Adobe's (which colours): the only ones that matter.
_JFIF, _EXIF, _ADOBE, _NOTES = 0xE0, 0xE1, 0xEE, (*range(0xE0, 0xF0), 0xFE)
# A colour profile comes in sixteen or so; the rest are tables.
_MOST_SEGMENTS = 1_000
_SCAN = b"\xff\xda"
_MARKER = re.compile(b"\xff[^\x00\xff]")
# EXIF's tag for how the camera was held (CIPA DC-008, "Orientation"), among so many at most.
_ORIENTATION, _MOST_TAGS = 274, 512


def bare_png(data: bytes) -> bytes:
    """A PNG's size, colours and pixels. Raises ValueError where its parts don't add up."""
    return PNG_START + b"".join(
        data[start:end] for kind, start, end in _png_parts(data) if kind in _PNG_PARTS
    )


def _png_parts(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each part, its length and checksum included."""
    place, most = len(PNG_START), _PARTS + len(data) // _BYTES_A_PART
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        most -= 1
        if most < 0:
            raise ValueError("It has too many parts.")
        yield kind, place, end
        if kind == b"IEND":
            break
        place = end


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG's tables and pixels, and its first EXIF note. Raises ValueError, as for a PNG."""
    kept, noted = [data[:2]], False
    for code, start, end in _jpeg_segments(data):
        exif = code == _EXIF and not noted and data[start + 4 : start + 8] == b"Exif"
        noted = noted or exif
        if code not in _NOTES or exif or code in (_JFIF, _ADOBE):
            kept.append(data[start:end])
    return b"".join(kept)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Code, start and end of each segment; the last one has the pixels and all after them."""
    place = 2
    for _ in range(_MOST_SEGMENTS):
        # Any number of filling bytes may stand before a marker (T.81, B.1.1.2), and decoders go on
        # to the next marker over everything else.
        found = _MARKER.search(data, place)
        if not found:
            raise ValueError("It has no pixels.")
        place, code = found.start(), data[found.start() + 1]
        if code in _BARE:
            place += 2
            continue
        if code == _START_OF_SCAN:
            yield code, place, len(data)
            return
        (length,) = struct.unpack_from(">H", data, place + 2)
        if length < 2:
            raise ValueError("Its parts do not follow one another.")
        yield code, place, place + 2 + length
        place += 2 + length
    raise ValueError("It has too many parts.")


def jpeg_passes(data: bytes) -> int:
    """How often a JPEG is drawn over: within pixels, 255 is followed by 0 or a restart's number."""
    return data.count(_SCAN)


def orientation(data: bytes) -> int:
    """How the camera was held, by a picture's EXIF note: 1 to 8; 1 where nothing says.

    A TIFF needs none: Pillow turns it as it is decoded.
    """
    try:
        return _orientation(_exif(data))
    except (struct.error, ValueError):
        return 1


def _exif(data: bytes) -> bytes:
    """The first EXIF note of a PNG, JPEG or WebP, in form a little TIFF; b"" for none."""
    parts, wanted, head, tail = iter(()), b"eXIf", 8, 4
    if data.startswith(PNG_START):
        parts = _png_parts(data)
    elif is_webp(data):
        parts, wanted, tail = webp_chunks(data), b"EXIF", 0
    elif data.startswith(JPEG_START):
        parts, wanted, head, tail = _jpeg_segments(data), _EXIF, 4, 0
    for kind, start, end in parts:
        note = data[start + head : end - tail]
        if kind == wanted and (kind != _EXIF or note[:4] == b"Exif"):
            return note.removeprefix(b"Exif\0\0")
    return b""


def _orientation(note: bytes) -> int:
    order = "<" if note[:2] == b"II" else ">"
    (place,) = struct.unpack_from(f"{order}I", note, 4)
    (count,) = struct.unpack_from(f"{order}H", note, place)
    for i in range(min(count, _MOST_TAGS)):
        tag, _, _, value = struct.unpack_from(f"{order}HHIH", note, place + 2 + 12 * i)
        if tag == _ORIENTATION:
            return value
    return 1
