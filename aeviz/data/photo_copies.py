"""Reading CIFAR-10 from JPEG copies of its pictures, in a zip by part and kind.

The copies are not the pictures: each is off by a little, and they have an order of their own. So
they count as a data set of their own, and a model of one is never shown with pictures of the other.
"""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from aeviz.data.cifar10 import CHANNELS, N_TEST, N_TRAIN, N_VALIDATION, SIDE
from aeviz.data.dataset_files import reading, unusable

# In the order of CIFAR-10's own labels, which is that of the alphabet.
_KINDS: tuple[str, ...] = tuple(
    "airplane automobile bird cat deer dog frog horse ship truck".split()
)
_NAME = re.compile(rf"(train|test)/({'|'.join(_KINDS)})/([0-9]{{4}})\.jpg")
# The largest of them has 1,124.
_MOST_BYTES = 4_000


def read_photo_copies(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The zip's images (60000, 32, 32, 3) and labels (60000,), uint8.

    Training pictures come first, one of each kind in turn. Nothing is written to disk. Raises
    DatasetError for a zip of anything else.
    """
    with reading(path), zipfile.ZipFile(path) as archive:
        places = {}
        for member in archive.infolist():
            name = _NAME.fullmatch(member.filename)
            if name:
                if member.file_size > _MOST_BYTES:
                    raise unusable(path, f"has {member.filename}, which is larger than such a copy")
                part, kind, number = name.groups()
                places[part == "test", int(number), _KINDS.index(kind)] = member
        if len(places) != N_TRAIN + N_VALIDATION + N_TEST:
            raise unusable(path, f"has {len(places):,} pictures in place of 60,000")
        images = np.empty((len(places), SIDE, SIDE, CHANNELS), np.uint8)
        for row, place in enumerate(sorted(places)):
            picture = Image.open(io.BytesIO(archive.read(places[place])), formats=["JPEG"])
            if picture.size != (SIDE, SIDE):
                raise unusable(path, f"has {places[place].filename}, which is not 32 x 32")
            images[row] = picture.convert("RGB")
    return images, np.array([kind for _, _, kind in sorted(places)], np.uint8)
