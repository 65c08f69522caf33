"""The dashboard: what every run of a page begins and ends with; `streamlit_app.py` starts it."""

# Whole, before any page: Plotly and Streamlit look for it among the modules that there are, and
# stumble over one that another visitor's thread has imported by half.
import pandas  # noqa: F401
import streamlit as st

from aeviz.ui import presenter
from aeviz.ui.class_link import showing
from aeviz.ui.navigation import streamlit_pages
from aeviz.ui.shell import state
from aeviz.ui.shell.hidden_controls import hidden_pages, leave_out
from aeviz.ui.shell.history import keep_history
from aeviz.ui.shell.pages import TOUR
from aeviz.ui.shell.style import icon, logo
from aeviz.ui.shell.terms import glossary
from aeviz.ui.tour.bar import tour_bar

st.set_page_config(page_title="aeviz", page_icon=icon(), layout="wide")
st.logo(logo(), size="small")

state.follow_step(TOUR)
presenting = presenter.is_on()
position = "hidden" if presenting else "top"
page = st.navigation(streamlit_pages(hidden_pages()), position=position)
keep_history(page, alone=not presenting)
presenter.presenter(page)
leave_out(page)
# Before the page, so that Tab comes to it early; drawn after it, for the link to what it shows.
ways_to_show = st.container(key="showing", horizontal=True, gap="xsmall", width="content")
tour_bar(page)
page.run()
glossary()
with ways_to_show:
    showing(page)
