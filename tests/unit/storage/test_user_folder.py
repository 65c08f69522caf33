"""What is not wanted is moved out of the way and can be brought back; nothing replaces another."""

import os
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from aeviz.errors import UserError
from aeviz.storage import user_folder
from aeviz.storage.user_folder import (
    TRASH_DAYS,
    OtherVersion,
    TooLarge,
    UserFolder,
    file_in,
    free_path,
    move,
)
from tests.support.folder_troubles import NO_FILES, no_file


class Refused(UserError):
    pass


def read(path):
    """Files with "bad" in them cannot be opened, those with "new" are of another version."""
    text = path.read_text()
    why = {"bad": None, "new": OtherVersion(), "large": TooLarge()}
    if text in why:
        raise Refused("It does not open.") from why[text]


THINGS = UserFolder(
    kind="things",
    subject="It",
    error=Refused,
    open=read,
    gone=lambda name, what: f"{name} cannot be {what}.",
    not_in_trash="It is gone.",
    set_aside_words=lambda path: f"{path.name} was set aside.",
    subfolder="kept",
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))


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


def test_the_trash_keeps_each_from_the_day_it_was_deleted():
    paths = [file(THINGS.folder, name) for name in ("old", "first", "second")]
    for path in paths:  # made a year ago: that is no reason to throw it away
        os.utime(path, (time.time() - 365 * 86_400,) * 2)
    assert THINGS.deleted() == []
    for path in paths:
        THINGS.delete(path.stem)
    for name, age in (("old", TRASH_DAYS + 1), ("first", 2), ("second", 1)):
        os.utime(THINGS.trash / f"{name}.safetensors", (time.time() - age * 86_400,) * 2)
    file(THINGS.folder, "fourth")
    THINGS.delete("fourth")
    assert [path.stem for path in THINGS.deleted()] == ["fourth", "second", "first"]
    with pytest.raises(Refused, match=r"^fourth cannot be deleted\.$"):
        THINGS.delete("fourth")


@pytest.mark.parametrize("behind", [1, 40 * 365])
def test_what_is_deleted_while_the_clock_is_wrong_has_its_month_too(monkeypatch, behind):
    day, today = 86_400, time.time()

    def delete(name, days):
        """By a clock that is so many days from today."""
        clock = SimpleNamespace(time=lambda: today + days * day)
        monkeypatch.setattr(user_folder, "time", clock)
        file(THINGS.folder, name)
        THINGS.delete(name)

    def there(name):
        return name in [path.stem for path in THINGS.deleted()]

    delete("a", -behind - TRASH_DAYS)
    delete("b", -behind - TRASH_DAYS)
    for days in (0, TRASH_DAYS - 1):
        delete(f"c{days}", days)
        assert there("a") and there("b")
    delete("d", TRASH_DAYS + 1)
    assert not there("a") and not there("b") and there("d")


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_can_be_deleted_and_brought_back(kind):
    path = no_file(THINGS.folder, "odd", kind)
    THINGS.delete("odd")
    assert not os.path.lexists(path) and THINGS.is_deleted("odd")
    assert [one.stem for one in THINGS.deleted()] == ["odd"]
    assert THINGS.restore("odd") == "odd" and os.path.lexists(path)
    THINGS.delete("odd")
    no_file(THINGS.folder, "odd", kind)
    THINGS.delete("odd")
    assert len(THINGS.deleted()) == 2
    for one in THINGS.deleted():
        os.utime(one, (time.time() - (TRASH_DAYS + 1) * 86_400,) * 2, follow_symlinks=False)
    file(THINGS.folder, "a")
    THINGS.delete("a")
    assert [one.stem for one in THINGS.deleted()] == ["a"]


def test_of_one_name_both_are_kept_or_the_newest_as_the_kind_wants():
    for things, names in ((THINGS, ["a", "a-2"]), (replace(THINGS, named_by_content=True), ["a"])):
        for text in ("one", "two"):
            file(things.folder, "a", text)
            things.delete("a")
        assert [path.stem for path in things.deleted()] == names
        assert (things.trash / "a.safetensors").read_text() == "two"
        file(things.folder, "a", "three")
        assert things.restore("a") == names[-1]
        assert (things.folder / f"{names[-1]}.safetensors").read_text() == "two"
        for path in (*things.deleted(), *things.folder.iterdir()):
            path.unlink()


def test_what_is_set_aside_has_a_name_of_its_own_and_comes_back_there():
    for text, name in (("bad", "a.bad"), ("bad", "a.bad-2")):
        path = file(THINGS.folder, "a", text)
        assert THINGS.set_aside("a") == "a.safetensors was set aside." and not path.exists()
        assert (THINGS.aside / f"{name}.safetensors").read_text() == text
    THINGS.delete("a.bad")
    assert THINGS.is_deleted("a.bad") and THINGS.restore("a.bad") == "a.bad"
    assert THINGS.find("a.bad").parent == THINGS.aside
    file(THINGS.folder, "good.bad", "good")
    THINGS.delete("good.bad")
    THINGS.restore("good.bad")
    assert THINGS.find("good.bad").parent == THINGS.folder


def test_what_opens_or_has_nothing_wrong_with_it_is_not_set_aside():
    for name, text in (("good", "good"), ("later", "new"), ("huge", "large")):
        path = file(THINGS.folder, name, text)
        assert THINGS.set_aside(name) == "" and path.exists()
    assert THINGS.set_aside("none") == ""


def test_what_the_system_refuses_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    sentence = r"^It could not be moved \(.*\): check that there is room in .*\.$"
    with pytest.raises(Refused, match="No space left"), THINGS.alone("moved"):
        raise OSError(28, "No space left on device")
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "file"))
    with pytest.raises(Refused, match=sentence), THINGS.alone("moved"):
        pytest.fail("no folder, no change")
