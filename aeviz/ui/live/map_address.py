"""What of a map is in the address: its axes, its base code, the part in view; to text and back."""

import math
from dataclasses import astuple

from aeviz.latent import grid
from aeviz.ui.live.explored import Explored

# Digits of a place in the address, of the view's own width: a tenth of a pixel on any screen.
_FIGURES = 5


def axes_of_text(text: str, model: Explored) -> tuple[int, int] | None:
    """Two numbers of the code, counted from 1, as "3,1"; "" for the plane."""
    if not text:
        return None
    try:
        across, up = (int(word) - 1 for word in text.split(","))
    except ValueError:
        across = up = -1
    pair = grid.axis_pair(across, up, model.mean_code)
    if model.latent_dim <= 2 or model.codes.codes is None:
        raise grid.ManifoldError("This model has only one map of its codes.")
    return pair.across, pair.up


def text_of_axes(axes: tuple[int, int] | None) -> str:
    """The inverse of axes_of_text."""
    return "" if axes is None else f"{axes[0] + 1},{axes[1] + 1}"


def base_of_text(text: str, pins: int) -> int | None:
    """The place among so many pins, counted from 0, of one that is counted from 1; "" for none."""
    if not text:
        return None
    if not text.isdecimal() or len(text) > 4 or not 1 <= int(text) <= pins:
        raise grid.ManifoldError("The link asks for a pinned code that is not there.")
    return int(text) - 1


def text_of_base(pin: int | None) -> str:
    """The inverse of base_of_text."""
    return "" if pin is None else str(pin + 1)


def span_of_text(text: str, gaussian: bool = False) -> grid.Span:
    """Return a part of the map, of "left,right,bottom,top". Raises ManifoldError."""
    ends = text.split(",")
    if len(ends) != 4:
        raise grid.ManifoldError("A view needs four numbers: left, right, bottom and top.")
    return grid.checked_span(*ends, gaussian=gaussian)


def view_of_text(text: str, n: int, gaussian: bool = False) -> grid.Span | None:
    """Return the part of the map that a grid of n x n cells is to fill; None for ""."""
    if not text:
        return None
    view = span_of_text(text, gaussian)
    grid.checked_span(
        *astuple(grid.inner(grid.in_picture(view, gaussian), n, gaussian)), gaussian=gaussian
    )
    return view


def text_of_view(view: grid.Span | None) -> str:
    """The inverse of view_of_text, up to its rounding."""
    if view is None:
        return ""
    size = min(view.right - view.left, view.top - view.bottom)
    decimals = max(0, _FIGURES - 1 - math.floor(math.log10(size)))
    return ",".join(f"{end:.{decimals}f}" for end in astuple(view))


def view_near(ends: tuple[float, float, float, float], gaussian: bool = False) -> grid.Span:
    """What a visitor zoomed to (left, right, bottom, top), or as much of it as can be drawn."""
    left, right, bottom, top = ends
    most = grid.GAUSSIAN_FURTHEST if gaussian else grid.FURTHEST
    return grid.Span(*_held(left, right, most), *_held(bottom, top, most))


def _held(low: float, high: float, most: float) -> tuple[float, float]:
    # Twice what is needed, for the half cells at the ends.
    half = min(max((high - low) / 2, grid.NARROWEST), most)
    middle = min(max((low + high) / 2, half - most), most - half)
    return middle - half, middle + half
