"""All stops of the tour, and the button that begins or continues it."""

import streamlit as st

from aeviz.ui.shell.terms import explained
from aeviz.ui.tour import cache
from aeviz.ui.tour.bar import open_stop, stop_to_go_on_with
from aeviz.ui.tour.stops import STOPS, position

SENTENCE = (
    "What an autoencoder is, in a few stops. Each is one of the pages, already set up for you to "
    "try, with a few words on what to see."
)
_COLUMNS = 3


def begin_button() -> None:
    """Draw a button that opens the first stop, or the one to go on with.

    It has the key of Next in the bar: whatever presses that one begins the tour here.
    """
    stop = stop_to_go_on_with()
    words = f"Go on with stop {position(stop.name)}" if stop else "Begin"
    if st.button(words, key="tour_next", type="primary"):
        open_stop(stop or next(iter(STOPS.values())))


def stops() -> None:
    """Draw every stop with its picture and what it shows; each can be opened by itself."""
    pictures = cache.pictures()
    places = list(enumerate(STOPS.values(), 1))
    # Row by row, so that they are read and tabbed through in their order.
    for row in range(0, len(places), _COLUMNS):
        for column, (n, stop) in zip(
            st.columns(_COLUMNS, gap="large"), places[row : row + _COLUMNS], strict=False
        ):
            with column:
                # The backslash: or Markdown makes a list of it.
                words = f"{n}\\. {stop.title}"
                if st.button(words, key=f"tour_stop.{stop.name}", type="tertiary"):
                    open_stop(stop)
                if stop.name in pictures:
                    st.html(pictures[stop.name])
                explained(stop.about)
