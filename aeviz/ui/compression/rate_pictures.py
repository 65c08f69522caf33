"""The same few pictures by every method at every size: what the slider of bytes goes through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import load_checkpoint
from aeviz.coding.code_bytes import CodeBytesError, read_codes, write_codes
from aeviz.data.dataset import ImageDataset, scaled, to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.codecs import codecs, through
from aeviz.evaluation.rate_distortion import NETWORK, PCA, Curve, pca_transform
from aeviz.ui.compression.rates import Rates, picks_of
from aeviz.ui.pictures.watched import Compared

# A codec draws the pictures on a sheet with so many others, as the curve's own sheet has thousands:
# a picture's neighbours matter little, and its quality is the same.
_SHEET = 36


@dataclass(frozen=True, eq=False)
class RatePictures:
    """Pictures of a data set, and what becomes of them.

    originals: (P, values) uint8; None where they are not on this machine, and all codecs' with
    them. labels: of each, None where nobody knows. drawn: by the name of a method: (points, P,
    values) uint8, in the order of its curve's points; a picture that cannot be had is left out of
    `there`, (points,) bool.
    """

    shape: PictureShape
    originals: np.ndarray | None = field(repr=False)
    labels: np.ndarray | None
    drawn: dict[str, np.ndarray] = field(repr=False)
    there: dict[str, np.ndarray]


def rate_pictures(
    rates: Rates,
    models: Mapping[str, Compared],
    dataset: ImageDataset | None,
    told: Callable[[float, str], None],
) -> RatePictures | None:
    """Put a few test pictures through every method at every point of its curve.

    Args:
        rates: the curves.
        models: by name.
        dataset: None where it is not on this machine: the codes in the models' files must do.
        told: is told the share that is done, and by what method.

    Returns:
        None where there are neither pictures nor codes.
    """
    if dataset is None:
        return _from_codes(rates, models)
    where = picks_of(dataset.test_labels, len(dataset.test_images))
    originals, shape = dataset.test_images[where], dataset.shape
    labels = None if dataset.test_labels is None else dataset.test_labels[where]
    drawn, there, known = {}, {}, codecs()
    for i, curve in enumerate(rates.curves):
        told(i / len(rates.curves), curve.title)
        if curve.name == NETWORK:
            found = _by_networks(curve, models, partial(_codes, dataset, where), labels)
        elif curve.name == PCA:
            found = _by_pca(curve, dataset, originals)
        elif curve.name in known:
            found = _by_codec(curve, dataset, where)
        else:
            continue
        drawn[curve.name], there[curve.name] = found
    return RatePictures(shape, originals, labels, drawn, there)


def _codes(dataset: ImageDataset, where: np.ndarray, model: Checkpoint) -> np.ndarray | None:
    # Of a data set's name there may be pictures of another size than the model learned from.
    if model.shape != dataset.shape:
        return None
    labels = None if dataset.test_labels is None else dataset.test_labels[where]
    return model.network.encode(scaled(dataset.test_images[where]), labels)


def _from_codes(rates: Rates, models: Mapping[str, Compared]) -> RatePictures | None:
    for source in dict.fromkeys(rates.network.sources):
        model = _opened(models, source)
        if model is not None and model.test_codes is not None:
            labels = model.test_codes.labels
            where = picks_of(labels, len(model.test_codes.points))
            told = None if labels is None else labels[where]
            kept = partial(_kept_codes, where=where)
            found = _by_networks(rates.network, models, kept, told)
            if not found[1].any():
                return None
            drawn, there = {NETWORK: found[0]}, {NETWORK: found[1]}
            return RatePictures(model.shape, None, told, drawn, there)
    return None


def _kept_codes(model: Checkpoint, where: np.ndarray) -> np.ndarray | None:
    codes = None if model.test_codes is None else model.test_codes.codes
    if codes is None or len(codes) <= where.max(initial=0):
        return None
    return codes[where].astype(np.float32)


def _opened(models: Mapping[str, Compared], name: str) -> Checkpoint | None:
    one = models.get(name)
    if one is None or one.path is None:
        return None
    try:
        return load_checkpoint(one.path, film=False)
    except CheckpointError:
        return None


def _by_networks(
    curve: Curve,
    models: Mapping[str, Compared],
    codes_of: Callable[[Checkpoint], np.ndarray | None],
    labels: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    drawn: list[np.ndarray | None] = [None] * len(curve.points)
    for source in dict.fromkeys(curve.sources):
        model = _opened(models, source)
        if model is None or model.autoencoder is None or not model.coding:
            continue
        network, transform = model.autoencoder, model.coding.transform
        if transform is None or not network.knows(labels):
            continue
        codes = codes_of(model)
        for i in (i for i, name in enumerate(curve.sources) if name == source):
            if codes is None:
                continue
            try:
                told = labels if network.kinds else None
                step = curve.points[i].setting
                data = write_codes(codes, transform, step, told, network.kinds)
                drawn[i] = to_bytes(network.decode(*read_codes(data, transform, network.kinds)))
            except CodeBytesError:
                continue
    return _together(drawn)


def _by_pca(
    curve: Curve, dataset: ImageDataset, originals: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    mean, axes, transform = pca_transform(dataset)
    codes = (scaled(originals) - mean) @ axes.T
    drawn: list[np.ndarray | None] = []
    for one in curve.points:
        back, _ = read_codes(write_codes(codes, transform, one.setting), transform)
        drawn.append(to_bytes(back @ axes + mean))
    return _together(drawn)


def _by_codec(
    curve: Curve, dataset: ImageDataset, where: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    codec, count = codecs()[curve.name], len(where)
    others = np.setdiff1d(np.arange(min(_SHEET, len(dataset.test_images))), where)
    sheet = dataset.test_images[np.concatenate([where, others])]
    return _together(
        [through(codec, int(p.setting), sheet, dataset.shape)[1][:count] for p in curve.points]
    )


def _together(drawn: list[np.ndarray | None]) -> tuple[np.ndarray, np.ndarray]:
    there = np.array([one is not None for one in drawn], bool)
    some = next((one for one in drawn if one is not None), np.zeros((0, 0), np.uint8))
    blank = np.zeros_like(some)
    return np.stack([blank if one is None else one for one in drawn]), there
