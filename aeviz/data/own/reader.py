"""From a file of own pictures to what is in it: nothing in it is believed unchecked."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError

from aeviz.data import limits
from aeviz.data.dataset import DatasetError
from aeviz.data.picture_shape import COLOUR, PictureShape
from aeviz.data.sources import OWN, DatasetSource
from aeviz.storage.tensors import NONSENSE, SUFFIX, checksum, opened
from aeviz.storage.user_folder import BAD_NAME, OtherVersion
from aeviz.text.names import plain_name

FORMATS = (1,)
# With what the folder adds to a name that is set aside.
NAME = re.compile(re.escape(OWN) + r"[a-z0-9-]{1,60}(\.bad(-[0-9]+)?)?")
# In a sentence: all of any name that they have.
_LONGEST_SHOWN = 100


@dataclass(frozen=True)
class KeptPictures:
    """A data set in the user's folder; `problem` is a sentence when it cannot be opened.

    name: what models and links call it, "own-...". title: what its owner does. class_names: what
    label 0, 1, ... is called, () without labels. said: what was done to the pictures. created: UTC,
    ISO 8601.
    """

    name: str
    path: Path
    title: str
    created: str = ""
    shape: PictureShape = PictureShape(0)
    n_train: int = 0
    n_validation: int = 0
    n_test: int = 0
    class_names: tuple[str, ...] = ()
    said: str = ""
    bytes: int = 0
    problem: str = ""

    @property
    def count(self) -> int:
        """Pictures in all three parts."""
        return self.n_train + self.n_validation + self.n_test

    @property
    def source(self) -> DatasetSource:
        """As an entry beside those of DATASETS."""
        return DatasetSource(
            name=self.name,
            title=self.title,
            shape=self.shape,
            n_train=self.n_train,
            n_classes=len(self.class_names),
        )


def listed(path: Path) -> KeptPictures:
    """What its description says, or what is wrong with it. Raises nothing."""
    try:
        status = path.stat()
        if BAD_NAME.fullmatch(path.name.removesuffix(SUFFIX)):  # whatever it says of itself
            return _with_problem(path, status.st_size)
        return _described(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return _with_problem(path, 0)


@lru_cache(maxsize=256)
def _described(path: Path, modified: int, size: int) -> KeptPictures:
    try:
        with opened(path) as file:
            about = _about(file)
    except (SafetensorError, OSError, MemoryError, *NONSENSE) as error:
        return _with_problem(path, size, error)
    return KeptPictures(
        name=path.name.removesuffix(SUFFIX),
        path=path,
        title=about["title"],
        created=about["created"],
        shape=about["shape"],
        n_train=about["counts"][0],
        n_validation=about["counts"][1],
        n_test=about["counts"][2],
        class_names=tuple(about["class_names"]),
        said=about["said"],
        bytes=size,
    )


def shown(path: Path) -> str:
    """A file's name for a sentence."""
    return plain_name(path.name, longest=_LONGEST_SHOWN)


def _with_problem(path: Path, size: int, error: Exception | None = None) -> KeptPictures:
    name, file = path.name.removesuffix(SUFFIX), shown(path)
    if isinstance(error, OtherVersion):
        problem = f"{file} cannot be read: another version of aeviz wrote it, so update this one."
    elif BAD_NAME.fullmatch(name):
        problem = f"{file} could not be opened and was set aside: delete it, and upload it again."
    else:
        problem = f"{file} cannot be read: delete it and upload the pictures again."
    return KeptPictures(name, path, plain_name(name), bytes=size, problem=problem)


def _about(file) -> dict:
    """The description in an open file, and `shape`. Raises one of NONSENSE unless it fits."""
    about = json.loads(file.metadata()["pictures"])
    if about["schema"] not in FORMATS:
        raise OtherVersion
    names = set(file.keys())
    part = file.get_slice("images")
    count, side, width, *channels = part.get_shape()
    class_names, counts = about["class_names"], about["counts"]
    fits = (
        part.get_dtype() == "U8"
        and limits.FEWEST_PICTURES <= count <= limits.MOST_PICTURES
        and limits.SMALLEST_SIDE <= side <= limits.LARGEST_SIDE
        and side == width
        and channels in ([], [COLOUR])
        and all(type(n) is int and n > 0 for n in counts)
        and len(counts) == 3
        and sum(counts) == count
        and names == {"images", *(["labels"] if class_names else [])}
        and len(class_names) <= limits.MOST_CLASSES
        and all(type(name) is str for name in class_names)
    )
    if class_names:
        labels = file.get_slice("labels")
        fits = fits and labels.get_dtype() == "U8" and labels.get_shape() == [count]
    if not fits:
        raise ValueError("It describes something else.")
    return about | {
        "shape": PictureShape(side, *channels),
        "title": plain_name(str(about["title"])) or "No name",
        "created": plain_name(str(about["created"])),
        "said": plain_name(str(about["said"]), longest=2_000),
        "class_names": [plain_name(name, longest=40) for name in class_names],
    }


def read(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Description and tensors of a whole file. Raises DatasetError."""
    try:
        with opened(path) as file:
            about = _about(file)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
    except (SafetensorError, OSError, MemoryError, *NONSENSE) as error:
        raise DatasetError(_with_problem(path, 0, error).problem) from error
    if checksum(metadata["pictures"], tensors) != metadata.get("checksum"):
        raise DatasetError(
            f"{shown(path)} is damaged, its checksum does not match: delete it and upload the "
            "pictures again."
        )
    labels = tensors.get("labels")
    if labels is not None and labels.max() >= len(about["class_names"]):
        raise DatasetError(_with_problem(path, 0).problem)
    del about["shape"]
    return about, tensors
