"""Own pictures in the user's folder: kept, listed, opened, renamed, deleted and brought back.

One `.safetensors` file a data set, like models: nothing in it can run or unpack to more than it is,
and a checksum over all of it tells when it has turned bad. How such files are changed and none is
lost is `storage/user_folder.py`; how one is read, `reader.py`.
"""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from aeviz.data.dataset import DatasetError, ImageDataset
from aeviz.data.own.pictures import OwnPictures
from aeviz.data.own.reader import FORMATS, NAME, KeptPictures, listed, read, shown
from aeviz.data.sources import OWN
from aeviz.read_only import check_writable
from aeviz.storage.places import now
from aeviz.storage.tensors import SUFFIX, checksum
from aeviz.storage.user_folder import UserFolder, files_in
from aeviz.text.names import LONGEST_NAME, plain_name, slug

_LONGEST_SLUG = 40
# Of the pictures' SHA-256, in the name: the same pictures have the same name on every machine, and
# others of the same title have another.
_FINGERPRINT_LETTERS = 8
PICTURES = UserFolder(
    kind="pictures",
    subject="The pictures",
    error=DatasetError,
    open=read,
    gone=lambda name, what: "These pictures are no longer here: somebody may have deleted them.",
    not_in_trash="These pictures are no longer in the trash: upload them again.",
    set_aside_words=lambda path: (
        f"{shown(path)} is damaged and was set aside, everything else "
        "opens: upload the pictures again."
    ),
    subfolder="pictures",
    # Not the models' lock: writing the most pictures there may be takes seconds, and models need
    # not wait for it.
    lock=".pictures.lock",
    named_by_content=True,
)


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
    with PICTURES.alone("saved"):
        for kept in filter(Path.is_file, PICTURES.folder.glob(f"{OWN}*-{fingerprint}{SUFFIX}")):
            name = kept.name.removesuffix(SUFFIX)
        return _save(name, about, tensors)


def list_pictures() -> list[KeptPictures]:
    """All that are kept, by title, and after them those that were set aside.

    Reads descriptions only; a bad file is listed with its problem. Raises nothing: where the folder
    cannot be read, there are none.
    """
    kept = _listed(files_in(PICTURES.folder))
    return sorted(kept, key=_by_title) + _listed(files_in(PICTURES.aside))


def _listed(paths: list[Path]) -> list[KeptPictures]:
    # Others could not be found by their name, for opening or deleting them.
    return [listed(path) for path in paths if NAME.fullmatch(path.name.removesuffix(SUFFIX))]


def _by_title(one: KeptPictures) -> tuple[str, str]:
    return one.title.lower(), one.name


def find_pictures(name: str) -> KeptPictures | None:
    """The one of this name, None where there is none. Raises nothing."""
    path = PICTURES.find(name) if NAME.fullmatch(name) else None
    return listed(path) if path else None


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
    with PICTURES.alone("renamed"):
        about, tensors = read(PICTURES.existing(name, "renamed"))
        return _save(name, about | {"title": title}, tensors)


def list_deleted() -> list[KeptPictures]:
    """What can be brought back, the last deleted first; not what is kept again since.

    Raises nothing: where the trash cannot be read, there is none.
    """
    return [one for one in _listed(PICTURES.deleted()) if not PICTURES.find(one.name)]


# --- files ---------------------------------------------------------------------------------------


def _save(name: str, about: dict, tensors: dict[str, np.ndarray]) -> KeptPictures:
    text = json.dumps(about, allow_nan=False)
    data = save(tensors, metadata={"pictures": text, "checksum": checksum(text, tensors)})
    return listed(PICTURES.write(PICTURES.folder / f"{name}{SUFFIX}", data))


def _checked_title(title: str) -> str:
    title = plain_name(title)
    if not title:
        raise DatasetError(
            f"These pictures need a name: write one of up to {LONGEST_NAME} characters."
        )
    return title
