"""A file is there whole or not at all."""

import os
import time

import pytest

from aeviz.storage.atomic_write import write_whole


def test_it_makes_the_folder_and_replaces_what_was_there(tmp_path):
    target = tmp_path / "a" / "b" / "file"
    write_whole(target, b"one")
    write_whole(target, b"two")
    assert target.read_bytes() == b"two"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("step", ["os.fsync", "os.replace"])
def test_what_goes_wrong_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, step):
    target = tmp_path / "file"
    write_whole(target, b"old")

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(step, fail)
    with pytest.raises(KeyboardInterrupt):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_check_refuses_is_not_moved(tmp_path):
    target, seen = tmp_path / "file", []
    write_whole(target, b"old")

    def check(part):
        seen.append(part.read_bytes())
        raise ValueError("no good")

    with pytest.raises(ValueError, match="no good"):
        write_whole(target, b"new", check)
    assert seen == [b"new"] and target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_where_folders_cannot_be_synced_it_is_written_all_the_same(tmp_path, monkeypatch):
    monkeypatch.delattr("os.O_DIRECTORY")
    write_whole(tmp_path / "file", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path):
    stale, fresh = tmp_path / ".saving-a.part", tmp_path / ".saving-b.part"
    stale.write_bytes(b"x")
    fresh.write_bytes(b"x")
    os.utime(stale, (time.time() - 2 * 86_400,) * 2)
    write_whole(tmp_path / "file", b"x")
    assert not stale.exists() and fresh.exists()
