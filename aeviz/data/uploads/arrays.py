"""Pictures in arrays: `.npz` files and IDX files, plain or gzipped, read piece by piece."""

import gzip
import io
import math
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import numpy as np

from aeviz.data import array_files
from aeviz.data.dataset import DatasetError
from aeviz.data.uploads import decoding
from aeviz.data.uploads.resize import resize_pictures
from aeviz.text.names import plain_name

# Images go through in pieces of this many bytes, so that memory follows the result, not the file.
_PIECE = 4_000_000
# Smaller than this a side, a picture shows nothing; larger ones are photos, which come as files.
_LEAST_PIXELS, _MOST_PIXELS = 4, 1_024
# Names for images and labels besides Keras's, as people's own files have them.
_IMAGES = ("x_train", "x", "images", "data", "arr_0")
_LABELS = ("y_train", "y", "labels", "target", "arr_1")
# A label written as text; longer ones are no names of classes.
_LONGEST_LABEL = 256
# Luma of ITU-R BT.601, as in Pillow's own conversion from colour to grey.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class ImageArray:
    """One array of images in an upload, not read yet.

    name: for people. shape: (n, height, width, channels) or (n, channels, height, width) or
    without channels. open: the stream at its first value, to be used in a `with`.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    channels_first: bool
    open: Callable[[], AbstractContextManager[array_files.ByteStream]]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.shape[2:4] if self.channels_first else self.shape[1:3]
        return height, width

    @property
    def colour(self) -> bool:
        """Whether there are three channels."""
        return len(self.shape) == 4 and self.shape[1 if self.channels_first else 3] == 3

    def pieces(self) -> Iterator[np.ndarray]:
        """(k, height, width) or (k, height, width, channels), in order, in the file's own type."""
        count, row = self.shape[0], math.prod(self.shape[1:]) * self.dtype.itemsize
        at_once = max(1, _PIECE // row)
        with decoding.reading(self.name), self.open() as stream:
            for start in range(0, count, at_once):
                piece = np.empty((min(at_once, count - start), *self.shape[1:]), self.dtype)
                array_files.fill(stream, piece)
                yield np.moveaxis(piece, 1, 3) if self.channels_first else piece
            array_files.check_end(stream)


def image_array(
    name: str,
    header: array_files.ArrayHeader,
    open: Callable[[], AbstractContextManager[array_files.ByteStream]],
) -> ImageArray:
    """The images that a header declares. Raises DatasetError where they are none."""
    shape, dtype = header.shape, header.dtype
    if dtype.kind not in "buif" or dtype.itemsize > 8:
        raise DatasetError(
            f"{name} holds values of type {plain_name(dtype.name)}: save the pictures as numbers, "
            "such as uint8 from 0 to 255."
        )
    channels_first = False
    if len(shape) == 2 and math.isqrt(shape[1]) ** 2 == shape[1]:
        shape = (shape[0], math.isqrt(shape[1]), math.isqrt(shape[1]))
    elif len(shape) == 4 and shape[3] not in (1, 3):
        channels_first = shape[1] in (1, 3)
        if not channels_first:
            raise _no_images(name, header.shape)
    elif len(shape) not in (3, 4):
        raise _no_images(name, header.shape)
    found = ImageArray(name, shape, dtype, channels_first, open)
    if not shape[0] or min(found.size) < _LEAST_PIXELS:
        raise _no_images(name, header.shape)
    if max(found.size) > _MOST_PIXELS:
        raise DatasetError(
            f"{name} holds pictures of {found.size[0]:,} x {found.size[1]:,} pixels and in an "
            f"array at most {_MOST_PIXELS:,} a side are possible: upload them as PNG files."
        )
    decoding.check_count(shape[0])
    if header.bytes > decoding.LARGEST_UNPACKED:
        decoding.check_packing(name, header.bytes, header.bytes)
    return found


def _no_images(name: str, shape: tuple[int, ...]) -> DatasetError:
    words = " x ".join(map(str, shape[:5])) or "a single number"
    return DatasetError(
        f"{name} does not hold pictures, by its shape ({words}): it should be pictures x height x "
        f"width, at least {_LEAST_PIXELS} pixels each way, with 1 or 3 colour channels or none."
    )


def found_in_arrays(
    images: ImageArray,
    labels: np.ndarray | None,
    *,
    test: ImageArray | None = None,
    labels_from: str = "",
    notes: tuple[str, ...] = (),
) -> decoding.UploadedPictures:
    """labels: of `images` and then of `test`, or None. Raises DatasetError."""
    arrays = [images] if test is None else [images, test]
    count = sum(array.shape[0] for array in arrays)
    decoding.check_count(count, fewest=True)
    return decoding.UploadedPictures(
        count=count,
        sizes=frozenset(array.size[::-1] for array in arrays),
        side=max(images.size),
        colour=any(array.colour for array in arrays),
        decode=lambda options: _decode(arrays, count, options),
        labels=labels,
        labels_from=labels_from,
        n_test=0 if test is None else test.shape[0],
        notes=notes,
    )


# --- values to brightness ------------------------------------------------------------------------


def _decode(
    arrays: list[ImageArray], count: int, options: decoding.DecodeOptions
) -> decoding.DecodedPictures:
    low, high, done = math.inf, -math.inf, 0
    for array in arrays:
        for piece in array.pieces():
            least, most = float(piece.min()), float(piece.max())
            # Not a number if a single one isn't.
            if not (math.isfinite(least) and math.isfinite(most)):
                raise DatasetError(
                    f"{array.name} holds values that are not finite numbers: replace them, by 0 "
                    "for example."
                )
            low, high = min(low, least), max(high, most)
            done += len(piece)
            options.progress(0.4 * done / count)
    start, span, notes = brightness(low, high)
    images, done = np.empty((count, options.side, options.side), np.uint8), 0
    for array in arrays:
        for piece in array.pieces():
            grey = as_bytes(piece, start, span)
            images[done : done + len(piece)] = resize_pictures(grey, options.side, options.square)
            done += len(piece)
            options.progress(0.4 + 0.6 * done / count)
    return decoding.DecodedPictures(images, np.ones(count, bool), notes)


def brightness(low: float, high: float) -> tuple[float, float, tuple[str, ...]]:
    """The value that is black, how far from there white is, and a phrase for people.

    0 to 255 stays as it is, 0 to 1 and -1 to 1 are what people scale pictures to. Anything else,
    pictures from 0 to 16 too, is stretched from its least to its greatest value.
    """
    if 0 <= low and 128 <= high <= 255:
        return 0.0, 255.0, ()
    if 0 <= low and 0.5 <= high <= 1:
        return 0.0, 1.0, ()
    if -1 <= low < 0 and 0.5 <= high <= 1:
        return -1.0, 2.0, ()
    low = 0.0 if low >= 0 else low
    if low == high or not math.isfinite(high - low):
        raise DatasetError(
            "All these pictures are the same single grey: upload some that differ."
            if low == high
            else "The values of these pictures are too far apart: scale them to 0 up to 255."
        )
    return low, high - low, (f"brightness stretched from {low:g} up to {high:g}",)


def as_bytes(piece: np.ndarray, start: float, span: float) -> np.ndarray:
    """(k, height, width[, channels]) of any real type -> (k, height, width) uint8 brightness."""
    if piece.ndim == 4:
        piece = piece[..., 0] if piece.shape[3] == 1 else piece
    if piece.dtype == np.uint8 and piece.ndim == 3 and (start, span) == (0.0, 255.0):
        return np.ascontiguousarray(piece)
    # Wide numbers lose nothing that shows in float32 once they are between 0 and 255.
    values = ((piece.astype(np.float64) - start) * (255 / span)).astype(np.float32)
    if piece.ndim == 4:
        values = values @ _LUMA
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)


