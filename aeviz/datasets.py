"""Image data sets: where they come from, how they are split, how they are checked.

`load_dataset("mnist")` looks in `$AEVIZ_DATA_DIR`, then in Keras's own cache, then in the cache
folder of earlier downloads, and only then downloads. Files found on the computer are checked for
shape, type and range; downloads for their hash as well. Nothing here deletes or replaces a file
that it did not download itself.
"""

from __future__ import annotations

import gzip
import importlib.util
import math
import os
import queue
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import numpy as np

from aeviz.array_files import ArrayFileError, check_end, fill, idx_header, npy_header


class DatasetError(ValueError):
    """A data set can't be used. Its text is one sentence: what is wrong and what to do."""


class DatasetMissing(DatasetError):
    """The data set isn't on this computer and couldn't be downloaded either."""


# ---------------------------------------------------------------------------------------------
# What a data set is


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """Square grey images with their labels, in the order train, validation, test.

    images: (n, side, side) uint8, 0 (background) to 255, C-ordered; made read-only.
    labels: (n,) uint8 class numbers, made read-only, or None for images without labels.
    n_train, n_validation, n_test: how many images each part has, at least 1 each; they sum to n.

    Raises DatasetError when these don't fit together.
    """

    name: str
    title: str
    images: np.ndarray
    labels: np.ndarray | None
    n_train: int
    n_validation: int
    n_test: int

    def __post_init__(self) -> None:
        images, labels = self.images, self.labels
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1] != images.shape[2]:
            raise DatasetError(
                f"{self.title} needs square images of whole numbers from 0 to 255, shape "
                f"(n, side, side) uint8, not {images.shape} {images.dtype}."
            )
        if not images.flags.c_contiguous or self.side == 0:
            raise DatasetError(
                f"{self.title} needs its pixels stored row by row: pass the images through "
                "np.ascontiguousarray first."
            )
        counts = (self.n_train, self.n_validation, self.n_test)
        if min(counts) < 1 or sum(counts) != len(images):
            raise DatasetError(
                f"{self.title} has {len(images):,} images, which can't be split into {counts[0]:,} "
                f"for training, {counts[1]:,} for validation and {counts[2]:,} for testing: each "
                "part needs at least one, and together they must be all of them."
            )
        if labels is not None and (labels.dtype != np.uint8 or labels.shape != (len(images),)):
            raise DatasetError(
                f"{self.title} needs one uint8 label for each of its {len(images):,} images, "
                f"not labels of shape {labels.shape} {labels.dtype}."
            )
        object.__setattr__(self, "images", _read_only(images))
        object.__setattr__(self, "labels", None if labels is None else _read_only(labels))

    @property
    def side(self) -> int:
        """Pixels along one edge of an image."""
        return self.images.shape[1]

    @property
    def pixels(self) -> int:
        """Pixels in one image, side x side: the length of one row."""
        return self.side * self.side

    @property
    def train_images(self) -> np.ndarray:
        """(n_train, pixels) uint8, a read-only view."""
        return self._rows(0, self.n_train)

    @property
    def validation_images(self) -> np.ndarray:
        """(n_validation, pixels) uint8, a read-only view."""
        return self._rows(self.n_train, self.n_train + self.n_validation)

    @property
    def test_images(self) -> np.ndarray:
        """(n_test, pixels) uint8, a read-only view."""
        return self._rows(self.n_train + self.n_validation, len(self.images))

    @property
    def train_labels(self) -> np.ndarray | None:
        """(n_train,) uint8, a read-only view, or None."""
        return None if self.labels is None else self.labels[: self.n_train]

    @property
    def validation_labels(self) -> np.ndarray | None:
        """(n_validation,) uint8, a read-only view, or None."""
        if self.labels is None:
            return None
        return self.labels[self.n_train : self.n_train + self.n_validation]

    @property
    def test_labels(self) -> np.ndarray | None:
        """(n_test,) uint8, a read-only view, or None."""
        return None if self.labels is None else self.labels[self.n_train + self.n_validation :]

    def _rows(self, start: int, stop: int) -> np.ndarray:
        return self.images[start:stop].reshape(stop - start, self.pixels)


def scaled(images: np.ndarray) -> np.ndarray:
    """uint8 images, (n, side, side) or (n, pixels), as float32 rows (n, pixels) in [0, 1].

    Raises ValueError for anything but uint8 in two or more dimensions, so that nothing is scaled
    twice and a single row isn't taken for many images of one pixel.
    """
    if images.dtype != np.uint8 or images.ndim < 2:
        raise ValueError(f"scaled() takes uint8 images, not {images.shape} {images.dtype}.")
    rows = images.reshape(len(images), math.prod(images.shape[1:])).astype(np.float32)
    rows /= 255
    return rows


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


