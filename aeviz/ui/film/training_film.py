"""What all films of a training have: moments, losses, and the player that shows them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from aeviz.thinning import telling_points

# Points a loss curve is thinned to: about one for each pixel it is drawn on.
CURVE_POINTS = 400


@dataclass(frozen=True, kw_only=True)
class TrainingFilm:
    """F moments (frames) of one run, and its R loss records.

    key: changes when the film is of another run or of other pictures.
    steps: (F,) int, ascending, the step of each frame. total_steps: the last step of the run.
    loss_steps: (R,) int; train_loss, validation_loss and each of extra_losses: (R,) float, NaN
    where not measured.
    floor: value and name of a dashed line in the loss chart, such as PCA's loss.
    sentences: F of them, shown under the scrubber; **bold** is understood at the start only.
    """

    key: str
    steps: np.ndarray
    total_steps: int
    loss_steps: np.ndarray
    train_loss: np.ndarray
    validation_loss: np.ndarray
    extra_losses: dict[str, np.ndarray] = field(default_factory=dict)
    floor: tuple[float, str] | None = None
    sentences: tuple[str, ...] = ()


def encoded_training(film: TrainingFilm) -> dict[str, object]:
    """Return what film/player.js and film/loss_chart.js need of a film, as JSON values."""
    return {
        "key": film.key,
        "steps": [int(step) for step in film.steps],
        "frames": len(film.steps),
        "total": int(film.total_steps),
        "curves": list(_curves(film)),
        "floor": _floor(film.floor),
        "sentences": [str(sentence) for sentence in film.sentences],
    }


def _floor(floor: tuple[float, str] | None) -> dict[str, object] | None:
    if floor is None or not np.isfinite(floor[0]):
        return None
    return {"value": float(floor[0]), "label": str(floor[1])}


def _curves(film: TrainingFilm) -> Iterator[dict[str, object]]:
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
    """Return the measured (finite) points of a curve that tell, on a logarithmic axis."""
    measured = np.isfinite(values)
    steps, values = steps[measured], values[measured]
    keep = telling_points(np.log(np.maximum(steps, 1)), values, CURVE_POINTS)
    return steps[keep].astype(np.int64), values[keep]


# Play, scrubber, moment and speed, as film/player.js expects them.
CONTROLS = """
<button type="button" class="play"></button>
<input type="range" class="scrubber" min="0" step="any" value="0" aria-label="Moment of training">
<span class="step"></span>
<select class="speed" aria-label="Speed of the film" title="Speed">
  <option value="0.5">0.5&times;</option>
  <option value="1" selected>1&times;</option>
  <option value="2">2&times;</option>
</select>
""".strip()

# Drawing, the loss chart and the player: what the scripts of any film call.
FILM_SCRIPTS = (
    "shell/component.js",
    "shell/colours.js",
    "film/draw.js",
    "film/loss_chart.js",
    "film/player.js",
)
FILM_STYLES = ("shell/controls.css", "film/player.css")
