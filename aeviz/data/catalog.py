"""Data sets by name, own pictures included: find one, and load it.

`load_dataset("mnist")` looks in `$AEVIZ_DATA_DIR`, then in Keras's own cache, then in the cache
folder of earlier downloads, and only then downloads. Files found on the computer are checked for
shape, type and range; downloads for their hash as well. Nothing here deletes or replaces a file
that it did not download itself.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from aeviz.data import cifar10, mnist, photo_copies, shapes
from aeviz.data.dataset import DatasetError, DatasetMissing, ImageDataset
from aeviz.data.download import data_folders, download
from aeviz.data.own import store as own_store
from aeviz.data.sources import DATASETS, OWN, DatasetSource
from aeviz.text.names import plain_name

# From a file, or the folder of several, to images and labels; and how many images each part has.
_MNIST_PARTS = (mnist.N_TRAIN, mnist.N_VALIDATION, mnist.N_TEST)
_CIFAR10_PARTS = (cifar10.N_TRAIN, cifar10.N_VALIDATION, cifar10.N_TEST)
_READERS: dict[
    str, tuple[Callable[[Path], tuple[np.ndarray, np.ndarray]], tuple[int, int, int]]
] = {
    "mnist": (mnist.read_mnist, _MNIST_PARTS),
    "fashion_mnist": (mnist.read_fashion_mnist, _MNIST_PARTS),
    "cifar10": (cifar10.read_cifar10, _CIFAR10_PARTS),
    "cifar10_jpeg": (photo_copies.read_photo_copies, _CIFAR10_PARTS),
}
# Those that need no file of their own.
_MADE_HERE = {"digits": mnist.read_digits, "shapes": shapes.make_shapes}


def find_source(name: str) -> DatasetSource | None:
    """What is known of a data set, own pictures included; None where none of this name opens."""
    if not name.startswith(OWN):
        return DATASETS.get(name)
    kept = own_store.find_pictures(name)
    return None if kept is None or kept.problem else kept.source


def all_sources() -> dict[str, DatasetSource]:
    """Those of DATASETS that are here or can be had, then all own pictures that open, by name."""
    known = {name: one for name, one in DATASETS.items() if one.can_be_had or is_available(name)}
    own = [kept.source for kept in own_store.list_pictures() if not kept.problem]
    return known | {source.name: source for source in own}


def load_dataset(name: str, *, progress: Callable[[float], object] | None = None) -> ImageDataset:
    """The data set called `name` (of all_sources), complete and checked.

    Args:
        name: a key of all_sources().
        progress: called with the share downloaded, 0 to 1, in the calling thread. What it raises
            ends the download and leaves nothing behind.

    Raises:
        DatasetMissing: it is not here and cannot be downloaded; within seconds without a network.
        DatasetError: the name is unknown, or the file is damaged or holds something else.
    """
    if name.startswith(OWN):
        return own_store.load_pictures(name)
    source = _source(name)
    if not source.files:
        return _MADE_HERE[name]()
    place = find_local(name)
    if place is None:
        if not source.can_be_had:
            raise DatasetMissing(
                f"{source.title} are not on this computer: put {source.files[0].name} into the "
                "folder that AEVIZ_DATA_DIR names."
            )
        place = download(source, progress or (lambda share: None))
    read, parts = _READERS[name]
    images, labels = read(place)
    return ImageDataset(name, source.title, images, labels, *parts)


def is_available(name: str) -> bool:
    """Whether load_dataset(name) would find the data on this computer. Reads no file."""
    if name.startswith(OWN):
        return find_source(name) is not None
    return not _source(name).files or find_local(name) is not None


def find_local(name: str) -> Path | None:
    """The file that load_dataset(name) would read, or the folder of several files.

    None where it would download them, and for a data set bundled with a package.
    """
    if name.startswith(OWN):
        kept = own_store.find_pictures(name)
        return None if kept is None else kept.path
    source = _source(name)
    for base in data_folders():
        for folder in dict.fromkeys([base / source.folder, base]):
            files = [folder / file.name for file in source.files]
            # os.path.isfile, since Path.is_file raises on a folder that may not be entered.
            if files and all(os.path.isfile(file) for file in files):
                return files[0] if len(files) == 1 else folder
    return None


def _source(name: str) -> DatasetSource:
    if name not in DATASETS:
        known = ", ".join(DATASETS)
        raise DatasetError(f"There is no data set '{plain_name(name)}': choose one of {known}.")
    return DATASETS[name]
