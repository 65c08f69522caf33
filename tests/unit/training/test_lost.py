"""Trainings that ended with the program that ran them are told apart from those that go on."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from aeviz.networks.recipes import PRESETS
from aeviz.training.lost import lost_runs
from aeviz.training.runs import RunRegistry

PRESET = replace(PRESETS["karpathy-2d"], title="A <b>recipe</b>")
# A program with one training under way and one in line.
PROGRAM = """
import time
from dataclasses import replace
from aeviz.networks.recipes import PRESETS
from aeviz.training.runs import RunRegistry

registry = RunRegistry(work=lambda run: time.sleep(60))
for owner in ("me", "you"):
    registry.start("digits", PRESETS["karpathy-2d"], owner=owner)
print("under way", flush=True)
time.sleep(60)
"""


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    return tmp_path


def test_what_a_killed_program_trained_is_lost_and_told_to_its_owner(kept):
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE
    )
    try:
        assert program.stdout.readline() == "under way\n"
        assert lost_runs() == []  # the program that trains them is there
    finally:
        program.kill()
        program.communicate()
    registry = RunRegistry()
    (note,) = registry.lost("me")
    assert note.title == PRESETS["karpathy-2d"].title
    assert len(registry.lost("you")) == 1 and registry.lost("she") == []
    registry.forget_lost(note)
    assert registry.lost("me") == [] == RunRegistry().lost("me")
    assert len(RunRegistry().lost("you")) == 1


def test_what_is_over_or_has_left_the_line_leaves_nothing(kept):
    begun = []

    def work(run):
        begun.append(run)
        while run.control.next_chunk(1):
            time.sleep(0.01)
        run.state = "stopped"

    registry = RunRegistry(work=work)
    first, second = (registry.start("digits", PRESET, owner="me") for _ in range(2))
    assert RunRegistry().lost("me") == []  # another of this program: they are under way
    assert len(list((kept / "under-way").glob("*.json"))) == 2
    registry.stop(registry.get(second), "me")
    registry.stop(registry.get(first), "me")
    deadline = time.monotonic() + 10
    while any((kept / "under-way").iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(begun) <= 1 and RunRegistry().lost("me") == []


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"owner": 1}', b"\xff" * 100])
def test_a_note_that_makes_no_sense_is_none(kept, text):
    (kept / "under-way").mkdir()
    (kept / "under-way" / "damaged.json").write_bytes(text)
    assert RunRegistry().lost("") == []


def test_where_no_note_can_be_left_the_training_goes_on(kept, monkeypatch):
    (kept / "a-file").write_text("")
    monkeypatch.setenv("AEVIZ_HOME", str(kept / "a-file" / "models"))
    done = []
    registry = RunRegistry(work=done.append)
    registry.start("digits", PRESET)
    deadline = time.monotonic() + 10
    while not done:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.timeout(60)  # a pipe would have it wait for ever
def test_what_is_no_note_is_passed_over(kept):
    folder = kept / "under-way"
    (folder / "a.json").mkdir(parents=True)
    os.mkfifo(folder / "b.json")
    (folder / "c.json").symlink_to("nowhere")
    assert lost_runs() == []
