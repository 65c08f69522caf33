"""The browser's history: Back walks the pages and the stops of the tour, one step each."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.ui.shell import state
from aeviz.ui.shell.component import declare
from aeviz.ui.shell.pages import TOUR


def keep_history(page: StreamlitPage) -> None:
    """Keep one entry a page and a stop; call it before the page that was asked for."""
    state.hold_address(page.url_path)
    state.follow_turn()
    with st.container(key="history"):
        _listen()


@st.fragment
def _listen() -> None:
    """Draw the script that keeps it; a fragment: the page need not run again when it is there."""
    if _component({"stop": TOUR}, key="history.script").get("kept"):
        state.release_address()


_component = declare("aeviz_history", ("shell/component.js", "shell/history.js"), sends=("kept",))
