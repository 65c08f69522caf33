"""The project's icon and logo, and what is sized by the text."""

import numpy as np
import streamlit as st
from PIL import Image

from aeviz.ui.shell import state
from aeviz.ui.shell.component import read

# An hourglass of bars, the shape of an autoencoder, in the light theme's accent.
_BARS = (14, 8, 4, 8, 14)
_ACCENT = (37, 99, 201, 255)
_LOGO_BLUE = "#4a86e4"


def icon() -> Image.Image:
    """Return the browser tab's icon; drawn here, since a named one would need the network."""
    pixels = np.zeros((16, 16, 4), dtype=np.uint8)
    for i, height in enumerate(_BARS):
        top = (16 - height) // 2
        pixels[top : top + height, 1 + 3 * i : 3 + 3 * i] = _ACCENT
    return Image.fromarray(pixels)


def logo() -> str:
    """Return the same hourglass and the project's name as SVG, for the navigation.

    Its blue is between the accents of the two themes: an image does not know which one it is in.
    """
    bars = "".join(
        f'<rect x="{1 + 4 * i}" y="{11 - height / 2}" width="2.6" height="{height}" rx="1"/>'
        for i, height in enumerate(_BARS)
    )
    name = (
        '<text x="25" y="16.5" font-size="16" font-weight="700" '
        "font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', Arial\">"
        "aeviz</text>"
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 76 22" width="76" height="22" '
        f'fill="{_LOGO_BLUE}">{bars}{name}</svg>'
    )


def wide(pixels: int) -> int:
    """Return a width in pixels, chosen for text of the usual size, scaled to the text's size."""
    return round(pixels * state.text_scale())


def add_sheets(*names: str) -> None:
    """Add style sheets to the page, named as in `component.read`."""
    st.html(f"<style>{read(*names)}</style>")
