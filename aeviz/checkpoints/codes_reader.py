"""What a model's file says of the test images' codes: the codes, and what they take as bytes."""

import numpy as np

from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.file_arrays import array_of, labels_of
from aeviz.checkpoints.view_bytes import SHOWN
from aeviz.coding.rates import BeginningPoint, Coding, RatePoint
from aeviz.coding.transform import CodeTransform
from aeviz.latent.plane import LatentPlane
from aeviz.latent.test_codes import LARGEST_KEPT_CODE, MOST_IMAGES, Agreement, TestCodes
from aeviz.networks.preset import Preset
from aeviz.storage.user_folder import TooLarge

# Shares are sums of float64 quotients: 0.7 + 0.3 may come out a hair above 1.
_ROUNDING = 1e-9
# Of a curve of bytes against errors: our own have seven.
_MOST_POINTS = 50
# No decoder of MOST_WEIGHTS takes more.
_LARGEST_DECODER = 10**9


def test_codes_of(file: str, about: dict, preset: Preset, tensors: dict) -> TestCodes | None:
    """Take what a file says of the test images out of `tensors`; None where it says nothing.

    Raises:
        CheckpointError: it does not fit together, or is more than a page would send.
    """
    if about["agreement"] is None:
        return None
    dim, codes = preset.latent_dim, None
    points = array_of(file, tensors, "test.points", (None, 2), "f2")
    count = len(points)
    if dim <= LARGEST_KEPT_CODE:
        codes = array_of(file, tensors, "test.codes", (count, dim), "f2")
    errors = array_of(file, tensors, "test.errors", (count,), "f2")
    labels = labels_of(file, tensors, "test.labels", count)
    plane = LatentPlane(
        array_of(file, tensors, "test.centre", (dim,), "f4"),
        array_of(file, tensors, "test.axes", (2, dim), "f4"),
    )
    if count > MOST_IMAGES:
        what = f"the codes of {count:,} test pictures, and at most {MOST_IMAGES:,}"
        raise CheckpointError(f"{file} has {what} {SHOWN}") from TooLarge()
    if not count or (errors < 0).any():
        raise CheckpointError(f"{file} does not say how well its test pictures were redrawn.")
    agreement = _agreement(file, about["agreement"], labels)
    return TestCodes(points, codes, errors, labels, plane, agreement)


def _agreement(file: str, rows: list, labels: np.ndarray | None) -> tuple[Agreement, ...]:
    """One row for each class there is, or none at all; each adds up."""
    found = tuple(Agreement(**row) for row in rows)
    classes = [] if labels is None else np.unique(labels).tolist()
    named = [a.label for a in found]
    if (named and named != classes) or not all(_adds_up(a, classes) for a in found):
        raise CheckpointError(f"{file} does not say which classes its codes keep apart.")
    return found


def _adds_up(a: Agreement, classes: list[int]) -> bool:
    shares = (a.share, a.confused_share)
    if type(a.label) is not int or not all(type(s) is float and s >= 0 for s in shares):
        return False
    if a.confused_with is None:
        return a.confused_share == 0 and a.share <= 1
    known = type(a.confused_with) is int and a.confused_with in classes
    return known and a.confused_with != a.label and sum(shares) <= 1 + _ROUNDING


def coding_of(file: str, about: dict, preset: Preset, tensors: dict) -> Coding | None:
    """Take what a file says of its codes as bytes out of `tensors`; None where it says nothing.

    Raises:
        CheckpointError: it does not fit together.
    """
    if about["coding"] is None:
        return None
    size = about["coding"]["decoder_bytes"]
    points = array_of(file, tensors, "coding.points", (None, 5), "f8")
    step, taken, mse, ssim, alone = points.T
    possible = (step > 0) & (taken > 0) & (mse >= 0) & (np.abs(ssim) <= 1 + _ROUNDING) & (alone > 0)
    counted = type(size) is int and 0 < size <= _LARGEST_DECODER
    if not (counted and 0 < len(points) <= _MOST_POINTS and possible.all()):
        raise CheckpointError(f"{file} does not say what its codes take as bytes.")
    transform, dim = None, preset.latent_dim
    if about["coding"]["transform"]:
        shapes = {"mean": (dim,), "forward": (dim, dim), "spreads": (dim,)}
        parts = {k: array_of(file, tensors, f"coding.{k}", v, "f4") for k, v in shapes.items()}
        transform = CodeTransform(**parts)
        if (transform.spreads < 0).any():
            raise CheckpointError(f"{file} does not say what its codes take as bytes.")
    kept = tuple(RatePoint(*row) for row in points.tolist())
    return Coding(kept, size, _beginnings(file, about, dim, tensors), transform)


def _beginnings(file: str, about: dict, dim: int, tensors: dict) -> tuple[BeginningPoint, ...]:
    if not about["coding"]["beginnings"]:
        return ()
    rows = array_of(file, tensors, "coding.beginnings", (None, 4), "f8")
    numbers = rows[:, 0]
    counted = (numbers == np.floor(numbers)) & (numbers >= 1) & (numbers <= dim)
    if not 0 < len(rows) <= _MOST_POINTS or not (counted & (rows[:, 1:] >= 0).all(axis=1)).all():
        raise CheckpointError(f"{file} does not say what the first numbers of its codes are worth.")
    return tuple(BeginningPoint(int(row[0]), *row[1:]) for row in rows.tolist())
