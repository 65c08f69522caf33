"""Safetensors files: their suffix, their checksum, and what reading a damaged one may raise."""

import hashlib
from pathlib import Path

import numpy as np
from safetensors import safe_open

SUFFIX = ".safetensors"


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


# What reading a description raises that isn't one of ours: wrong types, missing keys, a number or a
# nesting beyond all bounds.
NONSENSE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
