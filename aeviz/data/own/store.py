"""Own pictures in the user's folder: kept, listed, opened, renamed, deleted and brought back.

One `.safetensors` file a data set, like models: nothing in it can run or unpack to more than it is,
and a checksum over all of it tells when it has turned bad. How such files are changed and none is
lost is `storage/user_folder.py`; how one is read, `reader.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from aeviz.data.dataset import DatasetError, ImageDataset
from aeviz.data.own.pictures import OwnPictures
from aeviz.data.own.reader import (
    BAD_NAME,
    FORMATS,
    NAME,
    KeptPictures,
    is_damaged,
    listed,
    read,
    shown,
)
from aeviz.data.sources import OWN
from aeviz.read_only import check_writable
from aeviz.storage.atomic_write import write_whole
from aeviz.storage.places import home, now, set_aside_folder
from aeviz.storage.tensors import SUFFIX, checksum
from aeviz.storage.user_folder import changing, discard, discarded, move, put_aside
from aeviz.text.names import LONGEST_NAME, plain_name, slug

# Not the models' lock: writing the most pictures there may be takes seconds, and models need not
# wait for it.
_LOCK = ".pictures.lock"
_LONGEST_SLUG = 40
# Of the pictures' SHA-256, in the name: the same pictures have the same name on every machine, and
# others of the same title have another.
_FINGERPRINT_LETTERS = 8


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

    Raises DatasetError when the folder cannot be written, UserError in a public showing.
    """
    check_writable("Saving pictures")
    title = _checked_title(title)
    fingerprint = pictures.fingerprint[:_FINGERPRINT_LETTERS]
    name = f"{OWN}{slug(title, longest=_LONGEST_SLUG, empty='pictures')}-{fingerprint}"
    dataset = pictures.dataset(name, title)
    about = {
        "schema": FORMATS[-1],
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
    kept = [listed(path) for path in _files(folder())]
    kept.sort(key=lambda one: (one.title.lower(), one.name))
    return kept + [listed(path) for path in sorted(_files(aside()))]


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
    return listed(path) if path is not None and path.is_file() else None


def load_pictures(name: str) -> ImageDataset:
    """Open a data set, checked: checksum, shapes, types, counts, labels. Raises DatasetError."""
    kept = find_pictures(name)
    if kept is None:
        raise DatasetError(
            "These own pictures are no longer here: bring them back from the trash or upload them "
            "again."
        )
    if kept.problem:
        raise DatasetError(kept.problem)
    about, tensors = read(kept.path)
    return ImageDataset(
        name, kept.title, tensors["images"], tensors.get("labels"), *about["counts"]
    )


def rename_pictures(name: str, title: str) -> KeptPictures:
    """Give them another title; the name that models know them by stays.

    Raises DatasetError when they cannot be opened or written, UserError in a public showing.
    """
    check_writable("Renaming pictures")
    title = _checked_title(title)
    with _alone("renamed"):
        about, tensors = read(_existing(name))
        return _save(name, about | {"title": title}, tensors)


def delete_pictures(name: str) -> None:
    """Move them to the trash. Raises DatasetError, or UserError in a public showing."""
    check_writable("Deleting pictures")
    with _alone("deleted"):
        path = _existing(name)
        # Of one name there the newest stays: they are the same pictures.
        discard(path, trash(), trash() / path.name)


def restore_pictures(name: str) -> KeptPictures:
    """Bring deleted ones back. Raises DatasetError, or UserError in a public showing."""
    check_writable("Bringing pictures back")
    with _alone("brought back"):
        path = _path(name)
        deleted = None if path is None else trash() / path.name
        if deleted is None or not deleted.is_file():
            raise DatasetError("These pictures are no longer in the trash: upload them again.")
        move(deleted, path)
        return listed(path)


def list_deleted() -> list[KeptPictures]:
    """What can be brought back, the last deleted first; not what is kept again since.

    Raises nothing: where the trash cannot be read, there is none.
    """
    rows = []
    for path in discarded(trash()):
        kept = _path(path.name.removesuffix(SUFFIX))
        if kept is not None and not kept.is_file():
            rows.append(listed(path))
    return rows


def is_deleted(name: str) -> bool:
    """Whether pictures of this name can be brought back. Raises nothing."""
    path = _path(name)
    return path is not None and (trash() / path.name).is_file()


def set_aside(name: str) -> str:
    """Move pictures out of the way if their file turned bad, and say so.

    Returns a sentence, "" where nothing was moved: they open, are of another version, are gone, or
    cannot be read at the moment, which may pass. Raises DatasetError where they cannot be moved,
    UserError in a public showing.
    """
    check_writable("Setting files aside")
    with _alone("set aside"):
        path = _path(name)
        if path is None or path.parent != folder() or not is_damaged(path):
            return ""
        put_aside(path, aside())
    return (
        f"{shown(path)} is damaged and was set aside, everything else opens: upload the pictures "
        "again."
    )


# --- files ---------------------------------------------------------------------------------------


def _save(name: str, about: dict, tensors: dict[str, np.ndarray]) -> KeptPictures:
    text = json.dumps(about, allow_nan=False)
    path = folder() / f"{name}{SUFFIX}"
    try:
        data = save(tensors, metadata={"pictures": text, "checksum": checksum(text, tensors)})
        write_whole(path, data)
    except OSError as error:
        raise DatasetError(
            f"The pictures could not be saved in {folder()} ({error.strerror or error}): free some "
            "space or choose another folder with AEVIZ_HOME."
        ) from error
    return listed(path)


def _alone(what: str):
    return changing(home(), f"The pictures could not be {what}", DatasetError, lock=_LOCK)


def _path(name: str) -> Path | None:
    """Where the file of this name is kept, or was set aside; None for what is no such name."""
    if NAME.fullmatch(name):
        return folder() / f"{name}{SUFFIX}"
    return aside() / f"{name}{SUFFIX}" if BAD_NAME.fullmatch(name) else None


def _existing(name: str) -> Path:
    path = _path(name)
    if path is None or not path.is_file():
        raise DatasetError("These pictures are no longer here: somebody may have deleted them.")
    return path


def _checked_title(title: str) -> str:
    title = plain_name(title)
    if not title:
        raise DatasetError(
            f"These pictures need a name: write one of up to {LONGEST_NAME} characters."
        )
    return title
