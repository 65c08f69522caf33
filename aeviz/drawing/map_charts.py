"""Charts of the latent space: arrays in, Plotly figures out.

Figures name no ink and no paper: the page's theme gives both, so that one figure serves light and
dark and is the same, byte for byte, at every rerun.
"""

import math

import numpy as np
import plotly.graph_objects as go

from aeviz.drawing.map_scales import MapScale
from aeviz.latent.grid import Span, from_picture, to_picture

# Searched for: the ten that are furthest apart for normal and for colour-blind eyes of each kind,
# all 3 to 1 on white and on near-black. Digits whose codes lie side by side got those furthest
# apart. They mean the classes 0 to 9 and nothing else.
DIGIT_COLOURS = (
    "#89566a",
    "#dd013a",
    "#97976f",
    "#004fff",
    "#ff3e9c",
    "#cc8602",
    "#9288eb",
    "#ba03a4",
    "#46a1ac",
    "#007531",
)
# Where there is nothing to tell apart: between the two themes' accents, 3 to 1 on either paper.
ONE_COLOUR = "#4a84dd"
# Share of the points that may lie out of the first view, at either end of an axis, so that one
# stray code does not shrink all the others to a spot; and the margin left around the rest.
STRAY_PERCENT = 0.3
MARGIN = 0.05
# Room for a class's name, as a share of the view each way: two must not cover each other. Longer
# names are smaller and need so much more across for each letter.
NAME_ROOM = 0.045
LETTER_ROOM = 0.012
# Distances on the map are true (a circle looks like one) unless one axis is this many times longer
# than the other: then the shorter one would be a line.
EQUAL_UP_TO = 3.0
# Turns in which the classes are drawn, so that none covers another where they overlap. Each turn of
# ten classes costs a tenth of a second when the page opens.
LAYERS = 2
# Of their usual size: pictures under them should be seen.
OVER_PICTURES = 0.7
# The closest and the widest look at a map, in its whole views: from a few of ten thousand dots to
# the furthest stray.
CLOSEST, WIDEST = 1 / 500, 8
# Pixels above a map, for its legend.
MAP_TOP = 30
# Steps along a side that has numbers: at 0.5 from -2 to 2.
TICKS = 8
_SHARES_WITH_NUMBERS = (0.025, 0.075, 0.16, 0.28, 0.4, 0.5, 0.6, 0.72, 0.84, 0.925, 0.975)


def map_view(points: np.ndarray) -> Span:
    """Return the part of the map that shows (N, 2) points but for a few strays."""
    points = np.asarray(points, dtype=np.float64)
    low, high = np.percentile(points, [STRAY_PERCENT, 100 - STRAY_PERCENT], axis=0)
    # Codes that are all the same, or lie on a line, still need a range to be drawn in.
    span = np.maximum(high - low, 1e-6 + 1e-3 * np.abs(low))
    middle = (low + high) / 2
    low, high = middle - span * (0.5 + MARGIN), middle + span * (0.5 + MARGIN)
    return Span(float(low[0]), float(high[0]), float(low[1]), float(high[1]))


def equal_units(view: Span) -> bool:
    """Whether one unit is drawn equally long on both axes of a map."""
    return max(view.width, view.height) <= EQUAL_UP_TO * min(view.width, view.height)


def latent_map(
    points: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    names: tuple[str, ...] = (),
    scale: MapScale | None = None,
    lines: go.Contour | None = None,
    view: Span | None = None,
    zoomed: Span | None = None,
    revision: str = "",
) -> go.Figure:
    """Draw a map of codes: a dot for each, which carries its row in `customdata`.

    Args:
        points: (N, 2) float.
        labels: (N,) uint8, indices into `names`: each class in its colour, with its name at the
            median of its dots and a legend that hides it; None for one colour.
        names: of the classes.
        scale: to colour by this and not by class.
        lines: of equal value, under the dots.
        view: what to show, by default `map_view(points)`.
        zoomed: the part of it to show at first.
        revision: zoom and hidden classes last as long as this stays the same.
    """
    view = view or map_view(points)
    traces = _traces(points, labels if scale is None else None, names, scale)
    figure = go.Figure(traces if lines is None else [lines, *traces])
    if labels is not None:
        figure.update_layout(annotations=_names(points, labels, names, view))
    figure.update_layout(**_layout(revision, names))
    figure.update_layout(showlegend=labels is not None and scale is None)
    figure.update_layout(
        meta=zoom_limits(CLOSEST * view.width, WIDEST * view.width, zoomed is not None)
    )
    shown = zoomed or view
    figure.update_xaxes(**_axis(shown.left, shown.right))
    figure.update_yaxes(**_axis(shown.bottom, shown.top))
    if equal_units(view):
        figure.layout.yaxis.update(scaleanchor="x", scaleratio=1)
    return figure


