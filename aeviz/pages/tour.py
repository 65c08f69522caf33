"""Tour: its stops at a glance, and the button that begins it."""

from __future__ import annotations

import streamlit as st

from aeviz.ui import tour_overview
from aeviz.ui.terms import explained

title, corner = st.columns([6, 2], vertical_alignment="bottom")
with title:
    st.title("Tour", anchor=False)
    explained(tour_overview.SENTENCE)
with corner.container(horizontal=True, horizontal_alignment="right", key="tour_begin"):
    tour_overview.begin_button()
with st.container(key="tour_stops"):
    tour_overview.stops()
