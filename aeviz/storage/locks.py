"""One at a time in a folder, among all programs and threads of this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What is done under it takes some seconds at most; whoever waits longer waits for a machine that
# hangs.
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.02


@contextmanager
def alone_in(folder: Path, lock: str = ".lock") -> Iterator[None]:
    """Hold the folder's lock; makes the folder. Raises OSError, TimeoutError after half a minute.

    lock: the name of the file that is locked; another name is another lock. The system frees it
    when a program ends, however it ends: none is ever left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _taken(handle):
            if time.monotonic() > deadline:
                raise TimeoutError("another program has been busy there for half a minute")
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        os.close(handle)


if os.name == "nt":
    import msvcrt

    def _taken(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
