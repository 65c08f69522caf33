"""What the pictures of a data set are of: words for them, names of their kinds, some of each."""

import numpy as np

from aeviz.data import shapes
from aeviz.data.catalog import find_source
from aeviz.data.own.store import find_pictures

DIGITS = tuple(str(n) for n in range(10))
_PHOTOS = (
    "aeroplane",
    "car",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "lorry",
)
CLASS_NAMES = {
    "fashion_mnist": (
        "T-shirt",
        "trousers",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "trainer",
        "bag",
        "boot",
    ),
    "cifar10": _PHOTOS,
    "cifar10_jpeg": _PHOTOS,
    "shapes": shapes.NAMES,
}
_HANDWRITTEN = ("mnist", "digits")


def is_handwritten(dataset: str) -> bool:
    """Whether the pictures of this data set are handwritten digits."""
    return dataset in _HANDWRITTEN


def thing(dataset: str) -> str:
    """What to call one of its pictures: "digit" or "picture"."""
    return "digit" if is_handwritten(dataset) else "picture"


def class_names(dataset: str) -> tuple[str, ...]:
    """What its labels 0, 1, 2 ... stand for; the numbers themselves where nobody knows."""
    if dataset in CLASS_NAMES:
        return CLASS_NAMES[dataset]
    kept = find_pictures(dataset)
    return kept.class_names if kept and kept.class_names else DIGITS


def has_classes(dataset: str) -> bool:
    """Whether its pictures are known to be of several kinds."""
    source = find_source(dataset)
    return source is not None and source.n_classes > 0


def sample_each_class(labels: np.ndarray, count: int) -> np.ndarray:
    """(N,) labels -> the positions of up to `count`, as many of each kind as there is room for.

    Kind after kind; of each kind the first ones. With more kinds than `count`, one of each of the
    first.
    """
    kinds = np.unique(labels)[:count]
    places = [np.flatnonzero(labels == kind) for kind in kinds]
    # In turns: the first of each kind, then the second of each, while there are some.
    turns = sorted((turn, kind) for kind, one in enumerate(places) for turn in range(len(one)))
    return np.array(
        [places[kind][turn] for kind, turn in sorted((k, t) for t, k in turns[:count])],
        dtype=np.int64,
    )
