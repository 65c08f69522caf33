"""Probes: the few images whose reconstructions every snapshot keeps."""

from dataclasses import dataclass

import numpy as np

from aeviz.data.dataset import ImageDataset
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.losses import masked

# Enough of each digit to choose from ("worst", "best", "random"), few enough to keep at every
# snapshot: 51 pictures of 784 bytes.
PROBES_PER_CLASS = 5
PROBES_WITHOUT_LABELS = 50
# Source 2 watches `mnist.train.images[10]`; its loader had set the first 5,000 training images
# aside for validation, so this counts from there (x_train[5010] of the file).
SOURCE_2_IMAGE = 10


# The same pixels are blacked out at every snapshot, so that only the network changes in a film.
_NOISE_SEED = 1


@dataclass(frozen=True)
class Probes:
    """P images: V for validation, and one more where `with_source_2`."""

    indices: np.ndarray  # (V,) int32 into the validation images
    labels: np.ndarray | None  # (P,) uint8
    with_source_2: bool = False  # whether that source's own training image comes last


def choose_probes(dataset: ImageDataset) -> Probes:
    """Choose PROBES_PER_CLASS validation images of every class, then source 2's."""
    labels = dataset.validation_labels
    if labels is None:
        count = min(PROBES_WITHOUT_LABELS, dataset.n_validation)
        return Probes(np.arange(count, dtype=np.int32), None)
    chosen = np.concatenate(
        [np.flatnonzero(labels == c)[:PROBES_PER_CLASS] for c in np.unique(labels)]
    ).astype(np.int32)
    names = labels[chosen]
    if dataset.name != "mnist" or dataset.train_labels is None:
        return Probes(chosen, names)
    return Probes(chosen, np.append(names, dataset.train_labels[SOURCE_2_IMAGE]), True)


def probe_images(dataset: ImageDataset, indices: np.ndarray, with_source_2: bool) -> np.ndarray:
    """Return the originals of a run's probes, (P, values) uint8."""
    images = dataset.validation_images[indices]
    if with_source_2:
        images = np.concatenate([images, dataset.train_images[SOURCE_2_IMAGE][None]])
    return images


def probe_inputs(images: np.ndarray, shape: PictureShape, noise: float) -> np.ndarray:
    """Return the input of the network for the probes, (P, values) uint8, with noise or without.

    noise: share of pixels blacked out, always the same ones.
    """
    return masked(images, shape, noise, np.random.default_rng(_NOISE_SEED)) if noise else images
