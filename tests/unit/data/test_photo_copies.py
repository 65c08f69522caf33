"""CIFAR-10's pictures as JPEG copies in a zip: what is read, and what is refused."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from aeviz.data.catalog import all_sources, load_dataset
from aeviz.data.dataset import DatasetError, DatasetMissing
from aeviz.data.photo_copies import read_photo_copies
from tests.support.dataset_files import assert_sentence

KINDS = "airplane automobile bird cat deer dog frog horse ship truck".split()
ZIP = "cifar10-jpeg.zip"


def jpeg(shade, *, side=32, mode="RGB"):
    picture = Image.new(mode, (side, side), shade if mode == "L" else (shade, 255 - shade, 100))
    file = io.BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


def pack(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """A zip as whole as the real one; a picture's shade tells its kind and its part."""
    members = [
        (f"{part}/{kind}/{number:04}.jpg", jpeg(20 * place + (10 if part == "test" else 0)))
        for part, count in (("test", 1), ("train", 1))
        for place, kind in enumerate(KINDS)
        for number in range(count)
    ]
    bytes_of = {name.rsplit("/", 1)[0]: content for name, content in members}
    whole = (
        (f"{place}/{number:04}.jpg", content)
        for place, content in bytes_of.items()
        for number in range(1_000 if place.startswith("test") else 5_000)
    )
    return pack(tmp_path_factory.mktemp("copies") / ZIP, whole)


def test_pictures_come_in_turns_of_their_kinds_and_those_for_testing_last(copies):
    images, labels = read_photo_copies(copies)
    assert images.shape == (60_000, 32, 32, 3) and images.dtype == labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, np.arange(60_000) % 10)
    for place in (0, 7, 49_999, 50_000, 59_999):
        shade = 20 * (place % 10) + (10 if place >= 50_000 else 0)
        # What a JPEG may be off by.
        np.testing.assert_allclose(images[place, 16, 16], [shade, 255 - shade, 100], atol=3)


def test_they_are_a_data_set_only_where_they_are(copies, tmp_path, monkeypatch):
    monkeypatch.setenv("AEVIZ_DATA_DIR", str(tmp_path))
    assert "cifar10_jpeg" not in all_sources() and "cifar10" in all_sources()
    with pytest.raises(DatasetMissing) as caught:
        load_dataset("cifar10_jpeg")
    assert_sentence(caught.value, ZIP, "AEVIZ_DATA_DIR")
    monkeypatch.setenv("AEVIZ_DATA_DIR", str(copies.parent))
    assert "cifar10_jpeg" in all_sources()
    dataset = load_dataset("cifar10_jpeg")
    assert (dataset.n_train, len(dataset.validation_images), len(dataset.test_images)) == (
        45_000,
        5_000,
        10_000,
    )


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("train/cat/0000.jpg", jpeg(9))], "1 pictures in place of 60,000"),
        ([("train/cat/0000.jpg", bytes(5_000))], "larger than such a copy"),
        ([("../train/cat/0000.jpg", jpeg(9))], "0 pictures in place of 60,000"),
    ],
    ids=["too few", "too large", "another path"],
)
def test_other_zips_are_refused(tmp_path, members, words):
    with pytest.raises(DatasetError) as caught:
        read_photo_copies(pack(tmp_path / ZIP, members))
    assert_sentence(caught.value, ZIP, words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (jpeg(9, side=16), "not 32 x 32"),
        (b"no picture", "damaged or incomplete"),
    ],
    ids=["another size", "no picture"],
)
def test_a_zip_with_one_bad_copy_is_refused(tmp_path, monkeypatch, content, words):
    monkeypatch.setattr("aeviz.data.photo_copies.N_TRAIN", -14_999)  # one picture in all
    path = pack(tmp_path / ZIP, [("test/cat/0000.jpg", content)])
    with pytest.raises(DatasetError) as caught:
        read_photo_copies(path)
    assert_sentence(caught.value, ZIP, words)


def test_no_zip_at_all_is_said(tmp_path):
    (tmp_path / ZIP).write_bytes(b"PK, or not")
    with pytest.raises(DatasetError) as caught:
        read_photo_copies(tmp_path / ZIP)
    assert_sentence(caught.value, ZIP, "damaged")
