"""CIFAR-10 from copies of its pictures as JPEG files, for building the gallery alone.

The copies are close to the original pictures and not equal to them, so nothing that is shown to a
visitor or measured in a page is read from them.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from aeviz.data import cifar10
from aeviz.data.catalog import is_available, load_dataset
from aeviz.data.dataset import DatasetError, ImageDataset
from aeviz.data.download import data_folders
from aeviz.data.picture_shape import COLOUR
from aeviz.data.sources import DATASETS

FILE = "cifar10-jpeg.zip"
# The archive's folders, in the order of CIFAR-10's labels.
_KINDS = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_PICTURE = (cifar10.SIDE, cifar10.SIDE, COLOUR)


def load_pictures(name: str) -> ImageDataset:
    """The data set of that name; CIFAR-10 from its copies where only those are here.

    Raises:
        DatasetError: it is not here in either form, or cannot be read.
    """
    copies = next((f / FILE for f in data_folders() if (f / FILE).is_file()), None)
    if name != "cifar10" or is_available(name) or copies is None:
        return load_dataset(name)
    return read_copies(copies)


def read_copies(path: Path) -> ImageDataset:
    """CIFAR-10 out of an archive of "train/airplane/0000.jpg" and so on.

    The kinds are mixed, always in the same way, or the pictures set apart for validation would be
    of one kind.

    Raises:
        DatasetError: it does not hold 50,000 pictures for training and 10,000 for testing.
    """
    parts = []
    with zipfile.ZipFile(path) as archive:
        for part, wanted in (
            ("train", cifar10.N_TRAIN + cifar10.N_VALIDATION),
            ("test", cifar10.N_TEST),
        ):
            names = sorted(n for n in archive.namelist() if n.startswith(f"{part}/"))
            if len(names) != wanted:
                raise DatasetError(f"{path.name} has {len(names):,} pictures in {part}.")
            labels = np.array([_KINDS.index(n.split("/")[1]) for n in names], np.uint8)
            images = np.stack([_pixels(archive.read(n)) for n in names])
            order = np.random.RandomState(0).permutation(wanted)
            parts.append((images[order], labels[order]))
    images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
    counts = (cifar10.N_TRAIN, cifar10.N_VALIDATION, cifar10.N_TEST)
    return ImageDataset("cifar10", DATASETS["cifar10"].title, images, labels, *counts)


def _pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    if pixels.shape != _PICTURE:
        raise DatasetError(f"A picture of {FILE} is {pixels.shape} and not {_PICTURE}.")
    return pixels