# --- .npz ----------------------------------------------------------------------------------------


def find_in_npz(name: str, archive: zipfile.ZipFile) -> decoding.UploadedPictures:
    """Keras's names: x_train, and optionally y_train, x_test and y_test. Raises DatasetError."""
    members = {}
    for info in archive.infolist():
        if info.filename.endswith(".npy"):
            members.setdefault(info.filename.removesuffix(".npy").lower(), info)
    with decoding.reading(name):
        x = _first(members, _IMAGES)
        if x is None:
            raise DatasetError(
                f"{name} has no array called x_train: save the pictures with "
                "np.savez(file, x_train=pictures)."
            )
        y = _first(members, _LABELS)
        test = "x_test" if x == "x_train" and "x_test" in members else None
        images = _npz_images(name, archive, members, x)
        test_images = _npz_images(name, archive, members, test) if test else None
        labels, notes = _npz_labels(
            name,
            archive,
            members,
            [(y, images.shape[0])] + ([("y_test", test_images.shape[0])] if test_images else []),
        )
        return found_in_arrays(
            images, labels, test=test_images, labels_from=f"the array {y}", notes=notes
        )


def _first(members: dict, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in members), None)


def _npz_images(name: str, archive: zipfile.ZipFile, members: dict, key: str) -> ImageArray:
    info, words = members[key], f"The array {key} in {name}"
    check_member(words, info)

    @contextmanager
    def open_values():
        with archive.open(info) as stream:
            array_files.npy_header(stream, "it")
            yield stream

    with decoding.reading(words), archive.open(info) as stream:
        header = array_files.npy_header(stream, "its values")
    return image_array(words, header, open_values)