# ---------------------------------------------------------------------------------------------
# Which data sets there are


@dataclass(frozen=True)
class RemoteFile:
    """One file to download: its name at DOWNLOAD_URL and on disk, its sha256 and its size."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class DatasetSource:
    """What can be said about a data set without loading it. `files` is empty if bundled."""

    name: str
    title: str
    description: str
    side: int
    n_train: int
    n_classes: int
    source: str
    files: tuple[RemoteFile, ...] = ()
    folder: str = ""  # the files' own folder inside a data folder, as Keras names it

    @property
    def download_bytes(self) -> int:
        """Bytes to download when the data set isn't on this computer."""
        return sum(file.bytes for file in self.files)


# Where Keras downloads both from: keras/src/datasets/mnist.py and fashion_mnist.py.
DOWNLOAD_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

# MNIST's hash is the one in keras/src/datasets/mnist.py. Keras gives none for Fashion-MNIST: these
# are TensorFlow Datasets' (url_checksums/fashion_mnist.txt) for Zalando's original files.
DATASETS: dict[str, DatasetSource] = {
    "mnist": DatasetSource(
        name="mnist",
        title="MNIST",
        description="70,000 handwritten digits, 28 x 28 pixels each.",
        side=28,
        n_train=55_000,
        n_classes=10,
        source="Y. LeCun, C. Cortes and C. Burges, the file that Keras uses (CC BY-SA 3.0)",
        files=(
            RemoteFile(
                "mnist.npz",
                "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
                11_490_434,
            ),
        ),
    ),
    "fashion_mnist": DatasetSource(
        name="fashion_mnist",
        title="Fashion-MNIST",
        description="70,000 pictures of clothes, shoes and bags, 28 x 28 pixels each.",
        side=28,
        n_train=55_000,
        n_classes=10,
        source="Zalando Research, the files that Keras uses (MIT licence)",
        files=(
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                26_421_880,
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                29_515,
            ),
            RemoteFile(
                "t10k-images-idx3-ubyte.gz",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                4_422_102,
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                5_148,
            ),
        ),
        folder="fashion-mnist",
    ),
    "digits": DatasetSource(
        name="digits",
        title="Small digits",
        description="1,797 handwritten digits, 8 x 8 pixels each, here without any download.",
        side=8,
        n_train=1_297,
        n_classes=10,
        source="E. Alpaydin and C. Kaynak, bundled with scikit-learn",
    ),
}


# Names of people's own pictures begin with this; `kept_pictures.py` keeps them.
OWN = "own-"


def find_source(name: str) -> DatasetSource | None:
    """What can be said of a data set, also of one's own pictures; None where there is none of this
    name, or none that can be opened."""
    if not name.startswith(OWN):
        return DATASETS.get(name)
    from aeviz import kept_pictures  # it is built on this module

    kept = kept_pictures.find_pictures(name)
    return None if kept is None or kept.problem else kept.source


def all_sources() -> dict[str, DatasetSource]:
    """DATASETS and then all own pictures that can be opened, by name."""
    from aeviz import kept_pictures

    own = [kept.source for kept in kept_pictures.list_pictures() if not kept.problem]
    return DATASETS | {source.name: source for source in own}


def load_dataset(name: str, *, progress: Callable[[float], None] | None = None) -> ImageDataset:
    """The data set called `name` (of all_sources), complete and checked.

    progress: called in the calling thread with the share downloaded, 0 to 1, and only when there
    is something to download. What it raises ends the download and leaves nothing behind.

    Raises DatasetMissing when the data set isn't here and can't be downloaded (within a few
    seconds when there is no network), and DatasetError for an unknown name or a file on this
    computer that is damaged or holds something else.
    """
    if name.startswith(OWN):
        from aeviz import kept_pictures

        return kept_pictures.load_pictures(name)
    source = _source(name)
    if not source.files:
        return _load_digits()
    place = find_local(name)
    if place is None:
        place = _download(source, progress or (lambda share: None))
    read = {"mnist": _read_mnist, "fashion_mnist": _read_fashion_mnist}[name]
    images, labels = read(place)
    return ImageDataset(name, source.title, images, labels, N_TRAIN, N_VALIDATION, N_TEST)


def is_available(name: str) -> bool:
    """Whether load_dataset(name) would find the data on this computer. Reads no file."""
    if name.startswith(OWN):
        return find_source(name) is not None
    return not _source(name).files or find_local(name) is not None


