"""The page "Tour": its stops, and the button that begins it."""

import streamlit as st

from aeviz.ui.shell.rooms import head
from aeviz.ui.shell.terms import explained
from aeviz.ui.tour import overview

title, corner = head("tour", [6, 2])
with title:
    st.title("Tour", anchor=False)
    explained(overview.SENTENCE)
with corner.container(horizontal=True, horizontal_alignment="right", key="tour_begin"):
    overview.begin_button()
with st.container(key="tour_stops"):
    overview.stops()
