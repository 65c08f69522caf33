"""A dashboard or a small app of one's own, served as a person would start it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Two busy cores need a few seconds to import Streamlit and pandas; a minute means it is stuck.
START_SECONDS = 60
LOG_TAIL_LINES = 80


@dataclass(frozen=True)
class AppServer:
    """A running dashboard.

    url: its address, without a trailing slash
    pid: its process id
    home: the folder it takes for the user's data folder (AEVIZ_HOME)
    log_path: everything it printed, both streams
    """

    url: str
    pid: int
    home: Path
    log_path: Path

    def log_tail(self) -> str:
        lines = self.log_path.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])


@contextmanager
def served(
    script: Path, folder: Path, home: Path | None = None, **environment: str
) -> Iterator[AppServer]:
    """Serve a script until the block ends.

    folder: an empty one that stands in for the person's own, as on a fresh machine: no Streamlit
    credentials, no Keras cache; Python looks into it for modules first. home: AEVIZ_HOME; one in
    `folder` by default. environment: further variables.
    """
    home, log_path = home or folder / "aeviz", folder / "streamlit.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    modules = os.pathsep.join([str(folder), str(ROOT)])
    own = {"HOME": folder, "AEVIZ_HOME": home, "PYTHONPATH": modules, "PYTHONUNBUFFERED": 1}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(port)]
    # Plain tracebacks: the log is read in a test report, not in a terminal.
    command += ["--logger.enableRich", "false"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {name: str(value) for name, value in (own | environment).items()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = AppServer(f"http://127.0.0.1:{port}", process.pid, home, log_path)
    try:
        _wait_until_healthy(process, server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_until_healthy(process: subprocess.Popen, server: AppServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {process.returncode}\n{server.log_tail()}")
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no answer from the server in {START_SECONDS} s:\n{server.log_tail()}")
