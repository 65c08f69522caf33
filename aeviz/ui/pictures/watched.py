"""A model's probes, the pictures its training was watched by: originals and reconstructions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.data.class_names import sample_each_class
from aeviz.data.dataset import ImageDataset
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.compression import Curves, Row, best_snapshot, curves, row_of
from aeviz.evaluation.probes import probe_images
from aeviz.networks.recipes import variant_of
from aeviz.ui.catalog.model_titles import AS_PUBLISHED

# Pictures in a row of the comparison: one of each digit.
DIGITS = 10


@dataclass(frozen=True, eq=False)
class Compared:
    """A row of figures with what is needed to show it; the model itself is not kept.

    Attributes:
        row: the figures.
        variant: what tells it from a model of the same recipe, or "".
        curves: its losses over the training; None for a published row, as all that follow.
        shape: of a picture.
        reconstructions: (P, values) uint8 of the probes.
        probe_indices, probe_labels: as in `Checkpoint`.
        path: of the model's file.
    """

    row: Row
    variant: str = ""
    curves: Curves | None = None
    shape: PictureShape = PictureShape(0)
    reconstructions: np.ndarray | None = None
    probe_indices: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))
    probe_labels: np.ndarray | None = None
    path: Path | None = None


def compared(checkpoint: Checkpoint) -> Compared:
    """Return what the page needs of a stored model."""
    shot, variant = best_snapshot(checkpoint), variant_of(checkpoint.preset)
    return Compared(
        row_of(checkpoint),
        variant if variant == AS_PUBLISHED else "",
        curves(checkpoint) if checkpoint.history.losses else None,
        checkpoint.shape,
        None if shot is None else shot.reconstructions,
        checkpoint.probe_indices,
        checkpoint.probe_labels,
    )


def originals_of(one: Compared, dataset: ImageDataset | None) -> np.ndarray | None:
    """Return the probes, (P, values) uint8; None where they are not on this machine."""
    if dataset is None or one.reconstructions is None or one.shape != dataset.shape:
        return None
    if len(one.probe_indices) and one.probe_indices.max() >= dataset.n_validation:
        return None
    extra = len(one.reconstructions) > len(one.probe_indices)
    return probe_images(dataset, one.probe_indices, extra)


def one_of_each(one: Compared) -> np.ndarray:
    """Return positions of up to DIGITS probes, as many of each class where classes are known."""
    return shared_probes([one])[0] if one.reconstructions is not None else np.zeros(0, np.int64)


def shared_probes(some: Sequence[Compared]) -> list[np.ndarray]:
    """Return, for each model, the positions of up to DIGITS probes that all of them have.

    As many of each class where the first model knows classes. All must have reconstructions.
    """
    first = some[0]
    has = [np.isin(first.probe_indices, one.probe_indices) for one in some]
    shared = np.flatnonzero(np.all(has, axis=0))
    labels = first.probe_labels
    order = np.arange(DIGITS) if labels is None else sample_each_class(labels[shared], DIGITS)
    wanted = first.probe_indices[shared[order[: len(shared)]]].tolist()
    places = [one.probe_indices.tolist().index for one in some]
    return [np.array([place(index) for index in wanted], np.int64) for place in places]
