"""What is not wanted is moved out of the way and can be brought back; nothing replaces another."""

import os
import time

import pytest

from aeviz.storage import user_folder
from aeviz.storage.user_folder import (
    TRASH_DAYS,
    changing,
    discard,
    discarded,
    file_in,
    free_path,
    move,
    put_aside,
)


class Refused(ValueError):
    pass


def file(folder, name, text="x"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    path.write_text(text)
    return path


def test_a_move_is_synced_in_both_folders(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(user_folder, "sync_folder", synced.append)
    path, target = file(tmp_path / "a", "one"), tmp_path / "b" / "c" / "one.safetensors"
    move(path, target)
    assert target.read_text() == "x" and not path.exists()
    assert synced == [target.parent, path.parent]


def test_no_name_leads_out_of_the_folder(tmp_path):
    file(tmp_path, "secret")
    inside = file(tmp_path / "in", "mine")
    assert file_in(tmp_path / "in", "mine") == inside
    for name in ("", "gone", "../secret", "..\\secret", "c:mine", "mine\0", "x" * 5_000):
        assert file_in(tmp_path / "in", name) is None


def test_a_taken_name_gets_a_number(tmp_path):
    assert free_path(tmp_path, "a").name == "a.safetensors"
    file(tmp_path, "a")
    assert free_path(tmp_path, "a").name == "a-2.safetensors"
    file(tmp_path, "a-2")
    assert free_path(tmp_path, "a").name == "a-3.safetensors"
    long = file(tmp_path, "x" * 100)
    assert len(free_path(tmp_path, long.stem).name) < 120


def test_the_trash_keeps_each_from_the_day_it_was_deleted(tmp_path):
    trash = tmp_path / "trash"
    paths = [file(tmp_path, name) for name in ("old", "first", "second")]
    for path in paths:  # made a year ago: that is no reason to throw it away
        os.utime(path, (time.time() - 365 * 86_400,) * 2)
    for path in paths:
        discard(path, trash, trash / path.name)
    for name, age in (("old", TRASH_DAYS + 1), ("first", 2), ("second", 1)):
        os.utime(trash / f"{name}.safetensors", (time.time() - age * 86_400,) * 2)
    fourth = file(tmp_path, "fourth")
    discard(fourth, trash, trash / fourth.name)
    assert [path.stem for path in discarded(trash)] == ["fourth", "second", "first"]
    assert discarded(tmp_path / "none") == []


def test_what_is_set_aside_has_a_name_of_its_own(tmp_path):
    aside = tmp_path / "aside"
    for text, name in (("one", "a.bad"), ("two", "a.bad-2")):
        path = file(tmp_path, "a", text)
        assert put_aside(path, aside).read_text() == text
        assert (aside / f"{name}.safetensors").read_text() == text and not path.exists()


def test_what_the_system_refuses_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    sentence = r"^It could not be moved \(.*\): check that there is room in .*\.$"
    with pytest.raises(Refused, match=sentence):
        with changing(tmp_path / "file", "It could not be moved", Refused):
            pytest.fail("no folder, no change")
    with pytest.raises(Refused, match="No space left"):
        with changing(tmp_path / "new", "It could not be moved", Refused):
            raise OSError(28, "No space left on device")
