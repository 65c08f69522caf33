"""Pictures inside HTML: sheets of many pictures in one, and tiles that take the page's ink."""

import base64
from collections.abc import Sequence

import numpy as np

from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.ink import THEMES, clear_png, enlarged, tile_images

# Pixels along a tile's file, twice what it is shown at, so that a projector's enlarging leaves
# pixels square.
TILE_WIDTH = 112

# The theme's own dimmed ink (.streamlit/config.toml).
_DIM_INK = {"light": "#5a6270", "dark": "#a3a9b4"}


def data_uri(file: bytes, kind: str = "png") -> str:
    """Return the bytes of an image file as a `data:` address."""
    return f"data:image/{kind};base64,{base64.b64encode(file).decode('ascii')}"


def words_uri(words: str, theme: str) -> str:
    """Return the address of a small drawing of words, one a line, in place of a picture.

    words: escaped, or fixed. theme: a name in THEMES.
    """
    lines = "".join(
        f'<text x="55" y="{36 + 26 * i}" fill="{_DIM_INK[theme]}">{word}</text>'
        for i, word in enumerate(words.split())
    )
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="110" height="84" font-size="24" '
        f'font-family="sans-serif" text-anchor="middle">{lines}</svg>'
    )
    return data_uri(drawing.encode(), "svg+xml")


def sheet(pictures: np.ndarray, shape: PictureShape, theme: str, *, across: int, width: int) -> str:
    """Return the address of a sheet of (n, values) uint8 pictures, on a clear ground.

    Args:
        pictures: any number; row by row from the top left.
        shape: of one.
        theme: a name in THEMES, for the ink of grey ones.
        across: pictures in a row.
        width: pixels of one picture in the file, at least.
    """
    sheet = tile_images(pictures, shape, across, gap=max(1, shape.side // 9))
    return data_uri(clear_png(enlarged(sheet, -(-width // shape.side)), THEMES[theme]))


def tiles_html(pictures: Sequence[np.ndarray] | np.ndarray, shape: PictureShape) -> str:
    """Return uint8 pictures, rows or arrays of this shape, as tiles, one element each.

    Each grey picture is a mask that shell/style.css fills with the ink of the theme.
    """
    return "".join(
        picture_html(sheet(one.reshape(1, -1), shape, "light", across=1, width=TILE_WIDTH), shape)
        for one in pictures
    )


def picture_html(address: str, shape: PictureShape, look: str = "", more: str = "") -> str:
    """Return the element of a picture file: grey ones in the theme's ink, others as they are.

    look: more style. more: more attributes.
    """
    kind = ' class="coloured"' if shape.coloured else ""
    return f'<i{kind}{more} style="--ink:url({address});{look}"></i>'
