"""Rows of pictures as HTML, a name beside each, to compare originals with reconstructions."""

import html
from collections.abc import Iterable

import numpy as np
from PIL import ImageColor

from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.ink import THEMES, clear_png, enlarged, png, tile_images
from aeviz.drawing.map_scales import ERROR_COLOURS
from aeviz.ui.pictures.sheets import data_uri, picture_html

# Pixels of a picture in a row, at least: sharp at the size of a projector's.
_PICTURE_WIDTH = 112


def rows_html(rows: Iterable[str], kind: str = "") -> str:
    """Return rows made by `row_html` as one block, styled by rows.css; kind: one more class."""
    return f'<div class="{f"picture-rows {kind}".strip()}">{"".join(rows)}</div>'


def row_html(
    name: str,
    pictures: np.ndarray,
    shape: PictureShape,
    *,
    about: str = "",
    alt: str = "",
    errors: bool = False,
) -> str:
    """Return a name and (n, values) uint8 pictures side by side.

    Args:
        name: stands left of the pictures; text, which is escaped here.
        pictures: those of ink are drawn in the colour of the page's text, light or dark.
        shape: of a picture.
        about: a few words under the name.
        alt: what a screen reader says in place of name and number.
        errors: the pictures are errors as in `differences`, drawn in the colours of errors.
    """
    many = len(pictures)
    said = f"<p>{html.escape(name)}<span>{html.escape(about)}</span></p>"
    alt = html.escape(alt or f"{name}: {many} pictures {about}".strip())
    if errors:
        return f'<div>{said}<img src="{_error_uri(pictures, shape)}" alt="{alt}"></div>'
    file = data_uri(clear_png(_side_by_side(pictures, shape), THEMES["light"]))
    more = f' role="img" aria-label="{alt}"'
    return f"<div>{said}{picture_html(file, shape, f'aspect-ratio:{many}', more)}</div>"


def differences(drawn: np.ndarray, originals: np.ndarray, shape: PictureShape) -> np.ndarray:
    """Return how far each pixel of (n, values) uint8 pictures is off, (n, pixels) uint8, 0 to 255.

    Of a pixel in colour, the mean of its channels.
    """
    off = np.abs(drawn.astype(np.int16) - originals)
    return off.reshape(len(off), shape.pixels, shape.channels).mean(axis=2).astype(np.uint8)


def _error_uri(off: np.ndarray, shape: PictureShape) -> str:
    # Clear where a pixel is right, orange at half, red at full: the colours of errors everywhere.
    half, full = (np.array(ImageColor.getrgb(ERROR_COLOURS[i][1])) for i in (1, 2))
    share = np.arange(256)[:, None] / 255.0
    colours = half + np.clip(2 * share - 1, 0, 1) * (full - half)
    table = np.hstack([colours, 255 * np.clip(2 * share, 0, 1)]) + 0.5
    ink = _side_by_side(off, PictureShape(shape.side))
    return data_uri(png(table.astype(np.uint8)[ink], THEMES["light"], quick=True))


def _side_by_side(pictures: np.ndarray, shape: PictureShape) -> np.ndarray:
    # A margin of its own around each, so that their width is that of the whole over their number.
    margin = max(1, shape.side // 14)
    sheet = tile_images(pictures, shape, len(pictures), 2 * margin, edge=margin)
    return enlarged(sheet, -(-_PICTURE_WIDTH // (shape.side + 2 * margin)))
