"""Charts of losses: against the compression ratio, and over a training. Arrays in, Plotly out.

As in `map_charts.py`, nothing names ink or paper, so that one figure serves light and dark.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from aeviz.drawing.map_charts import ONE_COLOUR

# Training is red and validation blue, as in source 5: each 4 to 1 on white and on near-black.
TRAINING_COLOUR = "#d8453e"
VALIDATION_COLOUR = ONE_COLOUR
OURS_COLOUR = ONE_COLOUR
PUBLISHED_COLOUR = TRAINING_COLOUR
# Sweeps of one's own, in turn: 3 to 1 on white and on near-black, and no colour of anything else.
SWEEP_COLOURS = ("#c47a00", "#1d9655", "#c2459c", "#0f95a3")
# One network with fewer and fewer of its numbers.
NESTED_COLOUR = SWEEP_COLOURS[3]
# Dimmed ink that reads on both papers.
FLOOR_COLOUR = "#858b95"
_OVERFITTING = "rgba(216, 69, 62, 0.28)"
# Factors of ten between two code sizes' names, or they would cover each other.
_NAMES_APART = 0.11
# Numbers along a side: fewer than so many say too little, then 2 and 5 are named too.
_FEWEST_ACROSS, _FEWEST_UP = 7, 3
# Factors of ten, counted from a ratio of 1, that the words beside published dots take.
_ROOM_FOR_WORDS = 0.5
# How many times its lower end an axis ends at, at least.
_LEAST_RANGE = 6.0
# Pixels.
_PANEL_HEIGHT = 250


@dataclass(frozen=True)
class Dot:
    """A model on the chart."""

    key: str  # in `customdata`
    ratio: float  # above 0
    mse: float  # above 0
    name: str = ""  # written beside it
    best: bool = True  # the least loss among those of its ratio on its line
    line: int = 0  # 0 for the gallery's, from 1 on for sweeps of one's own


def ratio_chart(
    ours: Sequence[Dot],
    published: Sequence[tuple[str, Sequence[Dot]]] = (),
    floor: Sequence[tuple[float, float]] = (),
    nested: Sequence[tuple[float, float]] = (),
    *,
    chosen: Sequence[str] = (),
    loss: str = "validation loss",
    revision: str = "",
) -> go.Figure:
    """Draw loss against compression ratio, both logarithmic.

    Args:
        ours: our models.
        published: groups of dots, each with the words beside it.
        floor: PCA's (ratio, MSE).
        nested: those of one network with as many of its numbers.
        chosen: keys of the dots to ring.
        loss: the name of the vertical axis.
        revision: the view lasts as long as this stays the same.
    """
    figure = go.Figure()
    if floor:
        x, y = zip(*sorted(floor), strict=True)
        # One place alone makes no line.
        stroke = {"symbol": "line-ew", "size": 40, "line": {"width": 2, "color": FLOOR_COLOUR}}
        alone = stroke if len(x) == 1 else None
        figure.add_trace(_line(x, y, FLOOR_COLOUR, alone, dash="4px 4px"))
    figure.add_traces([*_nested_lines(nested), *_lines(ours)])
    hollow = {"size": 10, "color": PUBLISHED_COLOUR, "symbol": "circle-open", "line": {"width": 2}}
    for _, dots in published:
        figure.add_trace(_dots(dots, hollow))
    everything = [*ours, *(dot for _, dots in published for dot in dots)]
    rings = [dot for dot in everything if dot.key in chosen]
    ring = {"size": 21, "color": OURS_COLOUR, "symbol": "circle-open", "line": {"width": 2}}
    figure.add_trace(_line([d.ratio for d in rings], [d.mse for d in rings], "", ring))
    places = [(dot.ratio, dot.mse) for dot in everything] + [*floor, *nested]
    figure.update_layout(
        annotations=[
            *_floor_name(floor, everything),
            *_nested_name(nested),
            *map(_group_name, published),
            *_line_names(ours),
        ],
        showlegend=False,
        hovermode="closest",
        hoverdistance=24,
        # With anything else a finger that sets out on the chart cannot scroll the page.
        dragmode=False,
        uirevision=revision,
        margin={"l": 58, "r": 12, "t": 12, "b": 46, "pad": 0},
    )
    figure.update_xaxes(
        title_text="times fewer numbers than the picture has",
        **logarithmic([x for x, _ in places], 1.3, 1.6, _FEWEST_ACROSS),
    )
    figure.update_yaxes(
        title_text=f"{loss}, a pixel", **logarithmic([y for _, y in places], 1.6, 1.5)
    )
    return figure


def _lines(ours: Sequence[Dot]) -> list[go.Scatter]:
    out, named = [], named_apart([dot for dot in ours if dot.best])
    for line in sorted({0, *(dot.line for dot in ours)}):
        dots = sorted((dot for dot in ours if dot.line == line), key=lambda dot: dot.ratio)
        best, colour = [dot for dot in dots if dot.best], line_colour(line)
        look = {"color": OURS_COLOUR}
        if line:
            look["line"] = {"color": colour, "width": 2.5}
        out.append(_line([d.ratio for d in best], [d.mse for d in best], colour))
        others = [dot for dot in dots if not dot.best]
        out.append(_dots(others, {"size": 9, "opacity": 0.55, **look}))
        out.append(_dots(best, {"size": 12, **look}, named))
    return out


def line_colour(line: int) -> str:
    """Return the colour of a line, and of the outline of its dots."""
    return SWEEP_COLOURS[(line - 1) % len(SWEEP_COLOURS)] if line else OURS_COLOUR


def named_apart(dots: Sequence[Dot]) -> set[str]:
    """Return the keys of dots whose names have room side by side, from the smallest ratio on."""
    keys, last = set(), -math.inf
    for dot in sorted(dots, key=lambda dot: dot.ratio):
        if math.log10(dot.ratio) - last >= _NAMES_APART:
            keys.add(dot.key)
            last = math.log10(dot.ratio)
    return keys


def _line(x, y, colour: str, marker: dict | None = None, *, dash: str = "solid") -> go.Scatter:
    look = {"mode": "markers", "marker": marker} if marker else {"mode": "lines"}
    line = {} if marker else {"color": colour, "width": 2, "dash": dash}
    return go.Scatter(x=list(x), y=list(y), line=line, hoverinfo="skip", **look)


def _dots(dots: Sequence[Dot], marker: dict, named: Collection[str] = ()) -> go.Scatter:
    return go.Scatter(
        x=[dot.ratio for dot in dots],
        y=[dot.mse for dot in dots],
        text=[dot.name if dot.key in named else "" for dot in dots],
        customdata=[dot.key for dot in dots],
        mode="markers+text",
        textposition="bottom right",
        marker=marker,
        # The page draws a picture there, and what a label would say, in words.
        hoverinfo="none",
    )


def _floor_name(floor, dots: Sequence[Dot]) -> list[dict]:
    # On PCA's line where no dot is near.
    if not floor:
        return []
    inside = sorted(floor)[1:-1] or sorted(floor)
    x, y = max(inside, key=lambda place: min([_apart(place, d) for d in dots] or [0.0]))
    return [_name(x, y, "PCA", xanchor="right", yanchor="bottom")]


def _nested_lines(nested) -> list[go.Scatter]:
    if not nested:
        return []
    x, y = zip(*sorted(nested), strict=True)
    small = {"size": 7, "color": NESTED_COLOUR, "symbol": "diamond"}
    return [_line(x, y, NESTED_COLOUR), _line(x, y, NESTED_COLOUR, small)]


def _nested_name(nested) -> list[dict]:
    if not nested:
        return []
    x, y = max(nested)
    where = {"xanchor": "right", "yanchor": "bottom", "yshift": 6}
    return [_name(x, y, "one network for every size", font={"color": NESTED_COLOUR}, **where)]


def _line_names(dots: Sequence[Dot]) -> list[dict]:
    # One's own, at their smallest codes; a dot alone is no line.
    lines = {
        line: [d for d in dots if d.line == line and d.best] for line in {d.line for d in dots}
    }
    own = {line: some for line, some in lines.items() if line and len(some) > 1}
    out = []
    for line, some in sorted(own.items()):
        last = max(some, key=lambda dot: dot.ratio)
        words = f"your sweep {line}" if len(own) > 1 else "your sweep"
        where = {"xanchor": "right", "yanchor": "bottom", "yshift": 8}
        out.append(_name(last.ratio, last.mse, words, font={"color": line_colour(line)}, **where))
    return out


def _apart(place: tuple[float, float], dot: Dot) -> float:
    return math.hypot(math.log10(place[0] / dot.ratio), math.log10(place[1] / dot.mse))


def _group_name(group: tuple[str, Sequence[Dot]]) -> dict:
    words, dots = group
    # Left of a dot and above it: losses rise to the right, so there is room but for the first ones.
    room = [dot for dot in dots if math.log10(dot.ratio) >= _ROOM_FOR_WORDS] or list(dots)
    top = min(room, key=lambda dot: (dot.ratio, -dot.mse))
    side = "right" if math.log10(top.ratio) >= _ROOM_FOR_WORDS else "left"
    return _name(top.ratio, top.mse, words, xanchor=side, yanchor="bottom", yshift=4)


def _name(x: float, y: float, text: str, **where) -> dict:
    # On a logarithmic axis Plotly wants an annotation's place as a power of ten.
    shift = {"xshift": -6 if where["xanchor"] == "right" else 0}
    return (
        {"x": math.log10(x), "y": math.log10(y), "text": text, "showarrow": False} | shift | where
    )


def logarithmic(
    values: Sequence[float], below: float, above: float, ticks: int = _FEWEST_UP
) -> dict:
    """Return a logarithmic axis of Plotly's round these values.

    below, above: how many times beyond the values' ends it reaches. ticks: how many at least.
    """
    low, high = (min(values) / below, max(values) * above) if values else (0.5, 1000.0)
    # Where all are much the same, some room on either side.
    more = math.sqrt(max(1.0, _LEAST_RANGE / (high / low)))
    low, high = low / more, high * more
    found = ticks_between(low, high, ticks)
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high)],
        "tickvals": found,
        "ticktext": [f"{tick:,.10f}".rstrip("0").rstrip(".") for tick in found],
        "zeroline": False,
        "title_standoff": 8,
    }


def ticks_between(low: float, high: float, fewest: int) -> list[float]:
    """Return powers of ten between two numbers above 0, and more of each if too few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1,), (1, 3), (1, 2, 5), (1, 2, 3, 4, 5, 6, 7, 8)):
        found = [float(f"{d}e{p}") for p in powers for d in digits]
        found = [tick for tick in found if low <= tick <= high]
        if len(found) >= fewest:
            break
    return found


