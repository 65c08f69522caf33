"""Own pictures in the user's folder: what is saved is what is opened, and nothing is lost."""

import json
import os
import time
from dataclasses import replace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from aeviz.data.catalog import all_sources, find_local, find_source, is_available, load_dataset
from aeviz.data.dataset import DatasetError
from aeviz.data.own import store as own_store
from aeviz.data.own.pictures import read_pictures
from aeviz.data.own.store import (
    PICTURES,
    find_pictures,
    list_deleted,
    list_pictures,
    load_pictures,
    rename_pictures,
    save_pictures,
)
from aeviz.data.sources import DATASETS
from aeviz.errors import UserError
from aeviz.storage import tensors as storage_tensors
from aeviz.storage.locks import alone_in
from aeviz.storage.tensors import checksum
from aeviz.storage.user_folder import TRASH_DAYS
from tests.support.folder_troubles import NO_FILES, no_file
from tests.support.uploads import npz_bytes, random_pictures, upload


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path))
    return tmp_path / "pictures"


def own(seed=0, *, labels=True, **more):
    arrays = {"x_train": random_pictures(100, seed=seed), **more}
    if labels:
        arrays["y_train"] = np.arange(100) % 4
    return read_pictures(upload("p.npz", npz_bytes(**arrays)))


@pytest.mark.parametrize("labels", [True, False])
def test_what_is_saved_is_what_is_opened(labels, folder):
    pictures = own(labels=labels)
    kept = save_pictures(pictures, "  Cats & dogs\u202e ")
    assert kept == find_pictures(kept.name) == list_pictures()[0]
    assert (kept.title, kept.shape.side, kept.count, kept.problem) == ("Cats & dogs", 12, 100, "")
    assert kept.name == f"own-cats-dogs-{pictures.fingerprint[:8]}"
    assert kept.class_names == (("0", "1", "2", "3") if labels else ())
    assert [path.name for path in folder.iterdir()] == [f"{kept.name}.safetensors"]
    opened, oracle = load_dataset(kept.name), pictures.dataset(kept.name, "Cats & dogs")
    np.testing.assert_array_equal(opened.images, oracle.images)
    assert (opened.n_train, opened.n_validation, opened.n_test) == (77, 8, 15)
    assert not opened.images.flags.writeable and opened.title == "Cats & dogs"
    if labels:
        np.testing.assert_array_equal(opened.labels, oracle.labels)
    else:
        assert opened.labels is None


def test_they_are_found_beside_the_others():
    kept = save_pictures(own(), "Mine")
    source = find_source(kept.name)
    assert (source.title, source.shape.side, source.n_train, source.n_classes) == (
        "Mine",
        12,
        77,
        4,
    )
    assert list(all_sources()) == [*DATASETS, kept.name]
    assert is_available(kept.name) and find_local(kept.name) == kept.path
    assert find_source("mnist") is DATASETS["mnist"]
    assert find_source("cifar") is None


@pytest.mark.parametrize("name", ["own-gone-12345678", "own-", "own-../../etc/passwd", "own-\0"])
def test_those_that_are_not_there(name):
    assert find_pictures(name) is None and find_source(name) is None
    assert not is_available(name) and find_local(name) is None
    for function in (load_dataset, PICTURES.delete, PICTURES.restore):
        with pytest.raises(DatasetError, match=r"^These (own )?pictures are no longer .*\.$"):
            function(name)


def test_the_same_pictures_are_kept_once_and_others_never_take_their_name():
    first, again = save_pictures(own(), "One"), save_pictures(own(), "Two")
    assert first.name == again.name
    assert [kept.title for kept in list_pictures()] == ["Two"]
    other = save_pictures(own(seed=1), "One")
    test = save_pictures(own(x_test=random_pictures(20, seed=2)), "One")
    unlabelled = save_pictures(own(labels=False), "One")
    assert len({first.name, other.name, test.name, unlabelled.name}) == 4


def test_a_title_without_latin_letters_has_a_name_too():
    kept = save_pictures(own(), "\u732b" * 500)
    assert kept.name.startswith("own-pictures-") and len(kept.title) == 60
    for title in ("", " \n\x07 ", "\u202e<>"):
        with pytest.raises(DatasetError, match="need a name"):
            save_pictures(own(), title)


