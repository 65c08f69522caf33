"""A machine with no data set on it, and made-up files in the shape of the real ones."""

import numpy as np
import pytest

from aeviz.data import download
from aeviz.data.catalog import find_local
from tests.support.dataset_files import (
    IMAGES,
    LABELS,
    TEST_IMAGES,
    TEST_LABELS,
    files_under,
    idx,
    npy,
    packed,
)


@pytest.fixture
def data_dir(monkeypatch, tmp_path):
    """An empty AEVIZ_DATA_DIR, home and cache folder, and no network. Deleted afterwards: the
    files that tests put here add up to some hundred megabytes."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("AEVIZ_DATA_DIR", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(download, "DOWNLOAD_URL", "http://127.0.0.1:1/")
    yield folder
    for file in files_under(tmp_path):
        file.unlink()


@pytest.fixture(scope="session")
def stand_in():
    """MNIST's names, shapes and types with made-up content; every image says its row number."""
    arrays = {}
    for part, n in (("train", 60_000), ("test", 10_000)):
        images = np.zeros((n, 28, 28), np.uint8)
        images[:, 0, :4] = np.arange(n, dtype=">u4").view(np.uint8).reshape(n, 4)
        images[:, 1, 0] = 255
        arrays[f"x_{part}"] = images
        arrays[f"y_{part}"] = (np.arange(n) % 10).astype(np.uint8)
    return arrays


@pytest.fixture(scope="session")
def members(stand_in):
    return {name: npy(array) for name, array in stand_in.items()}


@pytest.fixture(scope="session")
def fashion_files(stand_in):
    return {
        IMAGES: packed(idx(stand_in["x_train"])),
        LABELS: packed(idx(stand_in["y_train"])),
        TEST_IMAGES: packed(idx(stand_in["x_test"])),
        TEST_LABELS: packed(idx(stand_in["y_test"])),
    }


@pytest.fixture(scope="session")
def mnist_bytes(mnist):
    return find_local("mnist").read_bytes()
