"""Grey placeholders of a film's size, so that the page does not jump when it comes."""

from aeviz.checkpoints.view_bytes import FILM_PICTURES
from aeviz.ui.pictures.rows import rows_html

_ROWS = ("Original", "Its code", "Redrawn")


def film_skeleton() -> str:
    """Return the placeholder of a film, styled by skeleton.css; hidden from screen readers."""
    boxes = f'<div class="boxes">{"<b></b>" * FILM_PICTURES}</div>'
    rows = rows_html(f"<div><p>{name}</p>{boxes}</div>" for name in _ROWS)
    return f'<div class="film-skeleton" aria-hidden="true">{rows}<div class="map"></div></div>'
