"""A small picture for each stop of the tour, drawn from the gallery's models."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import PRETRAINED
from aeviz.data.dataset import to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.map_charts import DIGIT_COLOURS
from aeviz.evaluation.probes import PROBES_PER_CLASS
from aeviz.latent.attributes import ATTRIBUTES, measured
from aeviz.latent.directions import direction_of
from aeviz.ui.pictures.network import shape_uri
from aeviz.ui.pictures.sheets import data_uri, tiles_html

TILES = 5
# Of the digits that most stops show.
_DIGIT = PictureShape(28)
# Digits whose redrawing tells networks apart.
_DIGITS = (2, 3, 4, 5, 8)
# Sizes of the gallery's sweep that are seen to differ.
_SIZES = (1, 2, 5, 10, 32)
# Dots of the little map: as many as there is room for.
_DOTS = 700

Open = Callable[[str], Checkpoint]


def stop_pictures(opened: Open) -> dict[str, str]:
    """Return the picture of each stop as HTML (see page.css), by the stop's name.

    A stop whose model does not open has none. opened: opens a model of the gallery, or raises
    CheckpointError.
    """
    out = {}
    for name, draw in _PICTURES.items():
        try:
            out[name] = f'<div class="stop-picture" aria-hidden="true">{draw(opened)}</div>'
        except (CheckpointError, IndexError):  # a gallery of somebody's own making
            continue
    return out


def gallery_path(name: str) -> Path:
    """Return the file of a model that comes with aeviz."""
    return PRETRAINED / f"{name}.safetensors"


# --- one by one ----------------------------------------------------------------------------------


def _out_of_fog(opened: Open) -> str:
    shots = opened("karpathy-2d").history.snapshots
    moments = np.linspace(2, len(shots) - 1, TILES).round().astype(int)
    return tiles_html([_redrawn(shots[i], 3) for i in moments], _DIGIT)


def _map(opened: Open) -> str:
    model = opened("karpathy-2d")
    points, labels = (kept[:_DOTS] for kept in _codes_kept(model))
    low, high = np.percentile(points, [1, 99], axis=0)
    places = (points - low) / (high - low) * (300, 56) + (8, 6)
    dots = "".join(
        f'<circle cx="{x:.0f}" cy="{68 - y:.0f}" r="1.9" fill="{DIGIT_COLOURS[label]}"/>'
        for (x, y), label in zip(places, labels.tolist(), strict=True)
        if 0 < x < 316 and 0 < y < 68
    )
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 316 68">{dots}</svg>'
    # As a picture: Streamlit takes drawings out of a page's own HTML.
    return f'<img alt="" src="{data_uri(drawn.encode(), "svg+xml")}">'


def _on_the_way(opened: Open) -> str:
    """From the middle of one digit's codes to that of another's."""
    model = opened("karpathy-2d")
    one, zero = _middles(model, 1, 0)
    return _decoded(model, np.linspace(one, zero, TILES))


def _redrawn_by(name: str, opened: Open) -> str:
    shot = opened(name).history.snapshots[-1]
    return tiles_html([_redrawn(shot, digit) for digit in _DIGITS], _DIGIT)


def _small_and_large(opened: Open) -> str:
    first, second = (opened(n).history.snapshots[-1] for n in ("karpathy-2d", "stacked-100"))
    pairs = [_redrawn(shot, digit) for digit in (2, 5) for shot in (first, second)]
    return tiles_html(pairs, _DIGIT)


def _codes_of(name: str, opened: Open) -> str:
    codes = opened(name).history.snapshots[-1].codes[::PROBES_PER_CLASS][:TILES]
    shares = np.abs(codes.astype(np.float32))
    return tiles_html(to_bytes(shares / shares.max()), PictureShape(math.isqrt(shares.shape[1])))


def _across(name: str, opened: Open) -> str:
    """Straight through the map, over places with data and without."""
    model = opened(name)
    low, high = np.percentile(_codes_kept(model)[0], [3, 97], axis=0)
    start, end = np.array([low[0], high[1]]), np.array([high[0], low[1]])
    return _decoded(model, np.linspace(start, end, TILES))


def _straightened(opened: Open) -> str:
    """One digit pulled along the direction of slant."""
    model = opened("sweep-10")
    _, labels = _codes_kept(model)
    if model.test_codes is None or model.test_codes.codes is None:
        raise CheckpointError(f"{model.title} keeps no codes.")
    codes = model.test_codes.codes[:_DOTS].astype(np.float32)
    slant = measured(ATTRIBUTES["slant"], model.network.decode(codes), model.shape)
    way = direction_of(codes, slant).vector
    start = codes[np.nonzero(labels[:_DOTS] == 7)[0][0]]
    return _decoded(model, start + np.linspace(2, -2, TILES)[:, None] * way)


def _in_one_hand(opened: Open) -> str:
    """One code of a conditional model, drawn as several digits."""
    model = opened("cvae-2d")
    points, labels = _codes_kept(model)
    code = points[np.nonzero(labels == 7)[0][0]].astype(np.float32)
    drawn = model.network.decode(np.tile(code, (TILES, 1)), np.arange(TILES))
    return tiles_html(to_bytes(drawn), model.shape)


def _by_size(opened: Open) -> str:
    shots = [opened(f"sweep-{size}").history.snapshots[-1] for size in _SIZES]
    return tiles_html([_redrawn(shot, 5) for shot in shots], _DIGIT)


def _network(opened: Open) -> str:
    model = opened("vae-2d")
    sizes = model.preset.layer_sizes(model.shape)
    return f'<img alt="" src="{shape_uri(sizes, model.preset.latent_dim)}">'


_PICTURES: dict[str, Callable[[Open], str]] = {
    "squeeze": _out_of_fog,
    "encoder": _map,
    "decoder": _on_the_way,
    "reconstruction": partial(_redrawn_by, "karpathy-2d"),
    "undercomplete": _small_and_large,
    "overcomplete": partial(_codes_of, "digits-overcomplete"),
    "sparse": partial(_codes_of, "digits-sparse"),
    "gaps": partial(_across, "karpathy-2d"),
    "vae": partial(_across, "vae-2d"),
    "denoising": partial(_redrawn_by, "denoising-10"),
    "meaning": _straightened,
    "style": _in_one_hand,
    "compression": _by_size,
    "yours": _network,
}


# --- what they are made of -----------------------------------------------------------------------


def _codes_kept(model: Checkpoint) -> tuple[np.ndarray, np.ndarray]:
    """Return points on the map and their labels; raise CheckpointError where there are none."""
    codes = model.test_codes
    if codes is None or codes.labels is None:
        raise CheckpointError(f"{model.title} keeps no codes with labels.")
    return codes.points, codes.labels


def _middles(model: Checkpoint, *digits: int) -> list[np.ndarray]:
    points, labels = _codes_kept(model)
    return [np.median(points[labels == digit].astype(np.float64), axis=0) for digit in digits]


def _redrawn(shot, digit: int) -> np.ndarray:
    return shot.reconstructions[digit * PROBES_PER_CLASS]


def _decoded(model: Checkpoint, codes: np.ndarray) -> str:
    return tiles_html(to_bytes(model.network.decode(codes)), model.shape)