@dataclass(frozen=True, eq=False)
class Panel:
    """The losses of one model, (R,) each, NaN for none."""

    x: np.ndarray  # (R,) epochs or steps
    training: np.ndarray
    validation: np.ndarray
    best: float  # the place along x whose weights were kept


def curves_charts(panels: Sequence[Panel], *, along: str, loss: str) -> list[go.Figure]:
    """Draw training and validation losses, a chart for each model, all over the same ranges.

    The best place is marked; from there on the gap between the curves is shaded where validation
    lies above training: overfitting.

    Args:
        panels: at least one.
        along: what the horizontal axis counts.
        loss: what the vertical axis counts.
    """
    values = np.concatenate([np.concatenate([p.training, p.validation]) for p in panels])
    values = values[np.isfinite(values) & (values > 0)]
    up = logarithmic(values.tolist(), 1.25, 1.25)
    furthest = max(float(panel.x.max(initial=0.0)) for panel in panels)
    figures = [go.Figure(_panel(panel)) for panel in panels]
    for figure in figures:
        figure.update_layout(
            showlegend=False,
            height=_PANEL_HEIGHT,
            hovermode="x",
            dragmode=False,
            margin={"l": 62, "r": 8, "t": 6, "b": 44, "pad": 0},
        )
        figure.update_yaxes(title_text=loss, **up)
        figure.update_xaxes(range=[0, furthest], zeroline=False, showgrid=False, nticks=6)
        figure.update_xaxes(title_text=along, title_standoff=6)
    return figures


