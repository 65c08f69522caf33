"""The theme that a visitor sees the page in: light or dark."""

import streamlit as st

from aeviz.drawing.ink import THEMES
from aeviz.ui.shell import state

_THEME = "manifold.theme"


def page_theme() -> str:
    """Return "light" or "dark"."""
    # Streamlit runs no page again for another theme: the browser tells (see `see_theme`).
    theme = state.chosen(_THEME) or st.context.theme.type
    return theme if theme in THEMES else "light"


def see_theme(theme: str) -> None:
    """Remember the theme that the browser reports."""
    state.choose(_THEME, theme)
