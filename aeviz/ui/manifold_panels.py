"""The parts of the page "Manifold": the grid, how to draw it, what lies under the pointer."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.manifold import LARGEST, RANGES, SMALLEST, ManifoldError, Span, default_range
from aeviz.pictures import THEMES
from aeviz.ui import manifold_views, resources, state
from aeviz.ui.latent_panels import axes_choice
from aeviz.ui.live_explorer import live_explorer
from aeviz.ui.live_views import Explored
from aeviz.ui.manifold_views import CELLS, OFFERED, OVERLAYS, GridLook

_LIVE = "live_manifold"
# Where the browser shows a picture at less than its size, square pixels would leave out some of its
# lines: up to so many pixels a side it is shown larger on any desk.
_SHOWN_LARGER = 480
# A rectangle dragged over the map is a wish for a closer look.
_CONFIG = {"scrollZoom": True, "displayModeBar": False, "doubleClick": False, "showTips": False}
_OVERLAY_WORDS = {
    "dots": ("Codes as dots", "A dot where the encoder puts each test picture."),
    "tint": (
        "Tint by digit",
        "Each cell takes the colour of the kind that is most common among the ten codes nearest "
        "to it.",
    ),
    "dim": (
        "Dim empty places",
        "Cells far from every code fade. There is no data: what the decoder draws is a guess.",
    ),
}
# Whether this visitor was here before: only a newcomer's link counts.
_SEEN = "manifold.seen"
_THEME = "manifold.theme"


def sentence(model: Explored) -> str:
    """What the page shows and what to do with the hand."""
    lines = " Its codes are one number, so all rows are alike." if model.latent_dim == 1 else ""
    return (
        "Every cell is what the decoder draws for its place on the map. Move the pointer to see "
        f"any place large, click to keep it, drag a rectangle to look closer.{lines}"
    )


# --- choices -------------------------------------------------------------------------------------


def choices(model: Explored, notes: DeltaGenerator) -> GridLook:
    """How to draw the grid. Choices begin as this visitor left them or, at first, as the link says;
    what makes no sense there is one sentence in `notes`.
    """
    name, turn = model.checkpoint.name, state.generation()
    n = st.slider(
        "Pictures along a side",
        SMALLEST,
        LARGEST,
        _begin("n", CELLS, manifold_views.cells_of_text, notes),
        key=f"n.{turn}",
    )
    _keep("n", str(n), str(CELLS))
    usual = default_range(model.checkpoint.preset)
    first = _begin("range", usual, manifold_views.range_of_text, notes, of=name)
    span = st.selectbox(
        "Part of the map",
        OFFERED,
        index=OFFERED.index(first),
        format_func=lambda one: RANGES[one].title,
        key=f"range.{name}.{turn}",
    )
    _keep("range", span, usual, of=name)
    axes = axes_choice(
        model,
        _begin("axes", None, lambda text: manifold_views.axes_of_text(text, model), notes, of=name),
    )
    _keep("axes", manifold_views.text_of_axes(axes), "", of=name)
    view = _view(_map_name(model, span, axes), n, notes)
    over = _overlays(model, notes)
    state.choose(_SEEN, "yes")
    shown = {one: one in over for one in OVERLAYS}
    return GridLook(n, span, axes, view, **shown, theme=_theme())


def _view(of: str, n: int, notes: DeltaGenerator) -> Span | None:
    view = _begin("view", None, lambda text: manifold_views.view_of_text(text, n), notes, of=of)
    _keep("view", manifold_views.text_of_view(view), "", of=of)
    st.button(
        "Whole range",
        key=f"whole.{state.generation()}",
        disabled=view is None,
        help="Undoes a zoom, as a double click on the map does.",
        on_click=_zoom,
        args=(of, ""),
        width="stretch",
    )
    return view


def _overlays(model: Explored, notes: DeltaGenerator) -> list[str]:
    begin = _begin("over", (), manifold_views.overlays_of_text, notes)
    over = [
        one
        for one, (label, why) in _OVERLAY_WORDS.items()
        if (one != "tint" or model.codes.labels is not None)
        and st.toggle(label, value=one in begin, key=f"over.{one}.{state.generation()}", help=why)
    ]
    _keep("over", ",".join(over), "")
    return over


def _theme() -> str:
    # Streamlit runs no page again for another theme: the browser tells (see `explorer`).
    theme = state.chosen(_THEME) or st.context.theme.type
    return theme if theme in THEMES else "light"


def _map_name(model: Explored, span: str, axes: tuple[int, int] | None) -> str:
    return f"{model.checkpoint.name}:{span}:{manifold_views.text_of_axes(axes)}"


def _begin(name: str, default, read: Callable, notes: DeltaGenerator, *, of: str = ""):
    """What a choice begins with. of: what it belongs to, where it is not the page's own."""
    text = state.chosen(f"manifold.{name}.{of}")
    # A link's words are for its own model and its own range: after the first look they are past.
    if text is None and state.chosen(_SEEN) is None:
        text = state.linked_text(name)
    try:
        return default if text is None else read(text)
    except ManifoldError as error:
        notes.warning(f"{error} The page shows its usual choice instead.")
        return default


