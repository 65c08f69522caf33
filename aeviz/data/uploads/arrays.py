"""Pictures in an array: which of its axes they are, and from its values to brightness."""

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from aeviz.data import array_files
from aeviz.data.dataset import DatasetError
from aeviz.data.picture_shape import COLOUR
from aeviz.data.uploads import axes, decoding
from aeviz.data.uploads.resize import resize_pictures
from aeviz.text.names import plain_name

# Images go through in pieces of this many bytes, so that memory follows the result, not the file.
_PIECE = 4_000_000
# Luma of ITU-R BT.601, as in Pillow's own conversion from colour to grey.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class NamedArray:
    """An array in an upload whose header is read and nothing else.

    Attributes:
        name: for people, the file's name in it.
        key: what says which pictures these are and whether for testing: the names of array and
            file, in lower case.
        open: the stream at its first value, to be used in a `with`.
    """

    name: str
    key: str
    header: array_files.ArrayHeader
    open: Callable[[], AbstractContextManager[array_files.ByteStream]]


@dataclass(frozen=True)
class ImageArray:
    """One array of images in an upload, not read yet. ways: how its axes may be read."""

    source: NamedArray
    ways: tuple[axes.Axes, ...]
    way: int = 0

    @property
    def axes(self) -> axes.Axes:
        """The way its axes are read."""
        return self.ways[self.way]

    @property
    def count(self) -> int:
        """How many images there are."""
        return self.axes.shape[0]

    @property
    def colour(self) -> bool:
        """Whether there are three channels."""
        return len(self.axes.shape) == 4

    def whole(self) -> np.ndarray:
        """The array as it was saved."""
        with decoding.reading(self.source.name), self.source.open() as stream:
            return array_files.read_whole(stream, self.source.header)

    def pieces(self) -> Iterator[np.ndarray]:
        """(k, height, width) or (k, height, width, 3), in order, in the file's own type."""
        header, first = self.source.header, self.axes.order[0] == 0
        at_once = max(1, _PIECE * self.count // max(1, header.bytes))
        if header.fortran or not first:
            array = self.whole()
            for start in range(0, self.count, at_once):
                yield self.axes.pictures(array, start, start + at_once)
            return
        with decoding.reading(self.source.name), self.source.open() as stream:
            for start in range(0, self.count, at_once):
                shape = [n for n in header.shape if n != 1]
                piece = np.empty((min(at_once, self.count - start), *shape[1:]), header.dtype)
                array_files.fill(stream, piece)
                yield self.axes.shaped(np.transpose(piece, self.axes.order))
            array_files.check_end(stream)


def image_array(source: NamedArray) -> ImageArray:
    """The images that a header declares. Raises DatasetError where they are none."""
    name, header = source.name, source.header
    with decoding.reading(name):
        array_files.check_no_objects(header, "its values")
    if header.dtype.kind not in "buif" or header.dtype.itemsize > 8:
        raise DatasetError(
            f"{name} holds values of type {plain_name(header.dtype.name)}: save the pictures as "
            "numbers, such as uint8 from 0 to 255."
        )
    ways = axes.possible_axes(header.shape)
    if not ways:
        words = " x ".join(map(str, header.shape[:5])) or "a single number"
        raise DatasetError(
            f"{name} does not hold pictures, by its shape ({words}): it should be pictures x "
            f"height x width, at least {axes.LEAST_PIXELS} pixels each way, with 1 or 3 colour "
            "channels or none."
        )
    height, width = ways[0].size
    if max(height, width) > axes.MOST_PIXELS:
        raise DatasetError(
            f"{name} holds pictures of {height:,} x {width:,} pixels and in an array at most "
            f"{axes.MOST_PIXELS:,} a side are possible: upload them as PNG files."
        )
    decoding.check_count(ways[0].shape[0])
    if header.bytes > decoding.LARGEST_UNPACKED:
        decoding.check_packing(name, header.bytes, header.bytes)
    return ImageArray(source, tuple(ways))


def found_in_arrays(
    parts: list[ImageArray],
    labels: np.ndarray | None,
    *,
    n_validation: int = 0,
    n_test: int = 0,
    labels_from: str = "",
    notes: tuple[str, ...] = (),
) -> decoding.UploadedPictures:
    """The pictures of one array, or of one for each part. Raises DatasetError.

    labels: of all parts together, or None. n_validation, n_test: how many the last parts hold.
    """
    count = sum(part.count for part in parts)
    decoding.check_count(count, fewest=True)
    return decoding.UploadedPictures(
        count=count,
        sizes=frozenset(part.axes.size[::-1] for part in parts),
        side=max(parts[0].axes.size),
        colour=any(part.colour for part in parts),
        decode=lambda options: _decode(parts, count, options),
        labels=labels,
        labels_from=labels_from,
        n_test=n_test,
        n_validation=n_validation,
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
                    f"{array.source.name} holds values that are not finite numbers: replace them, "
                    "by 0 for example."
                )
            low, high = min(low, least), max(high, most)
            done += len(piece)
            options.progress(0.4 * done / count)
    start, span, notes = brightness(low, high)
    images, done = np.empty((count, *options.shape.array), np.uint8), 0
    for array in arrays:
        for piece in array.pieces():
            drawn = as_bytes(piece, start, span, colour=options.colour)
            images[done : done + len(piece)] = resize_pictures(drawn, options.side, options.square)
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


def as_bytes(piece: np.ndarray, start: float, span: float, *, colour: bool = False) -> np.ndarray:
    """(k, height, width[, 3]) of any real type -> (k, height, width) uint8 brightness.

    colour: return (k, height, width, 3) instead, of grey pictures with three equal channels.
    """
    if colour and piece.ndim == 3:
        return np.repeat(as_bytes(piece, start, span)[..., None], COLOUR, axis=-1)
    in_place = piece.dtype == np.uint8 and (start, span) == (0.0, 255.0)
    if in_place and (piece.ndim == 3 or colour):
        return np.ascontiguousarray(piece)
    # Wide numbers lose nothing that shows in float32 once they are between 0 and 255.
    values = ((piece.astype(np.float64) - start) * (255 / span)).astype(np.float32)
    if piece.ndim == 4 and not colour:
        values = values @ _LUMA
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)
