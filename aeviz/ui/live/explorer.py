"""The live decoder with what a visitor keeps: their pins, on every map of a model, and their walks.

Pins, the open tab and its settings are in the address, so that a link reopens them.
"""

import streamlit as st

from aeviz.ui.live import cache, explored, panels
from aeviz.ui.live.component import MapChart, Panels, Walk, live_decoder
from aeviz.ui.live.events import TABS, LiveEvents, PanelChanged, Pin, events
from aeviz.ui.live.explored import Explored
from aeviz.ui.live.panels import PanelSettings
from aeviz.ui.live.pins import (
    add_pin,
    kept_pin,
    pin_details,
    pins_of_text,
    placed_pins,
    text_of_pins,
)
from aeviz.ui.shell import state
from aeviz.ui.shell.address import one_of, whole_number
from aeviz.ui.shell.choice import Choice

# Not of one page: both maps of a model have the same pins and panels.
_EXPLORER = "explorer"


def live_explorer(
    model: Explored,
    axes: tuple[int, int] | None,
    chart: MapChart,
    *,
    key: str,
    base: tuple[float, ...] | None = None,
) -> LiveEvents:
    """Draw the live decoder beside a map, keep what was pinned, and return what happened last.

    Args:
        model: the model.
        axes: two numbers of the code that the map draws, or None for its plane.
        chart: the map.
        key: the component's own.
        base: the code that gives the other numbers; None for the mean.
    """
    decoder = cache.decoder(model, axes, base)
    happened = events(state.component(key), decoder)
    pins = _pins_after(model, happened)
    tab = Choice(_EXPLORER, "tab").draw(TABS[0], one_of(TABS, "tab"), start=happened.tab or None)
    settings = _settings_after(model, happened, tab)
    told = kind_of(model, happened)
    live_decoder(
        decoder,
        chart,
        key=key,
        pins=placed_pins(pins, axes),
        details=pin_details(model, pins),
        walk=_made_walk(model, happened, told),
        panels=Panels(tab, model.checkpoint.preset.noise, settings),
        told=told,
    )
    state.link(pins=text_of_pins(pins))
    return happened


def kind_of(model: Explored, happened: LiveEvents | None = None) -> int | None:
    """Return the kind that a conditional model draws, which is in the address; None for others.

    happened: what the viewer did last, where that is already known.
    """
    usual, kinds = model.first_kind, model.checkpoint.preset.labels
    if usual is None:
        return None
    told = happened.told if happened else None
    new = told is not None and state.is_new("told", told.n)
    return Choice(_EXPLORER, "kind", model.checkpoint.name).draw(
        usual, whole_number(0, kinds - 1, "kind"), start=told.kind if told and new else None
    )


def pins_of(model: Explored, *, told: bool = True) -> tuple[Pin, ...]:
    """Return the visitor's pins on a model's maps; at first, those of the link.

    told: whether pins of the link that make no sense need not be said.
    """
    pins = state.pins(model.checkpoint.name)
    if pins is not None:
        return pins
    text = state.linked_text("pins") if state.newcomer() else None
    pins = pins_of_text(text, model)
    if not told and text and len(pins) < text.count(";") + 1:
        state.notes().warning("The link has pins that this map does not have; they are left out.")
    return pins


def _pins_after(model: Explored, happened: LiveEvents) -> tuple[Pin, ...]:
    """The visitor's pins on this model's map, with what they have just pinned or taken away."""
    pins = pins_of(model, told=False)
    pinned, unpinned = happened.pinned, happened.unpinned
    if pinned and state.is_new("pinned", pinned.n):
        pins = add_pin(pins, kept_pin(model, pinned.pin))
    if unpinned and state.is_new("unpinned", unpinned.n):
        pins = tuple(p for i, p in enumerate(pins) if unpinned.index not in (None, i))
    state.set_pins(model.checkpoint.name, pins)
    return pins


def _settings_after(model: Explored, happened: LiveEvents, tab: str) -> PanelSettings:
    """The panels' settings, after what the visitor has done; the open one's are in the address."""
    size, rows = model.latent_dim, len(model.codes.points)
    if model.images is not None:
        rows = min(rows, model.sent_images)

    def setting(of_tab: str, name: str, changed: PanelChanged | None, read, write):
        new = changed is not None and state.is_new(f"panel.{name}", changed.n)
        return Choice(_EXPLORER, name, model.checkpoint.name).draw(
            None, read, write=write, start=changed.setting if new else None, shown=tab == of_tab
        )

    return PanelSettings(
        setting("walk", "walk", happened.route, panels.route_of_text, panels.text_of_route),
        setting(
            "noise",
            "hidden",
            happened.masked,
            lambda text: panels.masked_of_text(text, rows),
            panels.text_of_masked,
        ),
        setting(
            "sliders",
            "code",
            happened.sliders,
            lambda text: panels.code_of_text(text, size),
            panels.text_of_code,
        ),
    )


def _made_walk(model: Explored, happened: LiveEvents, kind: int | None) -> Walk | None:
    asked = happened.walk
    if asked is None or not state.is_new("walk", asked.n):
        return None
    theme = st.context.theme.type or "light"
    seconds = asked.delay_ms / 1000
    return Walk(asked.n, explored.walk_gif(model, asked.codes, seconds, theme, kind))
