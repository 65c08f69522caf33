"""Fashion-MNIST's four files: where they are found, and which are refused."""

import struct

import numpy as np
import pytest

from aeviz.data.catalog import find_local, load_dataset
from aeviz.data.dataset import DatasetError
from tests.support.dataset_files import (
    IMAGES,
    LABELS,
    TEST_IMAGES,
    TEST_LABELS,
    assert_refused,
    assert_sentence,
    idx,
    packed,
    write_files,
)


@pytest.mark.parametrize(
    "place", ["data/fashion-mnist", "data", "home/.keras/datasets/fashion-mnist"]
)
def test_fashion_mnist_where_people_keep_it(data_dir, fashion_files, stand_in, tmp_path, place):
    write_files(tmp_path / place, fashion_files)
    assert find_local("fashion_mnist") == tmp_path / place
    data = load_dataset("fashion_mnist")
    assert (data.n_train, data.n_validation, data.n_test) == (55_000, 5_000, 10_000)
    np.testing.assert_array_equal(
        data.validation_images, stand_in["x_train"][:5_000].reshape(-1, 784)
    )
    np.testing.assert_array_equal(data.train_images, stand_in["x_train"][5_000:].reshape(-1, 784))
    np.testing.assert_array_equal(data.test_images, stand_in["x_test"].reshape(-1, 784))
    np.testing.assert_array_equal(data.validation_labels, stand_in["y_train"][:5_000])
    np.testing.assert_array_equal(data.train_labels, stand_in["y_train"][5_000:])
    np.testing.assert_array_equal(data.test_labels, stand_in["y_test"])


def test_fashion_mnist_needs_all_four_files(data_dir, fashion_files):
    write_files(data_dir, {name: fashion_files[name] for name in (IMAGES, LABELS, TEST_IMAGES)})
    assert find_local("fashion_mnist") is None


BAD_FASHION = {
    "labels for images": (IMAGES, lambda s: packed(idx(s["y_train"])), "not an IDX file"),
    "floats": (IMAGES, lambda s: packed(idx(s["x_train"], 0xD03)), "not an IDX file"),
    "empty": (IMAGES, lambda s: packed(b""), "not an IDX file"),
    "100 images": (TEST_IMAGES, lambda s: packed(idx(s["x_test"][:100])), "(100, 28, 28)"),
    "32 x 32": (
        TEST_IMAGES, lambda s: packed(idx(np.zeros((10_000, 32, 32), np.uint8))), "32"
    ),
    "a huge claim": (
        IMAGES, lambda s: packed(struct.pack(">4I", 0x803, *[2**32 - 1] * 3)), "4294967295"
    ),
    "payload cut short": (IMAGES, lambda s: packed(idx(s["x_train"])[:-1]), "ends too early"),
    "payload too long": (IMAGES, lambda s: packed(idx(s["x_train"]) + b"1"), "more data"),
    "file cut short": (IMAGES, lambda s: packed(idx(s["x_train"]))[:-100], "damaged"),
    "wrong checksum": (
        LABELS, lambda s: packed(idx(s["y_train"]))[:-8] + bytes(8), "damaged"
    ),
    "not gzipped": (LABELS, lambda s: idx(s["y_train"]), "damaged"),
    "a label of 255": (TEST_LABELS, lambda s: packed(idx(s["y_test"] | 255)), "label 255"),
    "blank images": (TEST_IMAGES, lambda s: packed(idx(s["x_test"] * 0)), "no pixel brighter"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FASHION)
def test_a_fashion_file_that_is_not_one_is_refused(data_dir, fashion_files, stand_in, case):
    name, content, expected = BAD_FASHION[case]
    write_files(data_dir, fashion_files | {name: content(stand_in)})
    assert_refused("fashion_mnist", data_dir / name, expected)


def test_mnists_own_idx_files_are_not_taken_for_fashion_mnist(data_dir, fashion_files, mnist):
    """They have the same names and shapes, and both may lie in AEVIZ_DATA_DIR itself."""
    labels = np.concatenate([mnist.validation_labels, mnist.train_labels])
    write_files(data_dir, fashion_files | {LABELS: packed(idx(labels))})
    with pytest.raises(DatasetError) as caught:
        load_dataset("fashion_mnist")
    assert_sentence(caught.value, data_dir, "MNIST's own", "move the four files")
