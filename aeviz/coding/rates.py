"""What pictures cost and what they lose: bytes a picture against the error, step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from aeviz.coding.code_bytes import CodeBytesError, read_codes, write_codes
from aeviz.coding.similarity import mean_ssim, psnr
from aeviz.coding.transform import CodeTransform, first_of, transform_of
from aeviz.data.dataset import ImageDataset, scaled, to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.half_precision import half
from aeviz.storage.tensors import packed

# Test pictures in one file, the first ones: headers are then a hundredth of a byte each.
PICTURES = 2_500
# Pictures in files of their own, the first of those.
ALONE = 100
# How many numbers of a code that comes in order are tried.
NUMBERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
# Training pictures that the transform is fitted on.
_FITTED_ON = 2_000
# What rounding the code adds to the error, as a share of what the network loses anyway: from what
# nobody sees to a smaller code's error. A step of d adds about k d² / 12.
ADDED = (0.01, 0.05, 0.15, 0.4, 1.0, 2.0, 4.0)
# Of them, what a table shows.
USUAL = ADDED.index(0.15)
# The error of rounding a picture's values to bytes: a network that loses less is taken to lose it.
_OF_BYTES = (1 / 255) ** 2 / 12
# Pictures go through the network in blocks, so that a wide layer needs megabytes.
_BLOCK = 500


@dataclass(frozen=True)
class RatePoint:
    """One setting of a method.

    setting: the step of a code, or the quality of a codec. bytes: a picture, of all that is kept.
    mse: mean squared error a value on [0, 1], of the pictures that come back as bytes a value.
    ssim: see `mean_ssim`. alone: the bytes of a picture in a file of its own, of a code's points.
    """

    setting: float
    bytes: float
    mse: float
    ssim: float
    alone: float | None = None

    @property
    def psnr(self) -> float | None:
        """Peak signal-to-noise ratio in decibels; None where nothing is lost."""
        return psnr(self.mse)

    def bits_a_pixel(self, shape: PictureShape) -> float:
        """Bits for each pixel, all channels of it together."""
        return 8 * self.bytes / shape.pixels


@dataclass(frozen=True)
class BeginningPoint:
    """What the first numbers of a code in order are worth: bytes a picture, and errors."""

    numbers: int
    validation_mse: float
    test_mse: float
    bytes: float


@dataclass(frozen=True)
class Coding:
    """How a network's codes become bytes, and what that costs.

    points: one for each share of ADDED that its codes could be written with, for PICTURES test
    pictures in one file. decoder_bytes: what the decoder takes, as a model's file has it, with the
    transform: whoever opens the bytes needs it. transform: None where the weights are not kept.
    beginnings: of a network whose numbers come in order, one for each of NUMBERS it has.
    """

    points: tuple[RatePoint, ...]
    decoder_bytes: int
    beginnings: tuple[BeginningPoint, ...] = ()
    transform: CodeTransform | None = field(default=None, repr=False)


def coding_of(
    autoencoder: Autoencoder, dataset: ImageDataset, *, in_order: bool = False
) -> Coding | None:
    """Fit the transform on training pictures and measure the rates on test pictures.

    in_order: the network's numbers come in the order of what they are worth. None for a network
    whose codes or pictures are not finite, or all the same.
    """
    labels, kinds = dataset.train_labels, autoencoder.kinds
    labels = labels[:_FITTED_ON] if kinds and labels is not None else None
    with np.errstate(all="ignore"):
        codes = autoencoder.encode(scaled(dataset.train_images[:_FITTED_ON]), labels)
        transform = transform_of(autoencoder, codes, labels, in_order=in_order)
        if transform is None:
            return None
        points = tuple(measured_points(autoencoder, transform, dataset))
        if not points:
            return None
        beginnings = ()
        if in_order:
            step = points[min(USUAL, len(points) - 1)].setting
            beginnings = tuple(_beginnings(autoencoder, transform, dataset, step))
    return Coding(points, decoder_bytes(autoencoder, transform), beginnings, transform)


def measured_points(
    autoencoder: Autoencoder, transform: CodeTransform, dataset: ImageDataset
) -> Iterator[RatePoint]:
    """Yield the point of each share of ADDED that the codes can be written with."""
    images, labels = dataset.test_images[:PICTURES], dataset.test_labels
    labels = labels[: len(images)] if autoencoder.kinds and labels is not None else None
    codes = in_blocks(lambda some, told: autoencoder.encode(scaled(some), told), images, labels)
    lost = float(np.square(_drawn(autoencoder, codes, labels) / 255 - images / 255).mean())
    for share in ADDED:
        step = np.sqrt(12 * max(lost, _OF_BYTES) * share / codes.shape[1])
        try:
            data = write_codes(codes, transform, step, labels, autoencoder.kinds)
        except CodeBytesError:
            continue
        drawn = _drawn(autoencoder, *read_codes(data, transform, autoencoder.kinds))
        one = point(float(step), len(data) / len(images), drawn, images, dataset.shape)
        yield replace(one, alone=bytes_alone(codes, transform, step, labels, autoencoder.kinds))


def bytes_alone(
    codes: np.ndarray,
    transform: CodeTransform,
    step: float,
    labels: np.ndarray | None = None,
    kinds: int = 0,
) -> float:
    """Return the bytes of a picture in a file of its own, the mean of the first ALONE."""
    files = (
        write_codes(
            codes[i : i + 1], transform, step, None if labels is None else labels[i : i + 1], kinds
        )
        for i in range(min(ALONE, len(codes)))
    )
    return float(np.mean([len(file) for file in files]))


def _beginnings(
    autoencoder: Autoencoder, transform: CodeTransform, dataset: ImageDataset, step: float
) -> Iterator[BeginningPoint]:
    """Yield what the first numbers are worth: errors unrounded, bytes with this step."""
    splits = {}
    for split in ("validation", "test"):
        images, labels = getattr(dataset, f"{split}_images"), getattr(dataset, f"{split}_labels")
        images, labels = images[:PICTURES], labels[:PICTURES] if autoencoder.kinds else None
        codes = in_blocks(lambda some, told: autoencoder.encode(scaled(some), told), images, labels)
        splits[split] = images, labels, codes
    for numbers in (n for n in NUMBERS if n <= len(transform.mean)):
        errors = []
        for images, labels, codes in splits.values():
            drawn = _drawn(autoencoder, first_numbers(codes, numbers), labels)
            errors.append(float(np.square((drawn.astype(np.float32) - images) / 255).mean()))
        _, labels, codes = splits["test"]
        data = write_codes(
            codes[:, :numbers], first_of(transform, numbers), step, labels, autoencoder.kinds
        )
        yield BeginningPoint(numbers, *errors, len(data) / len(codes))


def first_numbers(codes: np.ndarray, numbers: int) -> np.ndarray:
    """Return (n, k) codes with all but the first numbers 0, as a decoder of such codes takes it."""
    return np.where(np.arange(codes.shape[1]) < numbers, codes, 0).astype(np.float32)


def point(
    setting: float, size: float, drawn: np.ndarray, images: np.ndarray, shape: PictureShape
) -> RatePoint:
    """Return the point of (n, values) uint8 pictures that came back of (n, values) uint8 ones."""
    mse = float(np.square((drawn.astype(np.float32) - images) / 255).mean())
    return RatePoint(setting, size, mse, mean_ssim(drawn, images, shape))


def decoder_bytes(autoencoder: Autoencoder, transform: CodeTransform) -> int:
    """Return what whoever opens the codes needs: decoder in half precision, packed; transform."""
    weights = [w for layer in autoencoder.decoder for w in (layer.kernel, layer.bias)]
    arrays = (transform.mean, transform.forward, transform.spreads)
    return sum(packed(half(w))[0].nbytes for w in weights) + sum(a.nbytes for a in arrays)


def in_blocks(
    through: Callable[[np.ndarray, np.ndarray | None], np.ndarray],
    rows: np.ndarray,
    labels: np.ndarray | None,
) -> np.ndarray:
    """Return what a function of rows and their labels makes of all rows, block by block."""
    starts = range(0, len(rows), _BLOCK)
    return np.concatenate(
        [
            through(rows[i : i + _BLOCK], labels if labels is None else labels[i : i + _BLOCK])
            for i in starts
        ]
    )


def _drawn(autoencoder: Autoencoder, codes: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    return in_blocks(lambda some, told: to_bytes(autoencoder.decode(some, told)), codes, labels)
