"""Packs what a component is handed: JSON values and arrays as one block of bytes."""

import json
import struct
from collections.abc import Iterable

import numpy as np


def packed(value: object) -> bytes:
    """Return a JSON value with NumPy arrays anywhere in it as bytes; shell/component.js reads them.

    They are the length of a JSON head (uint32), the head, then the arrays, little-endian. In the
    head stands for each array its kind (such as "f2" or "u1"), its place after the head and its
    size, both in bytes.
    """
    blocks: list[bytes] = []
    place = 0

    def stand_in(array: object) -> dict[str, object]:
        nonlocal place
        if not isinstance(array, np.ndarray):
            raise TypeError(f"A component cannot be handed {type(array)}.")
        blocks.append(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
        place += len(blocks[-1])
        return {
            "array": array.dtype.str[1:],
            "at": place - len(blocks[-1]),
            "size": len(blocks[-1]),
        }

    head = json.dumps(value, default=stand_in).encode()
    return b"".join([struct.pack("<I", len(head)), head, *blocks])


def check_shapes(
    of: str, wanted: Iterable[tuple[str, np.ndarray | None, tuple[int, ...] | None]]
) -> None:
    """Raise ValueError, naming `of` and the array, unless each array is None or has its shape."""
    for name, array, shape in wanted:
        if array is not None and np.shape(array) != shape:
            raise ValueError(f"{of}'s {name} must have the shape {shape}, not {np.shape(array)}.")
