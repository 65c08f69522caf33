"""What can happen to a folder of models: kills, a full disk, no right to write, a second program.

For tests/unit and, many times over, for `python -m tests.benchmarks.robustness kills files`. Each
function returns what it counted and raises AssertionError for anything lost, half or mixed up.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import count
from pathlib import Path

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError, to_bytes
from aeviz.checkpoints.library import (
    add_model,
    list_deleted,
    note_model,
    rename_model,
)
from aeviz.checkpoints.store import MODELS, list_checkpoints, load_checkpoint, save_checkpoint
from tests.support.made_up_models import made_up_dataset, made_up_model

ROOT = Path(__file__).resolve().parents[2]
# Once it has reported a model, a child lives for up to this long.
_LONGEST_LIFE = 0.12
_PATIENCE = 60.0


@lru_cache(maxsize=1)
def _model() -> Checkpoint:
    """Two megabytes, so that a kill finds a write under way."""
    return made_up_model("m", made_up_dataset(tests=5), latent_dim=300, codes=False, snapshots=True)


@contextmanager
def home_is(folder: Path) -> Iterator[None]:
    """AEVIZ_HOME for a while."""
    before = os.environ.get("AEVIZ_HOME")
    os.environ["AEVIZ_HOME"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("AEVIZ_HOME")
        if before is not None:
            os.environ["AEVIZ_HOME"] = before


# --- what is no file ---


NO_FILES = ("folder", "link", "pipe")


def no_file(folder: Path, name: str, kind: str) -> Path:
    """Put something else where a file of this name would be: one of NO_FILES."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    if kind == "folder":
        path.mkdir()
        (path / "inside").write_text("x")
    elif kind == "link":
        path.symlink_to(folder / "nowhere")
    else:
        os.mkfifo(path)
    return path


# --- children ------------------------------------------------------------------------------------


def _say(*words: str) -> None:
    print("\t".join(words), flush=True)


def save_until_killed(prefix: str) -> None:
    """Save, name, delete and bring back models; say so after each."""
    for i in count():
        name = f"{prefix}-{i}"
        save_checkpoint(replace(_model(), name=name))
        _say(name, "here", "")
        rename_model(name, f"Title {i}")
        _say(name, "here", f"Title {i}")
        if i % 2:
            MODELS.delete(name)
            _say(name, "deleted", f"Title {i}")
        if i % 4 == 3:
            MODELS.restore(name)
            _say(name, "here", f"Title {i}")


def change_one(prefix: str, times: int) -> None:
    """Rename or note, as the prefix says, a model that another program changes too; save own ones
    and bring in what the other one brings in."""
    _say("ready", "", "")
    sys.stdin.readline()
    for i in range(times):
        if prefix == "names":
            rename_model("shared", f"Title {i}")
        else:
            note_model("shared", f"Note {i}")
        save_checkpoint(replace(_model(), name=f"{prefix}-{i}"))
        add_model("given.safetensors", to_bytes(replace(_model(), name="given", seed=i)))


