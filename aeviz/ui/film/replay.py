"""Films of training: pictures, latent map and loss, moved by one scrubber in the browser."""

from dataclasses import dataclass

import numpy as np

from aeviz.checkpoints.view_bytes import CODE_CELLS
from aeviz.data.picture_shape import PictureShape
from aeviz.ui.film.moments import stopped_frame
from aeviz.ui.film.training_film import (
    CONTROLS,
    FILM_SCRIPTS,
    FILM_STYLES,
    TrainingFilm,
    encoded_training,
)
from aeviz.ui.shell.component import declare
from aeviz.ui.shell.packed import check_shapes

# A code this short is one row of blocks, as source 1 draws it; a longer one is a grid.
CODE_ROW = 8
# A grid of exactly K cells may be this many times wider than high; otherwise it gets blank cells.
CODE_GRID_ASPECT = 4.0
# Share of a frame's map points that may lie outside the drawn range, at either end, so that one
# stray code does not shrink all the others to a spot; and the margin left around the rest.
MAP_STRAY_PERCENT = 0.5
MAP_MARGIN = 0.06


@dataclass(frozen=True, kw_only=True)
class Film(TrainingFilm):
    """One run as a film of P pictures, N map points and codes of K numbers (see `TrainingFilm`).

    shape: of a picture.
    labels: what the P pictures are of, or None.
    originals, noisy: (P, values) uint8; originals None where the data set is not on this
    machine, noisy None where the recipe adds no noise.
    reconstructions: (F, P, values) uint8. codes: (F, P, K) float.
    map_points: (F, N, 2) float. map_labels: (N,) uint8 below 10, or None.
    network: the drawing of its layers, from `aeviz.ui.pictures.network.network_html`.
    map_names: what the map labels 0, 1, 2 ... stand for; the digits themselves where None.
    """

    title: str
    shape: PictureShape
    labels: tuple[str, ...] | None
    originals: np.ndarray | None
    noisy: np.ndarray | None
    reconstructions: np.ndarray
    codes: np.ndarray
    map_points: np.ndarray
    map_labels: np.ndarray | None
    map_caption: str
    network: str = ""
    map_names: tuple[str, ...] | None = None


def replay(
    film: Film,
    *,
    key: str,
    second: Film | None = None,
    live: bool = False,
    show_errors: bool = False,
    frame: int | None = None,
    autoplay: bool = False,
) -> int:
    """Draw a film, or two in step, and return the frame of `film` the viewer last stopped on.

    The frame comes back when the viewer pauses or lets go of the scrubber, never while it plays.

    Args:
        film: what to draw.
        key: the component's own, the same for the live and the replayed film of a page, so that one
            turns into the other without a jump.
        second: a film of the same pictures, drawn under the first; where the two runs differ in
            length the scrubber runs over the share of the training done.
        live: show the newest frame only, without Play and scrubber.
        show_errors: show the errors of the redrawn pictures too.
        frame: go to this frame. It acts once, when it or the film changes; the last where None.
        autoplay: play a new film once from its start, unless the system asks for less motion.

    Raises:
        ValueError: the arrays of a film do not fit each other, or the films show other pictures.
    """
    check(film)
    if second is not None:
        check(second)
        if second.reconstructions.shape[1:] != film.reconstructions.shape[1:]:
            raise ValueError("Two films can run side by side only if they show the same pictures.")
    last = len(film.steps) - 1
    result = _component(
        {
            "film": encoded(film, live),
            "second": None if second is None else encoded(second, live),
            "live": bool(live),
            "errors": bool(show_errors),
            "frame": None if frame is None else max(0, min(int(frame), last)),
            "autoplay": bool(autoplay),
        },
        key=key,
    )
    stopped = stopped_frame(result, film.key)
    if stopped is None:
        stopped = last if frame is None else int(frame)
    return max(0, min(stopped, last))


def check(film: Film) -> None:
    """Raise ValueError, naming the array, where the shapes of a film do not fit each other."""
    frames, pictures = film.reconstructions.shape[:2]
    values = film.shape.values
    wanted = [
        ("steps", film.steps, (frames,)),
        ("reconstructions", film.reconstructions, (frames, pictures, values)),
        ("originals", film.originals, (pictures, values)),
        ("noisy", film.noisy, (pictures, values)),
        ("codes", film.codes, (frames, pictures, film.codes.shape[-1])),
        ("map_points", film.map_points, (frames, film.map_points.shape[1], 2)),
        ("map_labels", film.map_labels, (film.map_points.shape[1],)),
        ("train_loss", film.train_loss, (len(film.loss_steps),)),
        ("validation_loss", film.validation_loss, (len(film.loss_steps),)),
        *((name, values, (len(film.loss_steps),)) for name, values in film.extra_losses.items()),
    ]
    check_shapes("A film", wanted)
    if frames == 0 or pictures == 0:
        raise ValueError("A film needs at least one frame and one picture.")
    if len(film.sentences) not in (0, frames):
        raise ValueError(f"A film of {frames} frames needs {frames} sentences or none.")


