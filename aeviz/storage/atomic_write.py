"""Files that are there whole or not at all, whatever ends the program while it writes."""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_PART = (".saving-", ".part")
# What a killed process left behind; no save takes anywhere near this long.
_STALE_SECONDS = 86_400


Check = Callable[[Path], object]


def write_whole(target: Path, data: bytes, check: Check = lambda part: None) -> None:
    """Write `data` beside `target` and move it there; makes the folder. Raises OSError.

    check: called with the file before it is moved; what it raises leaves everything as it was.
    """
    folder = target.parent
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    prefix, suffix = _PART
    handle, part = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=suffix)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        check(Path(part))
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make what was moved in a folder outlast a power cut, where the system can."""
    with suppress(OSError, AttributeError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(folder: Path) -> None:
    for part in folder.glob("*".join(_PART)):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _STALE_SECONDS:
                part.unlink()
