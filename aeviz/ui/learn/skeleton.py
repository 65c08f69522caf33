"""Grey placeholders of a film's size, so that the page does not jump when it comes."""

from __future__ import annotations

from aeviz.ui.film.of_run import PICTURES

_ROWS = ("Original", "Its code", "Redrawn")


def film_skeleton() -> str:
    """Return the placeholder of a film, styled by skeleton.css; hidden from screen readers."""
    boxes = "<i></i>" * PICTURES
    rows = "".join(f"<p>{name}</p><div>{boxes}</div>" for name in _ROWS)
    return (
        f'<div class="film-skeleton" aria-hidden="true"><div class="rows">{rows}</div>'
        '<div class="map"></div></div>'
    )
