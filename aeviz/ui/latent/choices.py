"""What a visitor of the page "Latent space" chooses of its map; all of it is in the address."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from aeviz.data.class_names import is_handwritten
from aeviz.latent.attributes import attributes_of
from aeviz.latent.grid import Span
from aeviz.ui.live import map_address
from aeviz.ui.live.axes import axes_choice, width_of
from aeviz.ui.live.events import Viewed, viewed
from aeviz.ui.live.explored import FIRST, Explored, Look
from aeviz.ui.shell import state
from aeviz.ui.shell.address import one_of
from aeviz.ui.shell.choice import Choice, opened_with

PAGE = "latent"
# The element that draws what is under the pointer.
LIVE = "live"
# Names in the address for the part of a map that is shown: of the only or the first one, and of the
# one beside it.
VIEW, VIEW_BESIDE = "view", "view2"


@dataclass(frozen=True)
class MapChoices:
    """What a visitor wants to see. show: "dots", or "pictures" in their place."""

    look: Look = Look()
    show: str = "dots"


def choices(model: Explored, *, comparing: bool) -> MapChoices:
    """Draw one row of choices under a map, or under two."""
    codes = model.codes
    digits = is_handwritten(model.checkpoint.dataset)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="look"):
        dots = {"all": f"{len(codes.points):,} test {'digits' if digits else 'pictures'}"}
        if len(codes.points) > FIRST:
            dots[str(FIRST)] = f"first {FIRST:,}, as in source 1"
        first = _linked(model, "dots", "How many dots", dots) == str(FIRST)
        colours = {}
        if codes.labels is not None:
            colours["class"] = "colour: digit" if digits else "colour: kind"
        if model.has_errors:
            colours["error"] = "colour: error"
        colours["one"] = "one colour"
        if codes.codes is not None or model.images is not None:
            measured = attributes_of(model.checkpoint.shape)
            colours |= {a.name: f"colour: {a.title.lower()}" for a in measured}
        # Codes of a network that is told the digits keep none of them apart, but slants.
        style = model.checkpoint.preset.labels and digits and "slant" in colours
        colour = _linked(model, "colour", "Colour of the dots", colours, "slant" if style else None)
        shows = {"dots": "show: dots", "pictures": "show: pictures"}
        # Dots that are all alike say nothing of pictures whose colours would tell them apart.
        plain = codes.labels is None and model.checkpoint.shape.channels > 1
        show = _linked(model, "show", "Show", shows, "pictures" if plain else "dots")
        axes = None if comparing else axes_choice(PAGE, model)
    if comparing:
        return MapChoices(Look(first, colour, axes), show)
    state.link(**{VIEW_BESIDE: None})
    view = opening_view(model, axes)
    return MapChoices(Look(first, colour, axes, view), show)


def _linked(
    model: Explored, name: str, label: str, options: Mapping[str, str], usual: str | None = None
) -> str:
    choice = Choice(PAGE, name, model.checkpoint.name)
    if len(options) < 2:
        (only,) = options
        return choice.draw(only, one_of(options, "choice"))
    return choice.select(
        label,
        options,
        usual,
        what="choice",
        label_visibility="collapsed",
        width=width_of(options.values()),
    )


def opening_view(
    model: Explored, axes: tuple[int, int] | None, *, name: str = VIEW, live: str = LIVE
) -> Span | None:
    """Return the part of the map that its chart is drawn with; None for all of it.

    Args:
        model: The map's model.
        axes: Two numbers of its code; None for the plane.
        name: VIEW or VIEW_BESIDE.
        live: The component that draws what is under the pointer on this map.
    """
    of = _map_name(model, axes)
    view = Choice(PAGE, name, of).draw(
        None, map_address.span_of_text, write=map_address.text_of_view
    )
    moved = viewed(state.component(live).get("view")) is not None
    text = opened_with(name, of, map_address.text_of_view(view), moved=moved)
    return map_address.span_of_text(text) if text else None


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
    Choice(PAGE, name, of=of).keep(map_address.text_of_view(view))
    if view is None and look.view is not None:
        # The chart was opened zoomed, and by itself goes back to that alone: drawn anew, whole.
        opened_with(name, of, "", moved=False)
        st.rerun()


def _map_name(model: Explored, axes: tuple[int, int] | None) -> str:
    return f"{model.checkpoint.name}:{map_address.text_of_axes(axes)}"
