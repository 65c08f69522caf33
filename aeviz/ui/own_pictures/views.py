"""Own pictures as HTML: tiles of some of them, as they will be used."""

import html
from collections.abc import Sequence

import numpy as np

from aeviz.data.picture_shape import PictureShape, shape_of
from aeviz.drawing.map_charts import class_name
from aeviz.ui.pictures.sheets import TILE_WIDTH, tiles_html

# Pictures without labels that are shown: three rows beside what is kept.
PICTURES = 27
# Of each kind, where kinds are known: a row that fits twice beside itself.
PICTURES_OF_A_KIND = 7
# More kinds than this stand in two columns.
_FEW_KINDS = 4


def pictures_html(
    images: np.ndarray, labels: np.ndarray | None, names: Sequence[str], words: str
) -> str:
    """Return the first of an array of uint8 pictures; with labels, the first of each kind.

    names: of the kinds. words: for screen readers. Styled by own_pictures/page.css.
    """
    shape = shape_of(images) or PictureShape(images.shape[1])
    about = f'aria-label="{html.escape(words)}" style="--side: {_shown(shape.side)}px"'
    if labels is None:
        tiles = tiles_html(images[:PICTURES], shape)
        return f'<div class="own-pictures" role="img" {about}>{tiles}</div>'
    rows = []
    for label in np.unique(labels).tolist():
        which = np.flatnonzero(labels == label)
        name = html.escape(class_name(label, tuple(names)))
        rows.append(
            f'<div role="listitem"><p>{name}<span>{len(which):,}</span></p>'
            f"<div>{tiles_html(images[which[:PICTURES_OF_A_KIND]], shape)}</div></div>"
        )
    kinds = "kinds" if len(rows) <= _FEW_KINDS else "kinds many"
    return f'<div class="own-pictures {kinds}" role="list" {about}>{"".join(rows)}</div>'


def _shown(side: int) -> int:
    """Return the pixels along a picture on the page: half of what a tile's file has."""
    return side * -(-TILE_WIDTH // side) // 2
