"""The little CSS that the theme cannot say, from style sheets beside this file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from aeviz.ui import state

_SHEETS = (
    "style.css",
    "network.css",
    "skeleton.css",
    "compression.css",
    "own_pictures.css",
    "models.css",
    "terms.css",
    "tour.css",
)


# An hourglass of bars, the shape of an autoencoder, in the light theme's accent.
_BARS = (14, 8, 4, 8, 14)
_ACCENT = (37, 99, 201, 255)


def icon() -> Image.Image:
    """The browser tab's picture; drawn here, since a named symbol would come from the network."""
    pixels = np.zeros((16, 16, 4), dtype=np.uint8)
    for i, height in enumerate(_BARS):
        top = (16 - height) // 2
        pixels[top : top + height, 1 + 3 * i : 3 + 3 * i] = _ACCENT
    return Image.fromarray(pixels)


def wide(pixels: int) -> int:
    """A width in pixels that was chosen for text of the usual size, for text as large as it is."""
    return round(pixels * state.text_scale())


def apply_style() -> None:
    """Add the project's style sheets to the page."""
    add_sheets(*_SHEETS)


def add_sheets(*names: str) -> None:
    """Add style sheets beside this file to the page."""
    sheets = (Path(__file__).with_name(name).read_text() for name in names)
    st.html(f"<style>{''.join(sheets)}</style>")