def zoom_limits(narrowest: float, widest: float, zoomed: bool) -> dict:
    """Return what live/chart.js reads of a map's layout: Plotly itself ends no zoom inwards.

    Args:
        narrowest: How much of the axis that runs across is shown at least.
        widest: And at most.
        zoomed: Whether the map is drawn with a part of it.
    """
    return {"widths": [narrowest, widest], "zoomed": zoomed}


def manifold_figure(
    picture: str,
    view: Span,
    points: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    *,
    names: tuple[str, ...] = (),
    revision: str = "",
    gaussian: bool = False,
) -> go.Figure:
    """Draw a picture on a square part of a map, with the map's own units along its sides.

    Args:
        picture: an address, such as a data URI.
        view: what it covers.
        points: codes to draw over it, as in `latent_map`; None for none.
        labels: of the codes, as in `latent_map`.
        names: of the classes.
        revision: as in `latent_map`.
        gaussian: whether places are given as shares of the standard normal distribution, as
            `grid.to_picture` has them.
    """
    if points is None:
        # A trace that says that the map has no dots a click could mean.
        figure = go.Figure(go.Scatter(x=[None], y=[None], customdata=[], showlegend=False))
    else:
        figure = go.Figure(_traces(points, labels, names))
        figure.update_traces(marker_size=dot_size(len(points)) * OVER_PICTURES)
    legend = points is not None and labels is not None
    figure.update_layout(**_layout(revision, names))
    figure.update_layout(
        showlegend=legend,
        dragmode="zoom",
        margin={"l": 44, "r": 14, "t": 30 if legend else 6, "b": 28, "pad": 0},
        images=[
            {
                "source": picture,
                "xref": "x",
                "yref": "y",
                "x": view.left,
                "y": view.top,
                "sizex": view.width,
                "sizey": view.height,
                "sizing": "stretch",
                "layer": "below",
            }
        ],
    )
    ruler = _gaussian_ruler if gaussian else _ruler
    figure.update_xaxes(**ruler(view.left, view.right))
    figure.update_yaxes(**ruler(view.bottom, view.top))
    # A square whatever its units, so that its pixels are; a zoom keeps that.
    ratio = view.width / view.height
    figure.layout.yaxis.update(scaleanchor="x", scaleratio=ratio, constraintoward="top")
    return figure


def _ruler(low: float, high: float) -> dict:
    # Units to one decimal, as source 3 has them, or more where that says too little.
    step = (high - low) / TICKS
    return {
        "range": [low, high],
        "constrain": "domain",
        "nticks": TICKS + 1,
        "tickformat": f".{max(1, math.ceil(-math.log10(step)))}f",
        "ticks": "outside",
        "ticklen": 4,
        "showgrid": False,
        "zeroline": False,
        "automargin": False,
        "title": {"text": ""},
    }


def _gaussian_ruler(low: float, high: float) -> dict:
    # The axis counts in shares of a Gaussian, and its numbers are the map's own: where they are
    # wanted, a third as far apart in the middle as at the ends, and the round ones next to that;
    # none at the infinite ends.
    wanted = from_picture(low + (high - low) * np.array(_SHARES_WITH_NUMBERS), gaussian=True)
    digits = max(1, math.ceil(-math.log10(max(np.diff(wanted).min(), 1e-9))))
    # Long numbers need more room.
    values = np.unique(np.round(wanted[:: min(digits, 2)], digits)) + 0.0
    out = _ruler(low, high) | {
        "tickvals": to_picture(values, gaussian=True).tolist(),
        "ticktext": [f"{value:.{digits}f}".replace("-", "−") for value in values],
        # Beyond lies nothing.
        "minallowed": 0.0,
        "maxallowed": 1.0,
    }
    del out["tickformat"], out["nticks"]
    return out


