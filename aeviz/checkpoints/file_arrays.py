"""The arrays of a model's file, each taken out once and checked."""

import numpy as np

from aeviz.checkpoints.checkpoint import CheckpointError


def array_of(file: str, tensors: dict, name: str, shape: tuple, kinds: str) -> np.ndarray:
    """Take `name` out of `tensors`; None in `shape` fits any length, `kinds` is like "f2 f4"."""
    if name not in tensors:
        raise CheckpointError(f"{file} lacks {name}.")
    array = tensors.pop(name)
    fits = len(array.shape) == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if not fits or not {array.dtype.kind, array.dtype.str[1:]} & set(kinds.split()):
        raise CheckpointError(
            f"{file} does not fit its own recipe: {name} is {array.dtype} {array.shape}."
        )
    array.flags.writeable = False
    return array


def labels_of(file: str, tensors: dict, name: str, count: int | None) -> np.ndarray | None:
    """Take so many labels out of `tensors`; None where there are none of this name."""
    return array_of(file, tensors, name, (count,), "u1") if name in tensors else None