def find_local(name: str) -> Path | None:
    """What load_dataset(name) would read: the file for a data set in one file, the folder for one
    in several. None when it would have to download, and for a data set bundled with a package."""
    if name.startswith(OWN):
        from aeviz import kept_pictures

        kept = kept_pictures.find_pictures(name)
        return None if kept is None else kept.path
    source = _source(name)
    for base in [*_named_folder(), _keras_folder(), _cache_folder()]:
        for folder in dict.fromkeys([base / source.folder, base]):
            files = [folder / file.name for file in source.files]
            # os.path.isfile, since Path.is_file raises on a folder that may not be entered.
            if files and all(os.path.isfile(file) for file in files):
                return files[0] if len(files) == 1 else folder
    return None


def _source(name: str) -> DatasetSource:
    if name not in DATASETS:
        raise DatasetError(f"There is no data set {name!r}: choose one of {', '.join(DATASETS)}.")
    return DATASETS[name]


def _named_folder() -> list[Path]:
    """The folder that AEVIZ_DATA_DIR names, if it is set."""
    named = os.environ.get("AEVIZ_DATA_DIR")
    return [Path(os.path.expanduser(named))] if named else []


def _keras_folder() -> Path:
    return Path(os.path.expanduser("~/.keras/datasets"))


def _cache_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("aeviz", appauthor=False))


# ---------------------------------------------------------------------------------------------
# Reading. MNIST and Fashion-MNIST have the same shapes: 60,000 training and 10,000 test images

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


