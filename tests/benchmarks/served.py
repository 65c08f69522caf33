"""A dashboard of one's own to measure, and what its process uses."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.browser.conftest import ROOT


@contextlib.contextmanager
def server(script: Path) -> Iterator[tuple[str, int, Path]]:
    """A dashboard of its own with empty user folders: its address, process id, and where its models
    go."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "AEVIZ_HOME": f"{home}/aeviz"}
        environment["PYTHONPATH"] = str(ROOT)
        command = [sys.executable, "-m", "streamlit", "run", str(script)]
        options = ["--server.port", str(port), "--server.headless", "true"]
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        try:
            url = f"http://127.0.0.1:{port}"
            while True:
                try:
                    urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                    break
                except OSError:
                    time.sleep(0.05)
            yield url, process.pid, Path(home) / "aeviz"
        finally:
            process.terminate()
            process.wait()


def memory_mb(pid: int) -> float:
    """Resident memory of a process, in megabytes."""
    line = next(
        x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1000
