"""Copies of CIFAR-10's pictures as JPEG files, read for building the gallery."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from aeviz.data import cifar10
from aeviz.data.dataset import DatasetError
from aeviz.gallery import photo_copies

KINDS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def jpeg(colour):
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(out, format="JPEG")
    return out.getvalue()


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """An archive of a few pictures, each kind in a colour of its own; its size is CIFAR-10's."""
    for name, count in (("N_TRAIN", 30), ("N_VALIDATION", 10), ("N_TEST", 20)):
        monkeypatch.setattr(cifar10, name, count)
    path = tmp_path / photo_copies.FILE
    with zipfile.ZipFile(path, "w") as archive:
        for part, each in (("train", 4), ("test", 2)):
            for label, kind in enumerate(KINDS):
                for i in range(each):
                    archive.writestr(f"{part}/{kind}/{i:04}.jpg", jpeg((20 * label, 90, 200)))
    return path


def test_each_picture_has_the_label_of_its_folder(copies):
    pictures = photo_copies.read_copies(copies)
    assert pictures.images.shape == (60, 32, 32, 3)
    reds = pictures.images[:, 16, 16, 0].astype(int)
    assert np.abs(reds - 20 * pictures.labels.astype(int)).max() <= 3
    assert np.bincount(pictures.labels).tolist() == [6] * 10


def test_the_kinds_are_mixed_and_always_alike(copies):
    first, second = (photo_copies.read_copies(copies) for _ in "ab")
    assert np.array_equal(first.images, second.images)
    assert len(np.unique(first.labels[30:40])) > 3  # those set apart for validation


def test_an_archive_with_too_few_is_refused(copies, monkeypatch):
    monkeypatch.setattr(cifar10, "N_TEST", 21)
    with pytest.raises(DatasetError, match="20 pictures in test"):
        photo_copies.read_copies(copies)


def test_they_are_taken_only_where_the_data_set_itself_is_not_here(copies, monkeypatch):
    monkeypatch.setattr(photo_copies, "data_folders", lambda: [copies.parent])
    monkeypatch.setattr(photo_copies, "is_available", lambda name: False)
    assert photo_copies.load_pictures("cifar10").name == "cifar10"
    monkeypatch.setattr(photo_copies, "is_available", lambda name: True)
    monkeypatch.setattr(photo_copies, "load_dataset", lambda name: f"{name} itself")
    assert photo_copies.load_pictures("cifar10") == "cifar10 itself"
    assert photo_copies.load_pictures("digits") == "digits itself"
