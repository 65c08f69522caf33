"""Trainings that ended with the program: each leaves a note while it waits and trains.

The note is locked by the program that trains. The system frees the lock when that ends, however it
ends: a note that nobody holds is of a training that was lost.
"""

import json
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from aeviz.storage.atomic_write import write_whole
from aeviz.storage.places import home
from aeviz.storage.tensors import NONSENSE
from aeviz.text.names import plain_name


class RunNote:
    """The note of one training. owner: see `TrainingRun`. title: its recipe's."""

    def __init__(self, path: Path, owner: str, title: str) -> None:
        self.owner, self.title, self._path = owner, title, path
        self._lock = _lock_of(path)

    def leave(self) -> None:
        """Write and hold it; where that cannot be done, the training goes on without."""
        with suppress(OSError, Timeout):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            about = {"owner": self.owner, "title": self.title}
            write_whole(self._path, json.dumps(about).encode())

    def remove(self) -> None:
        """Let go of it: the training is over, or its loss was told."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)


def note_of(run_id: str, owner: str, title: str) -> RunNote:
    """Return the note that a training is to leave."""
    return RunNote(_folder() / f"{run_id}.json", owner, title)


def lost_runs() -> list[RunNote]:
    """Return the notes that programs left which have ended. Raises nothing."""
    found = []
    with suppress(OSError):
        for path in filter(Path.is_file, sorted(_folder().glob("*.json"))):
            with suppress(OSError, Timeout, *NONSENSE), _lock_of(path):
                about = json.loads(path.read_bytes())
                title = plain_name(str(about["title"]))
                found.append(RunNote(path, str(about["owner"]), title))
    return found


def _lock_of(path: Path) -> FileLock:
    # Not of one thread: a run is put in line by a page and ends where it trains.
    return FileLock(path.with_suffix(".lock"), 0, mode=0o600, thread_local=False)


def _folder() -> Path:
    return home() / "under-way"
