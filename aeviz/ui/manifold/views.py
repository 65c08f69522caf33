"""The grid of decoded pictures of a model: its cells, its image, chart and CSV, its links."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import ImageColor

from aeviz.drawing.ink import THEMES, marked_cells, png
from aeviz.drawing.map_charts import DIGIT_COLOURS, manifold_figure, zoom_limits
from aeviz.latent import grid as latent_grid
from aeviz.latent.plane import LatentPlane, far_distance
from aeviz.networks.preset import Preset
from aeviz.ui.live.explored import Explored
from aeviz.ui.pictures.sheets import data_uri

# As in source 3.
CELLS = 30

_COLOURS = np.array([ImageColor.getrgb(colour) for colour in DIGIT_COLOURS], np.uint8)


@dataclass(frozen=True)
class GridLook:
    """How a grid is drawn.

    Attributes:
        n: cells along a side.
        range: a name in RANGES.
        axes: two numbers of the code, or None for the plane.
        view: the part of the map that is zoomed to, in place of the range.
        span: where the range lies, if that does not depend on this model's codes alone.
        base: the code that gives the numbers not in `axes`; None for the mean code.
        kind: what all cells are drawn as, by a network that is told it.
        dots, tint, dim: the overlays.
        theme: "light" or "dark".
    """

    n: int = CELLS
    range: str = "published"
    axes: tuple[int, int] | None = None
    view: latent_grid.Span | None = None
    span: latent_grid.Span | None = None
    base: tuple[float, ...] | None = None
    kind: int | None = None
    dots: bool = False
    tint: bool = False
    dim: bool = False
    theme: str = "light"

    @property
    def gaussian(self) -> bool:
        """Whether the cells are equal shares of a Gaussian instead of equal steps."""
        return latent_grid.RANGES[self.range].gaussian

    @property
    def where(self) -> tuple:
        """The fields that decide where the cells are."""
        return self.n, self.range, self.axes, self.view, self.span, self.base


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a grid, row by row from the top left.

    Attributes:
        drawn: what the grid's image covers, in units of `grid.to_picture`.
        points: (n*n, 2), the cells' centres on the map.
        codes: (n*n, latent_dim) float32.
    """

    drawn: latent_grid.Span
    points: np.ndarray
    codes: np.ndarray


def grid_of(model: Explored, look: GridLook) -> Cells:
    """Return where the cells are, and their codes."""
    if look.view is not None:
        span = latent_grid.inner(
            latent_grid.in_picture(look.view, look.gaussian), look.n, look.gaussian
        )
    else:
        span = look.span or latent_grid.RANGES[look.range].span(model.points(look.axes), look.n)
    points = latent_grid.grid_points(span, look.n, look.gaussian)
    drawn = latent_grid.outer(span, look.n, look.gaussian)
    return Cells(drawn, points, _map_of(model, look).lift(points))


def _map_of(model: Explored, look: GridLook) -> LatentPlane | latent_grid.AxisPair:
    if look.axes is None:
        return model.codes.plane
    return latent_grid.axis_pair(
        *look.axes, model.mean_code if look.base is None else np.array(look.base)
    )


def votes_of(model: Explored, look: GridLook) -> latent_grid.CellVotes:
    """Return the classes of the codes around each cell."""
    return latent_grid.cell_votes(
        grid_of(model, look).points, model.points(look.axes), model.codes.labels
    )


def png_of(
    model: Explored, look: GridLook, votes: latent_grid.CellVotes | None, *, quick: bool = False
) -> bytes:
    """Return a PNG of n*side pixels a side: what the decoder draws for every cell.

    Tint and dimming need the `votes` of the same look. quick: see `ink.png`.
    """
    checkpoint, theme = model.checkpoint, THEMES[look.theme]
    codes = grid_of(model, look).codes
    network = model.network(look.kind)
    drawn = latent_grid.manifold_image(network, codes, look.n, checkpoint.shape)
    tints = faint = None
    if look.tint and votes is not None and votes.labels is not None:
        tints = _COLOURS[votes.labels % len(_COLOURS)]
    if look.dim and votes is not None:
        faint = votes.distances > far_distance(model.points(look.axes))
    if tints is not None or faint is not None:
        drawn = marked_cells(drawn, theme, look.n, tints=tints, faint=faint)
    return png(drawn, theme, quick=quick)


def figure_of(model: Explored, look: GridLook, votes: latent_grid.CellVotes | None) -> go.Figure:
    """Return the grid as a chart with the map's axes. votes: see `png_of`."""
    picture = png_of(model, look, votes, quick=True)
    points = model.points(look.axes) if look.dots else None
    figure = manifold_figure(
        data_uri(picture),
        grid_of(model, look).drawn,
        None if points is None else latent_grid.to_picture(points, look.gaussian),
        model.codes.labels,
        names=model.names,
        gaussian=look.gaussian,
        revision=f"{model.checkpoint.name}:{look.where}",
    )
    # Of a Gaussian's shares there are no more than one; all else is held by `view_near`.
    widest = 1.0 if look.gaussian else 2 * latent_grid.FURTHEST
    return figure.update_layout(
        meta=zoom_limits(2 * latent_grid.NARROWEST, widest, look.view is not None)
    )


def csv_of(model: Explored, look: GridLook) -> bytes:
    """Return the grid's codes as a CSV file."""
    grid = grid_of(model, look)
    return latent_grid.grid_csv(grid.points, grid.codes, look.n)


# --- choices -------------------------------------------------------------------------------------


def cells_of_text(text: str) -> int:
    """Cells along a side, of a link. Raises ManifoldError."""
    return latent_grid.checked_cells(int(text) if text.isdecimal() and len(text) < 9 else text)


def offered(presets: tuple[Preset, ...]) -> tuple[str, ...]:
    """Return the names in RANGES that fit these recipes: only a VAE's codes are Gaussian."""
    normal = all(preset.variational for preset in presets)
    return tuple(name for name, one in latent_grid.RANGES.items() if normal or not one.gaussian)