def _read_mnist(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Keras's mnist.npz as images (70000, 28, 28) and labels (70000,), uint8, train first."""
    images, labels = _empty()
    with _reading(path), zipfile.ZipFile(path) as archive:
        for member, array, places in (
            ("x_train", images, TRAIN_FILE),
            ("y_train", labels, TRAIN_FILE),
            ("x_test", images, TEST_FILE),
            ("y_test", labels, TEST_FILE),
        ):
            if f"{member}.npy" not in archive.namelist():
                raise _unusable(path, f"has no array called {member}, which Keras's MNIST file has")
            with archive.open(f"{member}.npy") as stream:
                _check_npy_header(path, member, stream, _shape(array, places))
                _fill(path, stream, array, places)
    return images, labels


def _check_npy_header(path: Path, member: str, stream: BinaryIO, shape: tuple[int, ...]) -> None:
    """Leaves the stream at the first pixel."""
    header = npy_header(stream, member)
    if header.dtype != np.uint8:
        raise _unusable(path, f"stores {member} as {header.dtype} where MNIST has uint8 (0 to 255)")
    if header.shape != shape:
        raise _unusable(path, f"has {member} of shape {header.shape} where MNIST has {shape}")


def _read_fashion_mnist(folder: Path) -> tuple[np.ndarray, np.ndarray]:
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
    with _reading(path), gzip.open(path) as stream:
        header = idx_header(stream)
        if header.dtype != np.uint8 or len(header.shape) != len(shape):
            raise _unusable(path, f"is not an IDX file of bytes in {len(shape)} dimension(s)")
        if header.shape != shape:
            raise _unusable(
                path, f"holds an array of shape {header.shape} where {shape} is expected"
            )
        _fill(path, stream, array, places)


def _shape(array: np.ndarray, places: tuple[slice, ...]) -> tuple[int, ...]:
    return (sum(place.stop - place.start for place in places), *array.shape[1:])


def _fill(path: Path, stream: BinaryIO, array: np.ndarray, places: tuple[slice, ...]) -> None:
    """Reads bytes into `array[place]` for each place; checks that the stream then ends, and the
    range of what it held."""
    for place in places:
        fill(stream, array[place])
    check_end(stream)
    _check_range(path, array, places)


def _check_range(path: Path, array: np.ndarray, places: tuple[slice, ...]) -> None:
    highest = max(array[place].max() for place in places)
    if array.ndim == 1 and highest > 9:
        raise _unusable(path, f"has a label {highest} where labels go from 0 to 9")
    # Pixels already scaled to 0 and 1, or blank ones, would train to nothing.
    if array.ndim == 3 and highest < 128:
        raise _unusable(path, f"has no pixel brighter than {highest} where white is 255")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Says whatever zipfile, zlib, gzip and NumPy raise over a bad file in one sentence."""
    try:
        yield
    except (DatasetError, MemoryError):
        raise
    except ArrayFileError as error:
        raise _unusable(path, str(error)) from error
    except Exception as error:
        # gzip.BadGzipFile is an OSError too, but one without an error number.
        if isinstance(error, OSError) and error.errno is not None:
            raise DatasetError(
                f"{path} can't be read ({error.strerror}): check that the file is there and that "
                "you may open it."
            ) from error
        raise _unusable(path, "is damaged or incomplete") from error


def _unusable(path: Path, problem: str) -> DatasetError:
    return DatasetError(
        f"{path} {problem}; move it somewhere else and load the data set again to download a "
        "fresh copy, or put a good copy in its place."
    )


def _load_digits() -> ImageDataset:
    """scikit-learn's 8 x 8 digits. Values 0 to 16 become 0 to 255; the first 200 images are for
    validation and the last 300 for testing, the rest for training."""
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


# ---------------------------------------------------------------------------------------------
# Downloading

# With no network, a name look-up alone may take half a minute to fail, and a name with many
# addresses has each tried in turn. A server that says nothing within this time counts as away.
ANSWER_SECONDS = 5
# A download under way may stall longer than that, on a train for example.
STALL_SECONDS = 15


def _download(source: DatasetSource, progress: Callable[[float], None]) -> Path:
    """Downloads what is missing of `source`; returns what find_local would. pooch downloads to a
    temporary name and renames once the hash is right, so what has its name is complete."""
    import pooch
    import requests

    writable = [base for base in _named_folder() if base.is_dir() and os.access(base, os.W_OK)]
    base = [*writable, _cache_folder()][0]
    folder = base / source.folder
    # pooch would replace a file of this name with another hash: leave what is there to the reader.
    missing = [file for file in source.files if not os.path.isfile(folder / file.name)]
    total = sum(file.bytes for file in missing)
    received = 0

    def stream(url: str, output_file: str, _pooch: object) -> None:
        nonlocal received
        # No compression on the way: requests would unpack the .gz files, and the hash would differ.
        with (
            requests.get(
                url,
                stream=True,
                timeout=(ANSWER_SECONDS, STALL_SECONDS),
                headers={"Accept-Encoding": "identity"},
            ) as response,
            open(output_file, "wb") as output,
        ):
            response.raise_for_status()
            for chunk in response.iter_content(1 << 16):
                received += len(chunk)
                if received > 2 * total:
                    raise _missing(source, "the server sent more than the file has")
                output.write(chunk)
                try:
                    progress(min(1.0, received / total))
                except Exception as error:
                    raise _ProgressFailed from error

    pooch.get_logger().setLevel("WARNING")  # it would print each download
    try:
        if missing:
            _check_reachable(DOWNLOAD_URL + missing[0].name)
        for file in missing:
            pooch.retrieve(
                DOWNLOAD_URL + file.name,
                known_hash=f"sha256:{file.sha256}",
                fname=file.name,
                path=folder,
                downloader=stream,
            )
    except DatasetError:
        raise
    except _ProgressFailed as failed:
        raise failed.__cause__ from None
    except requests.HTTPError as error:
        answer = f"{error.response.status_code} {error.response.reason}".strip()
        raise _missing(source, f"the server answered {answer!r} for {file.name}") from error
    except (requests.RequestException, TimeoutError) as error:
        reason = f"there is no connection to {urlsplit(DOWNLOAD_URL).hostname}"
        if received:
            reason = f"the connection broke off during {file.name}"
        raise _missing(source, reason) from error
    except ValueError as error:  # pooch: the hash differs
        raise _missing(source, f"{file.name} did not arrive as it should, by its hash") from error
    except OSError as error:
        raise _missing(source, f"{folder} can't be written to: {error.strerror}") from error
    return folder / source.files[0].name if len(source.files) == 1 else folder


class _ProgressFailed(Exception):
    """Carries what a caller's progress function raised past the handling of download errors."""


def _check_reachable(url: str) -> None:
    """Raises within ANSWER_SECONDS if the server of `url` can't be reached; any answer will do.

    In a thread of its own, since a name look-up can't be given a time limit.
    """
    import requests

    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            requests.head(url, timeout=ANSWER_SECONDS)
        except Exception as error:  # handed over to the waiting thread
            outcome.put(error)
        else:
            outcome.put(None)

    threading.Thread(target=ask, name="aeviz-reachable", daemon=True).start()
    try:
        error = outcome.get(timeout=ANSWER_SECONDS)
    except queue.Empty:
        raise TimeoutError(f"no answer within {ANSWER_SECONDS} s") from None
    if error is not None:
        raise error


def _missing(source: DatasetSource, reason: str) -> DatasetMissing:
    files = ", ".join(file.name for file in source.files)
    return DatasetMissing(
        f"{source.title} is not on this computer and could not be downloaded ({reason}): connect "
        f"to the internet and try again, put {files} into the folder that AEVIZ_DATA_DIR names, or "
        "choose the digits data set, which needs no download."
    )


def _digits_table() -> np.ndarray:
    """(1797, 65) float: 64 pixels of 0 to 16 and the digit.

    From scikit-learn's own file, without importing it, which takes two seconds and 158 MB of
    whoever only looks; through its loader where the file has moved.
    """
    package = importlib.util.find_spec("sklearn")
    file = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    if file.is_file():
        return np.loadtxt(file, delimiter=",")
    from sklearn.datasets import load_digits

    digits = load_digits()
    return np.column_stack([digits.data, digits.target])