def test_renaming_keeps_name_and_pictures():
    kept = save_pictures(own(), "Before")
    images = load_pictures(kept.name).images
    renamed = rename_pictures(kept.name, "After")
    assert (renamed.name, renamed.title, renamed.created) == (kept.name, "After", kept.created)
    np.testing.assert_array_equal(load_pictures(kept.name).images, images)
    assert load_pictures(kept.name).title == "After"


def test_deleting_and_bringing_back():
    kept = save_pictures(own(), "Mine")
    PICTURES.delete(kept.name)
    assert list_pictures() == [] and not is_available(kept.name)
    assert find_pictures(PICTURES.restore(kept.name)) == kept
    assert len(load_pictures(kept.name).images) == 100


@pytest.mark.timeout(60)  # a pipe would have it wait for ever
@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_listed_never_opened_and_can_be_deleted(kind, folder):
    name = f"own-odd-{own().fingerprint[:8]}"  # as the pictures that are saved below would have it
    no_file(folder, name, kind)
    (odd,) = list_pictures()
    assert "cannot be read" in odd.problem and find_source(name) is None
    with pytest.raises(DatasetError, match="cannot be read"):
        load_pictures(name)
    kept = save_pictures(own(), "Mine")
    assert load_pictures(kept.name).title == "Mine"
    PICTURES.delete(name)
    assert list_pictures() == [kept] and [one.name for one in list_deleted()] == [name]


def test_the_trash_is_emptied_of_what_is_old_and_of_nothing_else():
    old, new = save_pictures(own(), "Old"), save_pictures(own(seed=1), "New")
    # Kept for a year, deleted just now: that is new in the trash.
    os.utime(new.path, (time.time() - 365 * 86_400,) * 2)
    PICTURES.delete(new.name)
    PICTURES.delete(old.name)
    in_trash = PICTURES.trash / old.path.name
    os.utime(in_trash, (time.time() - (TRASH_DAYS + 1) * 86_400,) * 2)
    third = save_pictures(own(seed=2), "Third")
    PICTURES.delete(third.name)
    assert not in_trash.exists()
    PICTURES.restore(new.name)
    PICTURES.restore(third.name)


def test_what_is_deleted_is_listed_the_last_first_and_can_be_brought_back():
    assert list_deleted() == []
    first, second = save_pictures(own(), "Zebras"), save_pictures(own(seed=1), "Apes")
    third = save_pictures(own(seed=2), "Kept")
    # Deleted in this order, a minute apart.
    for one, minutes in ((second, 2), (first, 1)):
        PICTURES.delete(one.name)
        os.utime(PICTURES.trash / one.path.name, (time.time() - 60 * minutes,) * 2)
    assert [(one.name, one.title) for one in list_deleted()] == [
        (first.name, "Zebras"),
        (second.name, "Apes"),
    ]
    for one in list_deleted():
        PICTURES.restore(one.name)
    assert list_deleted() == []
    assert {one.name for one in list_pictures()} == {first.name, second.name, third.name}


def test_what_is_kept_again_is_not_among_the_deleted():
    kept = save_pictures(own(), "Before")
    PICTURES.delete(kept.name)
    assert [one.title for one in list_deleted()] == ["Before"]
    assert save_pictures(own(), "Before").name == kept.name
    assert list_deleted() == []


def test_listing_the_deleted_raises_nothing(tmp_path, monkeypatch):
    kept = save_pictures(own(), "Mine")
    PICTURES.delete(kept.name)
    (PICTURES.trash / kept.path.name).write_bytes(b"no pictures")
    (PICTURES.trash / "own-Strange Name.safetensors").write_bytes(b"")
    [row] = list_deleted()
    assert row.name == kept.name and "cannot be read" in row.problem
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "file"))
    assert list_deleted() == []


