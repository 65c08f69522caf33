"""A run, live or stored, as a film: which pictures to show and what to say at each moment."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.history import SNAPSHOT_IMAGES, HistoryView, Snapshot
from aeviz.checkpoints.view_bytes import FILM_PICTURES, film_bytes, moments_sent
from aeviz.data.class_names import (
    class_names,
    has_classes,
    is_handwritten,
    sample_each_class,
    thing,
)
from aeviz.data.dataset import ImageDataset
from aeviz.data.picture_shape import PictureShape
from aeviz.drawing.ink import THEMES, enlarged, gif, tile_images
from aeviz.drawing.map_charts import class_name
from aeviz.evaluation.baselines import known_pca_mse
from aeviz.evaluation.probes import choose_probes, probe_images, probe_inputs
from aeviz.evaluation.verdicts import sentence
from aeviz.networks.preset import Preset
from aeviz.text.names import plain_cell
from aeviz.text.numbers import count
from aeviz.training.runs import TrainingRun
from aeviz.ui.catalog.model_titles import opened_title
from aeviz.ui.film.replay import Film
from aeviz.ui.pictures.network import network_html


def choices(dataset: str) -> dict[str, str]:
    """Return which pictures of a run can be shown: their names, and these in words."""
    each = "Some of each kind" if has_classes(dataset) else "The first ten"
    words = {
        "one of each": "One of each digit" if is_handwritten(dataset) else each,
        "random": "A random handful",
        "worst": "The worst redrawn",
        "best": "The best redrawn",
    }
    return words | ({"source 2": "Source 2's own picture"} if dataset == "mnist" else {})


@dataclass(frozen=True)
class Shown:
    """What a film is made from, of a live run or a stored one."""

    key: str
    title: str
    preset: Preset
    dataset: str
    view: HistoryView
    shape: PictureShape
    probe_indices: np.ndarray
    probe_labels: np.ndarray | None
    map_labels: np.ndarray | None
    floor: float | None
    final: float | None
    seed: int
    figures: dict[str, float]
    # Of the weights that are kept, once that is known.
    best_step: int | None = None


def stored(checkpoint: Checkpoint) -> Shown:
    """Return what to make a stored model's film from."""
    figures, shots = checkpoint.figures, checkpoint.history.snapshots
    return Shown(
        key=checkpoint.name,
        title=opened_title(checkpoint),
        preset=checkpoint.preset,
        dataset=checkpoint.dataset,
        view=checkpoint.history,
        shape=checkpoint.shape,
        probe_indices=checkpoint.probe_indices,
        probe_labels=checkpoint.probe_labels,
        map_labels=checkpoint.map_labels,
        floor=figures.get("pca_validation_mse"),
        final=shots[-1].mse if shots else None,
        seed=checkpoint.seed,
        figures=figures,
        best_step=checkpoint.best_step,
    )


def live(run: TrainingRun, dataset: ImageDataset) -> Shown:
    """Return what to make the film of a run under way from."""
    probes = choose_probes(dataset)
    labels = dataset.validation_labels
    return Shown(
        key=run.id,
        title=run.preset.title,
        preset=run.preset,
        dataset=run.dataset,
        view=run.history.view(),
        shape=dataset.shape,
        probe_indices=probes.indices,
        probe_labels=probes.labels,
        map_labels=None if labels is None else labels[:SNAPSHOT_IMAGES],
        floor=known_pca_mse(run.dataset, run.preset.numbers_kept),
        final=None,
        seed=run.seed,
        figures={},
    )


def choose_pictures(shown: Shown, choice: str, *, draw: int = 0) -> np.ndarray:
    """Return which of the run's watched pictures to show, by their place, at most FILM_PICTURES."""
    last = shown.view.latest or shown.view.snapshots[-1]
    total, labels = len(last.reconstructions), shown.probe_labels
    watched = len(shown.probe_indices)
    if choice == "source 2" and total > watched:
        return np.array([total - 1])
    if choice == "random":
        return np.sort(np.random.default_rng(draw).permutation(watched)[:FILM_PICTURES])
    if labels is None:
        return np.arange(min(FILM_PICTURES, watched))
    return sample_each_class(labels[:watched], FILM_PICTURES)


def ranked(shown: Shown, originals: np.ndarray, *, worst: bool) -> np.ndarray:
    """Return the worst or best redrawn ones at the last snapshot, the extreme first."""
    last = shown.view.snapshots[-1]
    watched = len(shown.probe_indices)
    drawn = last.reconstructions[:watched].astype(np.float32)
    error = np.square(drawn - originals[:watched]).mean(axis=1)
    order = np.argsort(-error if worst else error, kind="stable")
    return order[:FILM_PICTURES]


