"""How files in the user's folder are changed, whatever is in them: one at a time, and none is lost.

What is not wanted is moved, not removed: to a trash, from which it can be brought back for a month,
or aside, where it turned bad. `checkpoints/library.py` and `data/own/store.py` say what is kept.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aeviz.storage.atomic_write import sync_folder
from aeviz.storage.locks import alone_in
from aeviz.storage.tensors import SUFFIX

# What was deleted can be brought back for this long.
TRASH_DAYS = 30
# Most file systems take 255 bytes for a file's name; a number at its end must fit as well.
_LONGEST_FILE_NAME, _LONGEST_STEM = 200, 90


@contextmanager
def changing(
    folder: Path, what: str, refused: type[ValueError], *, lock: str = ".lock"
) -> Iterator[None]:
    """Nobody else who asks for this lock changes the folder meanwhile.

    What the system refuses is raised as `refused`, one sentence. what: begins it, as "The model
    could not be saved". lock: the file that is locked.
    """
    try:
        with alone_in(folder, lock):
            yield
    except OSError as error:
        raise refused(
            f"{what} ({error.strerror or error}): check that there is room in {folder} and that "
            "you may write there."
        ) from error


def file_in(folder: Path, name: str) -> Path | None:
    """The file of this name, without its ending, in just this folder; None where there is none."""
    if not 0 < len(name) <= _LONGEST_FILE_NAME or set(name) & set("/\\:\0"):
        return None
    path = folder / f"{name}{SUFFIX}"
    return path if path.is_file() else None


def free_path(folder: Path, name: str) -> Path:
    """Where a file of this name, or one much like it, can go without replacing another."""
    path, number = folder / f"{name}{SUFFIX}", 2
    while path.exists():
        path = folder / f"{name[:_LONGEST_STEM]}-{number}{SUFFIX}"
        number += 1
    return path


def move(path: Path, target: Path) -> None:
    """In one step, so that it is in one of the two places; makes the folder. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(path, target)
    for folder in (target.parent, path.parent):
        sync_folder(folder)


def discard(path: Path, trash: Path, target: Path) -> None:
    """Move a file into the trash, as `target`, and empty that of what is old. Raises OSError."""
    _empty(trash)
    # When it was deleted. Before it is moved: a kill in between must not leave it with the time it
    # was made, by which it might be thrown away at once.
    with suppress(OSError):
        os.utime(path)
    move(path, target)


def discarded(trash: Path) -> list[Path]:
    """The files in a trash, the last deleted first. Raises nothing."""
    found = []
    with suppress(OSError):  # a folder nobody may look into
        for path in sorted(trash.glob(f"*{SUFFIX}")):
            with suppress(OSError):  # brought back a moment ago
                found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, key=lambda pair: pair[0], reverse=True)]


def put_aside(path: Path, folder: Path) -> Path:
    """Move a file that turned bad into `folder` and return where it is. Raises OSError.

    Under a name that nothing else has, so that nobody takes the one for the other.
    """
    target = free_path(folder, f"{path.name.removesuffix(SUFFIX)}.bad")
    move(path, target)
    return target


def _empty(trash: Path) -> None:
    for path in discarded(trash):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > TRASH_DAYS * 86_400:
                path.unlink()
