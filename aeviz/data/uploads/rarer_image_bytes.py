"""GIF, WebP, BMP, TIFF and PGM files before anything decodes them: only what is bounded goes on.

Each function raises ValueError, struct.error or IndexError for a file that is not to be decoded.
"""

import re
import struct
from collections.abc import Iterator

GIF_STARTS, TIFF_STARTS = (b"GIF87a", b"GIF89a"), (b"II*\0", b"MM\0*")
# Their decoders hold several copies in colour; phones and cameras write larger ones as JPEG.
MOST_PIXELS = 25_000_000
# A picture in a GIF comes in blocks of 255 bytes; so many, and one more for each so many bytes.
_BLOCKS, _BYTES_A_BLOCK = 64, 16
_MOST_CHUNKS = 10_000
# A binary PGM's or PPM's size and greatest value, among notes; other values than these are unpacked
# number by number, which takes long.
_PNM = re.compile(
    rb"P(?=5(\s|#[^\n]{0,200}\n)+[0-9]{1,5}\s+[0-9]{1,5}\s+(255|65535)\s"
    rb"|6(\s|#[^\n]{0,200}\n)+[0-9]{1,5}\s+[0-9]{1,5}\s+255\s)"
)
_GIF_PART = re.compile(rb"[!,;]")
# All but notes and what is not known.
_WEBP_PARTS = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF")
_WEBP_NOTE_FLAGS = 0x20 | 0x08 | 0x04
# BITMAPCOREHEADER to BITMAPV5HEADER; pixels as they are, or with masks for the colours.
_BMP_HEADERS, _BMP_PLAIN = (12, 40, 52, 56, 64, 108, 124), (0, 3)
# TIFF 6.0: none, LZW, deflate (two numbers), PackBits.
_TIFF_PACKINGS = (1, 5, 8, 32946, 32773)
_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TIFF_TEXTS = (1, 2, 7)
_MOST_ENTRIES, _MOST_NUMBERS = 256, 100_000
_WIDTH, _HEIGHT, _PACKING, _STRIPS, _ROWS, _TILE_WIDTH, _TILE_HEIGHT, _TILES = (
    256, 257, 259, 273, 278, 322, 323, 324
)  # fmt: skip


class TooLarge(ValueError):
    """A picture has more pixels than are decoded."""


