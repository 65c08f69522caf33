"""Files that are there whole or not at all, whatever ends the program while it writes."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_PART = (".saving-", ".part")
# What a killed process left behind; no save takes anywhere near this long.
_STALE_SECONDS = 86_400


def write_whole(target: Path, data: bytes) -> None:
    """Write `data` beside `target` and move it there; makes the folder. Raises OSError."""
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
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _sweep(folder: Path) -> None:
    for part in folder.glob("*".join(_PART)):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > _STALE_SECONDS:
                part.unlink()
