"""A data set: square images with labels, split into training, validation and test."""

import math
from dataclasses import dataclass

import numpy as np

from aeviz.data.picture_shape import PictureShape, shape_of
from aeviz.errors import UserError


class DatasetError(UserError):
    """A data set can't be used. Its text is one sentence: what is wrong and what to do."""


class DatasetMissing(DatasetError):
    """The data set isn't on this computer and couldn't be downloaded either."""


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """Square images with their labels, in the order train, validation, test.

    images: (n, side, side) uint8, 0 (background) to 255, or (n, side, side, 3) uint8, red, green
    and blue; C-ordered; made read-only.
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
        if images.dtype != np.uint8 or shape_of(images) is None:
            raise DatasetError(
                f"{self.title} needs square images of whole numbers from 0 to 255, shape "
                f"(n, side, side) or (n, side, side, 3) uint8, not {images.shape} {images.dtype}."
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
    def shape(self) -> PictureShape:
        """Of one image."""
        return PictureShape(self.images.shape[1], *self.images.shape[3:])

    @property
    def side(self) -> int:
        """Pixels along one edge of an image."""
        return self.images.shape[1]

    @property
    def train_images(self) -> np.ndarray:
        """(n_train, values) uint8, a read-only view."""
        return self._rows(0, self.n_train)

    @property
    def validation_images(self) -> np.ndarray:
        """(n_validation, values) uint8, a read-only view."""
        return self._rows(self.n_train, self.n_train + self.n_validation)

    @property
    def test_images(self) -> np.ndarray:
        """(n_test, values) uint8, a read-only view."""
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
        return self.images[start:stop].reshape(stop - start, self.shape.values)


def scaled(images: np.ndarray) -> np.ndarray:
    """uint8 images of any shape, or rows (n, values), as float32 rows (n, values) in [0, 1].

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


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Floats, 0 for paper or no light and 1 for full ink or light, to uint8; clipped outside."""
    return (np.clip(pixels, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
