"""Safetensors files: their suffix, their checksum, and what reading a damaged one may raise.

A tensor may be packed: its bytes, squeezed by zlib, are then a tensor of uint8, and what it is
stands beside it as [kind, shape].
"""

import hashlib
import math
import zlib
from pathlib import Path

import numpy as np
from safetensors import safe_open

SUFFIX = ".safetensors"
# zlib's: a higher one takes twice as long and saves a hundredth.
_LEVEL = 6
# float16 as all low bytes and then all high ones: the high ones, of sign and size, are much alike,
# and a tenth to a fifth is saved. Files from before that have it as it is.
_BY_BYTES = "<f2 by bytes"
_PACKED_KINDS = {"|u1": np.dtype("|u1"), "<f2": np.dtype("<f2"), _BY_BYTES: np.dtype("<f2")}


def opened(path: Path) -> safe_open:
    """Open a file to read its description and tensors. Raises OSError, SafetensorError.

    Only a file: a pipe of that name would have its reader wait for ever.
    """
    if path.exists() and not path.is_file():
        raise OSError("not a file")
    return safe_open(path, framework="numpy")


def checksum(about: str, tensors: dict[str, np.ndarray]) -> str:
    """SHA-256, in hex, of the description and of every tensor as it is stored."""
    digest = hashlib.sha256(about.encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()


def packed(array: np.ndarray) -> tuple[np.ndarray, list]:
    """Return the bytes of a uint8 or float16 array, squeezed, as uint8, and its [kind, shape]."""
    array = np.ascontiguousarray(array)
    kind, data = array.dtype.str, array.data
    if kind == "<f2":
        kind, data = _BY_BYTES, np.ascontiguousarray(array.reshape(-1, 1).view(np.uint8).T).data
    return np.frombuffer(zlib.compress(data, _LEVEL), dtype=np.uint8), [kind, list(array.shape)]


def unpacked_bytes(kind: str, shape: list[int]) -> int:
    """Return how many bytes a packed array says it has. Raises ValueError for nonsense."""
    if kind not in _PACKED_KINDS or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("what is packed in it")
    return math.prod(shape) * _PACKED_KINDS[kind].itemsize


def unpacked(squeezed: np.ndarray, kind: str, shape: list[int]) -> np.ndarray:
    """Return the array again; no more than the bytes it says it has are ever made.

    Raises ValueError for bytes that are not exactly that array.
    """
    size = unpacked_bytes(kind, shape)
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(squeezed.tobytes(), size + 1)
    except zlib.error as error:
        raise ValueError("what is packed in it") from error
    if len(data) != size or not unpacker.eof or unpacker.unused_data:
        raise ValueError("what is packed in it")
    array = np.frombuffer(data, dtype=np.uint8)
    if kind == _BY_BYTES:
        array = np.ascontiguousarray(array.reshape(2, -1).T)
    return array.view(_PACKED_KINDS[kind]).reshape(shape)


# What reading a description raises that isn't one of ours: wrong types, missing keys, a number or a
# nesting beyond all bounds.
NONSENSE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
