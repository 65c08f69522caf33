"""The manifold: what the decoder draws over a part of the map, on a grid of n x n cells.

A grid's outermost cells are centred on the ends of its range, so that the published picture has its
points exactly where source 3 has them, at `linspace(-2, 2, n)`; what is drawn reaches half a cell
further (`outer`). Rows run from the top and y grows upward: the first row has the largest y.

Points are on the map, as everywhere; what they mean as codes says a view: the latent plane
(`plane.LatentPlane`) or two numbers of the code (`AxisPair`), by its `lift`.
"""

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from aeviz.data.dataset import to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.errors import UserError
from aeviz.latent.test_codes import NEIGHBOURS
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.preset import Preset

# Cells along a side: fewer are no map, and of more a screen shows each with too few pixels.
SMALLEST, LARGEST = 5, 60
# As far out as a place on a map may be pinned: decoding further out only makes overflows.
FURTHEST = 1e4
# The decoder works in float32, which has no room for 60 different places in less, around 1.
NARROWEST = 1e-6
# With Gaussian spacing a range ends here, in standard deviations: further out lies less than one
# code in a million, and 1 minus that is too coarse a number to turn back into a place.
GAUSSIAN_FURTHEST = 5.0
# Of the codes, the share that may lie below and above a range taken from them, in percent, so that
# a few strays don't spend half the grid on empty land.
STRAY_PERCENT = 1.0
# Cells that are decoded at once: what a block's arithmetic passes over stays in a processor's own
# memory (measured for 784 pixels: all 3,600 at once take a third longer), and a wide layer needs
# megabytes, not gigabytes.
_CELLS_AT_ONCE = 250
# Distances that are held at once, 4 bytes each.
_DISTANCES_AT_ONCE = 250_000
# Codes are compared in so many groups for each neighbour that is looked for.
_GROUPS = 20

_NORMAL = NormalDist()


class ManifoldError(UserError):
    """A grid that cannot be drawn, in one sentence."""


# --- ranges --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A part of a map, in the map's units; of a grid, between its outermost cells' centres."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """Above 0."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Above 0."""
        return self.top - self.bottom


def checked_span(left, right, bottom, top, *, gaussian: bool = False) -> Span:
    """Turn a range from anywhere (numbers, or their text) into a Span of floats.

    Raises:
        ManifoldError: an end is no finite number or beyond FURTHEST (GAUSSIAN_FURTHEST with
            Gaussian spacing), or the range is turned round or narrower than NARROWEST.
    """
    try:
        ends = [float(end) for end in (left, right, bottom, top)]
    except (TypeError, ValueError, OverflowError):
        ends = [math.nan]
    if not all(map(math.isfinite, ends)):
        raise ManifoldError("Each end of the range should be an ordinary number, such as -2 or 2.")
    most = GAUSSIAN_FURTHEST if gaussian else FURTHEST
    if max(map(abs, ends)) > most:
        spacing = " with Gaussian spacing" if gaussian else ""
        raise ManifoldError(f"Keep the range between {-most:,.0f} and {most:,.0f}{spacing}.")
    span = Span(*ends)
    if span.left >= span.right:
        raise ManifoldError("The left end of the range should be smaller than the right end.")
    if span.bottom >= span.top:
        raise ManifoldError("The lower end of the range should be smaller than the upper end.")
    if min(span.width, span.height) < NARROWEST:
        raise ManifoldError(f"Make the range at least {NARROWEST:f} wide and high.")
    return span


