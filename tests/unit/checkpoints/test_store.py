"""Model files in folders: names, whole writes, the list, files that a person copied there."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from aeviz.checkpoints import store as checkpoints_store
from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.description import NAME
from aeviz.checkpoints.store import (
    ListedCheckpoint,
    find_checkpoint,
    list_checkpoints,
    load_checkpoint,
    new_name,
    save_checkpoint,
)
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS
from aeviz.storage import tensors as storage_tensors
from aeviz.storage.places import home
from tests.support.checkpoint_files import (
    PLAIN,
    assert_same,
    checkpoint,
    one_sentence,
    refused,
    rewritten,
)


def test_a_model_is_listed_with_what_its_owner_says_and_what_it_is(tmp_path):
    made = replace(checkpoint(), given_title="Mine", figures={"seconds": 38.5, "steps": 60.0})
    assert made.title == "Mine"
    path = save_checkpoint(made, tmp_path)
    assert list_checkpoints(tmp_path) == [
        ListedCheckpoint(
            name=made.name,
            path=path,
            title="Mine",
            created=made.created,
            own=True,
            preset="karpathy-2d",
            variant="changed",
            dataset="digits",
            test_mse=pytest.approx(float("nan"), nan_ok=True),
            fingerprint="0123abcd",
            given_title="Mine",
            note=made.note,
            has_weights=True,
            latent_dim=3,
            seed=11,
            steps=60,
            best_step=40,
            stopped_early=True,
            layer_sizes=(64, 5, 3, 5, 64),
            layer_names=("64", "5", "3", "5", "64"),
            seconds=38.5,
            shape=PictureShape(8),
            bytes=path.stat().st_size,
            optimizer_kept=True,
            continued_from="karpathy-2d-before",
            steps_before=1_200,
        )
    ]


def test_saving_again_replaces_the_file_whole(tmp_path):
    save_checkpoint(checkpoint(), tmp_path)
    save_checkpoint(replace(checkpoint(), seed=99), tmp_path)
    assert load_checkpoint(tmp_path / "karpathy-2d-made-by-hand.safetensors").seed == 99
    assert len(os.listdir(tmp_path)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        ".",
        "../x",
        "a/b",
        "a\\b",
        "/etc/x",
        ".hidden",
        "A",
        "ä",
        "a b",
        "a\0b",
        "a\n",
        "-a",
    ]
    + ["a" * 101],
    ids=repr,
)
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path, name):
    folder = tmp_path / "models"
    with pytest.raises(CheckpointError) as caught:
        save_checkpoint(replace(checkpoint(), name=name), folder)
    one_sentence(caught.value)
    assert list(tmp_path.rglob("*.safetensors")) == []


@pytest.mark.parametrize(
    "name",
    ["no-such-model", "../secret", "a/b", "/etc/passwd", "no-such.safetensors", "", ".", "a\0b"]
    + ["a" * 5_000],
    ids=lambda name: repr(name[:20]),
)
def test_what_is_not_there_is_said_in_a_sentence(name):
    refused(name)


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    folder = tmp_path / "x.safetensors"
    folder.mkdir()
    refused(folder)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    # Under a regular file nobody can make a folder, whatever their rights.
    (tmp_path / "file").write_text("x")
    with pytest.raises(CheckpointError, match="AEVIZ_HOME") as caught:
        save_checkpoint(checkpoint(), tmp_path / "file" / "models")
    one_sentence(caught.value)


@pytest.mark.parametrize("failing", ["replace", "fsync"])
def test_a_failing_write_leaves_no_half_file_and_the_old_one_whole(tmp_path, monkeypatch, failing):
    path = save_checkpoint(checkpoint(), tmp_path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"aeviz.storage.atomic_write.os.{failing}", fail)
    with pytest.raises(CheckpointError, match="No space left on device") as caught:
        save_checkpoint(replace(checkpoint(), seed=99), tmp_path)
    one_sentence(caught.value)
    with pytest.raises(CheckpointError):
        save_checkpoint(replace(checkpoint(), name="another"), tmp_path)
    assert os.listdir(tmp_path) == [path.name]
    assert path.read_bytes() == before


def test_an_interrupted_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("aeviz.storage.atomic_write.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(checkpoint(), tmp_path)
    assert os.listdir(tmp_path) == []


def test_models_go_to_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "mine"))
    assert home() == tmp_path / "mine"
    path = save_checkpoint(checkpoint())
    assert path.parent == tmp_path / "mine"
    assert_same(load_checkpoint("karpathy-2d-made-by-hand"), checkpoint())


def test_without_aeviz_home_it_is_the_platforms_folder(monkeypatch):
    import platformdirs

    monkeypatch.delenv("AEVIZ_HOME")
    assert home() == Path(platformdirs.user_data_dir("aeviz", appauthor=False))
    monkeypatch.setenv("AEVIZ_HOME", "")
    assert home() == Path(platformdirs.user_data_dir("aeviz", appauthor=False))


def test_a_new_name_is_allowed_and_new():
    names = {new_name(Preset(name=name, title="", summary="")) for name in PRESETS for _ in "abc"}
    assert len(names) == 3 * len(PRESETS)
    assert all(NAME.fullmatch(name) for name in names)


def test_models_are_listed_newest_first(tmp_path):
    for i, created in enumerate(["2026-01-01", "2026-03-01", "2026-02-01"]):
        save_checkpoint(replace(checkpoint(), name=f"m{i}", created=created), tmp_path)
    listed = list_checkpoints(tmp_path)
    assert [row.name for row in listed] == ["m1", "m2", "m0"]
    assert listed[0].path == tmp_path / "m1.safetensors"
    assert (listed[0].title, listed[0].preset) == (PLAIN.title, PLAIN.name)
    assert (listed[0].dataset, listed[0].problem) == ("digits", "")


def test_the_users_own_models_come_before_the_projects(tmp_path, monkeypatch):
    mine, theirs = tmp_path / "mine", tmp_path / "pretrained"
    monkeypatch.setenv("AEVIZ_HOME", str(mine))
    monkeypatch.setattr(checkpoints_store, "PRETRAINED", theirs)
    save_checkpoint(replace(checkpoint(), name="old", created="2020-01-01"))
    save_checkpoint(replace(checkpoint(), name="shipped", created="2026-01-01"), theirs)
    assert [(row.name, row.own) for row in list_checkpoints()] == [
        ("old", True),
        ("shipped", False),
    ]
    assert load_checkpoint("shipped").name == "shipped"


def test_no_folder_is_an_empty_list(tmp_path):
    assert list_checkpoints(tmp_path / "nowhere") == []
    (tmp_path / "file").write_text("x")
    assert list_checkpoints(tmp_path / "file") == []


def test_a_bad_file_is_listed_with_its_problem_and_hides_no_other(tmp_path, saved):
    good = saved.read_bytes()
    (tmp_path / "empty.safetensors").write_bytes(b"")
    (tmp_path / "half.safetensors").write_bytes(good[: len(good) // 2])
    (tmp_path / "folder.safetensors").mkdir()
    (tmp_path / "loose.safetensors").symlink_to(tmp_path / "nowhere")
    for i, raw in enumerate(["[]", "null", "1", "[" * 100_000, '{"preset": []}']):
        path = tmp_path / f"forged{i}.safetensors"
        path.write_bytes(good)
        rewritten(path, raw=raw)
    path = tmp_path / "forged-figure.safetensors"
    path.write_bytes(good)
    rewritten(path, about={"figures": {"test_mse": 10**400}})
    (tmp_path / "notes.txt").write_text("not a model")
    listed = {row.name: row for row in list_checkpoints(tmp_path)}
    assert len(listed) == 11
    assert listed.pop(saved.name.removesuffix(".safetensors")).problem == ""
    assert all(re.fullmatch(r"\S+ cannot be read\.", row.problem) for row in listed.values())


def test_a_write_under_way_is_not_listed(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "aeviz.storage.atomic_write.os.replace",
        lambda part, target: seen.append(list_checkpoints(tmp_path)),
    )
    save_checkpoint(checkpoint(), tmp_path)
    assert seen == [[]]


@pytest.fixture
def copied_as(saved, tmp_path, monkeypatch):
    """A model's file under another name, as a person would copy it; nothing else is there."""
    data = saved.read_bytes()
    saved.unlink()
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    monkeypatch.setattr(checkpoints_store, "PRETRAINED", tmp_path / "none")

    def copy(name):
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(data)
        return path

    return copy


