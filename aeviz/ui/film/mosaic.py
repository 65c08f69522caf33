"""The manifold over a training as a film: one grid of pictures a moment, played in the browser."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import numpy as np

from aeviz.ui.film.moments import stopped_frame
from aeviz.ui.film.replay import (
    CONTROLS,
    FILM_SCRIPTS,
    FILM_STYLES,
    encoded_curves,
    encoded_floor,
)
from aeviz.ui.shell.component import declare


@dataclass(frozen=True, eq=False)
class MosaicFilm:
    """The manifold of one run, F frames, with its losses, R records.

    key: changes when the film is of another run. steps: (F,) int, ascending. total_steps: the last
    step of the run. pixels: each picture is pixels x pixels. pictures: F grey JPEG files, 255 for
    full ink. drawn: (F, 4) float, what each picture covers of its moment's map: left, right, bottom
    and top. loss_steps, train_loss, validation_loss, extra_losses, floor and sentences: as in
    `aeviz.ui.film.replay.Film`.
    """

    key: str
    steps: np.ndarray
    total_steps: int
    pixels: int
    pictures: tuple[bytes, ...]
    drawn: np.ndarray
    loss_steps: np.ndarray
    train_loss: np.ndarray
    validation_loss: np.ndarray
    extra_losses: dict[str, np.ndarray] = field(default_factory=dict)
    floor: tuple[float, str] | None = None
    sentences: tuple[str, ...] = ()


def mosaic(film: MosaicFilm, *, key: str, frame: int | None = None) -> int:
    """Draw a film of the manifold and return the frame the viewer last stopped on.

    frame: the one it stands on at first; the last where None. All frames are handed over at once:
    playing and scrubbing never come back here, but where the viewer pauses or lets go does.

    ValueError: the parts of the film do not fit each other.
    """
    frames = len(film.pictures)
    if not frames or {len(film.steps), len(film.drawn), len(film.sentences)} != {frames}:
        raise ValueError("A film needs a step, a range and a sentence for each of its pictures.")
    last = frames - 1
    opened = last if frame is None else max(0, min(int(frame), last))
    happened = _component({"film": encoded(film), "frame": opened}, key=key)
    stopped = stopped_frame(happened, film.key)
    return opened if stopped is None else min(stopped, last)


def encoded(film: MosaicFilm) -> dict[str, object]:
    """A film as plain JSON values; pictures are base64."""
    return {
        "key": film.key,
        "steps": [int(step) for step in film.steps],
        "total": int(film.total_steps),
        "pixels": int(film.pixels),
        "pictures": [base64.b64encode(picture).decode("ascii") for picture in film.pictures],
        "drawn": np.asarray(film.drawn, dtype=np.float64).tolist(),
        "curves": list(encoded_curves(film)),
        "floor": encoded_floor(film.floor),
        "sentences": list(film.sentences),
    }


_HTML = f"""
<section class="film mosaic" aria-label="Film of the manifold">
  <div class="left">
    <canvas class="grid" role="img" aria-label="The film is on its way"></canvas>
    <div class="controls">
      {CONTROLS}
    </div>
  </div>
  <div class="right">
    <div class="sentences"></div>
    <figure class="loss"><canvas role="img"></canvas><figcaption></figcaption></figure>
  </div>
</section>
"""

_component = declare(
    "aeviz_mosaic",
    (*FILM_SCRIPTS, "film/mosaic.js"),
    html=_HTML,
    styles=(*FILM_STYLES, "film/mosaic.css"),
    sends=("stopped",),
)
