"""The map of a model as a chart, coloured by class, by error or by what its pictures have."""

import numpy as np
import plotly.graph_objects as go

from aeviz.data.dataset import to_bytes
from aeviz.drawing.map_charts import latent_map, map_view
from aeviz.drawing.map_scales import MapScale, attribute_scale, contours, error_scale
from aeviz.latent.attributes import ATTRIBUTES, measured
from aeviz.latent.grid import Span, axis_pair
from aeviz.ui.live.explored import FIRST, Explored, Look

# Places along a side at which the decoder's drawing is measured: lines through 900 are smooth, and
# a network of convolutions draws them in a second.
_PLACES = 30
# Pictures that are measured at once: their arrays stay below 70 MB.
_BLOCK = 1_000


def figure_of(model: Explored, look: Look) -> go.Figure:
    """Return the map of a model's codes, without pins or pointer: they never rebuild it."""
    codes, points = model.codes, model.points(look.axes)
    # Of all codes, so that it stays the same for the first thousand.
    view = map_view(points)
    count = FIRST if look.first else len(points)
    scale = lines = None
    if look.colour == "error" and model.has_errors:
        scale = error_scale(codes.errors[:count])
    elif look.colour in ATTRIBUTES:
        scale = attribute_scale(ATTRIBUTES[look.colour], _of_dots(model, look.colour, count))
        lines = _lines(model, look, view, scale)
    labels = None if codes.labels is None or look.colour == "one" else codes.labels[:count]
    figure = latent_map(
        points[:count],
        labels,
        names=model.names,
        scale=scale,
        lines=lines,
        view=view,
        zoomed=look.view,
        revision=f"{model.checkpoint.name}:{look.axes}:{look.view}",
    )
    if model.checkpoint.preset.labels:
        # Names at the middles of classes would lie on each other: it keeps none of them apart.
        figure.layout.annotations = ()
    return figure


def _of_dots(model: Explored, name: str, count: int) -> np.ndarray:
    """An attribute of the first test pictures, (count,), or of their redrawings."""
    shape, network, labels = model.checkpoint.shape, model.checkpoint.network, model.codes.labels
    out = []
    for start in range(0, count, _BLOCK):
        rows = range(start, min(start + _BLOCK, count))
        if model.images is not None:
            pictures = model.images[rows.start : rows.stop]
        else:
            codes = np.stack([model.code(row) for row in rows])
            told = None if labels is None else labels[rows.start : rows.stop]
            pictures = to_bytes(network.decode(codes, told))
        out.append(measured(ATTRIBUTES[name], pictures, shape))
    return np.concatenate(out)


def _lines(model: Explored, look: Look, view: Span, scale: MapScale) -> go.Contour | None:
    """Lines of equal value of what the decoder draws over the map.

    None for codes of one number, whose map has no places beside its line.
    """
    if model.latent_dim == 1:
        return None
    x, y = np.linspace(view.left, view.right, _PLACES), np.linspace(view.bottom, view.top, _PLACES)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    plane = model.codes.plane if look.axes is None else axis_pair(*look.axes, model.mean_code)
    drawn = model.network().decode(plane.lift(points))
    values = measured(ATTRIBUTES[look.colour], drawn, model.checkpoint.shape)
    return contours(view, values.reshape(_PLACES, _PLACES), scale)