def is_bmp(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a BMP: its mark alone begins words, too."""
    return (
        start[:2] == b"BM"
        and len(start) >= 18
        and start[6:10] == bytes(4)
        and int.from_bytes(start[14:18], "little") in _BMP_HEADERS
    )


def is_webp(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a WebP."""
    return start[:4] == b"RIFF" and start[8:12] == b"WEBP"


def is_pnm(start: bytes) -> bool:
    """Whether a file that begins with these bytes is a PGM or PPM that is quick to read."""
    return bool(_PNM.match(start))


def bare_gif(data: bytes) -> bytes:
    """A GIF's first picture, with its colours and what is clear in it."""
    place = 13 + _colours(data[10])
    head, control, most = data[:place], b"", _BLOCKS + len(data) // _BYTES_A_BLOCK
    for _ in range(_MOST_CHUNKS):
        # Decoders go on to the next part over everything else.
        found = _GIF_PART.search(data, place)
        if not found or found[0] == b";":
            raise ValueError("It has no pixels.")
        place = found.start()
        if found[0] == b"!":  # an extension: notes, or what is clear
            end, most = _after_blocks(data, place + 2, most)
            control = data[place:end] if data[place + 1] == 0xF9 else control
            place = end
        else:
            start = place + 11 + _colours(data[place + 9])
            end, _ = _after_blocks(data, start, most)
            return b"".join([head, control, data[place:end], b";"])
    raise ValueError("It has too many parts.")


def _colours(flags: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, place: int, most: int) -> tuple[int, int]:
    """Where blocks that begin here have ended, and how many more there may be."""
    while place < len(data) and (size := data[place]):
        place += 1 + size
        most -= 1
        if most < 0:
            raise ValueError("It has too many parts.")
    return place + 1, most


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each part of a WebP, its eight bytes of head included."""
    place = 12
    last = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    for _ in range(_MOST_CHUNKS):
        if place + 8 > last:
            return
        kind, size = struct.unpack_from("<4sI", data, place)
        end = place + 8 + size + size % 2
        yield kind, place, end
        place = end
    raise ValueError("It has too many parts.")


def bare_webp(data: bytes) -> bytes:
    """A WebP without notes, its size checked: its decoder takes memory for it when it is opened."""
    kept = []
    for kind, start, end in webp_chunks(data):
        part = data[start:end]
        if not kept:
            width, height = _webp_size(kind, part)
            if width * height > MOST_PIXELS:
                raise TooLarge
            if kind == b"VP8X":
                part = part[:8] + bytes([part[8] & ~_WEBP_NOTE_FLAGS]) + part[9:]
        if kind in _WEBP_PARTS:
            kept.append(part)
        if kept[0][:4] != b"VP8X":
            break  # such a file has one part, and all else is no part of it
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_size(kind: bytes, part: bytes) -> tuple[int, int]:
    """Width and height by the first part (WebP container specification)."""
    if kind == b"VP8X":
        return (
            1 + int.from_bytes(part[12:15], "little"),
            1 + int.from_bytes(part[15:18], "little"),
        )
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", part, 9)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", part, 14)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("It does not begin with its size.")


def checked_bmp(data: bytes) -> bytes:
    """The BMP itself, unless its pixels are packed: those are unpacked slowly."""
    if int.from_bytes(data[14:18], "little") >= 40:
        (packing,) = struct.unpack_from("<I", data, 30)
        if packing not in _BMP_PLAIN:
            raise ValueError("It is packed in an unusual way.")
    return data


def checked_tiff(data: bytes) -> bytes:
    """The TIFF itself, unless its first picture's tags ask for more than they should."""
    entries = list(_tiff_entries(data))
    together = sum(number * _TIFF_SIZES.get(kind, 1) for _, kind, number, _ in entries)
    most = max((number for _, kind, number, _ in entries if kind not in _TIFF_TEXTS), default=0)
    if together > len(data) or most > _MOST_NUMBERS:
        raise ValueError("It has too many parts.")
    tags = {tag: value for tag, _, number, value in entries if number == 1}
    width, height = tags.get(_WIDTH, 0), tags.get(_HEIGHT, 0)
    rows = tags.get(_ROWS, height)
    tile = tags.get(_TILE_WIDTH, 0) * tags.get(_TILE_HEIGHT, 0)
    # Tiles go over the edge by less than one; a strip of all rows may say the most there are.
    if width * height > MOST_PIXELS:
        raise TooLarge
    if (
        tags.get(_PACKING, 1) not in _TIFF_PACKINGS
        or (rows > height and rows != 2**32 - 1 and rows * width > MOST_PIXELS)
        or tile > max(4 * width * height, 1 << 20)
    ):
        raise ValueError("It asks for too much, or is packed in an unusual way.")
    return data


def tiff_pieces(data: bytes) -> int:
    """How many strips or tiles a TIFF's first picture is in: each takes time of its own."""
    return max(number for tag, _, number, _ in _tiff_entries(data) if tag in (_STRIPS, _TILES))


def _tiff_entries(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Tag, type, count of numbers, and the first number, of the first picture."""
    order = "<" if data[:2] == b"II" else ">"
    (place,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, place)
    if count > _MOST_ENTRIES:
        raise ValueError("It has too many parts.")
    for at in range(place + 2, place + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(f"{order}HHI", data, at)
        # Types 1 and 3 are of one and two bytes, and stand at the front of their four.
        width = {1: "B", 3: "H"}.get(kind, "I")
        yield tag, kind, number, struct.unpack_from(order + width, data, at + 8)[0]
