"""The pages, in their order: what the navigation offers and the keys of presenter mode open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from aeviz.ui.tour_bar import TOUR, entry


@dataclass(frozen=True)
class PageEntry:
    """A page by the name of its file. path: its path in the address, "" for the first page."""

    name: str
    title: str
    path: str

    @property
    def file(self) -> str:
        return f"aeviz/pages/{self.name}.py"


PAGES = {
    page.name: page
    for page in (
        PageEntry("learn", "Watch it learn", ""),
        PageEntry("latent", "Latent space", "latent"),
        PageEntry("manifold", "Manifold", "manifold"),
        PageEntry("compression", "Compression", "compression"),
        PageEntry("models", "Models", "models"),
    )
}


def streamlit_pages(hidden: Collection[str] = ()) -> list[StreamlitPage]:
    """All pages for `st.navigation`, in their order, and the way into the tour. hidden: names of
    those it does not offer; their addresses still open them."""
    tour = st.Page(
        "aeviz/pages/tour.py", title=entry(), url_path=TOUR, visibility=_visibility(TOUR, hidden)
    )
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


def _visibility(name: str, hidden: Collection[str]) -> str:
    return "hidden" if name in hidden else "visible"
