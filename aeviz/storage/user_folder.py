"""The user's files of one kind: changed one at a time, and none is ever lost.

What is not wanted is moved, not removed: to a trash, from which it can be brought back for a month,
or aside, where it turned bad. A lock keeps two programs from changing one file at the same time.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from aeviz.errors import UserError
from aeviz.read_only import check_writable
from aeviz.storage.atomic_write import Check, sync_folder, write_whole
from aeviz.storage.locks import alone_in
from aeviz.storage.places import home
from aeviz.storage.tensors import SUFFIX

# What was deleted can be brought back for this long.
TRASH_DAYS = 30
# In place of the time of deletion, where the clock was wrong.
_UNKNOWN = 0.0
# Files come from machines whose clocks differ, but not by a day.
_SLACK_SECONDS = 86_400
# The names of files that were set aside.
BAD_NAME = re.compile(r".+\.bad(-[0-9]+)?")
# Most file systems take 255 bytes for a file's name; a number at its end must fit as well.
_LONGEST_FILE_NAME, _LONGEST_STEM = 200, 90


class OtherVersion(ValueError):
    """A file has a format this version of aeviz does not know: nothing is wrong with it."""


class TooLarge(ValueError):
    """A file holds more than is shown here: nothing is wrong with it."""


@dataclass(frozen=True)
class UserFolder:
    """One kind of files in the user's folder.

    Attributes:
        kind: the plural noun; also the name of their folder in the trash.
        subject: begins a sentence about one of them, as "The model".
        error: what the methods raise. In a public showing they raise UserError.
        open: opens and checks a file. Raises `error`, from OtherVersion or TooLarge where that is
            why.
        gone: (name, what) -> why there is no file of this name that could be `what`.
        not_in_trash: why it cannot be brought back.
        set_aside_words: what to say of a file that was set aside.
        subfolder: theirs in the user's folder, "" for that itself.
        lock: the file that is locked; another kind need not wait.
        named_by_content: whether files of one name are the same, so that the newest replaces any.
    """

    kind: str
    subject: str
    error: type[UserError]
    open: Callable[[Path], object]
    gone: Callable[[str, str], str]
    not_in_trash: str
    set_aside_words: Callable[[Path], str]
    subfolder: str = ""
    lock: str = ".lock"
    named_by_content: bool = False

    @property
    def folder(self) -> Path:
        """Where they are kept."""
        return home() / self.subfolder

    @property
    def trash(self) -> Path:
        """Where deleted ones are, for TRASH_DAYS."""
        return home() / "trash" / self.kind

    @property
    def aside(self) -> Path:
        """Where those are that could not be opened."""
        return home() / "set-aside" / self.subfolder

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Hold the lock; an OSError becomes one sentence: "The model could not be `what`"."""
        try:
            with alone_in(home(), self.lock):
                yield
        except OSError as error:
            raise self.error(
                f"{self.subject} could not be {what} ({error.strerror or error}): check that there "
                f"is room in {home()} and that you may write there."
            ) from error

    def write(self, target: Path, data: bytes, check: Check = lambda part: None) -> Path:
        """Write a file whole, see `write_whole`; returns `target`."""
        try:
            write_whole(target, data, check)
        except OSError as error:
            raise self.error(
                f"{self.subject} could not be saved in {target.parent} ({error.strerror or error}):"
                " free some space or choose another folder with AEVIZ_HOME."
            ) from error
        return target

    def find(self, name: str) -> Path | None:
        """The file of this name, kept or set aside; None where there is none."""
        return file_in(self.aside, name) or file_in(self.folder, name)

    def existing(self, name: str, what: str) -> Path:
        """The file of this name. Raises `error` where there is none that could be `what`."""
        path = self.find(name)
        if path is None:
            raise self.error(self.gone(name, what))
        return path

    def delete(self, name: str) -> None:
        """Move a file to the trash, and empty that of what is old."""
        check_writable(f"Deleting {self.kind}")
        with self.alone("deleted"):
            path = self.existing(name, "deleted")
            target = self.trash / path.name
            same = self.named_by_content and path.is_file() and target.is_file()
            if os.path.lexists(target) and not same:  # the newest keeps the name
                move(target, free_path(self.trash, name))
            now = self._now()
            self._empty_trash(now)
            # When it was deleted. Before it is moved: a kill in between must not leave it with the
            # time it was made, by which it might be thrown away at once.
            with suppress(OSError):
                os.utime(path, (now, now), follow_symlinks=False)
            move(path, target)

    def restore(self, name: str) -> str:
        """Bring a file back from the trash; returns its name, another one if that is taken."""
        check_writable(f"Bringing {self.kind} back")
        with self.alone("brought back"):
            path = file_in(self.trash, name)
            if path is None:
                raise self.error(self.not_in_trash)
            bad = BAD_NAME.fullmatch(name) and self.is_damaged(path)
            place = self.aside if bad else self.folder
            target = place / path.name if self.named_by_content else free_path(place, name)
            move(path, target)
            return target.name.removesuffix(SUFFIX)

    def deleted(self) -> list[Path]:
        """The files in the trash, the last deleted first. Raises nothing."""
        found = []
        for path in files_in(self.trash):
            with suppress(OSError):  # brought back a moment ago
                found.append((path.lstat().st_mtime, path))
        return [path for _, path in sorted(found, key=lambda pair: pair[0], reverse=True)]

    def is_deleted(self, name: str) -> bool:
        """Whether a file of this name can be brought back. Raises nothing."""
        return file_in(self.trash, name) is not None

    def is_damaged(self, path: Path) -> bool:
        """Whether it will never open for what is wrong with it, and not for a moment only."""
        try:
            self.open(path)
        except self.error as error:
            return not isinstance(error.__cause__, OSError | MemoryError | OtherVersion | TooLarge)
        return False

    def set_aside(self, name: str) -> str:
        """Move a damaged file out of the way; returns a sentence, "" where nothing was moved."""
        check_writable("Setting files aside")
        with self.alone("set aside"):
            path = file_in(self.folder, name)
            if path is None or not self.is_damaged(path):
                return ""
            self.put_aside(path)
        return self.set_aside_words(path)

    def put_aside(self, path: Path) -> None:
        """Move a damaged file aside, under a name that nothing else has. Raises OSError."""
        move(path, free_path(self.aside, f"{path.name.removesuffix(SUFFIX)}.bad"))

    def _now(self) -> float:
        """The time; _UNKNOWN by a clock that is behind what was written here before."""
        now, newest = time.time(), 0.0
        for path in (*files_in(self.folder), *files_in(self.trash)):
            with suppress(OSError):
                newest = max(newest, path.lstat().st_mtime)
        return now if now > newest - _SLACK_SECONDS else _UNKNOWN

    def _empty_trash(self, now: float) -> None:
        if now == _UNKNOWN:
            return
        for path in self.deleted():
            with suppress(OSError):
                deleted = path.lstat().st_mtime
                if deleted == _UNKNOWN:  # its month begins now
                    os.utime(path, (now, now), follow_symlinks=False)
                elif now - deleted > TRASH_DAYS * 86_400:
                    _remove(path)


def files_in(folder: Path) -> list[Path]:
    """The files of a folder, by name; none where it cannot be read."""
    try:
        return sorted(folder.glob(f"*{SUFFIX}"))
    except OSError:
        return []


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def file_in(folder: Path, name: str) -> Path | None:
    """What has this name, without its ending, in just this folder; None where there is none.

    Also a folder, a pipe or a link to nowhere: it cannot be opened, but moved away.
    """
    if not 0 < len(name) <= _LONGEST_FILE_NAME or set(name) & set("/\\:\0"):
        return None
    path = folder / f"{name}{SUFFIX}"
    return path if os.path.lexists(path) else None


def free_path(folder: Path, name: str) -> Path:
    """Where a file of this name, or one much like it, can go without replacing another."""
    path, number = folder / f"{name}{SUFFIX}", 2
    while os.path.lexists(path):
        path = folder / f"{name[:_LONGEST_STEM]}-{number}{SUFFIX}"
        number += 1
    return path


def move(path: Path, target: Path) -> None:
    """In one step, so that it is in one of the two places; makes the folder. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(path, target)
    for folder in (target.parent, path.parent):
        sync_folder(folder)
