"""Reading CIFAR-10 from the archive of its binary version, and nothing else from that archive.

The binary version holds plain bytes; the better known one holds pickled Python objects, which can
run code as they are opened.
"""

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from aeviz.data.array_files import ByteStream, fill
from aeviz.data.dataset_files import reading, unusable

SIDE, CHANNELS = 32, 3
# Validation is the last 5,000 training images, so that training is the first nine tenths.
N_TRAIN, N_VALIDATION, N_TEST = 45_000, 5_000, 10_000
# Of https://www.cs.toronto.edu/~kriz/cifar.html: six files, each of 10,000 records of one byte for
# the label and then red, green and blue, row by row.
_PARTS = (*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin")
_RECORDS, _RECORD = 10_000, 1 + SIDE * SIDE * CHANNELS
_FOLDER = "cifar-10-batches-bin/"
# The archive holds 184.4 MB of the six files, a page of text and the names: no more is unpacked.
_MOST_BYTES = 190_000_000


def read_cifar10(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The archive's images (60000, 32, 32, 3) and labels (60000,), uint8, in its own order.

    Nothing is written to disk. Raises DatasetError for an archive of anything else.
    """
    n = len(_PARTS) * _RECORDS
    images = np.empty((n, SIDE, SIDE, CHANNELS), np.uint8)
    labels = np.empty(n, np.uint8)
    records = np.empty((_RECORDS, _RECORD), np.uint8)
    missing = set(_PARTS)
    with reading(path), gzip.open(path) as unpacked:
        for name, stream in _members(path, unpacked):
            if name not in missing:
                raise unusable(path, f"holds {name} twice")
            missing.remove(name)
            fill(stream, records)
            rows = slice(_PARTS.index(name) * _RECORDS, (_PARTS.index(name) + 1) * _RECORDS)
            labels[rows] = records[:, 0]
            by_channel = records[:, 1:].reshape(-1, CHANNELS, SIDE, SIDE)
            images[rows] = by_channel.transpose(0, 2, 3, 1)
            if labels[rows].max() > 9:
                raise unusable(path, f"has a label {labels[rows].max()} where labels go to 9")
        if missing:
            raise unusable(path, f"lacks {min(missing)}, which CIFAR-10's binary version has")
    return images, labels


def _members(path: Path, unpacked: ByteStream) -> Iterator[tuple[str, ByteStream]]:
    """The six files as they come, by name. What else is in the archive is passed over."""
    with tarfile.open(fileobj=_Bounded(path, unpacked), mode="r|") as archive:
        for member in archive:
            name = member.name.removeprefix(_FOLDER)
            stream = archive.extractfile(member) if member.isreg() and name in _PARTS else None
            if stream is None:
                continue
            if member.size != _RECORDS * _RECORD:
                raise unusable(path, f"has {name} of another size than CIFAR-10's binary version")
            yield name, stream


class _Bounded(io.BufferedIOBase):
    """A stream that refuses to go on for ever: a small archive may unpack to a large one."""

    def __init__(self, path: Path, stream: ByteStream) -> None:
        super().__init__()
        self._path, self._stream, self._left = path, stream, _MOST_BYTES

    def read(self, size: int | None = -1) -> bytes:
        part = self._stream.read(_MOST_BYTES if size is None or size < 0 else size)
        self._left -= len(part)
        if self._left < 0:
            raise unusable(self._path, "holds more than CIFAR-10 does")
        return part