def make_film(
    shown: Shown, dataset: ImageDataset | None, choice: str, *, draw: int = 0, newest: bool = False
) -> Film:
    """Return the film of a run with the chosen pictures; `newest` for its last moment only."""
    snapshots = _moments(shown, newest)
    originals = None
    if dataset is not None and _has_originals(shown, dataset):
        extra = len(snapshots[-1].reconstructions) > len(shown.probe_indices)
        originals = probe_images(dataset, shown.probe_indices, extra)
    if choice in ("worst", "best") and originals is not None and shown.view.snapshots:
        which = ranked(shown, originals, worst=choice == "worst")
    else:
        which = choose_pictures(shown, choice, draw=draw)
    points = min(len(s.map_points) for s in snapshots)
    view = shown.view
    parts = view.part_names
    names = class_names(shown.dataset)
    noisy = None
    if shown.preset.noise and originals is not None:
        noisy = probe_inputs(originals, shown.shape, shown.preset.noise)[which]
    return Film(
        key=f"{shown.key}:{','.join(map(str, which))}:{'live' if newest else len(snapshots)}",
        title=shown.title,
        steps=np.array([s.step for s in snapshots]),
        total_steps=shown.preset.steps if newest else max(snapshots[-1].step, 1),
        shape=shown.shape,
        labels=None
        if shown.probe_labels is None
        else tuple(class_name(shown.probe_labels[i], names) for i in which),
        originals=None if originals is None else originals[which],
        noisy=noisy,
        reconstructions=np.stack([s.reconstructions[which] for s in snapshots]),
        codes=np.stack([s.codes[which] for s in snapshots]).astype(np.float32),
        map_points=np.stack([s.map_points[:points] for s in snapshots]).astype(np.float32),
        map_labels=None if shown.map_labels is None else shown.map_labels[:points],
        map_caption=_map_caption(shown.preset.latent_dim, thing(shown.dataset)),
        map_names=None if is_handwritten(shown.dataset) else tuple(map(_short, names)),
        loss_steps=view.step,
        train_loss=view.train_loss,
        validation_loss=view.val_loss,
        extra_losses={name: view.part(name) for name in parts},
        floor=pca_line(shown),
        network=network_html(shown.preset, shown.shape),
        sentences=sentences(shown, snapshots, going=newest),
    )


def _has_originals(shown: Shown, dataset: ImageDataset) -> bool:
    # A file from elsewhere may have watched other pictures of that name.
    known = (shown.probe_indices < dataset.n_validation).all()
    return bool(shown.shape == dataset.shape and known)


def sentences(
    shown: Shown, snapshots: tuple[Snapshot, ...], *, going: bool = False
) -> tuple[str, ...]:
    """Return a sentence on each of these moments, its **bold** number first."""
    about: dict[str, Any] = {
        "floor": shown.floor,
        "final": shown.final,
        "mnist": shown.dataset == "mnist",
        "going": going,
    }
    return tuple(sentence(shown.preset, s, **about) for s in snapshots)


def _moments(shown: Shown, newest: bool) -> tuple[Snapshot, ...]:
    """The moments to show: of a heavy film, as many as a page may send."""
    view, kept = shown.view, shown.view.snapshots
    if view.latest is not None:
        if newest or not kept:
            return (view.latest,)
        if view.latest.step > kept[-1].step:
            kept = (*kept, view.latest)  # paused between two kept moments
    points = max((len(one.map_points) for one in kept), default=0)
    each = film_bytes(shown.shape, latent_dim=shown.preset.latent_dim, points=points)
    return tuple(kept[i] for i in moments_sent([each] * len(kept)))


def _short(name: str) -> str:
    # Longer ones would cover half a map.
    return name if len(name) <= 16 else f"{name[:15].rstrip()}…"


def _map_caption(numbers: int, thing: str) -> str:
    if numbers == 2:
        return f"Where the {thing}s lie in the code"
    if numbers == 1:
        return f"Where the {thing}s lie along the one number of the code"
    return f"Where the {thing}s lie in the code: its two main directions out of {numbers:,}"


def pca_line(shown: Shown) -> tuple[float, str] | None:
    """Return value and name of a dashed line in the loss chart; None where none makes sense."""
    # The dashed line only makes sense where the curve is in the same unit, error per pixel.
    if shown.preset.loss != "mse" or not shown.floor:
        return None
    return shown.floor, f"PCA with {count(shown.preset.numbers_kept)}"


def film_gif(film: Film, theme: str = "light") -> bytes:
    """Return the film as a GIF of eight seconds: originals over redrawn pictures."""
    columns, gap, factor = len(film.reconstructions[0]), 2, 4
    frames = []
    for drawn in film.reconstructions:
        rows = drawn if film.originals is None else np.concatenate([film.originals, drawn])
        sheet = tile_images(rows, film.shape, columns, gap, edge=gap)
        frames.append(enlarged(sheet, factor))
    return gif(frames, THEMES[theme], film_seconds(len(frames)))


def film_seconds(count: int) -> list[float]:
    """Return how long each frame stays in a GIF: six seconds in all, then two for the last."""
    return [6.0 / count] * (count - 1) + [2.0]


def losses_csv(view: HistoryView) -> bytes:
    """Return step, losses and their parts as CSV; empty where not measured."""
    table = {"step": view.step, "train_loss": view.train_loss, "validation_loss": view.val_loss}
    table |= {name: view.part(name) for name in view.part_names}
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(map(plain_cell, table))
    for row in zip(*(column.tolist() for column in table.values()), strict=True):
        lines.writerow("" if v != v else v for v in row)
    return out.getvalue().encode()
