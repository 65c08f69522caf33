"""The pages for Streamlit's navigation, in their order."""

from collections.abc import Collection
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.ui.shell.pages import PAGES, TOUR, script
from aeviz.ui.tour.bar import entry


def streamlit_pages(hidden: Collection[str] = ()) -> list[StreamlitPage]:
    """Return all pages for `st.navigation`, in their order, and the way into the tour.

    hidden: names of pages that it does not offer; their addresses still open them.
    """
    tour = st.Page(script(TOUR), title=entry(), url_path=TOUR, visibility=_visibility(TOUR, hidden))
    return [
        *(
            st.Page(
                page.file,
                title=page.title,
                url_path=page.path or None,
                default=not page.path,
                visibility=_visibility(page.name, hidden),
            )
            for page in PAGES.values()
        ),
        tour,
    ]


def _visibility(name: str, hidden: Collection[str]) -> Literal["hidden", "visible"]:
    return "hidden" if name in hidden else "visible"