def _npz_labels(name, archive, members, wanted) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """One label for each picture or none at all. wanted: names of arrays and lengths."""
    parts = []
    for key, count in wanted:
        if key is None or key not in members:
            # Only half of them labelled is worth saying; none labelled is not.
            halves = [k for k, _ in wanted if k is not None and k in members]
            return None, (f"no labels, since only {halves[0]} is there",) if halves else ()
        check_member(f"The array {key} in {name}", members[key])
        with decoding.reading(f"The array {key} in {name}"), archive.open(members[key]) as stream:
            header = array_files.npy_header(stream, "its values")
            labels = read_labels(stream, header, count)
        if labels is None:
            return None, (f"no labels, since {key} does not hold one for each picture",)
        parts.append(labels)
    if len({part.dtype.kind == "U" for part in parts}) > 1:
        return None, ("no labels, since some are text and some are numbers",)
    return np.concatenate(parts), ()


def read_labels(
    stream: array_files.ByteStream, header: array_files.ArrayHeader, count: int
) -> np.ndarray | None:
    """(count,) numbers or text; None where the header declares something else."""
    kind, size = header.dtype.kind, header.dtype.itemsize
    if header.shape not in ((count,), (count, 1)) or kind not in "buifSU":
        return None
    if not 0 < size <= (_LONGEST_LABEL if kind in "SU" else 8):
        return None
    labels = np.empty(count, header.dtype)
    array_files.fill(stream, labels)
    array_files.check_end(stream)
    if kind == "S":
        return np.strings.decode(labels, "utf-8", "replace")
    if kind == "U":
        # Four bytes a character, and not every four bytes are one.
        return labels if labels.view(f"{labels.dtype.str[0]}u4").max() < 0x110000 else None
    return labels


def check_member(name: str, info: zipfile.ZipInfo) -> None:
    """Raise DatasetError for a member of a zip that is not to be unpacked."""
    if info.flag_bits & 1:
        raise DatasetError(f"{name} is locked with a password: save it without one.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DatasetError(f"{name} is packed in an unusual way: save it as an ordinary zip.")
    decoding.check_packing(name, info.compress_size, info.file_size)


# --- IDX -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IdxFile:
    """One IDX file of an upload with its header read."""

    name: str
    header: array_files.ArrayHeader
    open: Callable[[], AbstractContextManager[array_files.ByteStream]]

    @property
    def of_labels(self) -> bool:
        """Whether it holds one number for each picture."""
        return len(self.header.shape) == 1

    @property
    def of_test(self) -> bool:
        """By its name: MNIST's own begin with t10k."""
        return "t10k" in self.name.lower() or "test" in self.name.lower()


def idx_file(name: str, data: bytes) -> IdxFile:
    """Its header, checked against the size of the file. Raises DatasetError."""
    zipped = data[:2] == b"\x1f\x8b"

    def open_stream() -> gzip.GzipFile | io.BytesIO:
        stream = io.BytesIO(data)
        return gzip.GzipFile(fileobj=stream) if zipped else stream

    @contextmanager
    def open_values():
        with open_stream() as stream:
            array_files.idx_header(stream)
            yield stream

    with decoding.reading(name), open_stream() as stream:
        header = array_files.idx_header(stream)
        decoding.check_packing(name, len(data) if zipped else header.bytes, header.bytes)
    return IdxFile(name, header, open_values)


def find_in_idx(files: list[IdxFile]) -> decoding.UploadedPictures:
    """The pictures of one IDX file, or of one to train and one to test on. Raises DatasetError."""
    parts: list[tuple[ImageArray, IdxFile | None]] = []
    images = sorted((f for f in files if not f.of_labels), key=lambda f: f.of_test)
    labels = [f for f in files if f.of_labels]
    if not images:
        raise DatasetError(
            f"{files[0].name} holds labels only: upload the file of pictures together with it."
        )
    if len(images) > 2 or (len(images) == 2 and images[0].of_test == images[1].of_test):
        raise DatasetError(
            "These are several IDX files of pictures: upload one, or two of which one has test or "
            "t10k in its name."
        )
    for file in images:
        fitting = [
            other
            for other in labels
            if other.header.shape == file.header.shape[:1]
            and (len(images) == 1 or other.of_test == file.of_test)
        ]
        array = image_array(file.name, file.header, file.open)
        parts.append((array, fitting[0] if len(fitting) == 1 else None))
    found, notes = None, ()
    if len(named := [file for _, file in parts if file]) == len(parts):
        found = np.concatenate([_idx_labels(file) for file in named])
    elif labels:
        notes = ("no labels, since there is not one for each picture",)
    test = parts[1][0] if len(parts) == 2 else None
    return found_in_arrays(
        parts[0][0], found, test=test, labels_from="the file of labels", notes=notes
    )


def _idx_labels(file: IdxFile) -> np.ndarray | None:
    with decoding.reading(file.name), file.open() as stream:
        return read_labels(stream, file.header, file.header.shape[0])