def test_a_name_with_capitals_is_found_as_it_is_listed(copied_as):
    path = copied_as("My_Model.v2")
    (row,) = list_checkpoints()
    assert (row.name, row.problem) == ("My_Model.v2", "")
    assert find_checkpoint(row.name) == path and load_checkpoint(row.name).name == row.name
    # And what goes on with it says so and opens.
    later = replace(load_checkpoint(row.name), name="later", continued_from=row.name)
    assert load_checkpoint(save_checkpoint(later)).continued_from == row.name


@pytest.mark.parametrize("name", ["model (1)", "Modèle", "-x", "a.safetensors", "x" * 101])
def test_a_name_that_no_link_finds_is_listed_with_a_sentence(copied_as, name):
    path = copied_as(name)
    (row,) = list_checkpoints()
    assert row.name == name and row.own
    assert re.fullmatch(r".*: rename the file with letters, digits, .*\.", row.problem)
    assert path.is_file()


def test_sentences_about_a_file_hold_no_markup_of_its_name(tmp_path, monkeypatch):
    path = tmp_path / "*bold* `code` <b>[x]\u202e.safetensors"
    shown = "bold code bx .safetensors"
    assert refused(path) == f"There is no model file {shown}."
    path.write_bytes(b"nothing")
    assert refused(path).startswith(f"{shown} is not a readable model file")

    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(storage_tensors, "safe_open", full)
    assert f"to open {shown}:" in refused(path)
