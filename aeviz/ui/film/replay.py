"""Films of training: pictures, latent map and loss, moved by one scrubber in the browser."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from aeviz.ui.film.moments import stopped_frame
from aeviz.ui.shell.component import declare

# Points a loss curve is thinned to: about one for each pixel it is drawn on.
CURVE_POINTS = 400
# Cells a code picture has at most; longer codes are averaged down to this many (20 x 20).
CODE_CELLS = 400
# A code this short is one row of blocks, as source 1 draws it; a longer one is a grid.
CODE_ROW = 8
# A grid of exactly K cells may be this many times wider than high; otherwise it gets blank cells.
CODE_GRID_ASPECT = 4.0
# Share of a frame's map points that may lie outside the drawn range, at either end, so that one
# stray code does not shrink all the others to a spot; and the margin left around the rest.
MAP_STRAY_PERCENT = 0.5
MAP_MARGIN = 0.06


@dataclass(frozen=True)
class Film:
    """One run as a film: F frames, P pictures, N map points, codes of K numbers, R loss records.

    key: changes when the film is of another run or of other pictures.
    steps: (F,) int, ascending, the step of each frame. total_steps: the last step of the run.
    side: pictures are side x side pixels, 0 for paper and 255 for full ink.
    labels: what the P pictures are of, or None.
    originals, noisy: (P, side*side) uint8; originals None where the data set is not on this
    machine, noisy None where the recipe adds no noise.
    reconstructions: (F, P, side*side) uint8. codes: (F, P, K) float.
    map_points: (F, N, 2) float. map_labels: (N,) uint8 below 10, or None.
    loss_steps: (R,) int; train_loss, validation_loss and each of extra_losses: (R,) float, NaN
    where not measured.
    floor: value and name of a dashed line in the loss chart, such as PCA's loss.
    sentences: F of them, shown under the scrubber; **bold** is understood at the start only.
    network: the drawing of its layers, from `aeviz.ui.pictures.network.network_html`.
    map_names: what the map labels 0, 1, 2 ... stand for; the digits themselves where None.
    """

    key: str
    title: str
    steps: np.ndarray
    total_steps: int
    side: int
    labels: tuple[str, ...] | None
    originals: np.ndarray | None
    noisy: np.ndarray | None
    reconstructions: np.ndarray
    codes: np.ndarray
    map_points: np.ndarray
    map_labels: np.ndarray | None
    map_caption: str
    loss_steps: np.ndarray
    train_loss: np.ndarray
    validation_loss: np.ndarray
    extra_losses: dict[str, np.ndarray] = field(default_factory=dict)
    floor: tuple[float, str] | None = None
    sentences: tuple[str, ...] = ()
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

    key: the element's own key, the same for the live and the replayed film of a page, so that one
    turns into the other without a jump.
    second: a film of the same pictures, drawn under the first; where the two runs differ in length
    the scrubber runs over the share of the training done.
    live: show the newest frame only, without Play and scrubber.
    frame: go to this frame. It acts once, when it or the film changes; the last frame where None.
    autoplay: play a new film once from its start, unless the system asks for less motion.
    The frame comes back when the viewer pauses or lets go of the scrubber, never while it plays.

    ValueError: the arrays of a film do not fit each other, or the two films show other pictures.
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
    pixels = film.side * film.side
    wanted: list[tuple[str, np.ndarray | None, tuple[int, ...]]] = [
        ("steps", film.steps, (frames,)),
        ("reconstructions", film.reconstructions, (frames, pictures, pixels)),
        ("originals", film.originals, (pictures, pixels)),
        ("noisy", film.noisy, (pictures, pixels)),
        ("codes", film.codes, (frames, pictures, film.codes.shape[-1])),
        ("map_points", film.map_points, (frames, film.map_points.shape[1], 2)),
        ("map_labels", film.map_labels, (film.map_points.shape[1],)),
        ("train_loss", film.train_loss, (len(film.loss_steps),)),
        ("validation_loss", film.validation_loss, (len(film.loss_steps),)),
        *((name, values, (len(film.loss_steps),)) for name, values in film.extra_losses.items()),
    ]
    for name, array, shape in wanted:
        if array is not None and np.shape(array) != shape:
            raise ValueError(f"A film's {name} must have the shape {shape}, not {np.shape(array)}.")
    if frames == 0 or pictures == 0:
        raise ValueError("A film needs at least one frame and one picture.")
    if len(film.sentences) not in (0, frames):
        raise ValueError(f"A film of {frames} frames needs {frames} sentences or none.")


def encoded(film: Film, live: bool = False) -> dict[str, object]:
    """A film as plain JSON values; arrays are base64 (components turn raw bytes into text)."""
    return {
        "key": film.key,
        "title": film.title,
        "steps": [int(s) for s in film.steps],
        "total": int(film.total_steps),
        "side": int(film.side),
        "count": int(film.reconstructions.shape[1]),
        "labels": None if film.labels is None else [str(label) for label in film.labels],
        "originals": _pixels(film.originals),
        "noisy": _pixels(film.noisy),
        "redrawn": _pixels(film.reconstructions),
        "codes": encoded_codes(film.codes),
        "map": encoded_map(film, live),
        "curves": list(encoded_curves(film)),
        "floor": encoded_floor(film.floor),
        "sentences": [str(s) for s in film.sentences],
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
        "cells": _base64(cells),
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
        "points": _base64(q.astype("<u2")),
        "low": wide_low.tolist(),
        "span": wide_span.tolist(),
        "view": [low[0], high[0], low[1], high[1]],
        "labels": None
        if film.map_labels is None
        else _base64(np.asarray(film.map_labels, dtype=np.uint8)),
        "names": None if film.map_names is None else [str(name) for name in film.map_names],
        "caption": film.map_caption,
    }


def encoded_floor(floor: tuple[float, str] | None) -> dict[str, object] | None:
    """A dashed line of the loss chart as plain JSON values; None where it has no finite value."""
    if floor is None or not np.isfinite(floor[0]):
        return None
    return {"value": float(floor[0]), "label": str(floor[1])}


def encoded_curves(film) -> Iterator[dict[str, object]]:
    """The losses of a Film, or of another kind of film with the same fields, for its chart."""
    named = [
        ("training", "training", film.train_loss),
        ("validation", "validation", film.validation_loss),
        *(("extra", name, values) for name, values in film.extra_losses.items()),
    ]
    for kind, name, values in named:
        steps, thinned = thinned_curve(np.asarray(film.loss_steps), np.asarray(values, np.float64))
        yield {
            "kind": kind,
            "name": name,
            "steps": steps.tolist(),
            "values": [float(f"{v:.6g}") for v in thinned],
        }


def thinned_curve(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The measured (finite) points of a curve, at most CURVE_POINTS, even on a logarithmic axis.

    The first and the last stay. Points are left out, never averaged.
    """
    measured = np.isfinite(values)
    steps, values = steps[measured], values[measured]
    if len(steps) > CURVE_POINTS:
        wanted = np.geomspace(max(1, steps[0]), max(1, steps[-1]), CURVE_POINTS)
        keep = np.unique([0, *np.searchsorted(steps, wanted).clip(0, len(steps) - 1)])
        steps, values = steps[keep], values[keep]
    return steps.astype(np.int64), values


def _finite(values: np.ndarray) -> np.ndarray:
    # A run that blew up leaves numbers that are none; they are drawn at 0.
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _pixels(pictures: np.ndarray | None) -> str | None:
    return None if pictures is None else _base64(np.asarray(pictures, dtype=np.uint8))


# Play, scrubber, moment and speed, as film/player.js expects them.
CONTROLS = """
<button type="button" class="play"></button>
<input type="range" class="scrubber" min="0" value="0" aria-label="Moment of training">
<span class="step"></span>
<select class="speed" aria-label="Speed of the film" title="Speed">
  <option value="0.5">0.5&times;</option>
  <option value="1" selected>1&times;</option>
  <option value="2">2&times;</option>
</select>
""".strip()

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


# Drawing, the loss chart and the player: what the scripts of any film call.
FILM_SCRIPTS = ("shell/colours.js", "film/draw.js", "film/loss_chart.js", "film/player.js")
FILM_STYLES = ("film/player.css",)

_component = declare(
    "aeviz_replay",
    (*FILM_SCRIPTS, "film/replay_layout.js", "film/replay_slides.js", "film/replay.js"),
    html=_HTML,
    styles=(*FILM_STYLES, "film/replay.css", "pictures/network.css"),
    sends=("stopped",),
)