def _panel(panel: Panel) -> list[go.Scatter]:
    traces = []

    def add(name: str, x: np.ndarray, y: np.ndarray, **look) -> None:
        traces.append(go.Scatter(name=name, x=x.tolist(), y=y.tolist(), **look))

    x, top, bottom = overfitting(panel)
    if len(x) > 1:
        around, edges = np.concatenate([x, x[::-1]]), np.concatenate([top, bottom[::-1]])
        area = {"fill": "toself", "fillcolor": _OVERFITTING, "line": {"width": 0}}
        add("overfitting", around, edges, mode="lines", hoverinfo="skip", **area)
    for name, colour in (("training", TRAINING_COLOUR), ("validation", VALIDATION_COLOUR)):
        values = getattr(panel, name)
        there, line = np.isfinite(values), {"color": colour, "width": 2}
        shown = {"mode": "lines", "line": line, "hovertemplate": "%{y:.3~g}"}
        add(name, panel.x[there], values[there], **shown)
    at = np.flatnonzero(np.isfinite(panel.validation))
    if len(at):
        best = at[[np.argmin(np.abs(panel.x[at] - panel.best))]]
        marker = {"color": VALIDATION_COLOUR, "size": 11, "symbol": "diamond"}
        mark = {"mode": "markers", "marker": marker, "hoverinfo": "skip"}
        add("best", panel.x[best], panel.validation[best], **mark)
    return traces


def overfitting(panel: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where the gap is shaded: x, its upper edge and its lower edge."""
    there = np.isfinite(panel.training) & np.isfinite(panel.validation) & (panel.x >= panel.best)
    training = panel.training[there]
    return panel.x[there], np.maximum(panel.validation[there], training), training
