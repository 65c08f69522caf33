"""The live decoder with what a visitor keeps: their pins, on every map of a model, and their walks.

Pins, the open tab and where its panel stands live in the address, so that a link reopens them.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from aeviz.ui.live import cache, explored
from aeviz.ui.live import panels as live_panels
from aeviz.ui.live.component import (
    TABS,
    EarlyMap,
    LiveEvents,
    Pin,
    Stood,
    Walk,
    events,
    live_decoder,
)
from aeviz.ui.live.explored import Explored
from aeviz.ui.live.panels import Stands
from aeviz.ui.shell import state
from aeviz.ui.shell.address import one_of
from aeviz.ui.shell.choice import Choice

# Not of one page: both maps of a model have the same pins and panels.
_EXPLORER = "explorer"


def live_explorer(
    model: Explored,
    axes: tuple[int, int] | None,
    chart: str,
    *,
    key: str,
    show: str = "dots",
    base: tuple[float, ...] | None = None,
    zooms: bool = False,
    theme: str | None = None,
    gaussian: bool = False,
    early: EarlyMap | None = None,
) -> LiveEvents:
    """Draw it beside the map in the container `chart`, and keep what was pinned.

    axes, show, base: as the map is drawn.
    zooms, theme, gaussian, early: see `live_decoder`.
    Returns what the visitor did last.
    """
    decoder = cache.decoder(model, axes, base)
    happened = events(state.component(key), decoder)
    pins = _pins_after(model, happened)
    tab = Choice(_EXPLORER, "tab").draw(TABS[0], one_of(TABS, "tab"), start=happened.tab or None)
    stands = _stands_after(model, happened, tab)
    live_decoder(
        decoder,
        chart=chart,
        key=key,
        pins=explored.placed_pins(pins, axes),
        details=explored.pin_details(model, pins),
        walk=_made_walk(model, happened),
        tab=tab,
        show=show,
        noise=model.checkpoint.preset.noise,
        zooms=zooms,
        theme=theme,
        gaussian=gaussian,
        early=early,
        stands=stands,
    )
    state.link(pins=explored.text_of_pins(pins))
    return happened


def pins_of(model: Explored, *, told: bool = True) -> tuple[Pin, ...]:
    """Return the visitor's pins on a model's maps; at first, those of the link.

    told: whether pins of the link that make no sense need not be said.
    """
    pins = state.pins(model.checkpoint.name)
    if pins is not None:
        return pins
    text = state.linked_text("pins") if state.newcomer() else None
    pins = explored.pins_of_text(text, model)
    if not told and text and len(pins) < text.count(";") + 1:
        state.notes().warning("The link has pins that this map does not have; they are left out.")
    return pins


def _pins_after(model: Explored, happened: LiveEvents) -> tuple[Pin, ...]:
    """The visitor's pins on this model's map, with what they have just pinned or taken away."""
    pins = pins_of(model, told=False)
    pinned, unpinned = happened.pinned, happened.unpinned
    if pinned and state.is_new("pinned", pinned.n):
        pins = explored.add_pin(pins, explored.kept_pin(model, pinned.pin))
    if unpinned and state.is_new("unpinned", unpinned.n):
        pins = tuple(p for i, p in enumerate(pins) if unpinned.index not in (None, i))
    state.set_pins(model.checkpoint.name, pins)
    return pins


def _stands_after(model: Explored, happened: LiveEvents, tab: str) -> Stands:
    """Where the panels stand, after what the visitor has just done in one; the open one's place
    goes into the address.
    """
    size, rows = model.latent_dim, len(model.codes.points)
    if model.images is not None:
        rows = min(rows, explored.SENT_IMAGES)
    panels = (
        ("walk", "walk", happened.route, live_panels.route_of_text, live_panels.text_of_route),
        (
            "noise",
            "hidden",
            happened.wiped,
            lambda text: live_panels.wiped_of_text(text, rows),
            live_panels.text_of_wiped,
        ),
        (
            "sliders",
            "code",
            happened.sliders,
            lambda text: live_panels.code_of_text(text, size),
            live_panels.text_of_code,
        ),
    )
    return Stands(*(_stand(model, tab, *panel) for panel in panels))


def _stand(
    model: Explored,
    tab: str,
    of_tab: str,
    name: str,
    stood: Stood | None,
    read: Callable,
    write: Callable,
):
    moved = stood is not None and state.is_new(f"stood.{name}", stood.n)
    return Choice(_EXPLORER, name, model.checkpoint.name).draw(
        None, read, write=write, start=stood.where if moved else None, shown=tab == of_tab
    )


def _made_walk(model: Explored, happened: LiveEvents) -> Walk | None:
    asked = happened.walk
    if asked is None or not state.is_new("walk", asked.n):
        return None
    theme = st.context.theme.type or "light"
    return Walk(asked.n, explored.walk_gif(model, asked.codes, asked.delay_ms / 1000, theme))
