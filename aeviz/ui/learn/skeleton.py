"""What stands where a picture will be: grey shapes of its size, so that nothing jumps."""

from __future__ import annotations

from aeviz.ui.film.of_run import PICTURES

_ROWS = ("Original", "Its code", "Redrawn")


def film_skeleton() -> str:
    """A film that has no moment yet, styled by skeleton.css; hidden from screen readers."""
    boxes = "<i></i>" * PICTURES
    rows = "".join(f"<p>{name}</p><div>{boxes}</div>" for name in _ROWS)
    return (
        f'<div class="film-skeleton" aria-hidden="true"><div class="rows">{rows}</div>'
        '<div class="map"></div></div>'
    )
