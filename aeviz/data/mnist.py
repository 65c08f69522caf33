"""Reading MNIST, Fashion-MNIST and scikit-learn's digits from their files, checked.

MNIST and Fashion-MNIST have the same shapes: 60,000 training and 10,000 test images.
"""

import gzip
import importlib.util
import zipfile
from pathlib import Path

import numpy as np

from aeviz.data.array_files import (
    ByteStream,
    check_end,
    check_no_objects,
    fill,
    idx_header,
    npy_header,
)
from aeviz.data.dataset import DatasetError, ImageDataset
from aeviz.data.dataset_files import reading, unusable
from aeviz.data.sources import DATASETS

# Validation is the first 5,000 training images, as in source 5 and in TensorFlow's old loader.
N_TRAIN, N_VALIDATION, N_TEST = 55_000, 5_000, 10_000
SIDE = 28
# Where the images of a file of 60,000 and a file of 10,000 belong in the order train, validation,
# test: reading them straight to their place saves copying 43 MB.
TRAIN_FILE = (slice(N_TRAIN, N_TRAIN + N_VALIDATION), slice(0, N_TRAIN))
TEST_FILE = (slice(N_TRAIN + N_VALIDATION, N_TRAIN + N_VALIDATION + N_TEST),)


def _empty() -> tuple[np.ndarray, np.ndarray]:
    n = N_TRAIN + N_VALIDATION + N_TEST
    return np.empty((n, SIDE, SIDE), np.uint8), np.empty(n, np.uint8)


def read_mnist(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Keras's mnist.npz as images (70000, 28, 28) and labels (70000,), uint8, train first."""
    images, labels = _empty()
    with reading(path), zipfile.ZipFile(path) as archive:
        for member, array, places in (
            ("x_train", images, TRAIN_FILE),
            ("y_train", labels, TRAIN_FILE),
            ("x_test", images, TEST_FILE),
            ("y_test", labels, TEST_FILE),
        ):
            if f"{member}.npy" not in archive.namelist():
                raise unusable(path, f"has no array called {member}, which Keras's MNIST file has")
            with archive.open(f"{member}.npy") as stream:
                _check_npy_header(path, member, stream, _shape(array, places))
                _fill(path, stream, array, places)
    return images, labels


def _check_npy_header(path: Path, member: str, stream: ByteStream, shape: tuple[int, ...]) -> None:
    """Leaves the stream at the first pixel."""
    header = npy_header(stream, member)
    check_no_objects(header, member)
    if header.dtype != np.uint8:
        raise unusable(path, f"stores {member} as {header.dtype} where MNIST has uint8 (0 to 255)")
    if header.shape != shape:
        raise unusable(path, f"has {member} of shape {header.shape} where MNIST has {shape}")
    if header.fortran:
        raise unusable(path, f"stores {member} column by column (Fortran order), not row by row")


def read_fashion_mnist(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """The four gzipped IDX files as images (70000, 28, 28) and labels (70000,), uint8."""
    images, labels = _empty()
    for part, places in (("train", TRAIN_FILE), ("t10k", TEST_FILE)):
        _read_idx(folder / f"{part}-images-idx3-ubyte.gz", images, places)
        _read_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels, places)
    # MNIST's own files have the same four names and shapes, but its classes differ in size.
    if np.any(np.bincount(labels[: N_TRAIN + N_VALIDATION], minlength=10) != 6_000):
        raise DatasetError(
            f"{folder} holds files named like Fashion-MNIST's with other labels in them (MNIST's "
            "own have the same names); move the four files somewhere else and load Fashion-MNIST "
            "again."
        )
    return images, labels


def _read_idx(path: Path, array: np.ndarray, places: tuple[slice, ...]) -> None:
    """Reads a gzipped IDX file of unsigned bytes into its places in `array`."""
    shape = _shape(array, places)
    with reading(path), gzip.open(path) as stream:
        header = idx_header(stream)
        if header.dtype != np.uint8 or len(header.shape) != len(shape):
            raise unusable(path, f"is not an IDX file of bytes in {len(shape)} dimension(s)")
        if header.shape != shape:
            raise unusable(
                path, f"holds an array of shape {header.shape} where {shape} is expected"
            )
        _fill(path, stream, array, places)


def _shape(array: np.ndarray, places: tuple[slice, ...]) -> tuple[int, ...]:
    return (sum(place.stop - place.start for place in places), *array.shape[1:])


def _fill(path: Path, stream: ByteStream, array: np.ndarray, places: tuple[slice, ...]) -> None:
    """Read bytes into `array[place]` for each place; check where the stream ends, and the range."""
    for place in places:
        fill(stream, array[place])
    check_end(stream)
    _check_range(path, array, places)


def _check_range(path: Path, array: np.ndarray, places: tuple[slice, ...]) -> None:
    highest = max(array[place].max() for place in places)
    if array.ndim == 1 and highest > 9:
        raise unusable(path, f"has a label {highest} where labels go from 0 to 9")
    # Pixels already scaled to 0 and 1, or blank ones, would train to nothing.
    if array.ndim == 3 and highest < 128:
        raise unusable(path, f"has no pixel brighter than {highest} where white is 255")


def read_digits() -> ImageDataset:
    """Load scikit-learn's 8 x 8 digits; values 0 to 16 become 0 to 255.

    The first 200 images are for validation, the last 300 for testing, the rest for training.
    """
    table = _digits_table()
    images = np.rint(table[:, :-1].reshape(-1, 8, 8) * 255 / 16).astype(np.uint8)
    labels = table[:, -1].astype(np.uint8)
    order = np.r_[200 : len(images) - 300, 0:200, len(images) - 300 : len(images)]
    return ImageDataset(
        name="digits",
        title=DATASETS["digits"].title,
        images=images[order],
        labels=labels[order],
        n_train=len(images) - 500,
        n_validation=200,
        n_test=300,
    )


def _digits_table() -> np.ndarray:
    """(1797, 65) float: 64 pixels of 0 to 16 and the digit.

    From scikit-learn's own file, without importing it, which takes two seconds and 158 MB of
    whoever only looks; through its loader where the file has moved.
    """
    package = importlib.util.find_spec("sklearn")
    folder = Path(package.origin).parent if package and package.origin else Path()
    file = folder / "datasets" / "data" / "digits.csv.gz"
    if file.is_file():
        return np.loadtxt(file, delimiter=",")
    from sklearn.datasets import load_digits

    digits = load_digits()
    return np.column_stack([digits.data, digits.target])
