"""CIFAR-10's binary version, from archives as its authors pack them and from worse ones."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from aeviz.data.catalog import is_available, load_dataset
from aeviz.data.cifar10 import read_cifar10
from aeviz.data.dataset import DatasetError
from tests.support.dataset_files import assert_sentence

ARCHIVE = "cifar-10-binary.tar.gz"
PARTS = [*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]


@pytest.fixture(scope="module")
def records():
    """Records of each part as they stand in the file, with long runs so that they pack quickly."""
    random = np.random.default_rng(3)
    parts = {}
    for part in PARTS:
        one = np.repeat(random.integers(0, 256, (10_000, 97), np.uint8), 32, axis=1)[:, :3073]
        one[:, 0] = random.integers(0, 10, 10_000)
        parts[part] = one
    return parts


def pack(path, files, *, kind=tarfile.REGTYPE):
    with gzip.open(path, "wb", compresslevel=1) as unpacked:
        with tarfile.open(fileobj=unpacked, mode="w|") as archive:
            for name, content in files:
                member = tarfile.TarInfo(name)
                member.size, member.type = len(content), kind
                archive.addfile(member, io.BytesIO(content))
    return path


def members(records):
    about = [("cifar-10-batches-bin/batches.meta.txt", b"airplane\n")]
    return about + [(f"cifar-10-batches-bin/{name}", r.tobytes()) for name, r in records.items()]


@pytest.fixture(scope="module")
def archive(records, tmp_path_factory):
    # Not in the order of their names, as in the real archive.
    return pack(tmp_path_factory.mktemp("cifar") / ARCHIVE, members(records)[::-1])


def test_pictures_and_labels_are_those_of_the_records(archive, records):
    images, labels = read_cifar10(archive)
    assert images.shape == (60_000, 32, 32, 3) and images.dtype == labels.dtype == np.uint8
    for place in (0, 9_999, 10_000, 44_999, 45_000, 59_999):
        record = records[PARTS[place // 10_000]][place % 10_000]
        assert labels[place] == record[0]
        # "The first 1024 entries are the red channel values, the next 1024 the green, and the final
        # 1024 the blue, [...] row-major" (the format section of CIFAR's home page).
        for channel in range(3):
            plane = record[1 + 1024 * channel :][:1024]
            for row in (0, 13, 31):
                wanted = plane[32 * row : 32 * row + 32]
                np.testing.assert_array_equal(images[place, row, :, channel], wanted)


def test_the_last_training_pictures_are_for_validation(archive, records, data_dir, monkeypatch):
    assert not is_available("cifar10")
    (data_dir / ARCHIVE).hardlink_to(archive)
    data = load_dataset("cifar10")
    assert (data.n_train, data.n_validation, data.n_test) == (45_000, 5_000, 10_000)
    fifth, test = records["data_batch_5.bin"], records["test_batch.bin"]
    np.testing.assert_array_equal(data.validation_labels, fifth[5_000:, 0])
    np.testing.assert_array_equal(data.test_labels, test[:, 0])
    assert data.shape.coloured and data.shape.side == 32
    assert [p.name for p in data_dir.iterdir()] == [ARCHIVE]


def lacking(records):
    return members(records)[:-1], "lacks test_batch.bin"


def twice(records):
    return [*members(records), members(records)[1]], "twice|more than"


def cut_short(records):
    name, content = members(records)[1]
    return [(name, content[:-1])], "another size"


def wrong_label(records):
    name, content = members(records)[1]
    return [(name, b"\x0a" + content[1:])], "a label 10"


def too_much(records):
    return [("zeros", bytes(200_000_000)), *members(records)], "more than CIFAR-10"


def pickled(records):
    return [("cifar-10-batches-py/data_batch_1", b"\x80\x02}q\x01.")], "lacks"


@pytest.mark.parametrize("made", [lacking, twice, cut_short, wrong_label, too_much, pickled])
def test_an_archive_of_something_else_gets_one_sentence(records, tmp_path, made):
    files, says = made(records)
    with pytest.raises(DatasetError, match=says) as error:
        read_cifar10(pack(tmp_path / ARCHIVE, files))
    assert_sentence(error.value)


def test_links_are_not_followed(records, tmp_path):
    path = pack(tmp_path / ARCHIVE, [(name, b"") for name, _ in members(records)], kind=b"2")
    with pytest.raises(DatasetError, match="lacks"):
        read_cifar10(path)


@pytest.mark.parametrize(
    "content", [b"", b"no archive", gzip.compress(b"no archive")], ids=["empty", "text", "gzip"]
)
def test_what_is_no_archive_gets_one_sentence(tmp_path, content):
    (tmp_path / ARCHIVE).write_bytes(content)
    with pytest.raises(DatasetError, match=r"damaged|lacks") as error:
        read_cifar10(tmp_path / ARCHIVE)
    assert_sentence(error.value)


def test_an_archive_that_breaks_off_gets_one_sentence(archive, tmp_path):
    (tmp_path / ARCHIVE).write_bytes(archive.read_bytes()[:-5_000])
    with pytest.raises(DatasetError, match=r"damaged|too early") as error:
        read_cifar10(tmp_path / ARCHIVE)
    assert_sentence(error.value)
