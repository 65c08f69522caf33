"""Networks against image codecs: bytes a picture at the same error, and where one overtakes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from aeviz.checkpoints.store import PRETRAINED
from aeviz.coding.code_bytes import read_codes, write_codes
from aeviz.coding.rates import PICTURES, RatePoint, bytes_alone, point
from aeviz.coding.transform import CodeTransform
from aeviz.data.dataset import ImageDataset, scaled, to_bytes
from aeviz.evaluation.baselines import principal_axes

# The curves of codecs and PCA on the pictures that come along or can be fetched: measuring them
# takes minutes, and the pictures.
CURVES = PRETRAINED / "codecs.json"
# PCA's numbers: half as many as a picture has values, at most so many. More are worth nothing at
# any error that is asked for here.
_MOST_AXES = 384
# Errors that PCA is measured at.
_PCA_ERRORS = (0.03, 0.02, 0.0125, 0.008, 0.005, 0.003, 0.0018, 0.001, 0.0006)
# Errors between two points of a curve, to look for where another crosses it.
_SAMPLES = 400
NETWORK, PCA = "network", "pca"


@dataclass(frozen=True)
class Curve:
    """What a method takes at different errors.

    name: "pca", NETWORK, or a codec's. points: from few bytes to many, each with less error than
    the one before. sources: of each point, the model it is of, "" for one method throughout.
    """

    name: str
    title: str
    points: tuple[RatePoint, ...]
    sources: tuple[str, ...] = ()

    @property
    def lossless(self) -> bool:
        """Whether it loses nothing, and so has one point and no curve."""
        return len(self.points) == 1 and self.points[0].mse == 0

    def bytes_at(self, mse: float) -> float | None:
        """Return the bytes a picture at this error; None where it was not measured there.

        Between two points both are powers of a straight line's: lines in a logarithmic chart.
        """
        if self.lossless:
            return self.points[0].bytes
        points = [one for one in self.points if one.mse > 0]
        for more, less in zip(points, points[1:], strict=False):
            if less.mse == mse == more.mse:  # two qualities of a codec that come to the same
                return min(less.bytes, more.bytes)
            if less.mse <= mse <= more.mse:
                share = math.log(more.mse / mse) / math.log(more.mse / less.mse)
                return more.bytes * (less.bytes / more.bytes) ** share
        return None


def alone(curve: Curve) -> Curve:
    """Return the same of pictures in files of their own, where that was measured."""
    kept = [i for i, one in enumerate(curve.points) if one.alone is not None]
    points = (replace(curve.points[i], bytes=curve.points[i].alone) for i in kept)
    sources = tuple(curve.sources[i] for i in kept) if curve.sources else ()
    return replace(curve, points=tuple(points), sources=sources)


def curve_of(name: str, title: str, points: Iterable[tuple[str, RatePoint]]) -> Curve:
    """Return the curve of the best points: those with less error than all of fewer bytes.

    points: each with the model it is of.
    """
    best: list[tuple[str, RatePoint]] = []
    for source, one in sorted(points, key=lambda pair: (pair[1].bytes, pair[1].mse)):
        if not best or one.mse < best[-1][1].mse:
            best.append((source, one))
    sources, kept = tuple(s for s, _ in best), tuple(p for _, p in best)
    return Curve(name, title, kept, sources if any(sources) else ())


def crossings(one: Curve, other: Curve) -> list[float]:
    """Return the errors, falling, at which one begins or ceases to take fewer bytes."""
    if one.lossless or other.lossless:
        return []
    errors = [p.mse for curve in (one, other) for p in curve.points if p.mse > 0]
    if not errors:
        return []
    found, before = [], None
    for mse in np.geomspace(max(errors), min(errors), _SAMPLES).tolist():
        sizes = one.bytes_at(mse), other.bytes_at(mse)
        if sizes[0] is None or sizes[1] is None:
            continue
        wins = sizes[0] < sizes[1]
        if before is not None and wins != before:
            found.append(mse)
        before = wins
    return found


def worth_from(decoder_bytes: int, ours: float, theirs: float) -> int | None:
    """Return from how many pictures on a decoder is paid for by what they save; None for never.

    ours, theirs: bytes a picture at the same error.
    """
    return math.ceil(decoder_bytes / (theirs - ours)) if theirs > ours else None


# --- PCA -----------------------------------------------------------------------------------------


def pca_transform(dataset: ImageDataset) -> tuple[np.ndarray, np.ndarray, CodeTransform]:
    """Return the mean picture, (k, values) axes, and the transform of their coefficients.

    The coefficients depend on each other no more and a step of each costs as much: they are what
    a network's code is only after its transform.
    """
    mean, axes = principal_axes(dataset, min(_MOST_AXES, dataset.shape.values // 2))
    axes = axes[: min(_MOST_AXES, dataset.shape.values // 2)]
    some = (scaled(dataset.train_images[:PICTURES]) - mean) @ axes.T
    size = len(axes)
    spreads = np.sqrt(np.square(some).mean(axis=0)).astype(np.float32)
    eye = np.eye(size, dtype=np.float32)
    return mean, axes, CodeTransform(np.zeros(size, np.float32), eye, spreads)


def pca_points(dataset: ImageDataset) -> Iterator[RatePoint]:
    """Yield points of PCA, its coefficients rounded and coded as a network's code is."""
    mean, axes, transform = pca_transform(dataset)
    images = dataset.test_images[:PICTURES]
    codes = (scaled(images) - mean) @ axes.T
    squares = np.square(transform.spreads.astype(np.float64))
    for error in _PCA_ERRORS:
        step = _step_for(error * dataset.shape.values, squares)
        if step is None:
            continue
        data = write_codes(codes, transform, step)
        back, _ = read_codes(data, transform)
        drawn = to_bytes(back @ axes + mean)
        one = point(step, len(data) / len(images), drawn, images, dataset.shape)
        yield replace(one, alone=bytes_alone(codes, transform, step))


def _step_for(error: float, squares: np.ndarray) -> float | None:
    """The step that loses so much in all; of a number narrower than a step, all is lost."""
    low, high = 1e-6, 1e3
    for _ in range(60):
        step = math.sqrt(low * high)
        if np.minimum(step**2 / 12, squares).sum() < error:
            low = step
        else:
            high = step
    return low if 1e-5 < low < 1e2 else None


# --- what comes along ----------------------------------------------------------------------------


@dataclass(frozen=True)
class StoredCurves:
    """The curves of codecs and PCA on a data set's first test pictures.

    pictures: how many are in one file. tiled: those. alone: of pictures in files of their own.
    """

    pictures: int
    tiled: tuple[Curve, ...]
    alone: tuple[Curve, ...]


@cache
def _stored(path: Path) -> Mapping[str, StoredCurves]:
    try:
        told = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return {
        name: StoredCurves(one["pictures"], *(_curves(one[way]) for way in ("tiled", "alone")))
        for name, one in told.items()
    }


def _curves(told: Mapping[str, Mapping]) -> tuple[Curve, ...]:
    return tuple(
        Curve(name, one["title"], tuple(RatePoint(*row) for row in one["points"]))
        for name, one in told.items()
    )


def stored_curves(dataset: str) -> StoredCurves | None:
    """Return the curves that come along for a data set; None for any other."""
    return _stored(CURVES).get(dataset)


def plain_curves(curves: Sequence[Curve]) -> dict:
    """Return curves as plain values for JSON."""
    return {
        curve.name: {
            "title": curve.title,
            "points": [
                [float(f"{v:.6g}") for v in astuple(p) if v is not None] for p in curve.points
            ],
        }
        for curve in curves
    }
