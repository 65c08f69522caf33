"""The bar of the tour above a page: the stop, what to see and to do, back and next."""

from html import escape
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.ui.catalog.training_pictures import local_pictures
from aeviz.ui.shell import state
from aeviz.ui.shell.pages import PAGES, TOUR
from aeviz.ui.shell.terms import explained_html
from aeviz.ui.tour.stops import STOPS, Stop, neighbour, position

# Which stop's view was opened last, and where the tour was left.
_OPENED, _LEFT = "tour.opened", "tour.left"


def entry() -> str:
    """Return the title of the tour in the navigation."""
    left = state.chosen(_LEFT)
    return f"Go on with the tour, stop {position(left)}" if left else "Tour"


def stop_to_go_on_with() -> Stop | None:
    """Return the stop where the visitor is, or where they left; None for neither."""
    return STOPS.get(state.lasting(TOUR) or state.chosen(_LEFT) or "")


def tour_bar(page: StreamlitPage) -> None:
    """Draw the bar above this page while the tour is on."""
    name = state.lasting(TOUR)
    if name is None or page.url_path == TOUR:
        return
    stop = STOPS.get(name)
    if stop is None:
        state.last(TOUR, None)
        st.warning("The link asks for a stop that the tour does not have. Its first is under Tour.")
        return
    away = (page.url_path or "learn") != stop.page
    if _is_to_be_opened(stop, away):
        open_stop(stop)
    state.choose(_OPENED, name)
    with st.container(key="tour_bar"):
        st.html(_words(stop))
        with st.container(horizontal=True, key="tour_buttons", width="content"):
            _buttons(stop, away)


def _is_to_be_opened(stop: Stop, away: bool) -> bool:
    """Return whether to open the stop's own view: a short link names the stop and no more.

    Not where a visitor has only gone to another page, or emptied one.
    """
    if state.chosen(_OPENED) == stop.name or not state.is_bare():
        return False
    return not away or not state.generation()


def open_stop(stop: Stop) -> NoReturn:
    """Go to a stop, with the tour on from then on."""
    view = stop.view
    if stop.without_mnist and local_pictures("mnist") is None:
        view = stop.without_mnist
    state.last(TOUR, stop.name)
    state.open_view(PAGES[stop.page].file, **view)


def _buttons(stop: Stop, away: bool) -> None:
    ahead, behind = neighbour(stop.name, 1), neighbour(stop.name, -1)
    if away and st.button("Back to the stop", key="tour_return", type="tertiary"):
        open_stop(stop)
    if ahead:
        st.button("Leave", key="tour_leave", type="tertiary", on_click=_leave, args=(stop.name,))
    if st.button("Back", key="tour_back", disabled=behind is None) and behind:
        open_stop(behind)
    if ahead is None:
        st.button("Finish", key="tour_next", type="primary", on_click=_leave, args=("",))
    elif st.button("Next", key="tour_next", type="primary"):
        open_stop(ahead)


def _leave(where: str) -> None:
    """End the tour. where: the stop to continue with later; "" for none."""
    state.last(TOUR, None)
    state.choose(_LEFT, where)
    state.choose(_OPENED, "")


def _words(stop: Stop) -> str:
    place, count = position(stop.name), len(STOPS)
    marks = "".join(f"<i{' class=done' if n < place else ''}></i>" for n in range(count))
    return (
        f'<div class="tour"><div class="where"><p>Tour, {place} of {count}'
        f'<span class="marks" aria-hidden="true">{marks}</span></p>'
        f"<p><strong>{escape(stop.title)}</strong></p></div>"
        f'<div class="said" aria-live="polite"><p>{explained_html(stop.words)}</p>'
        f'<p class="do">{escape(stop.do)}</p></div></div>'
    )
