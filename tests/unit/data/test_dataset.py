"""An image data set: its three parts, what does not fit together, scaled pictures."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from aeviz.data.dataset import DatasetError, ImageDataset, scaled
from tests.support.dataset_files import assert_sentence


def small(n=10, **changes):
    images = np.arange(n * 9, dtype=np.uint8).reshape(n, 3, 3)
    labels = np.arange(n, dtype=np.uint8)
    parts = dict(n_train=n - 4, n_validation=2, n_test=2)
    return ImageDataset(**{**dict(name="s", title="S", images=images, labels=labels), **parts,
                           **changes})  # fmt: skip


def test_parts_follow_one_another():
    data = small()
    assert data.train_labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert data.validation_labels.tolist() == [6, 7]
    assert data.test_labels.tolist() == [8, 9]
    assert data.test_images[0].tolist() == list(range(72, 81))
    unlabelled = small(labels=None)
    assert unlabelled.train_labels is unlabelled.validation_labels is unlabelled.test_labels is None


@pytest.mark.parametrize(
    "changes",
    [
        {"images": np.zeros((10, 3, 3), np.float32)},
        {"images": np.zeros((10, 3, 4), np.uint8)},
        {"images": np.zeros((10, 9), np.uint8)},
        {"images": np.zeros((10, 0, 0), np.uint8)},
        {"images": np.zeros((3, 3, 10), np.uint8).T},  # (10, 3, 3), not C-ordered
        {"labels": np.zeros(9, np.uint8)},
        {"labels": np.zeros(10, np.int64)},
        {"n_train": 7},
        {"n_train": 8, "n_test": 0},
        {"n_train": 9, "n_test": -1},
    ],
    ids=str,
)
def test_parts_that_do_not_fit_are_refused(changes):
    with pytest.raises(DatasetError) as caught:
        small(**changes)
    assert_sentence(caught.value)


def test_scaled():
    images = np.array([[[0, 51], [102, 255]]], np.uint8)
    rows = scaled(images)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [[0, 0.2, 0.4, 1]], rtol=1e-7)
    assert rows.max() == 1
    assert images.tolist() == [[[0, 51], [102, 255]]]
    np.testing.assert_array_equal(scaled(images.reshape(1, 4)), rows)
    assert scaled(np.zeros((0, 28, 28), np.uint8)).shape == (0, 784)
    with pytest.raises(ValueError, match="uint8"):
        scaled(rows)  # twice
    with pytest.raises(ValueError, match="uint8"):
        scaled(np.zeros(784, np.uint8))


def test_images_are_read_only_views(mnist):
    for rows in (mnist.train_images, mnist.validation_images, mnist.test_images):
        assert rows.dtype == np.uint8
        assert np.shares_memory(rows, mnist.images)
        with pytest.raises(ValueError, match="read-only"):
            rows[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        mnist.test_labels[0] = 1
    with pytest.raises(FrozenInstanceError):
        mnist.images = None
