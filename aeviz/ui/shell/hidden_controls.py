"""Pages and controls that a class link hides: `?hide=train,models` in the address of every page.

A page or a control that changes something is not drawn at all (`is_hidden`). A choice of what is
shown is hidden by CSS (`keys`, `parts`): its value in the link still counts.
"""

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.ui.shell import state
from aeviz.ui.shell.pages import PAGES, TOUR

HIDE = "hide"
# Where a visitor asked for a page that the link leaves out, until the next one has said so.
# Letters of a control's name that is repeated to whoever opened the link.
_LONGEST_WORD = 30
_TURNED_AWAY = "hide.turned_away"


@dataclass(frozen=True)
class Hideable:
    """A group of controls.

    Attributes:
        title: Its name where a link is made.
        keys: Beginnings of its widgets' keys, for those taken out of sight.
        parts: The same for parts of components, as names of CSS properties (live/decoder.js).
    """

    title: str
    keys: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


PAGE_TITLES = {**{page.name: page.title for page in PAGES.values()}, TOUR: "Tour"}
CONTROLS = {
    "train": Hideable("Training: Train, again, continue, sweeps"),
    "sweep": Hideable("Sweeps"),
    "edit": Hideable("Upload, rename and delete models"),
    "own": Hideable("Own pictures"),
    "compare": Hideable("Two beside each other", keys=("beside.",)),
    "recipe": Hideable("The recipe", keys=("recipe.",)),
    "data": Hideable("The pictures to learn from", keys=("data.",)),
    "advanced": Hideable("Every setting of a recipe", keys=("advanced.", "exact.")),
    "model": Hideable("Which model is shown", keys=("model.",)),
    "look": Hideable(
        "How maps, grids and tables are drawn",
        keys=("look", "over.", "n.", "range.", "whole.", "rows_popover.", "columns_popover."),
    ),
    "downloads": Hideable(
        "Downloads",
        keys=("gif", "csv", "png", "film.gif.", "download."),
        parts=("--save",),
    ),
    "walk": Hideable("The tab Walk", parts=("--tab-walk",)),
    "draw": Hideable("The tab Draw", parts=("--tab-draw",)),
    "noise": Hideable("The tab Noise", parts=("--tab-noise",)),
    "sliders": Hideable("The tab Sliders", parts=("--tab-sliders",)),
    "present": Hideable("The buttons Present and Class link"),
}


def hidden() -> frozenset[str]:
    """Return the names of pages and of CONTROLS that this visitor's link leaves out."""
    return frozenset(_asked() & {*PAGE_TITLES, *CONTROLS})


def is_hidden(name: str) -> bool:
    """Return whether this visitor's link leaves out a page or a group of controls."""
    return name in hidden()


def hidden_pages() -> frozenset[str]:
    """Return the pages that are left out: never all five, so that one can be seen."""
    out = hidden() & {*PAGE_TITLES}
    return out if {*PAGES} - out else out - {*PAGES}


def leave_out(page: StreamlitPage) -> None:
    """Hide what the link leaves out; turn to the nearest page in place of a hidden one.

    Call it after `st.navigation` and before the page, with the page that was asked for.
    """
    asked = _asked()
    if not asked:
        return
    sheet = style_sheet(hidden(), hidden_pages())
    if sheet:
        st.html(f"<style>{sheet}</style>")
    name = page.url_path or next(iter(PAGES))
    # A tour that leads to it is a reason to show it.
    if name in hidden_pages() and not state.lasting(TOUR):
        state.choose(_TURNED_AWAY, name)
        state.turn_to(PAGES[nearest(name, hidden_pages())].file)
    # A place of their own: what comes and goes would have the page below it drawn anew.
    with st.container():
        unknown = sorted(asked - {*PAGE_TITLES, *CONTROLS})
        if unknown:
            # Anything else could be markup, or an address that becomes a link.
            words = [name for name in unknown if name.isalpha() and len(name) <= _LONGEST_WORD]
            names = ", ".join(words) or "something"
            st.warning(
                f"The link wants to leave out {names}, which is not known here. "
                f"It can leave out: {', '.join([*PAGE_TITLES, *CONTROLS])}."
            )
        away = state.chosen(_TURNED_AWAY)
        if away:
            st.info(f"This link leaves out the page {PAGE_TITLES[away]}; this is the nearest.")
            state.choose(_TURNED_AWAY, "")


def nearest(name: str, out: frozenset[str]) -> str:
    """Return the page nearest to `name` that is not in `out`, the later one of two."""
    order = list(PAGES)
    at = order.index(name) if name in order else 0
    return min(
        (one for one in order if one not in out),
        key=lambda one: (abs(order.index(one) - at), order.index(one) < at),
    )


def style_sheet(names: frozenset[str], pages: frozenset[str]) -> str:
    """Return CSS that hides these controls, and the links on a page to these pages."""
    groups = [CONTROLS[name] for name in sorted(names & {*CONTROLS})]
    places = [f'[class*="st-key-{_class(key)}"]' for group in groups for key in group.keys]
    places += [
        f'[data-testid="stPageLink"]:has(a[href*="/{PAGES[name].path}"])'
        for name in sorted(pages & {*PAGES})
        if PAGES[name].path
    ]
    parts = [f"{part}: none;" for group in groups for part in group.parts]
    sheet = f":root {{ {' '.join(parts)} }}" if parts else ""
    if places:
        either = ", ".join(places)
        # Streamlit wraps a container in one more that would keep the gap beside it.
        sheet += f':is({either}), [data-testid="stLayoutWrapper"]:has(> :is({either}))'
        sheet += " { display: none !important; }"
    return sheet


def _asked() -> set[str]:
    asked = (state.lasting(HIDE) or "").lower().split(",")
    return {name.strip() for name in asked if name.strip()}


def _class(key: str) -> str:
    """Return what Streamlit makes of a key in the name of a CSS class."""
    return key.replace(".", "-")