def encoded(film: Film, live: bool = False) -> dict[str, object]:
    """Return a film as JSON values and arrays."""
    return encoded_training(film) | {
        "title": film.title,
        "side": int(film.shape.side),
        "channels": int(film.shape.channels),
        "count": int(film.reconstructions.shape[1]),
        "labels": None if film.labels is None else [str(label) for label in film.labels],
        "originals": film.originals,
        "noisy": film.noisy,
        "redrawn": film.reconstructions,
        "codes": encoded_codes(film.codes),
        "map": encoded_map(film, live),
        "network": film.network,
    }


def code_grid(numbers: int) -> tuple[int, int]:
    """Rows and columns of the picture of a code.

    One row up to CODE_ROW numbers, else the squarest grid with exactly that many cells (10 is
    2 x 5, 100 is 10 x 10), or the squarest with a few blank ones where that would be a long strip
    (13 is 4 x 4). At most CODE_CELLS cells.
    """
    cells = min(numbers, CODE_CELLS)
    if cells <= CODE_ROW:
        return 1, cells
    rows = max(r for r in range(1, int(cells**0.5) + 1) if cells % r == 0)
    if cells / rows > CODE_GRID_ASPECT * rows:
        rows = round(cells**0.5)
    return rows, -(-cells // rows)


def encoded_codes(codes: np.ndarray) -> dict[str, object]:
    """(F, P, K) float codes as little pictures, (F, P, rows*columns) uint8 amounts of ink.

    One scale for the whole film, so that brightness can be compared between frames. Where any
    number is negative it is symmetric about 0 (0 is mid-grey, 128), otherwise 0 is paper; full ink
    is the 99.5th percentile of the sizes, so that one large number does not pale all others.
    """
    numbers = codes.shape[-1]
    rows, columns = code_grid(numbers)
    values = _finite(np.asarray(codes, dtype=np.float32))
    if numbers > CODE_CELLS:
        starts = np.arange(CODE_CELLS) * numbers // CODE_CELLS
        widths = np.diff([*starts, numbers])
        values = np.add.reduceat(values, starts, axis=-1) / widths
    full = float(np.percentile(np.abs(values), 99.5)) or 1.0
    signed = bool((values < 0).any())
    share = values / (2 * full) + 0.5 if signed else values / full
    cells = np.zeros((*values.shape[:2], rows * columns), dtype=np.uint8)
    cells[..., : values.shape[-1]] = np.clip(share * 255 + 0.5, 0, 255).astype(np.uint8)
    return {
        "rows": rows,
        "columns": columns,
        "numbers": numbers,
        "averaged": numbers > CODE_CELLS,
        "signed": signed,
        "cells": cells,
    }


def encoded_map(film: Film, live: bool) -> dict[str, object]:
    """Map points as uint16 within twice the drawn range; points further out lie out of sight.

    `view` is the drawn range [left, right, bottom, top] of the whole film; `low` and `span` turn
    the uint16 back: value = low + q / 65535 * span.
    """
    points = _finite(np.asarray(film.map_points, dtype=np.float64))
    lows, highs = np.percentile(points, [MAP_STRAY_PERCENT, 100 - MAP_STRAY_PERCENT], axis=1)
    # Room for all of the last frame and for most others: a short outburst early in training must
    # not shrink the rest of the film.
    low = np.minimum(lows[-1], np.percentile(lows, 10, axis=0))
    high = np.maximum(highs[-1], np.percentile(highs, 90, axis=0))
    # A code that is the same for every picture (a dead unit) still needs a range to be drawn in.
    span = np.maximum(high - low, 1e-6 + 1e-3 * np.abs(low))
    middle = (low + high) / 2
    low, high = middle - span * (0.5 + MAP_MARGIN), middle + span * (0.5 + MAP_MARGIN)
    wide_low, wide_span = low - (high - low) / 2, 2 * (high - low)
    q = np.clip((points - wide_low) / wide_span, 0, 1) * 65535 + 0.5
    return {
        "count": int(points.shape[1]),
        "points": q.astype(np.uint16),
        "low": wide_low.tolist(),
        "span": wide_span.tolist(),
        "view": [low[0], high[0], low[1], high[1]],
        "labels": film.map_labels,
        "names": None if film.map_names is None else [str(name) for name in film.map_names],
        "caption": film.map_caption,
    }


def _finite(values: np.ndarray) -> np.ndarray:
    # A run that blew up leaves numbers that are none; they are drawn at 0.
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


_HTML = f"""
<section class="film" aria-label="Film of the training">
  <div class="left">
    <div class="rows"></div>
    <div class="controls">
      {CONTROLS}
      <details class="save">
        <summary title="Save a picture for a slide">PNG</summary>
        <div class="menu">
          <button type="button" data-part="rows">Pictures</button>
          <button type="button" data-part="map">Map</button>
          <button type="button" data-part="loss">Loss</button>
        </div>
      </details>
    </div>
    <div class="sentences"></div>
    <div class="drawing"></div>
  </div>
  <div class="right">
    <div class="maps"></div>
    <figure class="loss"><canvas role="img"></canvas><figcaption></figcaption></figure>
  </div>
</section>
"""


_component = declare(
    "aeviz_replay",
    (*FILM_SCRIPTS, "film/replay_layout.js", "film/replay_slides.js", "film/replay.js"),
    html=_HTML,
    styles=(*FILM_STYLES, "film/replay.css", "pictures/network.css"),
    sends=("stopped",),
)
