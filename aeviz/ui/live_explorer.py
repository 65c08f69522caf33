"""The live decoder with what a visitor keeps: their pins, on every map of a model, and their walks.

Pins and the open tab live in the address, so that a link reopens them.
"""

from __future__ import annotations

import streamlit as st

from aeviz.ui import live_views, resources, state
from aeviz.ui.live_decoder import TABS, EarlyMap, LiveEvents, Pin, Walk, events, live_decoder
from aeviz.ui.live_views import Explored


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

    axes, show, base: as the map is drawn. zooms, theme, gaussian, early: see `live_decoder`.
    Returns what the visitor did last.
    """
    decoder = resources.decoder(model, axes, base)
    happened = events(state.component(key), decoder)
    pins = _pins_after(model, happened)
    tab = happened.tab or state.linked("tab", list(TABS), TABS[0])
    live_decoder(
        decoder,
        chart=chart,
        key=key,
        pins=live_views.placed_pins(pins, axes),
        details=live_views.pin_details(model, pins),
        walk=_made_walk(model, happened),
        tab=tab,
        show=show,
        noise=model.checkpoint.preset.noise,
        zooms=zooms,
        theme=theme,
        gaussian=gaussian,
        early=early,
    )
    state.link(pins=live_views.text_of_pins(pins), tab=None if tab == TABS[0] else tab)
    return happened


def pins_of(model: Explored) -> tuple[Pin, ...]:
    """What this visitor keeps pinned on a model's maps; at first, what the link says."""
    pins = state.pins(model.checkpoint.name)
    if pins is not None:
        return pins
    return live_views.pins_of_text(state.linked_text("pins") if state.newcomer() else None, model)


def _pins_after(model: Explored, happened: LiveEvents) -> tuple[Pin, ...]:
    """The visitor's pins on this model's map, with what they have just pinned or taken away."""
    pins = pins_of(model)
    pinned, unpinned = happened.pinned, happened.unpinned
    if pinned and state.is_new("pinned", pinned.n):
        pins = live_views.add_pin(pins, live_views.kept_pin(model, pinned.pin))
    if unpinned and state.is_new("unpinned", unpinned.n):
        pins = tuple(p for i, p in enumerate(pins) if unpinned.index not in (None, i))
    state.set_pins(model.checkpoint.name, pins)
    return pins


def _made_walk(model: Explored, happened: LiveEvents) -> Walk | None:
    asked = happened.walk
    if asked is None or not state.is_new("walk", asked.n):
        return None
    theme = st.context.theme.type or "light"
    return Walk(asked.n, live_views.walk_gif(model, asked.codes, asked.delay_ms / 1000, theme))
