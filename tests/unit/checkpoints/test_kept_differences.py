"""Differences that are kept with a model: beside it, and in a file that is handed on."""

import json
from dataclasses import replace

import pytest

from aeviz.checkpoints.checkpoint import CheckpointError, to_bytes
from aeviz.checkpoints.kept_differences import (
    drop_difference,
    keep_difference,
    kept_differences,
    with_differences,
)
from aeviz.checkpoints.library import add_model
from aeviz.checkpoints.store import load_checkpoint
from aeviz.errors import UserError
from aeviz.latent.differences import MOST_OWN, Difference
from aeviz.storage.places import home

ONE = Difference("rounder", (0.5, -1.25), "less", "more", (312, 8), 0.97)


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A model of the gallery, which nothing is ever written to."""
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "home"))
    return load_checkpoint("digits-karpathy-2d")


def test_what_is_kept_is_there_and_can_be_taken_away(model):
    assert kept_differences(model) == ()
    keep_difference(model, ONE)
    other = replace(ONE, title="flatter")
    keep_difference(model, other)
    keep_difference(model, ONE)  # again: it is not twice there
    assert set(kept_differences(model)) == {ONE, other}
    assert kept_differences(replace(model, name="vae-2d")) == ()
    drop_difference(model, ONE.name)
    drop_difference(model, "own.nothing")
    assert kept_differences(model) == (other,)


def test_a_file_that_is_handed_on_has_them(model):
    keep_difference(model, ONE)
    name = add_model("from a friend.safetensors", to_bytes(with_differences(model)))
    there = load_checkpoint(name)
    assert there.differences == kept_differences(there) == (ONE,)
    # Taken away here it is gone, though the file still has it.
    drop_difference(there, ONE.name)
    assert kept_differences(there) == () and load_checkpoint(name).differences == (ONE,)
    assert with_differences(there).differences == ()


def test_there_is_an_end(model):
    for n in range(MOST_OWN):
        keep_difference(model, replace(ONE, title=str(n)))
    with pytest.raises(CheckpointError, match="6 sliders of your own already"):
        keep_difference(model, ONE)
    keep_difference(model, replace(ONE, title="0"))


def test_those_of_an_earlier_training_are_told_and_can_be_replaced(model):
    keep_difference(model, ONE)
    again = replace(model, created="2031-01-01T00:00:00+00:00")
    with pytest.raises(CheckpointError, match=r"of an earlier training of it .*make them anew\.$"):
        kept_differences(again)
    keep_difference(again, replace(ONE, title="new"))
    assert [one.title for one in kept_differences(again)] == ["new"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"of": 1}', "x" * 200_000, json.dumps({"differences": []})]
)
def test_a_damaged_file_is_a_sentence(model, text):
    keep_difference(model, ONE)
    (place,) = (home() / "differences").iterdir()
    place.write_text(text)
    with pytest.raises(CheckpointError, match=r"(cannot be read|earlier training).*\.$"):
        kept_differences(model)


def test_a_public_showing_keeps_nothing(model, monkeypatch):
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    with pytest.raises(UserError):
        keep_difference(model, ONE)
    assert kept_differences(model) == ()


@pytest.mark.parametrize("said", ["x", [{}], [ONE.plain() | {"way": [1e9, 0]}]])
def test_a_file_with_differences_that_make_no_sense_is_refused(model, tmp_path, said, monkeypatch):
    from aeviz.checkpoints import checkpoint

    honest = checkpoint.description_of
    monkeypatch.setattr(checkpoint, "description_of", lambda m: honest(m) | {"differences": said})
    path = tmp_path / "odd.safetensors"
    path.write_bytes(to_bytes(model))
    with pytest.raises(CheckpointError, match="does not describe a model"):
        load_checkpoint(path)
