"""What README shows is what works."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from aeviz.checkpoints.store import load_checkpoint

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_lines_for_a_notebook_train_and_save(tmp_path):
    (lines,) = re.findall(r"```python\n(.*?)```", README, flags=re.S)
    script = lines + (
        "\nassert codes.shape == (300, 2) and redrawn.shape == pictures.shape == (300, 64)"
        "\nassert ((redrawn - pictures) ** 2).mean() < ((pictures.mean(0) - pictures) ** 2).mean()"
        "\nprint(path)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"AEVIZ_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    kept = Path(done.stdout.splitlines()[-1])
    assert tmp_path in kept.parents
    assert load_checkpoint(kept).preset.name == "karpathy-2d"


def test_every_file_that_readme_names_is_there():
    named = set(re.findall(r"`((?:aeviz|tests)/[\w/.]+?)/?`", README))
    assert named and {name for name in named if not (ROOT / name).exists()} == set()


def test_every_command_that_readme_names_is_there():
    modules = set(re.findall(r"python -m ((?:aeviz|tests)[\w.]+)", README))
    missing = {
        name
        for name in modules
        if not (ROOT / f"{name.replace('.', '/')}.py").exists()
        and not (ROOT / name.replace(".", "/") / "__main__.py").exists()
    }
    assert modules and missing == set()


def test_what_it_says_for_dask_on_one_machine_listens_on_that_alone(tmp_path):
    """Whoever else reaches a scheduler or a worker can have it run any program."""
    commands = re.findall(r"^    \.venv/bin/python -m dask (.*)$", README, flags=re.M)
    lines = [line for line in commands if "--host 127.0.0.1" in line]
    assert [line.split()[0] for line in lines] == ["scheduler", "worker"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    started = []
    try:
        for line in lines:
            # Free ports in place of README's own, which somebody may use meanwhile.
            words = line.replace("8786", port).replace("127.0.0.1:8787", "127.0.0.1:0").split()
            words += ["--port", port] if words[0] == "scheduler" else []
            command = [sys.executable, "-m", "dask", *words]
            log = (tmp_path / words[0]).open("w")
            started.append(psutil.Popen(command, cwd=tmp_path, stdout=log, stderr=log))
            log.close()
        deadline = time.monotonic() + 60
        while "Registered to" not in (tmp_path / "worker").read_text():
            assert time.monotonic() < deadline, (tmp_path / "worker").read_text()
            time.sleep(0.1)
        processes = [p for one in started for p in (one, *one.children(recursive=True))]
        listening = [
            c.laddr.ip for p in processes for c in p.net_connections("inet") if not c.raddr
        ]
        # The scheduler's, the worker's and its nurse's, and a web page of each.
        assert len(listening) >= 4 and set(listening) == {"127.0.0.1"}
    finally:
        for one in started:
            for process in (*one.children(recursive=True), one):
                process.kill()
            one.wait(10)
