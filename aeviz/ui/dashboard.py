"""The dashboard: what every run of a page begins and ends with; `streamlit_app.py` starts it."""

import streamlit as st
from streamlit.config import set_option

from aeviz.read_only import is_read_only
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

if is_read_only():
    # Without this Streamlit's own address for uploads would go on filling the memory with files
    # that no page asks for. It looks at this limit, in megabytes, at every one.
    set_option("server.maxUploadSize", 0)

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
