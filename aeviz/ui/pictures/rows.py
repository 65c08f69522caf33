"""Rows of pictures as HTML, a name beside each, to compare originals with reconstructions."""

import html
from collections.abc import Iterable

import numpy as np
from PIL import ImageColor

from aeviz.drawing.ink import THEMES, enlarged, ink_clear_png, png, tile_images
from aeviz.drawing.map_charts import ERROR_COLOURS
from aeviz.ui.pictures.sheets import data_uri

# Pixels of a picture in a row, at least: sharp at the size of a projector's.
_PICTURE_WIDTH = 112


def rows_html(rows: Iterable[str], kind: str = "") -> str:
    """Return rows made by `row_html` as one block, styled by rows.css; kind: one more class."""
    return f'<div class="{f"picture-rows {kind}".strip()}">{"".join(rows)}</div>'


def row_html(
    name: str,
    pictures: np.ndarray,
    side: int,
    *,
    about: str = "",
    alt: str = "",
    errors: bool = False,
) -> str:
    """Return a name and (n, pixels) uint8 pictures side by side.

    Args:
        name: stands left of the pictures; text, which is escaped here.
        pictures: ink, drawn in the colour of the page's text, light or dark.
        side: pixels along an edge of a picture.
        about: a few words under the name.
        alt: what a screen reader says in place of name and number.
        errors: the pictures are errors as in `differences`, drawn in the colours of errors.
    """
    many = len(pictures)
    said = f"<p>{html.escape(name)}<span>{html.escape(about)}</span></p>"
    alt = html.escape(alt or f"{name}: {many} pictures {about}".strip())
    if errors:
        return f'<div>{said}<img src="{_error_uri(pictures, side)}" alt="{alt}"></div>'
    ink = data_uri(ink_clear_png(_side_by_side(pictures, side), THEMES["light"]))
    look = f"--ink:url({ink});aspect-ratio:{many}"
    return f'<div>{said}<i role="img" aria-label="{alt}" style="{look}"></i></div>'


def differences(drawn: np.ndarray, originals: np.ndarray) -> np.ndarray:
    """Return how far each pixel of uint8 pictures is off, 0 to 255, as uint8."""
    return np.abs(drawn.astype(np.int16) - originals).astype(np.uint8)


def _error_uri(off: np.ndarray, side: int) -> str:
    # Clear where a pixel is right, orange at half, red at full: the colours of errors everywhere.
    half, full = (np.array(ImageColor.getrgb(ERROR_COLOURS[i][1])) for i in (1, 2))
    share = np.arange(256)[:, None] / 255.0
    colours = half + np.clip(2 * share - 1, 0, 1) * (full - half)
    table = np.hstack([colours, 255 * np.clip(2 * share, 0, 1)]) + 0.5
    return data_uri(png(table.astype(np.uint8)[_side_by_side(off, side)], quick=True))


def _side_by_side(pictures: np.ndarray, side: int) -> np.ndarray:
    # A margin of its own around each, so that their width is that of the whole over their number.
    margin = max(1, side // 14)
    square = pictures.reshape(len(pictures), side, side)
    padded = np.pad(square, ((0, 0), (margin, margin), (margin, margin)))
    wide = side + 2 * margin
    sheet = tile_images(padded.reshape(len(padded), -1), wide, len(padded))
    return enlarged(sheet, -(-_PICTURE_WIDTH // wide))
