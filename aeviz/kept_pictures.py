"""Own pictures in the user's folder: kept, listed, opened, renamed, deleted and brought back.

One `.safetensors` file a data set, like models: nothing in it can run or unpack to more than it is,
and a checksum over all of it tells when it has turned bad. What is not used is left where it is.
"""

from __future__ import annotations

import json
import os
import re
import time
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from aeviz.checkpoint_format import SUFFIX, checksum
from aeviz.checkpoints import home, now
from aeviz.datasets import OWN, DatasetSource, ImageDataset
from aeviz.found_pictures import (
    FEWEST_PICTURES,
    LARGEST_SIDE,
    MOST_CLASSES,
    MOST_PICTURES,
    SMALLEST_SIDE,
    PicturesError,
)
from aeviz.own_pictures import OwnPictures
from aeviz.plain_names import LONGEST_NAME, plain_name
from aeviz.read_only import check_writable
from aeviz.whole_files import write_whole

_FORMATS = (1,)
_NAME = re.compile(re.escape(OWN) + r"[a-z0-9-]{1,60}")
_LONGEST_SLUG = 40
# Of the pictures' SHA-256, in the name: the same pictures have the same name on every machine, and
# others of the same title have another.
_FINGERPRINT_LETTERS = 8
# What was deleted can be brought back for this long.
TRASH_DAYS = 30


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
    side: int = 0
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
            description=f"{self.count:,} own pictures, {self.side} x {self.side} pixels each.",
            side=self.side,
            n_train=self.n_train,
            n_classes=len(self.class_names),
            source="Your own pictures",
        )


def folder() -> Path:
    """Where they are kept."""
    return home() / "pictures"


def trash() -> Path:
    """Where deleted ones are, for TRASH_DAYS."""
    return home() / "trash" / "pictures"


def save_pictures(pictures: OwnPictures, title: str) -> KeptPictures:
    """Keep them under a title; the same pictures again only get the new title.

    Raises PicturesError when the folder cannot be written, ReadOnlyError in a public showing.
    """
    check_writable("Saving pictures")
    title = _checked_title(title)
    name = f"{OWN}{_slug(title)}-{pictures.fingerprint[:_FINGERPRINT_LETTERS]}"
    for kept in folder().glob(f"{OWN}*-{pictures.fingerprint[:_FINGERPRINT_LETTERS]}{SUFFIX}"):
        name = kept.name.removesuffix(SUFFIX)
    dataset = pictures.dataset(name, title)
    about = {
        "schema": _FORMATS[-1],
        "title": title,
        "created": now(),
        "counts": list(pictures.counts),
        "class_names": list(pictures.class_names),
        "said": pictures.said,
    }
    tensors = {"images": dataset.images}
    if dataset.labels is not None:
        tensors["labels"] = dataset.labels
    return _save(name, about, tensors)


def list_pictures() -> list[KeptPictures]:
    """All that are kept, by title. Reads descriptions only; a bad file is listed with its problem.

    Raises nothing: where the folder cannot be read, there are none.
    """
    try:
        paths = [path for path in folder().glob(f"{OWN}*{SUFFIX}") if path.is_file()]
    except OSError:
        return []
    return sorted(map(_listed, paths), key=lambda kept: (kept.title.lower(), kept.name))


def find_pictures(name: str) -> KeptPictures | None:
    """The one of this name, None where there is none. Raises nothing."""
    path = _path(name)
    return _listed(path) if path is not None and path.is_file() else None


def load_pictures(name: str) -> ImageDataset:
    """Open a data set, checked: checksum, shapes, types, counts, labels. Raises PicturesError."""
    kept = find_pictures(name)
    if kept is None:
        raise PicturesError(
            "These own pictures are no longer here: bring them back from the trash or upload them "
            "again."
        )
    if kept.problem:
        raise PicturesError(kept.problem)
    about, tensors = _read(kept.path)
    return ImageDataset(
        name, kept.title, tensors["images"], tensors.get("labels"), *about["counts"]
    )


def rename_pictures(name: str, title: str) -> KeptPictures:
    """Give them another title; the name that models know them by stays.

    Raises PicturesError when they cannot be opened or written, ReadOnlyError in a public showing.
    """
    check_writable("Renaming pictures")
    title = _checked_title(title)
    about, tensors = _read(_existing(name))
    return _save(name, about | {"title": title}, tensors)


def delete_pictures(name: str) -> None:
    """Move them to the trash. Raises PicturesError, or ReadOnlyError in a public showing."""
    check_writable("Deleting pictures")
    path = _existing(name)
    _empty_trash()
    # Before it is moved: a kill in between must not leave it with the time it was made.
    with suppress(OSError):  # only decides when the trash is emptied of it
        os.utime(path)
    _move(path, trash() / path.name, "deleted")


def restore_pictures(name: str) -> KeptPictures:
    """Bring deleted ones back. Raises PicturesError, or ReadOnlyError in a public showing."""
    check_writable("Bringing pictures back")
    path = _path(name)
    deleted = None if path is None else trash() / path.name
    if deleted is None or not deleted.is_file():
        raise PicturesError("These pictures are no longer in the trash: upload them again.")
    _move(deleted, path, "brought back")
    return _listed(path)


def list_deleted() -> list[KeptPictures]:
    """What can be brought back, the last deleted first; not what is kept again since.

    Raises nothing: where the trash cannot be read, there is none.
    """
    found = []
    with suppress(OSError):
        for path in trash().glob(f"{OWN}*{SUFFIX}"):
            kept = _path(path.name.removesuffix(SUFFIX))
            if kept is None or kept.is_file():
                continue
            with suppress(OSError):  # brought back a moment ago
                found.append((path.stat().st_mtime, _listed(path)))
    return [one for _, one in sorted(found, key=lambda pair: pair[0], reverse=True)]


