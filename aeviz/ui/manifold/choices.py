"""What a visitor of the page "Manifold" chooses; all of it is in the address."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.data.kinds import is_handwritten
from aeviz.latent.grid import LARGEST, RANGES, SMALLEST, ManifoldError, Span, default_range, joined
from aeviz.ui.live import map_address
from aeviz.ui.live.axes import base_choice, linked_axes
from aeviz.ui.live.component import viewed
from aeviz.ui.live.explored import Explored
from aeviz.ui.live.explorer import pins_of
from aeviz.ui.manifold import views
from aeviz.ui.manifold.views import CELLS, OVERLAYS, GridLook, offered
from aeviz.ui.shell import address, state
from aeviz.ui.shell.hidden_controls import is_hidden
from aeviz.ui.shell.theme import page_theme

# What the page can show.
MODES = {"grid": "Grid", "pair": "Two models", "film": "Film"}
_OVERLAY_WORDS = {
    "dots": ("Codes as dots", "A dot where the encoder puts each test picture."),
    "tint": (
        "Tint by {kind}",
        "Each cell takes the colour of the kind that is most common among the ten codes nearest "
        "to it.",
    ),
    "dim": (
        "Dim empty places",
        "Cells far from every code fade. There is no data: what the decoder draws is a guess.",
    ),
}
# The containers of the page's charts, the one of a single model and the two of a pair; each has a
# live decoder, of this key and the chart's.
GRID, PAIR = "manifold_map", ("manifold_map_1", "manifold_map_2")
LIVE = "live_{}"
_PAGE = "manifold"


def mode(notes: DeltaGenerator) -> str:
    """What the page shows, a name in MODES. notes: where there is room for a sentence."""
    begin = address.begin(_PAGE, "show", "grid", _mode_of_text, notes)
    without = {"pair"} - {begin} if is_hidden("compare") else ()
    shown = st.segmented_control(
        "Show",
        [one for one in MODES if one not in without],
        default=begin,
        format_func=MODES.get,
        required=True,
        label_visibility="collapsed",
        key=f"show.{state.generation()}",
    )
    address.keep(_PAGE, "show", shown, "grid")
    if shown != "pair":
        state.link(beside=None)
    return shown


def _mode_of_text(text: str) -> str:
    if text not in MODES:
        raise ManifoldError("The link asks for a view that this page does not have.")
    return text


def grid_choices(model: Explored, notes: DeltaGenerator) -> GridLook:
    """How to draw the grid of one model."""
    name = model.checkpoint.name
    n = _cells(notes)
    chosen = _range((model,), name, notes)
    axes = linked_axes(_PAGE, model, notes)
    base = None if axes is None else _base(model, notes)
    view = _view(map_name((model,), chosen, axes), n, RANGES[chosen].gaussian, notes)
    over = _overlays((model,), notes)
    return GridLook(n, chosen, axes, view, base=base, **over, theme=page_theme())


def pair_choices(pair: tuple[Explored, Explored], notes: DeltaGenerator) -> GridLook:
    """How to draw the grids of two models: of as many cells, over one and the same range."""
    name = _names(pair)
    n = _cells(notes)
    chosen = _range(pair, name, notes)
    view = _view(map_name(pair, chosen, None), n, RANGES[chosen].gaussian, notes)
    over = _overlays(pair, notes)
    span = joined([RANGES[chosen].span(model.points(None), n) for model in pair])
    return GridLook(n, chosen, None, view, span=span, **over, theme=page_theme())


def map_name(models: tuple[Explored, ...], chosen: str, axes: tuple[int, int] | None) -> str:
    """What a zoom belongs to: these models' maps over the range of this name."""
    return f"{_names(models)}:{chosen}:{map_address.text_of_axes(axes)}"


def zoom(of: str, text: str) -> None:
    """Remember the part of a map (see `map_name`) that is shown; "" for all of it."""
    state.choose(f"manifold.view.{of}", text)


def zoomed(of: str) -> str:
    """The inverse of `zoom`."""
    return state.chosen(f"manifold.view.{of}") or ""


# --- one by one ----------------------------------------------------------------------------------


def _names(models: tuple[Explored, ...]) -> str:
    return "+".join(model.checkpoint.name for model in models)


def _cells(notes: DeltaGenerator) -> int:
    n = st.slider(
        "Pictures along a side",
        SMALLEST,
        LARGEST,
        address.begin(_PAGE, "n", CELLS, views.cells_of_text, notes),
        key=f"n.{state.generation()}",
    )
    address.keep(_PAGE, "n", str(n), str(CELLS))
    return n


def _range(models: tuple[Explored, ...], name: str, notes: DeltaGenerator) -> str:
    presets = tuple(model.checkpoint.preset for model in models)
    usuals, ranges = {default_range(preset) for preset in presets}, offered(presets)
    usual = usuals.pop() if len(usuals) == 1 else "codes"
    read = partial(views.range_of_text, presets=presets)
    first = address.begin(_PAGE, "range", usual, read, notes, of=name)
    chosen = st.selectbox(
        "Part of the map",
        ranges,
        index=ranges.index(first),
        format_func=lambda one: RANGES[one].title,
        key=f"range.{name}.{state.generation()}",
    )
    address.keep(_PAGE, "range", chosen, usual, of=name)
    return chosen


def _base(model: Explored, notes: DeltaGenerator) -> tuple[float, ...] | None:
    name, pins = model.checkpoint.name, pins_of(model)
    read = partial(map_address.base_of_text, pins=len(pins))
    first = address.begin(_PAGE, "base", None, read, notes, of=name)
    chosen = base_choice(model, len(pins), first)
    address.keep(_PAGE, "base", "" if chosen is None else str(chosen + 1), of=name)
    return None if chosen is None else pins[chosen].code


def _view(of: str, n: int, gaussian: bool, notes: DeltaGenerator) -> Span | None:
    read = partial(map_address.view_of_text, n=n, gaussian=gaussian)
    view = address.begin(_PAGE, "view", None, read, notes, of=of)
    address.keep(_PAGE, "view", map_address.text_of_view(view), of=of)
    st.button(
        "Whole range",
        key=f"whole.{state.generation()}",
        disabled=view is None,
        help="Undoes a zoom, as a double click on the map does.",
        on_click=_whole,
        args=(of,),
        width="stretch",
    )
    return view


def _whole(of: str) -> None:
    # A zoom that comes together with this press was made before it.
    for chart in (GRID, *PAIR):
        seen = viewed(state.component(LIVE.format(chart)).get("view"))
        if seen:
            state.is_new("view", seen.n)
    zoom(of, "")


def _overlays(models: tuple[Explored, ...], notes: DeltaGenerator) -> dict[str, bool]:
    begin = address.begin(_PAGE, "over", (), views.overlays_of_text, notes)
    digits = all(is_handwritten(model.checkpoint.dataset) for model in models)
    kind = "digit" if digits else "kind"
    labelled = any(model.codes.labels is not None for model in models)
    over = [
        one
        for one, (label, why) in _OVERLAY_WORDS.items()
        if (one != "tint" or labelled)
        and st.toggle(
            label.format(kind=kind),
            value=one in begin,
            key=f"over.{one}.{state.generation()}",
            help=why,
        )
    ]
    address.keep(_PAGE, "over", ",".join(over))
    return {one: one in over for one in OVERLAYS}
