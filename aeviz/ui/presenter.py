"""Presenter mode: a page for a stage, without navigation, larger, led by keys.

Its keys, the ring and the trail of the pointer are the browser's (presenter.js); what it looks like
is in presenter.css, which is on the page only while the mode is on.
"""

from collections.abc import Collection, Mapping
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.ui.shell import state
from aeviz.ui.shell.browser_values import number
from aeviz.ui.shell.component import declare
from aeviz.ui.shell.hidden_controls import hidden_pages
from aeviz.ui.shell.pages import PAGES, TOUR
from aeviz.ui.shell.style import add_sheets
from aeviz.ui.tour.bar import open_stop, stop_to_go_on_with
from aeviz.ui.tour.stops import STOPS, Stop

# In the address while the mode is on.
NAME = "present"
# As presenter.css has it.
_LARGEST_TEXT = 2.0
# Spellings of an address that was meant to be without it; anything else is with it.
_OFF = ("0", "false", "no", "off")


def is_on() -> bool:
    """Return whether presenter mode is on; it stays so from page to page."""
    value = state.lasting(NAME)
    on = value is not None and value.strip().lower() not in _OFF
    state.last(NAME, "1" if on else None)
    return on


def presenter(page: StreamlitPage) -> None:
    """Apply the look and the keys of presenter mode to this page while it is on.

    Call it after `st.navigation` and before the page: the keys then work also while the page is
    still being made, and a key for another page need not wait for this one.
    """
    if not is_on():
        state.set_text_scale(1.0)
        return
    stop = STOPS.get(state.lasting(TOUR) or "")
    add_sheets("presenter.css")
    with st.container(key="presenter"):
        asked = _component(
            {
                "pages": len(PAGES),
                "fresh": urlencode(_fresh(stop)),
                "notes": _notes(stop),
                "stops": list(STOPS),
                # Not where all of them stand: from there the next one is where it was left.
                "stop": stop.name if stop and page.url_path != TOUR else None,
            },
            key="presenter.keys",
            on_leave_change=_leave,
        )
    state.set_text_scale(shown_text_scale(asked) or state.text_scale())
    _go(asked, stop)


def button() -> None:
    """Draw the button that begins presenter mode."""
    st.button(
        "Present",
        icon=":material/present_to_all:",
        type="tertiary",
        key="present",
        help="Presenter mode: everything large, no navigation, led by keys",
        on_click=state.last,
        args=(NAME, "1"),
    )


def asked_page(happened: Mapping[str, object], hidden: Collection[str] = ()) -> str | None:
    """Return the file of the page whose number was pressed, from 1; None for no such page.

    Args:
        happened: The component's state, from a browser: it may be anything.
        hidden: Names of pages that a link leaves out; the others keep their numbers.
    """
    number = happened.get("page")
    if type(number) is not int or not 1 <= number <= len(PAGES):
        return None
    page = list(PAGES.values())[number - 1]
    return None if page.name in hidden else page.file


def _go(asked: Mapping[str, object], stop: Stop | None) -> None:
    """Go to the page or the stop whose key was pressed. stop: the one that the visitor is at."""
    page = asked_page(asked, hidden_pages())
    if page:
        state.turn_to(page)
    if asked.get("tour") and (stop or TOUR not in hidden_pages()):
        open_stop(stop_to_go_on_with() or next(iter(STOPS.values())))
    next_stop = STOPS.get(str(asked.get("stop")))
    if stop and next_stop:
        open_stop(next_stop)


def _fresh(stop: Stop | None) -> dict[str, str]:
    """What the address says when all starts over: what lasts, a tour from its beginning."""
    first = {TOUR: next(iter(STOPS))} if stop else {}
    return {**state.all_lasting(), **first}


def _notes(stop: Stop | None) -> dict[str, object] | None:
    words = [stop.words, stop.do, stop.notes] if stop else []
    return {"title": stop.title, "words": words} if stop else None


def shown_text_scale(happened: Mapping[str, object]) -> float | None:
    """Return the browser's `state.text_scale`; None where it sent none that is possible."""
    scale = number(happened.get("text"))
    return scale if scale is not None and 1 <= scale <= _LARGEST_TEXT else None


def _leave() -> None:
    state.last(NAME, None)


_component = declare(
    "aeviz_presenter",
    ("shell/component.js", "presenter_trail.js", "presenter_notes.js", "presenter.js"),
    sends=("page", "stop", "tour", "text", "leave"),
)
