"""Places that have their size before they have their content, so that nothing below them jumps.

How tall each is stands in rooms.css, by its name.
"""

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def room(name: str, *, width: int | Literal["stretch"] = "stretch") -> DeltaGenerator:
    """Return a place on a page, as large from the start as what it is for; width in pixels."""
    place = st.container(key=f"room_{name}", width=width)
    # Streamlit leaves out a container in which nothing is.
    place.empty()
    return place


def head(
    name: str, widths: Sequence[float], alignment: Literal["top", "bottom"] = "bottom"
) -> list[DeltaGenerator]:
    """Return the sides of the row above a page: its title, and what is chosen beside it.

    widths: their shares of the width; on a phone they stand one below the other.
    """
    return st.container(key=f"head_{name}").columns(widths, vertical_alignment=alignment)
