"""The browser's history: Back walks the pages and the stops of the tour, one step each."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.ui.shell import state
from aeviz.ui.shell.component import declare
from aeviz.ui.shell.pages import TOUR


def keep_history(page: StreamlitPage, *, alone: bool) -> None:
    """Keep one entry a page and a stop; call it before the page that was asked for.

    Args:
        page: the page that was asked for.
        alone: whether no other script sends something as soon as it is there. If so, the page need
            not run again for this one; if not, Streamlit would run this part alone for both.
    """
    state.hold_address(page.url_path)
    state.follow_turn()
    with st.container(key="history"):
        (st.fragment(_listen) if alone else _listen)()


def _listen() -> None:
    """Draw the script that keeps it."""
    about = {"stop": TOUR, "kept": state.is_history_kept()}
    if _component(about, key="history.script").get("kept"):
        state.release_address()


_component = declare("aeviz_history", ("shell/component.js", "shell/history.js"), sends=("kept",))
