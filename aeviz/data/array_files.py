"""Arrays in `.npy` and IDX streams, read so that nothing is believed before it is checked.

What is wrong with a file is said as the end of a sentence that begins with the file's name.
"""

import io
import struct
from dataclasses import dataclass
from typing import Protocol

import numpy as np

# NumPy's own limit for what it will parse (numpy.lib.format); ours holds before it is read, too.
_LONGEST_HEADER = 10_000
# No dimension of any array here is near this; keeps what is said of a mad one short.
_LONGEST_DIMENSION = 2**40
# By the megabyte: what is read is copied into its place.
_CHUNK = 1 << 20


class ByteStream(Protocol):
    """What an array is read from: a file, a member of a zip, an unpacked gzip."""

    def read(self, size: int = ..., /) -> bytes: ...  # noqa: D102


class ArrayFileError(ValueError):
    """A stream does not hold the array it should: the end of a sentence, as "ends too early"."""


@dataclass(frozen=True)
class ArrayHeader:
    """What an array's header declares, before any of its values is read."""

    shape: tuple[int, ...]
    dtype: np.dtype
    # Whether the first axis, not the last, is the one whose values stand side by side.
    fortran: bool = False

    @property
    def bytes(self) -> int:
        """Of all values together."""
        size = self.dtype.itemsize
        for length in self.shape:
            size *= length
        return size


def npy_header(stream: ByteStream, name: str) -> ArrayHeader:
    """Leave the stream at the first value. `name`: the array's, for the sentence.

    Nothing is allocated by what the header claims. Raises ArrayFileError.
    """
    start = stream.read(8)
    if len(start) < 8 or start[:6] != b"\x93NUMPY":
        raise ArrayFileError("is damaged or incomplete")
    version = (start[6], start[7])
    if version not in ((1, 0), (2, 0)):
        raise ArrayFileError(f"stores {name} in a version of the .npy format that is not known")
    width, reader = (
        ("<H", np.lib.format.read_array_header_1_0)
        if version == (1, 0)
        else ("<I", np.lib.format.read_array_header_2_0)
    )
    size = stream.read(struct.calcsize(width))
    if len(size) < struct.calcsize(width) or struct.unpack(width, size)[0] > _LONGEST_HEADER:
        raise ArrayFileError("is damaged or incomplete")
    header = io.BytesIO(size + stream.read(struct.unpack(width, size)[0]))
    try:
        shape, fortran_order, dtype = reader(header)
    except (Exception, MemoryError) as error:  # the latter for brackets within brackets
        raise ArrayFileError("is damaged or incomplete") from error
    if not all(type(n) is int and 0 <= n < _LONGEST_DIMENSION for n in shape):
        raise ArrayFileError(f"has {name} of a shape that no array has")
    return ArrayHeader(shape, dtype, fortran_order and len(shape) > 1)


def check_no_objects(header: ArrayHeader, name: str) -> None:
    """Raise ArrayFileError for Python objects: unpickling one can run code."""
    if header.dtype.hasobject:
        raise ArrayFileError(f"stores {name} as pickled Python objects, which are not safe to open")


# The third byte of an IDX file (the format section of the MNIST home page).
_IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def idx_header(stream: ByteStream) -> ArrayHeader:
    """Leave the stream at the first value. Raises ArrayFileError.

    The header: two zero bytes, the type of the values, the number of dimensions, then each
    dimension as a big-endian 32-bit number (the format section of the MNIST home page).
    """
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _IDX_TYPES or not start[3]:
        raise ArrayFileError("is not an IDX file")
    lengths = stream.read(4 * start[3])
    if len(lengths) < 4 * start[3]:
        raise ArrayFileError("ends too early, as after a download that broke off")
    shape = struct.unpack(f">{start[3]}I", lengths)
    return ArrayHeader(shape, np.dtype(_IDX_TYPES[start[2]]))


def read_whole(stream: ByteStream, header: ArrayHeader) -> np.ndarray:
    """Return the array that a header declares, in either order. Raises ArrayFileError.

    The caller has checked that its bytes are not too many and that it holds no objects.
    """
    array = np.empty(header.shape[::-1] if header.fortran else header.shape, header.dtype)
    fill(stream, array)
    check_end(stream)
    return array.T if header.fortran else array


def fill(stream: ByteStream, array: np.ndarray) -> None:
    """Read the values of a C-ordered array from the stream. Raises ArrayFileError if it ends."""
    target = array.reshape(-1).view(np.uint8).data
    while target:
        part = stream.read(min(_CHUNK, len(target)))
        if not part:
            raise ArrayFileError("ends too early, as after a download that broke off")
        target[: len(part)] = part
        target = target[len(part) :]


def check_end(stream: ByteStream) -> None:
    """Raise ArrayFileError unless the stream ends here.

    Reading on to the end is also what makes zipfile and gzip compare their checksums.
    """
    if stream.read(1):
        raise ArrayFileError("holds more data than it says it does")
