"""The manifold over a training as a film: one grid of pictures a moment, played in the browser."""

from dataclasses import dataclass

import numpy as np

from aeviz.data.picture_shape import PictureShape
from aeviz.ui.film import training_film
from aeviz.ui.film.moments import stopped_frame
from aeviz.ui.shell.component import declare


@dataclass(frozen=True, kw_only=True, eq=False)
class MosaicFilm(training_film.TrainingFilm):
    """The manifold of one run as a film (see `TrainingFilm`).

    shape: of each picture. pictures: F JPEG files, grey, 255 for full ink, or in colour.
    drawn: (F, 4) float, what each picture covers of its moment's map: left, right, bottom and top.
    """

    shape: PictureShape
    pictures: tuple[bytes, ...]
    drawn: np.ndarray


def mosaic(film: MosaicFilm, *, key: str, frame: int | None = None) -> int:
    """Draw a film of the manifold and return the frame the viewer last stopped on.

    All frames are handed over at once: playing and scrubbing never come back here, but where the
    viewer pauses or lets go does.

    Args:
        film: what to draw.
        key: the component's own.
        frame: the one to begin with; the last where None.

    Raises:
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
    """Return a film as JSON values and arrays."""
    return training_film.encoded_training(film) | {
        "pixels": int(film.shape.side),
        "channels": int(film.shape.channels),
        "pictures": [np.frombuffer(picture, np.uint8) for picture in film.pictures],
        "drawn": np.asarray(film.drawn, dtype=np.float64).tolist(),
    }


_HTML = f"""
<section class="film mosaic" aria-label="Film of the manifold">
  <div class="left">
    <canvas class="grid" role="img" aria-label="The film is on its way"></canvas>
    <div class="controls">
      {training_film.CONTROLS}
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
    (*training_film.FILM_SCRIPTS, "film/mosaic.js"),
    html=_HTML,
    styles=(*training_film.FILM_STYLES, "film/mosaic.css"),
    sends=("stopped",),
)
