"""Folders against what the people who made them meant, by the customs of public data sets."""

import time
from collections import Counter

import pytest

from aeviz.data.uploads.folders import arrange


def inside(*folders, count=20):
    return [f"{folder}/{i}.png" for i in range(count) for folder in folders]


def counted(kinds):
    return None if kinds is None else dict(Counter(kinds.tolist()))


PARTED = {
    "kinds in parts": inside("set/train/a", "set/train/b", "set/test/a", "set/test/b"),
    "parts in kinds": inside("a/Train", "b/Train", "a/Test", "b/Test"),
    "a folder twice": inside(*(f"{p}Set/{p}Set/{k}" for p in ("training", "test") for k in "ab")),
    "words about it": inside(*(f"x/seg_{p}1/{k}" for p in ("train", "test") for k in "ab")),
    "images below": inside(*(f"{p}/{k}/images" for p in ("train", "test") for k in "ab")),
    "at two depths": inside("a/train", "b/train", "a/x/test", "b/x/test"),
}


@pytest.mark.parametrize("name", PARTED)
def test_a_split_into_training_and_test_is_kept(name):
    paths = PARTED[name]
    found = arrange(paths)
    assert counted(found.kinds) == {"a": 40, "b": 40}
    assert (found.n_validation, found.n_test, found.left_out.total()) == (0, 40, 0)
    assert all("est" in paths[i] for i in found.order[-40:])
    assert not any("est" in paths[i] for i in found.order[:-40])
    assert "kept as test pictures" in found.notes[0]


def test_validation_pictures_come_before_the_test_pictures():
    paths = inside("test/a", "test/b", count=3) + inside("valid/a", "valid/b", count=4)
    paths += inside("train/a", "train/b")
    found = arrange(paths)
    assert (found.n_validation, found.n_test) == (8, 6)
    names = [paths[i].split("/")[0] for i in found.order]
    assert names == ["train"] * 40 + ["valid"] * 8 + ["test"] * 6
    without_test = arrange([path for path in paths if not path.startswith("test")])
    assert (without_test.n_validation, without_test.n_test) == (8, 0)


@pytest.mark.parametrize(
    ("folders", "kinds"),
    [
        (["set/train/a", "set/train/b"], {"a", "b"}),
        (["train", "test", "car"], {"train", "test", "car"}),
        (["train", "plane"], {"train", "plane"}),
        (["test", "exam"], {"test", "exam"}),
    ],
)
def test_kinds_of_such_names_are_no_split(folders, kinds):
    found = arrange(inside(*folders))
    assert set(found.kinds) == kinds and (found.n_test, found.notes) == (0, ())


@pytest.mark.parametrize("folders", [
    ["train/test", "train/car", "test/test", "test/car"],
    ["test/train", "test/test", "car/train", "car/test"],
])  # fmt: skip
def test_a_kind_called_test_within_a_split(folders):
    found = arrange(inside(*folders))
    assert counted(found.kinds) == {"test": 40, "car": 40} and found.n_test == 40


def test_test_pictures_without_kinds_do_not_cost_the_others_theirs():
    found = arrange(inside("train/a", "train/b") + inside("test", count=30))
    assert counted(found.kinds) == {"a": 20, "b": 20} and found.n_test == 0
    assert found.left_out == {"test pictures in no folder of a kind": 30}
    neither = arrange(inside("train", "test"))
    assert neither.kinds is None and neither.n_test == 20


@pytest.mark.parametrize(
    ("folders", "strays", "kinds"),
    [
        (["a", "b", "c"], ["cover.png"], "abc"),
        (["set/a", "set/b", "set/c"], ["set/cover.png"], "abc"),
        (["set/a", "set/b", "set/c"], ["set/cover.png", "1.png", "2.png", "3.png"], "abc"),
        (["a/images", "b/images", "c/images"], ["cover.png"], "abc"),
        (["s/train/a", "s/train/b", "s/test/a", "s/test/b"], ["s/cover.png"], "ab"),
        (["s/train/a", "s/train/b", "s/test/a", "s/test/b"], inside("s/try", count=2), "ab"),
    ],
)
def test_strays_are_left_out_and_named(folders, strays, kinds):
    paths = [*strays, *inside(*folders)]
    found = arrange(paths)
    assert set(found.kinds) == set(kinds)
    assert sorted(found.order) == list(range(len(strays), len(paths)))
    (why,) = found.left_out
    assert found.left_out[why] == len(strays) and strays[0].rpartition("/")[2] in why


def test_many_pictures_in_no_folder_are_kept_without_labels():
    found = arrange([f"{i}.png" for i in range(40)] + inside("a", "b"))
    assert found.kinds is None and len(found.order) == 80
    assert found.notes == ("no labels, since 40 pictures are in no folder",)


def test_too_many_kinds_are_said_and_nothing_is_left_out():
    found = arrange(["cover.png", *inside(*map(str, range(11)))])
    assert found.kinds is None and len(found.order) == 221
    assert "would give 11 kinds and 2 to 10 can be shown" in found.notes[0]


@pytest.mark.parametrize(
    ("folders", "kinds"),
    [
        (["a/images", "b/images"], {"a", "b"}),
        (["x/a/images/raw", "x/b/images/raw"], {"a", "b"}),
        (["a/images", "a/masks", "b/images", "b/masks"], {"a", "b"}),
        (["cats/day 1", "cats/day 2", "dogs/day 1"], {"cats", "dogs"}),
        (["animals/cats", "animals/dogs", "plants/trees"], {"cats", "dogs", "trees"}),
        (["a", "b", "b/more"], {"a", "b"}),
        (["day1", "day2"], {"day1", "day2"}),
        ([f"greek/{i}" for i in range(9)] + [f"latin/{i}" for i in "abc"], {"greek", "latin"}),
        ([f"writer{w}/{digit}" for w in range(3) for digit in range(10)], set("0123456789")),
    ],
)
def test_the_level_of_folders_that_makes_kinds(folders, kinds):
    found = arrange(inside(*folders))
    assert set(found.kinds) == kinds and len(found.order) == 20 * len(folders)


def test_folders_of_one_name_in_two_places_are_said():
    found = arrange(inside("farm/cats", "farm/dogs", "home/cats", "home/birds"))
    assert counted(found.kinds) == {"cats": 40, "dogs": 20, "birds": 20}
    assert found.notes == ("folders of the same name taken for one kind: cats (in farm, home)",)


@pytest.mark.parametrize("paths", [
    [f"{i}.png" for i in range(60)],
    inside("set"),
    [f"../../tmp/{'ab'[i % 2]}/../{i}.png" for i in range(60)],
    [],
])  # fmt: skip
def test_no_kinds(paths):
    found = arrange(paths)
    assert found.kinds is None and found.order == list(range(len(paths)))
    assert (found.notes, found.left_out.total()) == ((), 0)


def test_paths_made_to_be_looked_at_for_long():
    start = time.perf_counter()
    arrange([f"{'train/' * 9_000}{i % 50}/test/{i}.png" for i in range(20_000)])
    assert time.perf_counter() - start < 10
