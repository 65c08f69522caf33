"""One at a time in a folder, among all programs and threads of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

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
    held = FileLock(folder / lock, _PATIENCE_SECONDS, mode=0o600, poll_interval=_PAUSE_SECONDS)
    try:
        held.acquire()
    except Timeout:
        raise TimeoutError("another program has been busy there for half a minute") from None
    try:
        yield
    finally:
        held.release()