def _child(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.folder_troubles", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


# --- kills ---------------------------------------------------------------------------------------


def kill_saves(folder: Path, times: int, *, seed: int = 0) -> Counter[str]:
    """Kill a program that saves models, so often, at random moments, always in the same folder."""
    luck, counted = random.Random(seed), Counter()
    with home_is(folder):
        for kill in range(times):
            parts = len(list(folder.glob(".saving-*")))
            child = _child("save", f"k{kill}")
            said = [child.stdout.readline()]
            time.sleep(luck.uniform(0, _LONGEST_LIFE))
            child.send_signal(signal.SIGKILL)
            # Not by `communicate`: what came with the first line waits in this very stream.
            said += child.stdout.read().splitlines()
            child.stdin.close()
            child.wait(_PATIENCE)
            assert child.returncode == -signal.SIGKILL, "It ended by itself."
            counted["kills"] += 1
            counted["in a write"] += len(list(folder.glob(".saving-*"))) - parts
            # The last line may be cut short: what was not said in full was not reported.
            rows = [line.rstrip("\n").split("\t") for line in said if line.count("\t") == 2]
            assert rows, "Nothing was saved."
            counted["models"] += _check_models({row[0]: row for row in rows})
            for path in [*folder.glob("*.safetensors"), *MODELS.trash.glob("*.safetensors")]:
                path.unlink()
    return counted


def _check_models(reported: dict[str, list[str]]) -> int:
    """All that was reported is there and whole, as it was last reported or one change later."""
    here = {row.name: row for row in list_checkpoints() if row.own}
    deleted = {row.name: row for row in list_deleted()}
    for row in (*here.values(), *deleted.values()):
        assert not row.problem, f"A half file is listed: {row.name}."
        load_checkpoint(row.path)
    newest = list(reported)[-1]
    for name, where, title in reported.values():
        assert (name in here) + (name in deleted) == 1, f"{name} is lost, or there twice."
        row = here.get(name) or deleted[name]
        if name != newest:  # which something was about to be done to
            assert name in (here if where == "here" else deleted), f"{name} is not {where}."
            assert row.given_title == title, f"{name} is {row.given_title!r}, not {title!r}."
    return len(reported)


# --- a full disk, no right to write, a second program --------------------------------------------


def refuse(act: Callable[[], object]) -> str:
    """The one sentence it is refused with."""
    try:
        act()
    except CheckpointError as error:
        sentence = str(error)
        assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 400, sentence
        return sentence
    raise AssertionError("It was done all the same.")


def changes() -> dict[str, Callable[[], object]]:
    """All that writes to a folder where "kept" is a model and "gone" a deleted one."""
    return {
        "save": lambda: save_checkpoint(replace(_model(), name="new")),
        "save again": lambda: save_checkpoint(replace(_model(), name="kept", seed=9)),
        "rename": lambda: rename_model("kept", "Another"),
        "note": lambda: note_model("kept", "Another"),
        "add": lambda: add_model("x.safetensors", to_bytes(replace(_model(), seed=5))),
        "delete": lambda: MODELS.delete("kept"),
        "restore": lambda: MODELS.restore("gone"),
    }


def furnish() -> None:
    """A model to change and a deleted one."""
    for name in ("gone", "kept"):
        save_checkpoint(replace(_model(), name=name))
    MODELS.delete("gone")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the lock, which is empty."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may become longer than so many bytes: as on a disk with no more room than that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill_disk(folder: Path, times: int, *, seed: int = 0) -> Counter[str]:
    """Try every change that writes a file with room for only a part of it."""
    luck, counted = random.Random(seed), Counter()
    with home_is(folder):
        furnish()
        before, size = contents(folder), len(to_bytes(_model()))
        writing = {k: act for k, act in changes().items() if k not in ("delete", "restore")}
        for _ in range(times):
            act = luck.choice(list(writing.values()))
            with room_for(luck.randrange(size)):
                refuse(act)
            assert contents(folder) == before
            counted["refused"] += 1
    return counted


@contextmanager
def nothing_writable(folder: Path) -> Iterator[None]:
    """A folder all may read and nobody write to; root gives up its rights for a while."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65_534)  # nobody
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)


def forbid_writing(folder: Path) -> Counter[str]:
    """Try every change in a folder that cannot be written to. folder: one all can get to."""
    counted = Counter()
    with home_is(folder):
        furnish()
        before = contents(folder)
        acts = changes()
        _model()
        with nothing_writable(folder):
            for act in acts.values():
                refuse(act)
                counted["refused"] += 1
            load_checkpoint("kept")
            assert [row.name for row in list_deleted()] == ["gone"]
        assert contents(folder) == before
    return counted


def share_folder(folder: Path, times: int) -> Counter[str]:
    """Two programs change one model, save others, and bring in the same ones."""
    with home_is(folder):
        save_checkpoint(replace(_model(), name="shared"))
        pair = [_child("change", which, str(times)) for which in ("names", "notes")]
        for child in pair:
            assert child.stdout.readline().startswith("ready")
        for child in pair:
            child.stdin.write("\n")
            child.stdin.flush()
        for child in pair:
            child.communicate(timeout=_PATIENCE + times)
            assert child.returncode == 0
        shared = load_checkpoint("shared")
        assert shared.given_title == f"Title {times - 1}", "A name was lost."
        assert shared.note == f"Note {times - 1}", "A note was lost."
        rows = [row for row in list_checkpoints() if row.own]
        for row in rows:
            assert not row.problem
            load_checkpoint(row.path)
        saved = [row for row in rows if row.name.startswith(("names-", "notes-"))]
        given = {row.seed for row in rows if row.name.startswith("given-")}
        assert len(saved) == 2 * times and given == set(range(times))
        assert len(rows) == 1 + 3 * times, "The same model was kept twice."
        assert not list(folder.glob(".saving-*"))
    return Counter({"changes of one model": 2 * times, "models": len(rows)})


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "save":
        save_until_killed(*arguments)
    else:
        change_one(arguments[0], int(arguments[1]))