def is_deleted(name: str) -> bool:
    """Whether pictures of this name can be brought back. Raises nothing."""
    path = _path(name)
    return path is not None and (trash() / path.name).is_file()


# --- files ---------------------------------------------------------------------------------------


def _save(name: str, about: dict, tensors: dict[str, np.ndarray]) -> KeptPictures:
    text = json.dumps(about, allow_nan=False)
    path = folder() / f"{name}{SUFFIX}"
    try:
        data = save(tensors, metadata={"pictures": text, "checksum": checksum(text, tensors)})
        write_whole(path, data)
    except OSError as error:
        raise PicturesError(
            f"The pictures could not be saved in {folder()} ({error.strerror or error}): free some "
            "space or choose another folder with AEVIZ_HOME."
        ) from error
    return _listed(path)


def _move(path: Path, target: Path, what: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
    except OSError as error:
        raise PicturesError(
            f"The pictures could not be {what} ({error.strerror or error}): check that you may "
            f"write to {home()}."
        ) from error


def _empty_trash() -> None:
    with suppress(OSError):
        for path in trash().glob(f"{OWN}*{SUFFIX}"):
            if time.time() - path.stat().st_mtime > TRASH_DAYS * 86_400:
                path.unlink()


def _path(name: str) -> Path | None:
    return folder() / f"{name}{SUFFIX}" if _NAME.fullmatch(name) else None


def _existing(name: str) -> Path:
    path = _path(name)
    if path is None or not path.is_file():
        raise PicturesError("These pictures are no longer here: somebody may have deleted them.")
    return path


def _checked_title(title: str) -> str:
    title = plain_name(title)
    if not title:
        raise PicturesError(
            f"These pictures need a name: write one of up to {LONGEST_NAME} characters."
        )
    return title


def _slug(title: str) -> str:
    """A title in small letters, digits and dashes, for a file's name and links."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")
    return slug[:_LONGEST_SLUG].rstrip("-") or "pictures"


# --- reading: nothing is believed unchecked ------------------------------------------------------


def _listed(path: Path) -> KeptPictures:
    try:
        status = path.stat()
        return _described(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return _with_problem(path, 0)


@lru_cache(maxsize=256)
def _described(path: Path, modified: int, size: int) -> KeptPictures:
    try:
        with safe_open(path, framework="numpy") as file:
            about = _about(file)
    except (SafetensorError, OSError, MemoryError, *_NONSENSE):
        return _with_problem(path, size)
    return KeptPictures(
        name=path.name.removesuffix(SUFFIX),
        path=path,
        title=about["title"],
        created=about["created"],
        side=about["side"],
        n_train=about["counts"][0],
        n_validation=about["counts"][1],
        n_test=about["counts"][2],
        class_names=tuple(about["class_names"]),
        said=about["said"],
        bytes=size,
    )


# What reading a description raises that isn't one of ours.
_NONSENSE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)


def _with_problem(path: Path, size: int) -> KeptPictures:
    name = path.name.removesuffix(SUFFIX)
    problem = f"{plain_name(path.name)} cannot be read: delete it and upload the pictures again."
    return KeptPictures(name, path, plain_name(name), bytes=size, problem=problem)


def _about(file) -> dict:
    """The description in an open file, with `side`; raises one of _NONSENSE unless it describes
    just the tensors that are there."""
    about = json.loads(file.metadata()["pictures"])
    if about["schema"] not in _FORMATS:
        raise ValueError("Another format.")
    names = set(file.keys())
    part = file.get_slice("images")
    count, side, width = part.get_shape()
    class_names, counts = about["class_names"], about["counts"]
    fits = (
        part.get_dtype() == "U8"
        and FEWEST_PICTURES <= count <= MOST_PICTURES
        and SMALLEST_SIDE <= side <= LARGEST_SIDE
        and side == width
        and all(type(n) is int and n > 0 for n in counts)
        and len(counts) == 3
        and sum(counts) == count
        and names == {"images", *(["labels"] if class_names else [])}
        and len(class_names) <= MOST_CLASSES
        and all(type(name) is str for name in class_names)
    )
    if class_names:
        labels = file.get_slice("labels")
        fits = fits and labels.get_dtype() == "U8" and labels.get_shape() == [count]
    if not fits:
        raise ValueError("It describes something else.")
    return about | {
        "side": side,
        "title": plain_name(str(about["title"])) or "No name",
        "created": plain_name(str(about["created"])),
        "said": " ".join(str(about["said"])[:2_000].split()),
        "class_names": [plain_name(name, longest=40) for name in class_names],
    }


def _read(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Description and tensors of a whole file. Raises PicturesError."""
    problem = _with_problem(path, 0).problem
    try:
        with safe_open(path, framework="numpy") as file:
            about = _about(file)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
    except (SafetensorError, OSError, *_NONSENSE) as error:
        raise PicturesError(problem) from error
    if checksum(metadata["pictures"], tensors) != metadata.get("checksum"):
        raise PicturesError(
            f"{plain_name(path.name)} is damaged, its checksum does not match: delete it and "
            "upload the pictures again."
        )
    labels = tensors.get("labels")
    if labels is not None and labels.max() >= len(about["class_names"]):
        raise PicturesError(problem)
    del about["side"]
    return about, tensors
