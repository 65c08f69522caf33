"""A dashboard of one's own to measure, and what its process uses."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.server import served


@contextlib.contextmanager
def server(script: Path) -> Iterator[tuple[str, int, Path]]:
    """A dashboard of its own with empty user folders: its address, process id, and where its models
    go."""
    with tempfile.TemporaryDirectory() as folder, served(script, Path(folder)) as one:
        yield one.url, one.pid, one.home


def memory_mb(pid: int) -> float:
    """Resident memory of a process, in megabytes."""
    line = next(
        x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1000