def checked_cells(n) -> int:
    """Return the number of cells along a side; raise ManifoldError unless it is a possible one."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or not SMALLEST <= n <= LARGEST:
        raise ManifoldError(
            f"The number of cells along a side should be a whole number from {SMALLEST} to "
            f"{LARGEST}."
        )
    return int(n)


def shared(spans: list[Span]) -> Span:
    """Return the range that all of these have in common; where there is none, one around all."""
    common = Span(
        max(span.left for span in spans),
        min(span.right for span in spans),
        max(span.bottom for span in spans),
        min(span.top for span in spans),
    )
    if min(common.width, common.height) >= NARROWEST:
        return common
    return Span(
        min(span.left for span in spans),
        max(span.right for span in spans),
        min(span.bottom for span in spans),
        max(span.top for span in spans),
    )


@dataclass(frozen=True)
class Range:
    """A way to choose the part of the map that the grid covers."""

    title: str
    span: Callable[[np.ndarray, int], Span]  # from the codes on the map, (N, 2), and n
    # Whether the centres stand at equal steps of the standard normal's probability, not of the map.
    gaussian: bool = False


def _published_span(points: np.ndarray, n: int) -> Span:
    return Span(-2.0, 2.0, -2.0, 2.0)


def _gaussian_span(points: np.ndarray, n: int) -> Span:
    # The n cells share the probability equally, and each is centred in the middle of its share.
    end = -_NORMAL.inv_cdf(0.5 / n)
    return Span(-end, end, -end, end)


def _codes_span(points: np.ndarray, n: int) -> Span:
    """Between the codes' own percentiles, on each axis for itself.

    Codes of a plain autoencoder may be ten times as wide as high, so the range is no square: cells
    stand as close along either axis as the codes do. Only where the codes lie on a line does it
    take the other axis's length, and 1 where they all lie on one point.
    """
    points = np.asarray(points, dtype=np.float64)
    low, high = np.percentile(points, [STRAY_PERCENT, 100.0 - STRAY_PERCENT], axis=0)
    low, high = np.clip(low, -FURTHEST, FURTHEST), np.clip(high, -FURTHEST, FURTHEST)
    length, flat = high - low, high - low < NARROWEST
    if flat.any():
        half = (1.0 if flat.all() else length.max()) / 2
        middle = np.clip((low + high) / 2, half - FURTHEST, FURTHEST - half)
        low, high = np.where(flat, middle - half, low), np.where(flat, middle + half, high)
    return Span(float(low[0]), float(high[0]), float(low[1]), float(high[1]))


RANGES = {
    # Source 3, `display_manifold`.
    "published": Range("published, -2 to 2", _published_span),
    "codes": Range("where the codes are", _codes_span),
    # "Linearly spaced coordinates on the unit square were transformed through the inverse CDF of
    # the Gaussian": Kingma & Welling 2013, Auto-Encoding Variational Bayes, figure 4.
    "gaussian": Range("shares of a Gaussian", _gaussian_span, gaussian=True),
}


def default_range(preset: Preset) -> str:
    """Return the name in RANGES that suits a recipe's codes.

    A VAE's are held near a standard normal, so the published range fits it; a plain autoencoder's
    (and a VAE's whose KL term weighs nothing) lie wherever training left them.
    """
    return "published" if preset.variational and preset.kl_weight > 0 else "codes"


# --- places on the grid --------------------------------------------------------------------------


def centres(span: Span, n: int, gaussian: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the x of the columns from the left and the y of the rows from the top, (n,) each."""
    x, y = (span.left, span.right), (span.top, span.bottom)
    if not gaussian:
        return np.linspace(*x, n), np.linspace(*y, n)
    x, y = (np.linspace(*to_picture(np.array(ends), True), n) for ends in (x, y))
    return from_picture(x, True), from_picture(y, True)


def grid_points(span: Span, n: int, gaussian: bool = False) -> np.ndarray:
    """Return the centres of all cells, (n*n, 2) float64, row by row from the top left."""
    x, y = centres(span, n, gaussian)
    return np.column_stack([np.tile(x, n), np.repeat(y, n)])


def to_picture(values: np.ndarray, gaussian: bool = False) -> np.ndarray:
    """Return where values along an axis of the map lie along that side of the drawn picture.

    All cells are drawn equally large. With equal steps the picture's own units are the map's; with
    Gaussian spacing they are the standard normal's cumulative probability, 0 to 1. Any shape.
    """
    values = np.asarray(values, dtype=np.float64)
    return _each(_NORMAL.cdf, values) if gaussian else values


def from_picture(places: np.ndarray, gaussian: bool = False) -> np.ndarray:
    """Invert `to_picture`.

    Gaussian places are held within +-GAUSSIAN_FURTHEST: the picture's very edge would be infinite.
    """
    places = np.asarray(places, dtype=np.float64)
    if not gaussian:
        return places
    least = _NORMAL.cdf(-GAUSSIAN_FURTHEST)
    return _each(_NORMAL.inv_cdf, np.clip(places, least, 1.0 - least))


def _each(function: Callable[[float], float], values: np.ndarray) -> np.ndarray:
    return np.array([function(v) for v in values.ravel().tolist()]).reshape(values.shape)


def outer(span: Span, n: int, gaussian: bool = False) -> Span:
    """Return what the picture covers, half a cell more on every side, in units of `to_picture`."""
    ends = in_picture(span, gaussian)
    across, up = ends.width / (n - 1) / 2, ends.height / (n - 1) / 2
    return Span(ends.left - across, ends.right + across, ends.bottom - up, ends.top + up)


def inner(drawn: Span, n: int, gaussian: bool = False) -> Span:
    """Invert `outer`: return the span whose picture covers exactly `drawn`."""
    across, up = drawn.width / n / 2, drawn.height / n / 2
    ends = [drawn.left + across, drawn.right - across, drawn.bottom + up, drawn.top - up]
    return Span(*from_picture(np.array(ends), gaussian).tolist())


def in_picture(view: Span, gaussian: bool = False) -> Span:
    """Return a part of the map in units of `to_picture`, as `inner` takes it."""
    ends = np.array([view.left, view.right, view.bottom, view.top])
    return Span(*to_picture(ends, gaussian).tolist())


@dataclass(frozen=True)
class AxisPair:
    """A map of two numbers of the code; all others stay at a base code."""

    across: int  # index into the code
    up: int  # index into the code
    base: np.ndarray  # (latent_dim,) float32, such as the codes' mean or a pinned code

    def project(self, codes: np.ndarray) -> np.ndarray:
        """(n, latent_dim) codes -> (n, 2) float32 points on the map."""
        return np.asarray(codes)[:, [self.across, self.up]].astype(np.float32)

    def lift(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) points -> (n, latent_dim) float32 codes."""
        codes = np.tile(self.base, (len(points), 1))
        codes[:, [self.across, self.up]] = points
        return codes


def axis_pair(across, up, base: np.ndarray) -> AxisPair:
    """Choose two numbers of a code; raise ManifoldError unless they are two of it."""
    base = np.asarray(base, dtype=np.float32)
    for index in (across, up):
        whole = isinstance(index, int | np.integer) and not isinstance(index, bool)
        if not whole or not 0 <= index < base.size:
            raise ManifoldError(
                f"This model's codes have no such number: choose two from 1 to {base.size}."
            )
    if across == up:
        raise ManifoldError("Choose two different numbers of the code, one across and one up.")
    return AxisPair(int(across), int(up), base)


# --- the picture ---------------------------------------------------------------------------------


def manifold_image(
    autoencoder: Autoencoder,
    codes: np.ndarray,
    n: int,
    shape: PictureShape,
    labels: np.ndarray | None = None,
) -> np.ndarray:
    """Decode (n*n, latent_dim) codes to one picture, row by row from the top left.

    Values beyond 0 to 255 are clipped, and one whose number overflows counts as 0. shape: of a
    cell. labels: (n*n,), for a network that is told them. Raises ValueError for unfit shapes.

    Returns:
        (n*side, n*side) uint8 ink, or (n*side, n*side, 3) uint8 colours.
    """
    if codes.shape != (n * n, autoencoder.latent_dim) or shape.values != autoencoder.values:
        raise ValueError(f"{codes.shape} codes and pictures of {shape} make no {n} x {n} grid.")
    side = shape.side
    tiles = np.empty((n, side, n, side, shape.channels), dtype=np.uint8)
    rows = max(1, _CELLS_AT_ONCE // n)
    # A place far from all codes may be more than the network's numbers hold.
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, n, rows):
            some = slice(first * n, (first + rows) * n)
            drawn = autoencoder.decode(codes[some], None if labels is None else labels[some])
            # Where there is no number fmax takes 0; as a byte it could become anything.
            cells = to_bytes(np.fmax(drawn, 0.0, out=drawn))
            cells = cells.reshape(-1, n, side, side, shape.channels)
            tiles[first : first + rows] = cells.transpose(0, 2, 1, 3, 4)
    return tiles.reshape(replace(shape, side=n * side).array)


# --- the codes around each cell ------------------------------------------------------------------


@dataclass(frozen=True)
class CellVotes:
    """What codes lie around each of M cells."""

    # (M,) the most common label among a cell's nearest codes, the smaller of two equally common.
    labels: np.ndarray | None
    distances: np.ndarray  # (M,) float32, from the cell's centre to the nearest code


def cell_votes(
    points: np.ndarray, codes: np.ndarray, labels: np.ndarray | None, k: int = NEIGHBOURS
) -> CellVotes:
    """Ask the k nearest codes around each point; of codes equally far the earlier ones count.

    points: (M, 2). codes: (N, 2) on the same map, N at least 1. labels: (N,) uint8 or None. k: at
    least 1. Distances are the map's own, whatever the spacing of the grid.
    """
    near, distances = _nearest(points, codes, min(k, len(codes)))
    if labels is None:
        return CellVotes(None, distances)
    classes = int(labels.max()) + 1
    ballots = np.arange(len(near))[:, None] * classes + labels[near]
    counts = np.bincount(ballots.ravel(), minlength=len(near) * classes)
    return CellVotes(counts.reshape(-1, classes).argmax(axis=1).astype(labels.dtype), distances)


def _nearest(points: np.ndarray, codes: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Each point's k nearest codes, (M, k) rows, and the distance to the nearest, (M,) float32.

    Every distance is looked at, but few are sorted: the k-th of the groups' smallest distances
    leaves at least k codes, and hardly more. (A partition of all of them takes three times as long,
    half a second for 60 x 60 cells and 10,000 codes.)
    """
    points, codes = np.asarray(points, dtype=np.float32), np.asarray(codes, dtype=np.float32)
    x, y = codes[:, 0].copy(), codes[:, 1].copy()
    groups = min(len(codes), _GROUPS * k)
    size = len(codes) // groups
    at_once = max(1, _DISTANCES_AT_ONCE // len(codes))
    near = np.empty((len(points), k), dtype=np.intp)
    nearest = np.empty(len(points), dtype=np.float32)
    for start in range(0, len(points), at_once):
        some = points[start : start + at_once]
        squares = np.square(x - some[:, :1])
        squares += np.square(y - some[:, 1:])
        smallest = squares[:, : groups * size].reshape(len(some), size, groups).min(axis=1)
        enough = np.partition(smallest, k - 1, axis=1)[:, k - 1 : k]
        cell, code = np.nonzero(squares <= enough)
        square = squares[cell, code]
        order = np.lexsort((square, cell))
        # `cell` is sorted as it comes, so each cell's first candidate is where its number begins.
        rank = np.arange(len(cell)) - np.searchsorted(cell, cell)
        kept = order[rank < k].reshape(len(some), k)
        near[start : start + at_once] = code[kept]
        nearest[start : start + at_once] = np.sqrt(square[kept[:, 0]])
    return near, nearest


# --- the grid as a table -------------------------------------------------------------------------


def grid_csv(points: np.ndarray, codes: np.ndarray, n: int) -> bytes:
    """Write the grid's (n*n, 2) points and (n*n, latent_dim) codes as CSV.

    Rows count from 1 at the top, columns from 1 at the left; values have as many digits as float32
    tells apart.
    """
    size = codes.shape[1]
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["row", "column", "x", "y", *(f"number_{i + 1}" for i in range(size))])
    values = np.column_stack([points, codes]).astype(np.float32).astype(str)
    for cell, line in enumerate(values):
        row, column = divmod(cell, n)
        lines.writerow([row + 1, column + 1, *line])
    return out.getvalue().encode()
