"""Sheets of pictures for HTML: many pictures in one, in ink on nothing."""

from __future__ import annotations

import base64

import numpy as np

from aeviz.drawing.ink import THEMES, enlarged, ink_clear_png, tile_images


def data_uri(png: bytes) -> str:
    """A PNG file as an address of its own."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def sheet(pictures: np.ndarray, side: int, theme: str, *, across: int, width: int) -> str:
    """(n, pixels) uint8 -> the address of a sheet of pictures, so many across, ink on nothing.

    width: of one picture at least, in pixels.
    """
    ink = tile_images(pictures, side, across, gap=max(1, side // 9))
    return data_uri(ink_clear_png(enlarged(ink, -(-width // side)), THEMES[theme]))