def _keep(name: str, text: str, usual: str, *, of: str = "") -> None:
    """Remember a choice for coming back, and put what is not usual into the address."""
    state.choose(f"manifold.{name}.{of}", text)
    state.link(**{name: None if text == usual else text})


def _zoom(of: str, text: str) -> None:
    state.choose(f"manifold.view.{of}", text)


# --- the grid and its decoder --------------------------------------------------------------------


def grid_chart(model: Explored, look: GridLook, key: str) -> None:
    """The grid, native: its axes and the rectangle that is dragged over it are Plotly's."""
    pixels = look.n * model.checkpoint.side
    with st.container(key=key):
        st.plotly_chart(
            resources.manifold_figure(model, look),
            key=f"chart.{key}",
            height="stretch",
            config=_CONFIG,
            alt=f"{look.n} by {look.n} pictures, each what the decoder draws for its place on the "
            "map of codes.",
        )
    if pixels <= _SHOWN_LARGER:
        st.html(f"<style>.st-key-{key} image {{ image-rendering: pixelated; }}</style>")


@st.fragment
def explorer(model: Explored, look: GridLook, chart: str) -> None:
    """The picture under the pointer and the pins. A fragment: a pin leaves the grid alone."""
    happened = live_explorer(model, look.axes, chart, key=_LIVE, zooms=True, theme=look.theme)
    viewed = happened.view
    if happened.theme and happened.theme != look.theme:
        state.choose(_THEME, happened.theme)
        st.rerun()
    if viewed and state.is_new("view", viewed.n):
        view = viewed.ends and manifold_views.view_near(viewed.ends)
        _zoom(_map_name(model, look.range, look.axes), manifold_views.text_of_view(view))
        st.rerun()


def keeping(model: Explored, look: GridLook) -> None:
    """The picture and the grid's codes as files, and the way to the other map."""
    name = f"{model.checkpoint.name}-manifold-{look.n}"
    pixels = look.n * model.checkpoint.side
    st.download_button(
        "Picture (PNG)",
        lambda: manifold_views.png_of(model, look, resources.cells(model, look)),
        f"{name}.png",
        "image/png",
        key=f"png.{state.generation()}",
        help=f"{pixels:,} x {pixels:,} pixels",
        on_click="ignore",
        width="stretch",
    )
    st.download_button(
        "Codes (CSV)",
        lambda: manifold_views.csv_of(model, look),
        f"{name}.csv",
        "text/csv",
        key=f"csv.{state.generation()}",
        help="One line a cell: its place and its code",
        on_click="ignore",
        width="stretch",
    )
    st.page_link("aeviz/pages/latent.py", label="Open in Latent space")
