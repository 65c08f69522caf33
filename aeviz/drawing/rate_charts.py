"""The chart of bytes against errors. Curves in, Plotly out; nothing names ink or paper."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from aeviz.drawing.loss_charts import FLOOR_COLOUR, OURS_COLOUR, SWEEP_COLOURS, logarithmic

# By the name of a method; each 3 to 1 on white and on near-black.
COLOURS = {
    "network": OURS_COLOUR,
    "jpeg": SWEEP_COLOURS[0],
    "webp": SWEEP_COLOURS[1],
    "avif": SWEEP_COLOURS[2],
    "jxl": SWEEP_COLOURS[3],
}
# How far below the least error a method is drawn that loses nothing: a logarithmic axis has no 0.
_BELOW = 2.0


@dataclass(frozen=True)
class RateLine:
    """A method on the chart.

    name: see COLOURS; all others are dimmed and dashed. places: (bytes a picture, MSE, key), from
    few bytes to many; key: in `customdata`. An MSE of 0 is drawn at the foot of the chart.
    """

    name: str
    title: str
    places: tuple[tuple[float, float, str], ...]


def rate_chart(lines: Sequence[RateLine], *, thing: str, revision: str = "") -> go.Figure:
    """Draw the error against bytes a picture, both logarithmic.

    Args:
        lines: the methods, the one to look at last.
        thing: what a picture is of, such as "digit".
        revision: the view lasts as long as this stays the same.
    """
    losses = [mse for line in lines for _, mse, _ in line.places if mse > 0]
    floor = min(losses, default=1e-3) / _BELOW
    figure, names = go.Figure(), []
    # Where curves end close together, words beside them would lie over each other.
    ends = [
        line.places[-1][0]
        for line in lines
        if line.places and line.name in COLOURS and line.name != "network"
    ]
    lossless_ends = [line.places[-1][0] for line in lines if line.places and _is_lossless(line)]
    for line in lines:
        colour = COLOURS.get(line.name, FLOOR_COLOUR)
        dots = [(size, mse or floor, key) for size, mse, key in line.places]
        lossless = _is_lossless(line)
        figure.add_trace(_trace(line, dots, colour))
        if dots:
            others = lossless_ends if lossless else ends
            left = line.name in COLOURS or lossless
            left = left and line.name != "network" and dots[-1][0] <= min(others, default=0.0)
            names.append(_name(line, dots, colour, left=left))
    figure.update_layout(
        annotations=names,
        showlegend=False,
        hovermode="closest",
        hoverdistance=24,
        dragmode=False,
        uirevision=revision,
        margin={"l": 62, "r": 12, "t": 12, "b": 46, "pad": 0},
    )
    sizes = [x for line in lines for x, _, _ in line.places]
    figure.update_xaxes(title_text=f"bytes a {thing}", **logarithmic(sizes, 1.3, 3.0, 7))
    figure.update_yaxes(
        title_text="error (MSE), a pixel", **logarithmic([*losses, floor], 1.5, 1.5)
    )
    return figure


def _trace(line: RateLine, dots: Sequence[tuple[float, float, str]], colour: str) -> go.Scatter:
    ours = line.name == "network"
    dash = "solid" if line.name in COLOURS else "4px 4px"
    symbol = "triangle-down" if _is_lossless(line) else "circle"
    return go.Scatter(
        x=[x for x, _, _ in dots],
        y=[y for _, y, _ in dots],
        customdata=[key for _, _, key in dots],
        mode="lines+markers",
        line={"color": colour, "width": 3 if ours else 2, "dash": dash},
        marker={"size": 9 if ours else 7, "color": colour, "symbol": symbol},
        hoverinfo="none",
    )


def _is_lossless(line: RateLine) -> bool:
    return all(mse == 0 for _, mse, _ in line.places)


def _name(
    line: RateLine, dots: Sequence[tuple[float, float, str]], colour: str, *, left: bool
) -> dict:
    # Beside the dot of most bytes, where the curves of codecs lie apart; else at the other end.
    codec = line.name in COLOURS and line.name != "network"
    x, y, _ = dots[-1] if codec or _is_lossless(line) else dots[0]
    side = {"xanchor": "right", "xshift": -8} if left else {"xanchor": "left", "xshift": 8}
    place = {"x": math.log10(x), "y": math.log10(y), "yanchor": "bottom"}
    return {"text": line.title, "showarrow": False, "font": {"color": colour}} | place | side
