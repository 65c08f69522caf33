"""What a visitor of the page "Latent space" chooses of its map; all of it is in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.data.kinds import is_handwritten
from aeviz.latent.grid import Span, checked_span
from aeviz.ui.live import map_address
from aeviz.ui.live.axes import linked_axes, width_of
from aeviz.ui.live.component import Viewed, viewed
from aeviz.ui.live.explored import FIRST, Explored, Look
from aeviz.ui.shell import address, state

PAGE = "latent"
# The element that draws what is under the pointer.
LIVE = "live"
# Names in the address for the part of a map that is shown: of the only or the first one, and of the
# one beside it.
VIEW, VIEW_BESIDE = "view", "view2"


@dataclass(frozen=True)
class Shown:
    """What a visitor wants to see. show: "dots", or "pictures" in their place."""

    look: Look = Look()
    show: str = "dots"


def choices(model: Explored, notes: DeltaGenerator, *, comparing: bool) -> Shown:
    """One calm row of choices under a map, or under two.

    notes: where there is room for a sentence.
    """
    codes = model.codes
    digits = is_handwritten(model.checkpoint.dataset)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="look"):
        dots = {"all": f"{len(codes.points):,} test {'digits' if digits else 'pictures'}"}
        if len(codes.points) > FIRST:
            dots[str(FIRST)] = f"first {FIRST:,}, as in source 1"
        first = _linked(model, "dots", "How many dots", dots, notes) == str(FIRST)
        colours = {}
        if codes.labels is not None:
            colours["class"] = "colour: digit" if digits else "colour: kind"
        if model.has_errors:
            colours["error"] = "colour: error"
        colours["one"] = "one colour"
        colour = _linked(model, "colour", "Colour of the dots", colours, notes)
        shows = {"dots": "show: dots", "pictures": "show: pictures"}
        show = _linked(model, "show", "Show", shows, notes)
        axes = None if comparing else linked_axes(PAGE, model, notes)
    if comparing:
        return Shown(Look(first, colour, axes), show)
    state.link(**{VIEW_BESIDE: None})
    view = opening_view(model, axes, notes)
    return Shown(Look(first, colour, axes, view), show)


def _linked(
    model: Explored, name: str, label: str, options: Mapping[str, str], notes: DeltaGenerator
) -> str:
    of = model.checkpoint.name
    if len(options) < 2:
        usual = next(iter(options))
        read = address.one_of(options, "choice")
        address.keep(PAGE, name, address.begin(PAGE, name, usual, read, notes, of=of), usual, of=of)
        return usual
    return address.select(
        PAGE,
        name,
        label,
        options,
        notes,
        what="choice",
        of=of,
        label_visibility="collapsed",
        width=width_of(options.values()),
    )


def opening_view(
    model: Explored,
    axes: tuple[int, int] | None,
    notes: DeltaGenerator,
    *,
    name: str = VIEW,
    live: str = LIVE,
) -> Span | None:
    """The part of the map that its chart is drawn with; None for all of it.

    notes: where there is room for a sentence. name: VIEW or VIEW_BESIDE. live: the element that
    draws what is under the pointer on this map.
    """
    of = _map_name(model, axes)
    view = address.begin(PAGE, name, None, _view_of_text, notes, of=of)
    text = map_address.text_of_view(view)
    address.keep(PAGE, name, text, of=of)
    moved = viewed(state.component(live).get("view")) is not None
    text = address.opened_with(name, of, text, moved=moved)
    return _view_of_text(text) if text else None


def follow_zoom(
    model: Explored, look: Look, zoomed: Viewed | None, *, name: str = VIEW, live: str = LIVE
) -> None:
    """Remember the part of a map that the visitor has just zoomed to. As `opening_view`.

    look: what the map was drawn with. zoomed: what the element said last; None for nothing yet.
    """
    if not zoomed or not state.is_new(f"view.{live}", zoomed.n):
        return
    of = _map_name(model, look.axes)
    view = zoomed.ends and map_address.view_near(zoomed.ends)
    address.keep(PAGE, name, map_address.text_of_view(view), of=of)
    if view is None and look.view is not None:
        # The chart was opened zoomed, and by itself goes back to that alone: drawn anew, whole.
        address.opened_with(name, of, "", moved=False)
        st.rerun()


def _map_name(model: Explored, axes: tuple[int, int] | None) -> str:
    return f"{model.checkpoint.name}:{map_address.text_of_axes(axes)}"


def _view_of_text(text: str) -> Span:
    ends = text.split(",")
    if len(ends) != 4:
        raise address.LinkError("A view needs four numbers: left, right, bottom and top.")
    return checked_span(*ends)
