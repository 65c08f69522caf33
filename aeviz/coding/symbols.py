"""Whole numbers to bytes by an entropy coder, and back: rare ones cost more than frequent ones.

The coder is `constriction`'s asymmetric numeral system (Bamler 2022, arXiv 2201.01741). Each column
of numbers is taken for rounded draws from a normal distribution round 0, of a known spread.
"""

from typing import Any

import constriction
import numpy as np

# Its submodules come from a compiled library, which a type checker cannot look into.
_STREAM: Any = vars(constriction)["stream"]
_ANS, _MODEL = _STREAM.stack.AnsCoder, _STREAM.model
# The coder keeps a share of 2^-24 for each number that is possible, whatever the distribution says
# of it: so many cost half a hundredth of a bit.
LARGEST = 2**15 - 1
# Of a column that is rounded to 0 nearly always: one number in a thousand is not.
_LEAST_SPREAD = 0.15
_WORD = np.dtype("<u4")


class NotCoded(ValueError):
    """Bytes that the coder did not write."""


def write_symbols(
    levels: np.ndarray, spreads: np.ndarray, labels: np.ndarray | None = None, kinds: int = 0
) -> bytes:
    """Write (n, k) whole numbers of at most LARGEST, and what each picture shows.

    Args:
        levels: the numbers.
        spreads: (k,), the standard deviation of each column.
        labels: (n,) whole numbers below `kinds`, all as likely; of no effect where that is 0.
        kinds: how many there are.
    """
    coder = _ANS()
    # What is written last is read first.
    if kinds and labels is not None:
        coder.encode_reverse(labels.astype(np.int32), _MODEL.Uniform(kinds))
    for column, model in reversed([*enumerate(_models(spreads))]):
        coder.encode_reverse(np.ascontiguousarray(levels[:, column], dtype=np.int32), model)
    return coder.get_compressed().astype(_WORD).tobytes()


def read_symbols(
    data: bytes, count: int, spreads: np.ndarray, kinds: int = 0
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the (count, k) int32 numbers and the (count,) labels that `write_symbols` wrote.

    Raises:
        NotCoded: the bytes are not exactly so many numbers.
    """
    if len(data) % _WORD.itemsize:
        raise NotCoded
    try:
        coder = _ANS(np.frombuffer(data, dtype=_WORD).astype(np.uint32))
    except ValueError as error:  # no run of words ends with 0
        raise NotCoded from error
    levels = np.empty((count, len(spreads)), np.int32)
    for column, model in enumerate(_models(spreads)):
        levels[:, column] = coder.decode(model, count)
    labels = coder.decode(_MODEL.Uniform(kinds), count).astype(np.uint8) if kinds else None
    # A coder gives numbers from nothing as well, and leaves what it was not asked for.
    if not coder.is_empty():
        raise NotCoded
    return levels, labels


def _models(spreads: np.ndarray) -> list:
    spreads = np.maximum(spreads.astype(np.float64), _LEAST_SPREAD).tolist()
    return [_MODEL.QuantizedGaussian(-LARGEST, LARGEST, 0.0, spread) for spread in spreads]
