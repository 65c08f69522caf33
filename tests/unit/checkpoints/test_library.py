"""One's own models: named, noted, deleted, brought back and brought in; nothing is ever lost."""

import json
import os
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from aeviz.checkpoints import library as checkpoints_library
from aeviz.checkpoints import store as checkpoints_store
from aeviz.checkpoints.checkpoint import CheckpointError, to_bytes
from aeviz.checkpoints.library import (
    LARGEST_MODEL_FILE,
    add_model,
    list_deleted,
    note_model,
    rename_model,
)
from aeviz.checkpoints.store import (
    MODELS,
    find_checkpoint,
    list_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from aeviz.errors import UserError
from aeviz.storage import atomic_write
from aeviz.storage import tensors as storage_tensors
from aeviz.storage.locks import alone_in
from aeviz.storage.places import home
from aeviz.storage.user_folder import TRASH_DAYS, UserFolder
from tests.support import folder_troubles, model_uploads
from tests.support.made_up_models import made_up_dataset, made_up_model

DIGITS = made_up_dataset(8, tests=20, name="digits")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(checkpoints_store, "PRETRAINED", tmp_path / "pretrained")
    return tmp_path / "home"


def model(name="mine", seed=0, **changes):
    return replace(made_up_model(name, DIGITS, snapshots=True, seed=seed), **changes)


def kept(name="mine", seed=0, **changes):
    save_checkpoint(model(name, seed, **changes))
    return (home() / f"{name}.safetensors").read_bytes()


def contents(data):
    """What is in a file; safetensors writes the parts of its metadata in either order."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def listed():
    return {row.name: row for row in list_checkpoints()}


def refused(act, *arguments):
    return folder_troubles.refuse(lambda: act(*arguments))


# --- name and note -------------------------------------------------------------------------------


def test_a_title_and_a_note_change_nothing_else():
    before = kept()
    rename_model("mine", "  My *best*\none ")
    note_model("mine", "Wider:\n\t3 < 5 & more\u202e ")
    back = load_checkpoint("mine")
    assert (back.title, back.given_title) == ("My best one", "My best one")
    assert back.note == "Wider:\n3 < 5 & more"
    assert (listed()["mine"].title, listed()["mine"].note) == (back.title, back.note)
    rename_model("mine", " ")
    note_model("mine", "")
    assert contents(find_checkpoint("mine").read_bytes()) == contents(before)


def test_a_note_of_any_length_and_letters_is_kept_so_that_it_opens():
    kept()
    for note in ("x" * 10_000, "\ud800", "e<\u0301" * 900, "\U0001f600\0\x1b[31m", "\r\n" * 5_000):
        note_model("mine", note)
        rename_model("mine", note)
        assert len(load_checkpoint("mine").note) <= 2_000
        assert len(load_checkpoint("mine").given_title) <= 60


def test_what_could_not_be_opened_afterwards_does_not_take_its_place(monkeypatch):
    before = kept()
    monkeypatch.setattr(checkpoints_library, "to_bytes", lambda model: to_bytes(model)[:-1])
    refused(rename_model, "mine", "Another")
    assert find_checkpoint("mine").read_bytes() == before


def test_the_gallery_stays_as_it_is(folder):
    save_checkpoint(model("shipped"), checkpoints_store.PRETRAINED)
    before = find_checkpoint("shipped").read_bytes()
    for act, *more in ((rename_model, "x"), (note_model, "x"), (MODELS.delete,)):
        assert "shipped comes with aeviz" in refused(act, "shipped", *more)
    assert MODELS.set_aside("shipped") == ""
    assert find_checkpoint("shipped").read_bytes() == before


@pytest.mark.parametrize(
    "name", ["gone", "", ".", "..", "../home/mine", "a/b", "a\\b", "a\0b", "c:mine", "x" * 5_000]
)
def test_what_is_not_there_is_said(name):
    kept()
    for act, *more in ((rename_model, "x"), (note_model, "x"), (MODELS.delete,), (MODELS.restore,)):
        assert "no longer" in refused(act, name, *more)
    assert list(listed()) == ["mine"]


# --- delete and bring back -----------------------------------------------------------------------


def test_deleting_and_bringing_back(folder):
    before = kept()
    MODELS.delete("mine")
    assert listed() == {} and [row.name for row in list_deleted()] == ["mine"]
    assert (MODELS.trash / "mine.safetensors").read_bytes() == before
    assert MODELS.trash == folder / "trash" / "models"
    assert MODELS.restore("mine") == "mine"
    assert find_checkpoint("mine").read_bytes() == before and list_deleted() == []


def test_the_last_deleted_comes_first():
    for i, name in enumerate("abc"):
        kept(name)
        MODELS.delete(name)
        os.utime(MODELS.trash / f"{name}.safetensors", (time.time() - 100 * i,) * 2)
    assert [row.name for row in list_deleted()] == ["a", "b", "c"]


def test_of_two_with_one_name_neither_is_lost():
    first = kept(seed=1)
    MODELS.delete("mine")
    second = kept(seed=2)
    MODELS.delete("mine")
    assert [row.name for row in list_deleted()] == ["mine", "mine-2"]
    third = kept(seed=3)
    assert MODELS.restore("mine") == "mine-2"
    assert MODELS.restore("mine-2") == "mine-2-2"
    names = ("mine", "mine-2", "mine-2-2")
    assert [find_checkpoint(n).read_bytes() for n in names] == [third, second, first]


def test_the_trash_is_emptied_of_what_is_old_and_of_nothing_else():
    for name in ("old", "new", "third"):
        kept(name)
    # Trained a year ago, deleted just now: that is new in the trash.
    os.utime(home() / "new.safetensors", (time.time() - 365 * 86_400,) * 2)
    MODELS.delete("new")
    MODELS.delete("old")
    os.utime(MODELS.trash / "old.safetensors", (time.time() - (TRASH_DAYS + 1) * 86_400,) * 2)
    MODELS.delete("third")
    assert {row.name for row in list_deleted()} == {"new", "third"}


def test_a_file_that_cannot_be_read_can_be_deleted_and_brought_back():
    kept()
    (home() / "Not mine.safetensors").write_bytes(b"x")
    MODELS.delete("Not mine")
    assert list(listed()) == ["mine"]
    assert MODELS.restore("Not mine") == "Not mine"
    assert listed()["Not mine"].problem


@pytest.mark.timeout(60)  # a pipe would have it wait for ever
@pytest.mark.parametrize("kind", folder_troubles.NO_FILES)
def test_an_upload_beside_what_is_no_file_is_kept(kind):
    data = to_bytes(made_up_model("m", made_up_dataset(tests=5)))
    name = add_model("m.safetensors", data)
    (home() / f"{name}.safetensors").unlink()
    folder_troubles.no_file(home(), name, kind)
    again = add_model("m.safetensors", data)
    assert again != name and (home() / f"{again}.safetensors").read_bytes() == data
    with pytest.raises(CheckpointError):
        load_checkpoint(home() / f"{name}.safetensors")


# --- bring in ------------------------------------------------------------------------------------


def test_a_model_that_is_brought_in_is_that_model():
    data = to_bytes(model("theirs", given_title="Theirs", note="Have fun"))
    name = add_model("My Nice Model (1).safetensors", data)
    assert name.startswith("my-nice-model-1-") and list(listed()) == [name]
    assert find_checkpoint(name).read_bytes() == data
    assert (listed()[name].title, listed()[name].note, listed()[name].own) == (
        "Theirs",
        "Have fun",
        True,
    )


def test_the_same_file_is_kept_once_and_no_other_takes_its_place():
    data = to_bytes(model())
    name = add_model("one.safetensors", data)
    rename_model(name, "Renamed since")
    assert add_model("two.safetensors", data) == name
    other_order = next(d for d in map(to_bytes, [model()] * 1_000) if d != data)
    assert add_model("two.safetensors", other_order) == name
    assert listed()[name].title == "Renamed since"
    other = add_model("one.safetensors", to_bytes(model(seed=1)))
    assert other != name and len(listed()) == 2


def test_what_is_here_anyhow_is_found_by_its_bytes():
    assert add_model("x.safetensors", kept("trained-here")) == "trained-here"
    save_checkpoint(model("shipped", seed=5), checkpoints_store.PRETRAINED)
    assert add_model("x.safetensors", find_checkpoint("shipped").read_bytes()) == "shipped"
    assert set(listed()) == {"trained-here", "shipped"}


def damaged(data):
    """The same file, as it declares itself, with another last byte."""
    return data[:-1] + bytes([data[-1] ^ 1])


def test_a_good_copy_takes_the_place_of_a_damaged_own_file_at_once(folder):
    good = kept()
    path = folder / "mine.safetensors"
    path.write_bytes(damaged(good))
    assert add_model("copy.safetensors", good) == "mine"
    assert path.read_bytes() == good
    assert (folder / "set-aside" / "mine.bad.safetensors").read_bytes() == damaged(good)


@pytest.mark.parametrize("rest", [lambda data: damaged(data), lambda data: data[:100]])
def test_a_good_copy_replaces_a_damaged_file_that_was_brought_in(folder, rest):
    data = to_bytes(model())
    name = add_model("x.safetensors", data)
    path = folder / f"{name}.safetensors"
    path.write_bytes(rest(data))
    assert add_model("y.safetensors", data) == name
    assert path.read_bytes() == data and load_checkpoint(name).seed == 0
    assert (folder / "set-aside" / f"{name}.bad.safetensors").read_bytes() == rest(data)


def test_a_copy_of_a_damaged_file_of_the_gallery_is_kept_as_ones_own():
    save_checkpoint(model("shipped"), checkpoints_store.PRETRAINED)
    path = checkpoints_store.PRETRAINED / "shipped.safetensors"
    good = path.read_bytes()
    path.write_bytes(damaged(good))
    name = add_model("shipped.safetensors", good)
    assert find_checkpoint(name) == home() / f"{name}.safetensors" and name != "shipped"
    assert load_checkpoint(name).seed == 0 and path.read_bytes() == damaged(good)


def test_a_file_that_cannot_be_read_at_the_moment_is_not_replaced(folder, monkeypatch):
    data = to_bytes(model())
    name = add_model("x.safetensors", data)
    load = checkpoints_store.load_checkpoint

    def fail(path):
        raise CheckpointError("It cannot be read.") from OSError(5, "Input/output error")

    for module in (checkpoints_library, checkpoints_store):
        monkeypatch.setattr(module, "load_checkpoint", fail)
    other = add_model("x.safetensors", data)
    assert other != name and load(name).seed == load(other).seed == 0
    assert (folder / f"{name}.safetensors").read_bytes() == data


def test_under_the_lock_nothing_is_opened(monkeypatch):
    first, second = to_bytes(model()), to_bytes(model(seed=1))
    name = add_model("x.safetensors", first)
    locked, opened = [], []
    alone, load = UserFolder.alone, checkpoints_store.load_checkpoint

    @contextmanager
    def watched(folder, what):
        with alone(folder, what):
            locked.append(what)
            yield
            locked.pop()

    def watched_load(path):
        opened.append(bool(locked))
        return load(path)

    monkeypatch.setattr(UserFolder, "alone", watched)
    for module in (checkpoints_library, checkpoints_store):
        monkeypatch.setattr(module, "load_checkpoint", watched_load)
    assert add_model("x.safetensors", first) == name
    add_model("x.safetensors", second)
    assert opened == [False]


def test_what_arrives_otherwise_on_the_disk_is_not_kept(folder, monkeypatch):
    write = atomic_write.write_whole
    monkeypatch.setattr(
        checkpoints_library,
        "write_whole",
        lambda target, data, check: write(target, data[:-1], check),
    )
    assert "did not arrive" in refused(add_model, "x.safetensors", to_bytes(model()))
    assert folder_troubles.contents(folder) == {}


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("format-*.safetensors")))
def test_a_file_of_every_earlier_format_is_brought_in(path):
    name = add_model(path.name, path.read_bytes())
    assert load_checkpoint(name).preset.name == "vae-2d"


@pytest.mark.parametrize(
    "name",
    ["../../evil.safetensors", "C:\\evil", "/etc/passwd", "", ".", "\0", "\u202e", "a" * 100_000],
    ids=lambda name: repr(name[:20]),
)
def test_no_name_leads_out_of_the_folder(folder, name):
    kept_as = add_model(name, to_bytes(model()))
    assert [path.name for path in folder.glob("*.safetensors")] == [f"{kept_as}.safetensors"]
    assert load_checkpoint(kept_as).seed == 0


def header(table, data=b"", *, length=None):
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(kind="F32", shape=(1,), offsets=(0, 4)):
    return {"dtype": kind, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x" * 7,
        b"PK\x03\x04" + bytes(1_000),
        header(b"{}", length=2**63),
        header(b"{}", length=100),
        header(b" " * 1_000_001),
        header(b"[" * 100_000),
        header(b'{"a":' * 100_000),
        header(b"[]"),
        header(b"null"),
        header(b"{}"),
        header(b"1" * 100_000),
        header({"a": entry()}),
        header({"a": entry()}, bytes(5)),
        header({"a": entry()}, bytes(3)),
        header({"a": entry(shape=(2**40, 2**40))}, bytes(4)),
        header({"a": entry(shape=(0, 2**62), offsets=(0, 0))}),
        header({"a": entry(shape=(-1, -1))}, bytes(4)),
        header({"a": entry(shape=(1.0,))}, bytes(4)),
        header({"a": entry(shape=(1,) * 50)}, bytes(4)),
        header({"a": entry(offsets=(4, 0))}, bytes(4)),
        header({"a": entry(), "b": entry()}, bytes(4)),
        header({"a": entry(), "b": entry(offsets=(8, 12))}, bytes(12)),
        header({"a": entry(kind="BF16")}, bytes(4)),
        header({"a": entry(kind=[])}, bytes(4)),
        header({"a": {}}, bytes(4)),
        header({"a": 5}, bytes(4)),
        header(b'{"a": 1, "a": 2}'),
        header({"a": entry(), "__metadata__": {"aeviz": "{}"}}, bytes(4)),
        header({"a": entry(), "__metadata__": {"aeviz": "{}", "checksum": 5}}, bytes(4)),
        header({"a": entry(), "__metadata__": {"aeviz": "{}", "checksum": "0"}}, bytes(4)),
        header({str(i): entry(offsets=(4 * i, 4 * i + 4)) for i in range(501)}, bytes(4 * 501)),
        save({"weight": np.zeros((2, 2), np.float32)}),
        save({"weight": np.zeros((2, 2), np.float32)}, metadata={"format": "pt"}),
    ],
    ids=lambda data: repr(data[:24]),
)
def test_what_is_no_model_is_refused_before_it_is_written(folder, data):
    assert "x.safetensors" in refused(add_model, "x.safetensors", data)
    assert folder_troubles.contents(folder) == {} if folder.exists() else True


def test_nothing_is_unpacked_of_what_is_too_large(monkeypatch):
    monkeypatch.setattr(checkpoints_library, "load", None)
    monkeypatch.setattr(checkpoints_library, "LARGEST_MODEL_FILE", 100)
    assert "at most" in refused(add_model, "x.safetensors", bytes(101))
    assert LARGEST_MODEL_FILE == 200 * 1024 * 1024


def test_a_model_of_a_later_version_is_said(folder):
    data = to_bytes(model()).replace(b'\\"schema\\": 6', b'\\"schema\\": 9')
    assert "update this one" in refused(add_model, "x.safetensors", data)
    assert folder_troubles.contents(folder) == {}


def test_files_changed_at_random_are_loaded_right_or_refused_with_a_sentence(folder):
    random = np.random.default_rng(0)
    outcomes = {model_uploads.check_upload(model_uploads.changed(random)) for _ in range(400)}
    assert outcomes == {model_uploads.LOADED, model_uploads.REFUSED}
    for variational in (False, True):
        data = model_uploads.good(variational)
        assert model_uploads.check_upload(data) == model_uploads.LOADED


# --- files that turned bad -----------------------------------------------------------------------


def test_a_file_that_turned_bad_is_set_aside_and_all_others_open(folder):
    bad, good = bytearray(kept("bad")), kept("good")
    bad[-1] ^= 1
    path = folder / "bad.safetensors"
    path.write_bytes(bad)
    sentence = MODELS.set_aside(path.stem)
    assert sentence.startswith("bad.safetensors is damaged") and sentence.endswith(".")
    assert (folder / "set-aside" / "bad.bad.safetensors").read_bytes() == bad
    rows = listed()
    assert set(rows) == {"good", "bad.bad"} and not rows["good"].problem
    assert "set aside" in rows["bad.bad"].problem and rows["bad.bad"].own
    assert find_checkpoint("good").read_bytes() == good
    assert MODELS.set_aside(path.stem) == ""  # somebody else did it before
    # A fresh copy of the same name is another file: deleting the bad one leaves it.
    kept("bad")
    MODELS.delete("bad.bad")
    assert set(listed()) == {"good", "bad"} and [r.name for r in list_deleted()] == ["bad.bad"]


def test_what_opens_or_may_open_again_is_not_set_aside(folder, monkeypatch):
    before = kept()
    path = folder / "mine.safetensors"
    assert MODELS.set_aside(path.stem) == ""
    later = before.replace(b'\\"schema\\": 6', b'\\"schema\\": 9')
    path.write_bytes(later)
    assert MODELS.set_aside(path.stem) == ""

    for error in (OSError(5, "Input/output error"), MemoryError()):

        def fail(*_, error=error, **__):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(storage_tensors, "safe_open", fail)
            assert MODELS.set_aside(path.stem) == ""
    assert path.read_bytes() == later and listed().keys() == {"mine"}


# --- a public showing, a full disk, no right to write, two programs, kills -----------------------


def test_a_public_showing_opens_and_changes_nothing(folder, monkeypatch):
    data = kept()
    kept("gone")
    MODELS.delete("gone")
    (folder / "bad.safetensors").write_bytes(b"x")
    before = folder_troubles.contents(folder)
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    for what, act in (
        ("Renaming", lambda: rename_model("mine", "x")),
        ("Writing notes", lambda: note_model("mine", "x")),
        ("Deleting", lambda: MODELS.delete("mine")),
        ("Bringing", lambda: MODELS.restore("gone")),
        ("Uploading", lambda: add_model("x.safetensors", data)),
        ("Setting", lambda: MODELS.set_aside("bad")),
        ("Saving", lambda: save_checkpoint(model("new"))),
        ("Saving", lambda: checkpoints_store.save_bytes("new", data, "")),
    ):
        with pytest.raises(UserError, match=rf"^{what} .*public showing"):
            act()
    assert folder_troubles.contents(folder) == before
    assert load_checkpoint("mine").name == "mine"


def test_on_a_full_disk_nothing_is_lost(folder):
    assert folder_troubles.fill_disk(folder, 15)["refused"] == 15


def test_in_a_folder_that_cannot_be_written_to_nothing_is_lost():
    # Not in pytest's own folder, which only its owner can look into.
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        assert folder_troubles.forbid_writing(Path(place))["refused"] == 7


def test_two_programs_in_one_folder_lose_and_mix_nothing(folder):
    folder_troubles.share_folder(folder, 8)


def test_a_lock_that_is_never_freed_is_said(monkeypatch):
    kept()
    monkeypatch.setattr("aeviz.storage.locks._PATIENCE_SECONDS", 0.05)
    with alone_in(home()):
        assert "busy" in refused(rename_model, "mine", "x")
    rename_model("mine", "x")


def test_a_kill_at_any_moment_loses_no_model(folder):
    counted = folder_troubles.kill_saves(folder, 5)
    assert counted["kills"] == 5 and counted["models"] >= 5


def test_an_error_in_between_is_no_checkpoint_errors_business():
    with pytest.raises(CheckpointError), MODELS.alone("x"):
        raise OSError(28, "No space left on device")
    with pytest.raises(KeyError), MODELS.alone("x"):
        raise KeyError
