"""What a visitor of the page "Latent space" chooses of its map; all of it is in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.figures import View
from aeviz.manifold import checked_span
from aeviz.ui import links, manifold_views, state
from aeviz.ui.kinds import is_handwritten
from aeviz.ui.live_decoder import Viewed, viewed
from aeviz.ui.live_views import FIRST, Explored, Look
from aeviz.ui.style import wide

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
        read = links.one_of(options, "choice")
        links.keep(PAGE, name, links.begin(PAGE, name, usual, read, notes, of=of), usual, of=of)
        return usual
    return links.select(
        PAGE,
        name,
        label,
        options,
        notes,
        what="choice",
        of=of,
        label_visibility="collapsed",
        width=_width(options.values()),
    )


def opening_view(
    model: Explored,
    axes: tuple[int, int] | None,
    notes: DeltaGenerator,
    *,
    name: str = VIEW,
    live: str = LIVE,
) -> View | None:
    """The part of the map that its chart is drawn with; None for all of it.

    notes: where there is room for a sentence. name: VIEW or VIEW_BESIDE. live: the element that
    draws what is under the pointer on this map.
    """
    of = _map_name(model, axes)
    view = links.begin(PAGE, name, None, _view_of_text, notes, of=of)
    text = manifold_views.text_of_view(view)
    links.keep(PAGE, name, text, of=of)
    moved = viewed(state.component(live).get("view")) is not None
    text = links.opened_with(name, of, text, moved=moved)
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
    view = zoomed.ends and manifold_views.view_near(zoomed.ends)
    links.keep(PAGE, name, manifold_views.text_of_view(view), of=of)
    if view is None and look.view is not None:
        # The chart was opened zoomed, and by itself goes back to that alone: drawn anew, whole.
        links.opened_with(name, of, "", moved=False)
        st.rerun()


def _map_name(model: Explored, axes: tuple[int, int] | None) -> str:
    return f"{model.checkpoint.name}:{manifold_views.text_of_axes(axes)}"


def _view_of_text(text: str) -> View:
    ends = text.split(",")
    if len(ends) != 4:
        raise links.LinkError("A view needs four numbers: left, right, bottom and top.")
    return View(*astuple(checked_span(*ends)))


def _choice(label: str, options: dict, model: Explored, start=None):
    if len(options) < 2:
        return next(iter(options))
    return st.selectbox(
        label,
        list(options),
        index=list(options).index(start) if start in options else 0,
        format_func=options.get,
        label_visibility="collapsed",
        width=_width(options.values()),
        key=f"{label}.{model.checkpoint.name}.{state.generation()}",
    )


def _width(words) -> int:
    # A select box cannot fit itself to its words: so many pixels a letter, and room for its arrow.
    return wide(60 + 7 * max(map(len, words)))


def axes_choice(model: Explored, start: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """Two numbers of the code to draw, or None for the plane; only the plane is there for two.

    start: what is chosen at first.
    """
    if model.latent_dim <= 2 or model.codes.codes is None:
        return None
    numbers = range(model.latent_dim)
    views = {-1: "plane of most variation"} | {n: f"across: number {n + 1}" for n in numbers}
    across = _choice("View of the code", views, model, start and start[0])
    if across < 0:
        return None
    spread = model.codes.codes.astype(np.float32).std(axis=0)
    others = sorted((n for n in numbers if n != across), key=lambda n: -spread[n])
    ups = {n: f"up: number {n + 1}" for n in others}
    up = _choice("Number drawn upwards", ups, model, start and start[1])
    return across, up


def linked_axes(page: str, model: Explored, notes: DeltaGenerator) -> tuple[int, int] | None:
    """`axes_choice`, in the address of a page. notes: where there is room for a sentence."""
    of = model.checkpoint.name
    begun = links.begin(
        page, "axes", None, lambda text: manifold_views.axes_of_text(text, model), notes, of=of
    )
    axes = axes_choice(model, begun)
    links.keep(page, "axes", manifold_views.text_of_axes(axes), of=of)
    return axes


def base_choice(model: Explored, pins: int, start: int | None = None) -> int | None:
    """Which of so many pins the numbers of the code that are not drawn are taken from, counted from
    0; None for their mean. start: what is chosen at first."""
    others = {-1: "others: at their mean"} | {n: f"others: as pin {n + 1}" for n in range(pins)}
    chosen = _choice("The other numbers", others, model, start)
    return None if chosen < 0 else chosen
