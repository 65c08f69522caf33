"""What the page "Compression" shows in bytes: curves of the models, codecs and PCA, and words."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aeviz.coding.rates import PICTURES, RatePoint
from aeviz.data.class_names import sample_each_class, thing
from aeviz.data.dataset import ImageDataset
from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.rate_charts import RateLine
from aeviz.evaluation.codecs import codec_points, codec_points_alone, codecs
from aeviz.evaluation.rate_distortion import (
    NETWORK,
    PCA,
    Curve,
    StoredCurves,
    alone,
    crossings,
    curve_of,
    pca_points,
    worth_from,
)
from aeviz.text.names import plain_cell
from aeviz.text.numbers import rounded
from aeviz.ui.pictures.watched import Compared

# Pictures that are measured while somebody waits: AVIF takes a second for each quality.
_MEASURED_LIVE, _ALONE_LIVE = 400, 20
# Pictures to choose from, one of each class where classes are known.
PICKS = 10
# Rivals in the sentence; more nobody listens to.
_NAMED = 3


@dataclass(frozen=True)
class Rates:
    """The curves of a data set.

    network: the best of all models at every size. others: codecs and PCA. pictures: how many are in
    one file; 1 where each is one of its own. decoders: bytes of each model's decoder, by its name.
    """

    dataset: str
    network: Curve
    others: tuple[Curve, ...]
    pictures: int
    decoders: dict[str, int]

    @property
    def curves(self) -> tuple[Curve, ...]:
        """All of them, the network's first."""
        return (self.network, *self.others)


def rates_of(
    dataset: str, models: Sequence[Compared], stored: StoredCurves | None, *, apart: bool
) -> Rates:
    """Return the curves of a data set's models beside those of codecs.

    apart: of pictures in files of their own.
    """
    rows = [one.row for one in models if one.row.rates]
    points = [(row.name, point) for row in rows for point in row.rates]
    network = curve_of(NETWORK, "networks", _alone(points) if apart else points)
    others = () if stored is None else (stored.alone if apart else stored.tiled)
    pictures = 1 if apart else PICTURES if stored is None else stored.pictures
    decoders = {row.name: row.decoder_bytes for row in rows if row.decoder_bytes}
    return Rates(dataset, network, others, pictures, decoders)


def _alone(points: Sequence[tuple[str, RatePoint]]) -> list[tuple[str, RatePoint]]:
    curves = [(name, alone(Curve(NETWORK, "", (point,)))) for name, point in points]
    return [(name, point) for name, curve in curves for point in curve.points]


def measured_curves(
    dataset: ImageDataset, told: Callable[[float, str], None], *, apart: bool
) -> StoredCurves:
    """Measure codecs and PCA on a data set that comes without their curves.

    told: is told the share that is done, and what is measured now. apart: pictures in files of
    their own; the other way is left empty.
    """
    images, shape = dataset.test_images[:_MEASURED_LIVE], dataset.shape
    known = codecs()
    told(0.0, "PCA")
    pca = Curve(PCA, "PCA", tuple(pca_points(dataset)))
    found = [alone(pca) if apart else pca]
    for i, codec in enumerate(known.values()):
        told((1 + i) / (1 + len(known)), codec.title)
        points = (
            codec_points_alone(codec, images[:_ALONE_LIVE], shape)
            if apart
            else codec_points(codec, images, shape)
        )
        found.append(Curve(codec.name, codec.title, tuple(points)))
    curves = tuple(found)
    return StoredCurves(len(images), () if apart else curves, curves if apart else ())


# --- in words ------------------------------------------------------------------------------------


def sentence(rates: Rates, at: int) -> str:
    """Say what a picture takes at the error of the network's point `at`, here and as codecs."""
    point, one = rates.network.points[at], thing(rates.dataset)
    start = f"At this error a {one} takes {in_bytes(point.bytes)} here"
    rivals = _rivals(rates, point.mse)
    if not rivals:
        return f"{start}; no codec gets this small."
    others = ", ".join(f"{few(size)} as {title}" for size, title in rivals[:_NAMED])
    better = [title for size, title in rivals if size < point.bytes]
    if better:
        return f"{start}, {others}: {better[0]} does better."
    return f"{start}, {others}."


