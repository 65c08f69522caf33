"""PNG and JPEG files without the parts that draw nothing, before anything decodes them.

What decoders do with notes, colour profiles and previews in a picture takes time and memory that
its size does not tell: a kilobyte of packed notes unpacks to a megabyte, and thousands of empty
parts are looked at one by one.
"""

import struct

PNG_START, JPEG_START = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"

# Size and type, colours, what is clear, pixels, end (PNG specification, chapter 11).
_PNG_PARTS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# So many parts, and one more for each so many bytes: writers put eight kilobytes or more in one.
_PARTS, _BYTES_A_PART = 64, 256
# Markers without a length before the pixels (ITU-T T.81, table B.1): none belong there.
_BARE = (0x01, *range(0xD0, 0xDA))
_START_OF_SCAN = 0xDA
# JFIF's, EXIF's (how the camera was held) and Adobe's (which colours): the only ones that matter.
_JFIF, _EXIF, _ADOBE, _NOTES = 0xE0, 0xE1, 0xEE, (*range(0xE0, 0xF0), 0xFE)
# A colour profile comes in sixteen or so; the rest are tables.
_MOST_SEGMENTS = 1_000
_SCAN = b"\xff\xda"


def bare_png(data: bytes) -> bytes:
    """A PNG's size, colours and pixels. Raises ValueError where its parts don't add up."""
    kept, place, count = [PNG_START], len(PNG_START), 0
    most = _PARTS + len(data) // _BYTES_A_PART
    while place < len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        count += 1
        if count > most:
            raise ValueError("It has too many parts.")
        if kind in _PNG_PARTS:
            kept.append(data[place:end])
        if kind == b"IEND":
            break
        place = end
    return b"".join(kept)


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG's tables and pixels, and its first EXIF note. Raises ValueError, as for a PNG."""
    kept, place, noted = [data[:2]], 2, False
    for _ in range(_MOST_SEGMENTS):
        marker, length = struct.unpack_from(">HH", data, place)
        code = marker & 0xFF
        if marker >> 8 != 0xFF or code == 0xFF or code in _BARE or length < 2:
            raise ValueError("Its parts do not follow one another.")
        if code == _START_OF_SCAN:
            return b"".join([*kept, data[place:]])
        end = place + 2 + length
        exif = code == _EXIF and not noted and data[place + 4 : place + 8] == b"Exif"
        noted = noted or exif
        if code not in _NOTES or exif or code in (_JFIF, _ADOBE):
            kept.append(data[place:end])
        place = end
    raise ValueError("It has too many parts.")


def jpeg_passes(data: bytes) -> int:
    """How often a JPEG is drawn over: within pixels, 255 is followed by 0 or a restart's number."""
    return data.count(_SCAN)
