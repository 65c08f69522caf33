"""The parts of the page "Manifold": the grid, the picture under the pointer, downloads."""

from functools import partial

import streamlit as st

from aeviz.data.class_names import thing
from aeviz.ui.live import cache as live_cache
from aeviz.ui.live import map_address
from aeviz.ui.live.component import MapChart, live_decoder
from aeviz.ui.live.events import LiveEvents
from aeviz.ui.live.explored import Explored
from aeviz.ui.live.explorer import kind_of, live_explorer, pins_of
from aeviz.ui.manifold import cache, choices, views
from aeviz.ui.manifold.choices import GRID, LIVE, PAIR
from aeviz.ui.manifold.views import GridLook
from aeviz.ui.shell import state, theme
from aeviz.ui.shell.controls import chart, download
from aeviz.ui.shell.pages import PAGES

# Decoders of this name follow one pointer.
_TOGETHER = "manifold"
# Where the browser shows a picture at less than its size, square pixels would leave out some of its
# lines: up to so many pixels a side it is shown larger on any desk.
_SHOWN_LARGER = 480


def grid_sentence(model: Explored) -> str:
    """Return what the page shows and how to use it."""
    one = "kind of picture" if thing(model.checkpoint.dataset) == "picture" else "digit"
    told = f" Each {one} has a grid of its own." if model.checkpoint.preset.labels else ""
    lines = " Its codes are one number, so all rows are alike." if model.latent_dim == 1 else ""
    return (
        "Every cell is what the decoder draws for its place on the map. Point at any to see it "
        f"large, press to keep it, drag a rectangle or pinch to look closer.{lines}{told}"
    )


PAIR_SENTENCE = (
    "The same places on the maps of two models. Point at a place of either grid: both decoders "
    "draw it. Drag a rectangle to look closer at both."
)


def grid_chart(model: Explored, look: GridLook, key: str = GRID) -> None:
    """Draw the grid; its axes and the rectangle that is dragged over it are Plotly's."""
    pixels = look.n * model.checkpoint.side
    alt = (
        f"{look.n} by {look.n} pictures, each what the decoder draws for its place on the map of "
        "codes."
    )
    # A rectangle dragged over the map is a wish for a closer look.
    chart(cache.manifold_figure(model, look), key, alt=alt, double_click=False)
    if pixels <= _SHOWN_LARGER:
        st.html(f"<style>.st-key-{key} image {{ image-rendering: pixelated; }}</style>")


@st.fragment
def explorer(model: Explored, look: GridLook) -> None:
    """Draw the picture under the pointer and the pins; a fragment, so a pin leaves the grid."""
    before = pins_of(model)
    drawn = MapChart(GRID, theme=look.theme, gaussian=look.gaussian)
    happened = live_explorer(model, look.axes, drawn, key=LIVE.format(GRID), base=look.base)
    _follow((model,), look, happened)
    if kind_of(model) != look.kind:
        st.rerun()
    if look.axes is not None and pins_of(model) != before:
        st.rerun()  # The pins are among the choices of what the other numbers are.


def pair_map(pair: tuple[Explored, Explored], which: int, look: GridLook) -> None:
    """Draw one of two grids, and under it what its decoder draws for the pointer on either."""
    key = PAIR[which]
    grid_chart(pair[which], look, key)
    happened = live_decoder(
        live_cache.decoder(pair[which], None),
        MapChart(key, theme=look.theme, gaussian=look.gaussian, together=_TOGETHER),
        key=LIVE.format(key),
        told=pair[which].first_kind,
    )
    _follow(pair, look, happened)


def _follow(models: tuple[Explored, ...], look: GridLook, happened: LiveEvents) -> None:
    """Rerun for what the visitor zoomed to, and for the theme they see the page in."""
    viewed = happened.view
    if happened.theme and happened.theme != look.theme:
        theme.see_theme(happened.theme)
        st.rerun()
    zoom = choices.zoom(choices.map_name(models, look.range, look.axes))
    if viewed and state.is_new("view", viewed.n):
        view = viewed.ends and map_address.view_near(viewed.ends, look.gaussian)
        zoom.choose(map_address.text_of_view(view))
    # Or by a button: one that is pressed together with a zoom runs this fragment alone.
    if zoom.kept != map_address.text_of_view(look.view):
        st.rerun()


def keeping(model: Explored, look: GridLook) -> None:
    """Draw downloads of the image and of the grid's codes, and the link to the other map."""
    kind = "" if look.kind is None else f"-kind-{look.kind}"
    name = f"{model.checkpoint.name}-manifold-{look.n}{kind}"
    size = f"{look.n * model.checkpoint.side:,}"

    def picture() -> bytes:
        return views.png_of(model, look, cache.cells(model, look))

    about = f"{size} x {size} pixels"
    download("Picture (PNG)", f"{name}.png", picture, "png", about, width="stretch")
    about, codes = "One line a cell: its place and its code", partial(views.csv_of, model, look)
    download("Codes (CSV)", f"{name}.csv", codes, "csv", about, width="stretch")
    st.page_link(PAGES["latent"].file, label="Open in Latent space")
