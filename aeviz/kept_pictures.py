"""Own pictures in the user's folder: kept, listed, opened, renamed, deleted and brought back.

One `.safetensors` file a data set, like models: nothing in it can run or unpack to more than it is,
and a checksum over all of it tells when it has turned bad. How such files are changed and none is
lost is `own_folder.py`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from aeviz.checkpoint_format import SUFFIX, checksum
from aeviz.checkpoints import home, now, set_aside_folder
from aeviz.datasets import OWN, DatasetSource, ImageDataset
from aeviz.found_pictures import (
    FEWEST_PICTURES,
    LARGEST_SIDE,
    MOST_CLASSES,
    MOST_PICTURES,
    SMALLEST_SIDE,
    PicturesError,
)
from aeviz.own_folder import changing, discard, discarded, move, put_aside
from aeviz.own_pictures import OwnPictures
from aeviz.plain_names import LONGEST_NAME, plain_name, slug
from aeviz.read_only import check_writable
from aeviz.whole_files import write_whole

_FORMATS = (1,)
_NAME = re.compile(re.escape(OWN) + r"[a-z0-9-]{1,60}")
# Of what was set aside, as own_folder calls it.
_BAD_NAME = re.compile(_NAME.pattern + r"\.bad(-[0-9]+)?")
# Not the models' lock: writing the most pictures there may be takes seconds, and models need not
# wait for it.
_LOCK = ".pictures.lock"
_LONGEST_SLUG = 40
# Of the pictures' SHA-256, in the name: the same pictures have the same name on every machine, and
# others of the same title have another.
_FINGERPRINT_LETTERS = 8
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


def aside() -> Path:
    """Where those are that could not be opened."""
    return set_aside_folder() / "pictures"


def save_pictures(pictures: OwnPictures, title: str) -> KeptPictures:
    """Keep them under a title; the same pictures again only get the new title.

    Raises PicturesError when the folder cannot be written, ReadOnlyError in a public showing.
    """
    check_writable("Saving pictures")
    title = _checked_title(title)
    fingerprint = pictures.fingerprint[:_FINGERPRINT_LETTERS]
    name = f"{OWN}{slug(title, longest=_LONGEST_SLUG, empty='pictures')}-{fingerprint}"
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
    with _alone("saved"):
        for kept in folder().glob(f"{OWN}*-{fingerprint}{SUFFIX}"):
            name = kept.name.removesuffix(SUFFIX)
        return _save(name, about, tensors)


def list_pictures() -> list[KeptPictures]:
    """All that are kept, by title, and after them those that were set aside.

    Reads descriptions only; a bad file is listed with its problem. Raises nothing: where the folder
    cannot be read, there are none.
    """
    kept = [_listed(path) for path in _files(folder())]
    kept.sort(key=lambda one: (one.title.lower(), one.name))
    return kept + [_listed(path) for path in sorted(_files(aside()))]


def _files(place: Path) -> list[Path]:
    try:
        found = [path for path in place.glob(f"{OWN}*{SUFFIX}") if path.is_file()]
    except OSError:
        return []
    # Others could not be found by their name, for opening or deleting them.
    return [path for path in found if _path(path.name.removesuffix(SUFFIX)) == path]


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
    with _alone("renamed"):
        about, tensors = _read(_existing(name))
        return _save(name, about | {"title": title}, tensors)


def delete_pictures(name: str) -> None:
    """Move them to the trash. Raises PicturesError, or ReadOnlyError in a public showing."""
    check_writable("Deleting pictures")
    with _alone("deleted"):
        path = _existing(name)
        # Of one name there the newest stays: they are the same pictures.
        discard(path, trash(), trash() / path.name)


def restore_pictures(name: str) -> KeptPictures:
    """Bring deleted ones back. Raises PicturesError, or ReadOnlyError in a public showing."""
    check_writable("Bringing pictures back")
    with _alone("brought back"):
        path = _path(name)
        deleted = None if path is None else trash() / path.name
        if deleted is None or not deleted.is_file():
            raise PicturesError("These pictures are no longer in the trash: upload them again.")
        move(deleted, path)
        return _listed(path)


def list_deleted() -> list[KeptPictures]:
    """What can be brought back, the last deleted first; not what is kept again since.

    Raises nothing: where the trash cannot be read, there is none.
    """
    rows = []
    for path in discarded(trash()):
        kept = _path(path.name.removesuffix(SUFFIX))
        if kept is not None and not kept.is_file():
            rows.append(_listed(path))
    return rows


def is_deleted(name: str) -> bool:
    """Whether pictures of this name can be brought back. Raises nothing."""
    path = _path(name)
    return path is not None and (trash() / path.name).is_file()


def set_aside(name: str) -> str:
    """Move pictures out of the way if their file turned bad, and say so.

    Returns a sentence, "" where nothing was moved: they open, are of another version, are gone, or
    cannot be read at the moment, which may pass. Raises PicturesError where they cannot be moved,
    ReadOnlyError in a public showing.
    """
    check_writable("Setting files aside")
    with _alone("set aside"):
        path = _path(name)
        if path is None or path.parent != folder() or not _is_damaged(path):
            return ""
        put_aside(path, aside())
    return (
        f"{_shown(path)} is damaged and was set aside, everything else opens: upload the pictures "
        "again."
    )


def _is_damaged(path: Path) -> bool:
    try:
        _read(path)
    except PicturesError as error:
        return not isinstance(error.__cause__, OSError | MemoryError | _OtherVersionError)
    return False


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


def _alone(what: str):
    return changing(home(), f"The pictures could not be {what}", PicturesError, lock=_LOCK)


def _path(name: str) -> Path | None:
    """Where the file of this name is kept, or was set aside; None for what is no such name."""
    if _NAME.fullmatch(name):
        return folder() / f"{name}{SUFFIX}"
    return aside() / f"{name}{SUFFIX}" if _BAD_NAME.fullmatch(name) else None


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


# --- reading: nothing is believed unchecked ------------------------------------------------------


def _listed(path: Path) -> KeptPictures:
    try:
        status = path.stat()
        if _BAD_NAME.fullmatch(path.name.removesuffix(SUFFIX)):  # whatever it says of itself
            return _with_problem(path, status.st_size)
        return _described(path, status.st_mtime_ns, status.st_size)
    except OSError:
        return _with_problem(path, 0)


@lru_cache(maxsize=256)
def _described(path: Path, modified: int, size: int) -> KeptPictures:
    try:
        with safe_open(path, framework="numpy") as file:
            about = _about(file)
    except (SafetensorError, OSError, MemoryError, *_NONSENSE) as error:
        return _with_problem(path, size, error)
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


def _shown(path: Path) -> str:
    return plain_name(path.name, longest=_LONGEST_SHOWN)


class _OtherVersionError(ValueError):
    """A file of a format this version of aeviz does not know: nothing is wrong with it."""


def _with_problem(path: Path, size: int, error: Exception | None = None) -> KeptPictures:
    name, shown = path.name.removesuffix(SUFFIX), _shown(path)
    if isinstance(error, _OtherVersionError):
        problem = f"{shown} cannot be read: another version of aeviz wrote it, so update this one."
    elif _BAD_NAME.fullmatch(name):
        problem = f"{shown} could not be opened and was set aside: delete it, and upload it again."
    else:
        problem = f"{shown} cannot be read: delete it and upload the pictures again."
    return KeptPictures(name, path, plain_name(name), bytes=size, problem=problem)


def _about(file) -> dict:
    """The description in an open file, with `side`; raises one of _NONSENSE unless it describes
    just the tensors that are there."""
    about = json.loads(file.metadata()["pictures"])
    if about["schema"] not in _FORMATS:
        raise _OtherVersionError("Another format.")
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
    try:
        with safe_open(path, framework="numpy") as file:
            about = _about(file)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata()
    except (SafetensorError, OSError, MemoryError, *_NONSENSE) as error:
        raise PicturesError(_with_problem(path, 0, error).problem) from error
    if checksum(metadata["pictures"], tensors) != metadata.get("checksum"):
        raise PicturesError(
            f"{_shown(path)} is damaged, its checksum does not match: delete it and upload the "
            "pictures again."
        )
    labels = tensors.get("labels")
    if labels is not None and labels.max() >= len(about["class_names"]):
        raise PicturesError(_with_problem(path, 0).problem)
    del about["side"]
    return about, tensors