def _traces(points, labels, names, scale=None) -> list[go.Scattergl]:
    if labels is None:
        look = {"color": ONE_COLOUR} if scale is None else scale.marker
        return [_dots(points, np.arange(len(points)), look)]
    # What is drawn later covers what was before. Class by class, the last would hide the others
    # where they overlap, so they take turns: a share of each class, then the next share of each.
    out = []
    for layer in range(LAYERS):
        for label in np.unique(labels):
            rows = np.flatnonzero(labels == label)[layer::LAYERS]
            name = class_name(label, names)
            colour = DIGIT_COLOURS[label % len(DIGIT_COLOURS)]
            trace = _dots(points, rows, {"color": colour}, name)
            out.append(trace.update(legendgroup=name, showlegend=layer == 0))
    return [trace for trace in out if len(trace.x)]


def _dots(points, rows, look, name="codes") -> go.Scattergl:
    # Scattergl by name. Measured with 10,000 dots in Chromium without a graphics card: after a pan
    # or a zoom Scatter (one SVG element a dot) stood still for over 2 s, Scattergl for 0.3 s.
    return go.Scattergl(
        x=points[rows, 0].astype(np.float32),
        y=points[rows, 1].astype(np.float32),
        customdata=rows.astype(np.uint16 if len(points) <= 65_536 else np.uint32),
        mode="markers",
        marker={"size": dot_size(len(points)), "opacity": 0.8, "line": {"width": 0}, **look},
        name=name,
    )


def dot_size(count: int) -> float:
    """Return a dot's width in pixels."""
    # Ten thousand must leave room between them, three hundred must be seen.
    return 4.5 if count > 2_000 else 6.5


def _names(points, labels, names, view) -> list[go.layout.Annotation]:
    # At the median of the class's dots, or a little aside of another's.
    # Annotations, because Scattergl draws its dots over the texts of other traces.
    out, points = [], np.asarray(points, dtype=np.float64)
    classes = np.unique(labels)
    middles = np.array([np.median(points[labels == label], axis=0) for label in classes])
    longest = max(len(class_name(label, names)) for label in classes)
    across = max(NAME_ROOM, LETTER_ROOM * min(longest, 12))
    room = np.array([across * view.width, NAME_ROOM * view.height])
    for label, (x, y) in zip(classes, apart(middles, room), strict=True):
        name = class_name(label, names)
        size = 24 if len(name) < 3 else 15
        text = f"<b>{name}</b>"
        out.append({"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": size}})
    return [go.layout.Annotation(one) for one in out]


def apart(places: np.ndarray, room: np.ndarray) -> np.ndarray:
    """Move (N, 2) places about as little as keeps any two `room` = (width, height) apart.

    Each pair that is too close moves apart along the line between them, half each, some rounds.
    """
    places = np.array(places, dtype=np.float64)
    for _ in range(20):
        moved = False
        for i in range(len(places)):
            for j in range(i):
                gap = (places[i] - places[j]) / room
                distance = float(np.hypot(*gap))
                if distance < 0.999:
                    # Two in the very same place go left and right.
                    way = gap / distance if distance else np.array([1.0, 0.0])
                    step = way * (1 - distance) / 2 * room
                    places[i], places[j] = places[i] + step, places[j] - step
                    moved = True
        if not moved:
            break
    return places


def class_name(label: int, names: tuple[str, ...]) -> str:
    """Return what a label stands for; itself where it has no name."""
    return names[label] if label < len(names) else str(label)


def _axis(low: float, high: float) -> dict:
    return {
        # Not as a fixed range: where units are equally long, each resizing of the chart would widen
        # that further. An automatic one starts again from here.
        "autorange": True,
        "autorangeoptions": {"include": [low, high], "clipmin": low, "clipmax": high},
        "showgrid": False,
        "showticklabels": False,
        "ticks": "",
        "zeroline": True,
        "zerolinewidth": 1,
        # Readable on both papers and quieter than any dot.
        "zerolinecolor": "rgba(128, 134, 145, 0.45)",
        "automargin": False,
        "title": {"text": ""},
    }


def _layout(revision: str, names: tuple[str, ...]) -> dict:
    short = max(map(len, names), default=0) < 3
    return {
        "margin": {"l": 0, "r": 0, "t": MAP_TOP, "b": 0, "pad": 0},
        "dragmode": "pan",
        # The pointer is answered by the decoder beside the map; labels would cover the dots.
        "hovermode": False,
        # Clicks between the dots count too.
        "clickanywhere": True,
        "uirevision": revision,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "itemsizing": "constant",
            "entrywidth": 12 if short else 0,
            "title": {"text": ""},
        },
    }
