"""What colours the dots of a map by a number: errors, or what is measured on their pictures."""

import colorsys
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from aeviz.latent.attributes import Attribute
from aeviz.latent.grid import Span

# Small to large: from dim to glaring on white and on near-black alike, and lightness falls all
# along, for readers who don't see the hue.
ERROR_COLOURS = ((0.0, "#a9b0bb"), (0.5, "#e08a2c"), (1.0, "#c4230f"))
# A few errors are so large that a scale up to them would leave all others one colour.
ERROR_SCALE_PERCENT = 99.0
# Less to more: blue and orange, which colour-blind eyes tell apart, 3 to 1 on either paper.
_ATTRIBUTE_COLOURS = ((0.0, "#2f74d0"), (0.5, "#8d8b96"), (1.0, "#cf6a1f"))
_ATTRIBUTE_PERCENT = (2.0, 98.0)
# Stops of the scale of hues, enough that each lies between its neighbours.
_HUES = 13
# Lines of equal value: so many between the ends are still told apart.
CONTOURS = 7


@dataclass(frozen=True, eq=False)
class MapScale:
    """A colour for each dot.

    values: (N,) float32. title: over the scale. colours: (share, colour) from low to high. low,
    high: the values at the scale's ends.
    """

    values: np.ndarray
    title: str
    colours: tuple[tuple[float, str], ...]
    low: float
    high: float

    @property
    def marker(self) -> dict:
        """Look of the dots, as Plotly has it, the scale's own bar with it."""
        return {
            "color": self.values,
            "cmin": self.low,
            "cmax": self.high,
            "colorscale": [list(stop) for stop in self.colours],
            "colorbar": {
                "title": {"text": self.title, "side": "top"},
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "bottom",
                "len": 220,
                "lenmode": "pixels",
                "thickness": 8,
                "nticks": 4,
                "outlinewidth": 0,
            },
        }


def error_scale(errors: np.ndarray) -> MapScale:
    """Return the scale of (N,) errors, from 0 to all but a few of them."""
    errors = np.asarray(errors, dtype=np.float32)
    most = float(np.percentile(errors, ERROR_SCALE_PERCENT)) or 1.0
    return MapScale(errors, "error", ERROR_COLOURS, 0.0, most)


def attribute_scale(attribute: Attribute, values: np.ndarray) -> MapScale:
    """Return the scale of an attribute's (N,) values; those that are NaN lie in its middle."""
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, _ATTRIBUTE_PERCENT) if len(known) else (0.0, 0.0)
    if not high > low:
        low, high = low - 0.5, high + 0.5
    colours = _ATTRIBUTE_COLOURS
    if attribute.name == "hue":
        # In the hues themselves.
        shares = np.linspace(0, 1, _HUES)
        colours = tuple((float(s), _colour_of(low + s * (high - low))) for s in shares)
    filled = np.where(np.isfinite(values), values, (low + high) / 2).astype(np.float32)
    unit = f", {attribute.unit}" if attribute.unit else ""
    title = f"{attribute.title.lower()}{unit}"
    return MapScale(filled, title, colours, float(low), float(high))


def _colour_of(hue: float) -> str:
    red, green, blue = colorsys.hsv_to_rgb(hue % 360 / 360, 0.85, 0.9)
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"


def contours(view: Span, values: np.ndarray, scale: MapScale) -> go.Contour:
    """Return lines of equal value over a part of a map.

    Args:
        view: what they cover.
        values: (n, n) float at an even grid of places, the first row at the bottom.
        scale: of the dots that the lines lie under.
    """
    n = len(values)
    return go.Contour(
        x=np.linspace(view.left, view.right, n),
        y=np.linspace(view.bottom, view.top, n),
        z=values.astype(np.float32),
        zmin=scale.low,
        zmax=scale.high,
        colorscale=[list(stop) for stop in scale.colours],
        contours={
            "coloring": "lines",
            "start": scale.low,
            "end": scale.high,
            "size": (scale.high - scale.low) / CONTOURS,
        },
        line={"width": 2},
        showscale=False,
        showlegend=False,
        hoverinfo="skip",
        connectgaps=False,
    )
