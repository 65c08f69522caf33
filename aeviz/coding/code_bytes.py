"""Codes of pictures as one run of bytes, and back: rounded to a step, then entropy-coded.

    4 bytes   "aevc"
    2         version, kinds of picture that a label is one of (0: no labels), a byte each
    4         CRC-32 of all that follows
    4 + 2     pictures, numbers of a code
    4         the step, float32
    the rest  the coder's words, 4 bytes each

Whoever has the decoder and its transform can draw the pictures from it. Bytes from elsewhere are
checked, length and checksum first: a coder gives numbers from anything.
"""

import math
import struct
import zlib

import numpy as np

from aeviz.coding.symbols import LARGEST, NotCoded, read_symbols, write_symbols
from aeviz.coding.transform import CodeTransform
from aeviz.errors import UserError

_MAGIC, _VERSION = b"aevc", 1
_BEGIN, _ABOUT = struct.Struct("<4sBBI"), struct.Struct("<IHf")
# Numbers in all: two seconds and 40 MB. The test pictures of MNIST with codes of 784 numbers are
# fewer.
MOST_NUMBERS = 10_000_000
# Three bytes a number are more than any code takes here.
MOST_BYTES = 3 * MOST_NUMBERS


class CodeBytesError(UserError):
    """Codes that cannot be written or read, in one sentence."""


def write_codes(
    codes: np.ndarray,
    transform: CodeTransform,
    step: float,
    labels: np.ndarray | None = None,
    kinds: int = 0,
) -> bytes:
    """Return (n, k) codes as bytes.

    Args:
        codes: of n pictures.
        transform: the network's.
        step: what a number of the transformed code is rounded to, above 0.
        labels: (n,) what the pictures show, for a network that is told it.
        kinds: how many kinds that network knows, 0 where it is told nothing.

    Raises:
        CodeBytesError: they are not finite, too many, or too far apart for this step.
    """
    if codes.size > MOST_NUMBERS:
        raise CodeBytesError(
            f"{len(codes):,} codes of {codes.shape[1]:,} numbers are too many for one file: "
            f"{MOST_NUMBERS:,} numbers at most."
        )
    step = float(np.float32(step))
    levels = np.rint(transform.apply(codes) / step)
    if not np.abs(levels).max(initial=0.0) <= LARGEST:
        raise CodeBytesError("These codes reach too far for so small a step: choose a larger one.")
    words = write_symbols(levels.astype(np.int32), transform.spreads / step, labels, kinds)
    rest = _ABOUT.pack(*codes.shape, step) + words
    return _BEGIN.pack(_MAGIC, _VERSION, kinds, zlib.crc32(rest)) + rest


def read_codes(
    data: bytes, transform: CodeTransform, kinds: int = 0
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the (n, k) float32 codes of what `write_codes` wrote, and their labels.

    Raises:
        CodeBytesError: the bytes are no codes, not whole, or another network's.
    """
    rest = _checked(data, kinds)
    count, size, step = _ABOUT.unpack_from(rest)
    if size != len(transform.mean):
        raise CodeBytesError(
            f"These are codes of {size:,} numbers, and this network's have "
            f"{len(transform.mean):,}: open them with the network that wrote them."
        )
    if count * size > MOST_NUMBERS or not (math.isfinite(step) and step > 0):
        raise _damaged()
    try:
        spreads = transform.spreads / step
        levels, labels = read_symbols(rest[_ABOUT.size :], count, spreads, kinds)
    except NotCoded as error:
        raise _damaged() from error
    try:
        return transform.undo(levels * step), labels
    except np.linalg.LinAlgError as error:
        raise CodeBytesError(
            "This model's file does not say how its codes are written: fetch a fresh copy of it."
        ) from error


def _checked(data: bytes, kinds: int) -> bytes:
    """What follows the checksum."""
    if len(data) > MOST_BYTES:
        raise CodeBytesError(f"This is more than the {MOST_BYTES // 10**6} MB that codes may take.")
    if data[: len(_MAGIC)] != _MAGIC:
        raise CodeBytesError("This is no file of codes: choose one that was saved here.")
    if len(data) < _BEGIN.size + _ABOUT.size:
        raise _damaged()
    _, version, known, crc = _BEGIN.unpack_from(data)
    rest = data[_BEGIN.size :]
    if version != _VERSION:
        raise CodeBytesError(f"These codes were written by another version of aeviz ({version}).")
    if zlib.crc32(rest) != crc:
        raise _damaged()
    if known != kinds:
        raise CodeBytesError(
            "These codes are of a network that is told other kinds of picture: open them with the "
            "network that wrote them."
        )
    return rest


def _damaged() -> CodeBytesError:
    return CodeBytesError("This file of codes is damaged or not whole: save it anew.")
