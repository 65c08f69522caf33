"""A stored model made ready for the page "Manifold": its grid, the picture of it, links to it."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import ImageColor

from aeviz.drawing.ink import THEMES, ink_png, inked_cells, png
from aeviz.drawing.map_charts import DIGIT_COLOURS, View, manifold_figure
from aeviz.latent.grid import (
    RANGES,
    AxisPair,
    CellVotes,
    ManifoldError,
    Span,
    axis_pair,
    cell_votes,
    checked_cells,
    grid_csv,
    grid_points,
    in_picture,
    inner,
    manifold_image,
    outer,
    to_picture,
)
from aeviz.latent.plane import LatentPlane, far_distance
from aeviz.networks.recipes import Preset
from aeviz.ui.live.explored import Explored
from aeviz.ui.pictures.sheets import data_uri

# As in source 3.
CELLS = 30
# What can be laid over the pictures, in the order of its switches.
OVERLAYS = ("dots", "tint", "dim")

_COLOURS = np.array([ImageColor.getrgb(colour) for colour in DIGIT_COLOURS], np.uint8)


@dataclass(frozen=True)
class GridLook:
    """How a grid is to be drawn.

    n: cells along a side. range: a name in RANGES. axes: two numbers of the code, or None for the
    plane. view: the part of the map a visitor zoomed to, in place of the range. span: where the
    range lies, if that is not up to this model's codes alone. base: the code whose numbers those
    not in `axes` have; None for the mean. dots, tint, dim: the overlays. theme: "light" or "dark".
    """

    n: int = CELLS
    range: str = "published"
    axes: tuple[int, int] | None = None
    view: Span | None = None
    span: Span | None = None
    base: tuple[float, ...] | None = None
    dots: bool = False
    tint: bool = False
    dim: bool = False
    theme: str = "light"

    @property
    def gaussian(self) -> bool:
        """Whether the cells are equal shares of a Gaussian, not equal steps."""
        return RANGES[self.range].gaussian

    @property
    def where(self) -> tuple:
        """What decides where the cells are."""
        return self.n, self.range, self.axes, self.view, self.span, self.base


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a grid, row by row from the top left.

    drawn: what its picture covers, in units of `grid.to_picture`. points: (n*n, 2), their
    centres on the map. codes: (n*n, latent_dim) float32.
    """

    drawn: Span
    points: np.ndarray
    codes: np.ndarray


def grid_of(model: Explored, look: GridLook) -> Grid:
    """Where the cells are, and the codes that stand for them."""
    if look.view is not None:
        span = inner(in_picture(look.view, look.gaussian), look.n, look.gaussian)
    else:
        span = look.span or RANGES[look.range].span(model.points(look.axes), look.n)
    points = grid_points(span, look.n, look.gaussian)
    drawn = outer(span, look.n, look.gaussian)
    return Grid(drawn, points, _map_of(model, look).lift(points))


def _map_of(model: Explored, look: GridLook) -> LatentPlane | AxisPair:
    if look.axes is None:
        return model.codes.plane
    return axis_pair(*look.axes, model.mean_code if look.base is None else np.array(look.base))


def votes_of(model: Explored, look: GridLook) -> CellVotes:
    """The codes around each cell."""
    return cell_votes(grid_of(model, look).points, model.points(look.axes), model.codes.labels)


def png_of(
    model: Explored, look: GridLook, votes: CellVotes | None, *, quick: bool = False
) -> bytes:
    """What the decoder draws for every cell, with tint and dimming: a PNG of n*side pixels a side.

    votes: of the same look, needed for these two. quick: see `ink.png`.
    """
    side, theme = model.checkpoint.side, THEMES[look.theme]
    codes = grid_of(model, look).codes
    ink = manifold_image(model.checkpoint.autoencoder, codes, look.n, side)
    tints = faint = None
    if look.tint and votes is not None and votes.labels is not None:
        tints = _COLOURS[votes.labels % len(_COLOURS)]
    if look.dim and votes is not None:
        faint = votes.distances > far_distance(model.points(look.axes))
    if tints is None and faint is None:
        return ink_png(ink, theme, quick=quick)
    return png(inked_cells(ink, theme, look.n, tints=tints, faint=faint), quick=quick)


def figure_of(model: Explored, look: GridLook, votes: CellVotes | None) -> go.Figure:
    """The grid as a chart with the map's axes. votes: see `png_of`."""
    picture = png_of(model, look, votes, quick=True)
    points = model.points(look.axes) if look.dots else None
    return manifold_figure(
        data_uri(picture),
        View(*astuple(grid_of(model, look).drawn)),
        None if points is None else to_picture(points, look.gaussian),
        model.codes.labels,
        names=model.names,
        gaussian=look.gaussian,
        revision=f"{model.checkpoint.name}:{look.where}",
    )


def csv_of(model: Explored, look: GridLook) -> bytes:
    """The grid's codes as a CSV file."""
    grid = grid_of(model, look)
    return grid_csv(grid.points, grid.codes, look.n)


# --- links ---------------------------------------------------------------------------------------
# Each takes what an address says and raises ManifoldError, one sentence, for what makes no sense.


def cells_of_text(text: str) -> int:
    """Cells along a side."""
    return checked_cells(int(text) if text.isdecimal() and len(text) < 9 else text)


def offered(presets: tuple[Preset, ...]) -> tuple[str, ...]:
    """The names in RANGES that mean something for all of these recipes: only a VAE's codes are a
    Gaussian's.
    """
    normal = all(preset.variational for preset in presets)
    return tuple(name for name, one in RANGES.items() if normal or not one.gaussian)


def range_of_text(text: str, presets: tuple[Preset, ...]) -> str:
    """A name in `offered`."""
    if text not in offered(presets):
        raise ManifoldError("The link asks for a range that this page does not have.")
    return text


def overlays_of_text(text: str) -> tuple[str, ...]:
    """Names in OVERLAYS, as "dots,tint"."""
    names = [name for name in text.split(",") if name]
    if not set(names) <= set(OVERLAYS):
        raise ManifoldError("The link asks for an overlay that this page does not have.")
    return tuple(name for name in OVERLAYS if name in names)
