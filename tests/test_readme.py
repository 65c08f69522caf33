"""What README shows is what works."""

import os
import re
import subprocess
import sys
from pathlib import Path

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