def rewritten(kept, **changes):
    """The file with some of its description or tensors changed, and the right checksum."""
    with safe_open(kept.path, framework="numpy") as file:
        about = json.loads(file.metadata()["pictures"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for name, value in changes.items():
        (tensors if name in ("images", "labels", "more") else about)[name] = value
    tensors = {name: array for name, array in tensors.items() if array is not None}
    text = json.dumps(about)
    before = kept.path.stat().st_mtime_ns
    save_file(tensors, kept.path, metadata={"pictures": text, "checksum": checksum(text, tensors)})
    # A file system's clock ticks slower than a test: by its time this would be the same file.
    os.utime(kept.path, ns=(before + 1_000_000_000,) * 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 99},
        {"counts": [100, 0, 0]},
        {"counts": [50, 20, 20]},
        {"counts": [77.0, 8, 15]},
        {"counts": "abc"},
        {"class_names": []},
        {"class_names": ["a"]},  # there are four
        {"class_names": [1, 2, 3, 4]},
        {"class_names": ["a"] * 11},
        {"images": np.zeros((100, 12, 12), np.float32)},
        {"images": np.zeros((100, 12, 13), np.uint8)},
        {"images": np.zeros((100, 65, 65), np.uint8)},
        {"images": np.zeros((100, 144), np.uint8)},
        {"images": None},
        {"labels": np.zeros(99, np.uint8)},
        {"labels": np.zeros(100, np.int64)},
        {"labels": None},
        {"more": np.zeros(3, np.uint8)},
    ],
    ids=str,
)
def test_a_file_that_says_something_else_is_set_aside(changes):
    kept, good = save_pictures(own(), "Bad"), save_pictures(own(seed=1), "Good")
    rewritten(kept, **changes)
    with pytest.raises(DatasetError, match=r"^own-bad-.*\.$"):
        load_pictures(kept.name)
    assert len(load_pictures(good.name).images) == 100
    if changes != {"class_names": ["a"]}:  # which only its labels tell
        problems = {row.name: row.problem for row in list_pictures()}
        assert "cannot be read" in problems[kept.name] and not problems[good.name]
        assert list(all_sources()) == [*DATASETS, good.name]
    PICTURES.delete(kept.name)
    assert [row.name for row in list_pictures()] == [good.name]


def test_every_flipped_bit_and_every_cut_is_noticed():
    kept = save_pictures(own(), "Mine")
    good, oracle = kept.path.read_bytes(), load_pictures(kept.name).images
    random = np.random.default_rng(0)
    for place in random.integers(0, len(good), 150):
        bad = bytearray(good)
        bad[place] ^= 1 << random.integers(8)
        for data in (bytes(bad), good[:place]):
            kept.path.write_bytes(data)
            with pytest.raises(DatasetError):
                load_pictures(kept.name)
            assert len(list_pictures()) == 1
    kept.path.write_bytes(good)
    np.testing.assert_array_equal(load_pictures(kept.name).images, oracle)


def test_a_full_disk_leaves_the_old_file_and_no_half_one(monkeypatch, folder):
    kept = save_pictures(own(), "Mine")
    before = kept.path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DatasetError, match=r"No space left on device.*AEVIZ_HOME\.$"):
        save_pictures(own(seed=1), "Other")
    with pytest.raises(DatasetError, match="No space left"):
        rename_pictures(kept.name, "Other")
    assert [path.read_bytes() for path in folder.iterdir()] == [before]


def test_a_folder_that_is_no_folder(tmp_path, monkeypatch):
    pictures = own()
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("AEVIZ_HOME", str(tmp_path / "file"))
    assert list_pictures() == []
    with pytest.raises(DatasetError, match="could not be saved"):
        save_pictures(pictures, "Mine")


def test_a_public_showing_opens_and_changes_nothing(monkeypatch, folder):
    pictures = own()
    kept, gone = save_pictures(pictures, "Mine"), save_pictures(own(seed=1), "Gone")
    PICTURES.delete(gone.name)
    before = {path: path.read_bytes() for path in folder.parent.rglob("*.*")}
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    for what, act in (
        ("Saving", lambda: save_pictures(pictures, "Again")),
        ("Renaming", lambda: rename_pictures(kept.name, "Again")),
        ("Deleting", lambda: PICTURES.delete(kept.name)),
        ("Bringing", lambda: PICTURES.restore(gone.name)),
    ):
        with pytest.raises(UserError, match=rf"^{what} pictures .*public showing"):
            act()
    assert {path: path.read_bytes() for path in folder.parent.rglob("*.*")} == before
    assert len(load_pictures(kept.name).images) == 100


