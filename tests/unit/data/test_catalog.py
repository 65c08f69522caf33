"""Data sets by name: what is on this machine, in which order, and what is not."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from aeviz.data.catalog import find_local, is_available, load_dataset
from aeviz.data.dataset import DatasetError, DatasetMissing
from aeviz.data.sources import DATASETS
from tests.support.dataset_files import assert_sentence, files_under, write_npz


def test_loading_mnist_imports_no_heavy_package(mnist):
    code = (
        "import sys; from aeviz.data.catalog import load_dataset; load_dataset('mnist');"
        "print([m for m in ('tensorflow', 'keras', 'sklearn', 'pooch', 'streamlit')"
        " if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


def test_registry():
    names = ["mnist", "fashion_mnist", "cifar10", "cifar10_jpeg", "shapes", "digits"]
    assert list(DATASETS) == names
    assert all(source.name == name for name, source in DATASETS.items())
    sizes = [sum(file.bytes for file in source.files) for source in DATASETS.values()]
    assert sizes == [11_490_434, 30_878_645, 170_052_171, 62_190_935, 0, 0]
    known = "mnist, fashion_mnist, cifar10, cifar10_jpeg, shapes, digits"
    for function in (load_dataset, is_available, find_local):
        with pytest.raises(DatasetError, match=known) as caught:
            function("cifar")
        assert_sentence(caught.value)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_no_network_says_so_at_once_and_offers_digits(data_dir, name, tmp_path):
    assert not is_available(name)
    assert find_local(name) is None
    start = time.monotonic()
    with pytest.raises(DatasetMissing) as caught:
        load_dataset(name)
    assert time.monotonic() - start < 3
    assert_sentence(caught.value, DATASETS[name].title, "no connection", "digits", "AEVIZ_DATA_DIR")
    assert files_under(tmp_path) == []


def test_the_order_of_the_folders(data_dir, members, tmp_path):
    keras = tmp_path / "home" / ".keras" / "datasets"
    cache = tmp_path / "cache"
    for folder in (cache, keras, data_dir):  # the last one found so far wins
        folder.mkdir(parents=True, exist_ok=True)
        write_npz(folder / "mnist.npz", {"x_train": b""})
        assert find_local("mnist") == folder / "mnist.npz"
        assert is_available("mnist")