def _rivals(rates: Rates, mse: float) -> list[tuple[float, str]]:
    """The codecs that reach this error, with their bytes, the smallest first."""
    found = [
        (size, curve.title)
        for curve in rates.others
        if curve.name != PCA and not curve.lossless and (size := curve.bytes_at(mse)) is not None
    ]
    return sorted(found)


def decoder_sentence(rates: Rates, at: int) -> str:
    """Say what the decoder of the network's point `at` takes, and from when on that is paid for."""
    point, one = rates.network.points[at], thing(rates.dataset)
    size = rates.decoders.get(rates.network.sources[at]) if rates.network.sources else None
    if size is None:
        return ""
    start = f"Its decoder takes {_kilobytes(size)}"
    rivals = _rivals(rates, point.mse)
    if not rivals:
        return f"{start}."
    best, title = rivals[0]
    count = worth_from(size, point.bytes, best)
    if count is None:
        return f"{start}, which nothing pays for here: {title} needs none and takes fewer bytes."
    return f"{start}: beside {title} it is worth it from {_about(count)} {one}s on."


def crossing_sentence(rates: Rates) -> str:
    """Say at which error a codec overtakes the networks; "" where none does."""
    found = [
        (at[-1], curve.title)
        for curve in rates.others
        if curve.name != PCA and (at := crossings(rates.network, curve))
    ]
    if not found:
        return ""
    at, title = max(found)
    return f"Below an error of {rounded(at)} {title} takes fewer bytes than any network here."


def few(size: float) -> str:
    """Bytes a picture as a number: 12, 6.5."""
    return f"{size:,.0f}" if size >= 10 else f"{size:.1f}".removesuffix(".0")


def in_bytes(size: float) -> str:
    """The same in words: "12 bytes"."""
    return f"{few(size)} byte{'' if few(size) == '1' else 's'}"


def _kilobytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _about(count: int) -> str:
    """Two figures that matter: 37,000."""
    digits = max(0, len(str(count)) - 2)
    return f"{round(count, -digits):,}"


# --- as a chart and a table ----------------------------------------------------------------------


def lines_of(rates: Rates) -> list[RateLine]:
    """Return the curves for the chart; a dot's key is its method and the place of its point."""
    return [
        RateLine(
            curve.name,
            curve.title,
            tuple((p.bytes, p.mse, f"{curve.name}:{i}") for i, p in enumerate(curve.points)),
        )
        for curve in (*rates.others, rates.network)
        if curve.points
    ]


def chart_in_words(rates: Rates) -> str:
    """Return what the chart shows in words, for screen readers."""
    parts = []
    for curve in rates.curves:
        if curve.points:
            first, last = curve.points[0], curve.points[-1]
            parts.append(
                f"{curve.title} from {in_bytes(first.bytes)} at {rounded(first.mse)} "
                f"to {in_bytes(last.bytes)} at {rounded(last.mse)}"
            )
    return f"Error against bytes a picture, both logarithmic: {'; '.join(parts)}."


def to_csv(rates: Rates, shape: PictureShape) -> str:
    """Write every point of every curve as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        "method model setting pictures_in_a_file bytes bits_a_pixel mse psnr ssim".split()
    )
    for curve in rates.curves:
        for i, p in enumerate(curve.points):
            source = curve.sources[i] if curve.sources else ""
            measured = (p.bytes, p.bits_a_pixel(shape), p.mse, p.psnr, p.ssim)
            words = plain_cell(curve.title), plain_cell(source)
            numbers = ["" if v is None else f"{v:.6g}" for v in measured]
            writer.writerow([*words, f"{p.setting:.6g}", rates.pictures, *numbers])
    return out.getvalue()


def picks_of(labels: np.ndarray | None, count: int) -> np.ndarray:
    """Return the places of the pictures to choose from, (n,), among the first test pictures."""
    if labels is None:
        return np.arange(min(PICKS, count))
    return sample_each_class(labels[: min(count, PICTURES)], PICKS)