def test_reading_the_list_reads_no_pictures(monkeypatch):
    kept = save_pictures(own(), "Mine")
    monkeypatch.setattr(own_store, "read", None)
    assert list_pictures() == [kept] == [replace(kept)]


# --- files that turned bad, two programs ---------------------------------------------------------


def test_a_file_that_turned_bad_is_set_aside_and_all_others_open(folder):
    bad, good = save_pictures(own(), "Bad"), save_pictures(own(seed=1), "Good")
    data = bytearray(bad.path.read_bytes())
    data[-1] ^= 1
    bad.path.write_bytes(data)
    sentence = PICTURES.set_aside(bad.name)
    assert sentence.startswith(f"{bad.path.name} is damaged") and sentence.endswith(".")
    there = folder.parent / "set-aside" / "pictures" / f"{bad.name}.bad.safetensors"
    assert there.read_bytes() == data and not bad.path.exists()
    assert PICTURES.set_aside(bad.name) == ""  # somebody else did it before
    first, second = list_pictures()
    assert (first, second.name) == (good, f"{bad.name}.bad") and "set aside" in second.problem
    assert list(all_sources()) == [*DATASETS, good.name] and find_source(second.name) is None
    with pytest.raises(DatasetError, match="set aside"):
        load_dataset(second.name)
    # The same pictures again have the old name: deleting the bad file leaves them.
    assert save_pictures(own(), "Bad").name == bad.name
    PICTURES.delete(second.name)
    assert [one.name for one in list_pictures()] == [bad.name, good.name]
    assert [one.name for one in list_deleted()] == [second.name]
    assert "set aside" in find_pictures(PICTURES.restore(second.name)).problem and there.exists()


def test_what_opens_or_may_open_again_is_not_set_aside(monkeypatch):
    kept = save_pictures(own(), "Mine")
    assert (
        PICTURES.set_aside(kept.name)
        == PICTURES.set_aside("own-gone-12345678")
        == PICTURES.set_aside("../x")
        == ""
    )
    rewritten(kept, schema=99)
    assert (
        PICTURES.set_aside(kept.name) == ""
        and "update this one" in find_pictures(kept.name).problem
    )
    for error in (OSError(5, "Input/output error"), MemoryError()):

        def fail(*_, error=error, **__):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(storage_tensors, "safe_open", fail)
            assert PICTURES.set_aside(kept.name) == ""
    assert kept.path.is_file()
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    with pytest.raises(UserError, match="Setting files aside"):
        PICTURES.set_aside(kept.name)


def test_two_programs_take_turns_and_models_need_not_wait(tmp_path, monkeypatch):
    pictures = own()
    kept = save_pictures(pictures, "Mine")
    monkeypatch.setattr("aeviz.storage.locks._PATIENCE_SECONDS", 0.05)
    with alone_in(tmp_path):  # as somebody who changes a model
        rename_pictures(kept.name, "Renamed")
    with alone_in(tmp_path, ".pictures.lock"):
        for act, *more in (
            (save_pictures, pictures, "Again"),
            (rename_pictures, kept.name, "Again"),
            (PICTURES.delete, kept.name),
            (PICTURES.restore, kept.name),
            (PICTURES.set_aside, kept.name),
        ):
            with pytest.raises(DatasetError, match=r"half a minute.*\.$"):
                act(*more)
    assert [one.title for one in list_pictures()] == ["Renamed"]


def test_a_file_that_could_not_be_found_by_its_name_is_not_listed(folder):
    kept = save_pictures(own(), "Mine")
    for name in ("own-Mine", "own-", "own-mine copy"):
        (folder / f"{name}.safetensors").write_bytes(kept.path.read_bytes())
    assert [one.name for one in list_pictures()] == [kept.name]
