"""Which pictures a run is watched by."""

from dataclasses import replace

import numpy as np
import pytest

from aeviz.data.catalog import find_local, load_dataset
from aeviz.evaluation.probes import PROBES_PER_CLASS, choose_probes, probe_images, probe_inputs


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def mnist_file(mnist):
    """x_train and y_train as the file has them, in its own order."""
    path = find_local("mnist")
    with np.load(path / "mnist.npz" if path.is_dir() else path, allow_pickle=False) as file:
        return file["x_train"], file["y_train"]


def test_five_of_each_digit_in_order(mnist):
    probes = choose_probes(mnist)
    labels = mnist.validation_labels[probes.indices]
    assert PROBES_PER_CLASS == 5
    assert labels.tolist() == sorted(list(range(10)) * 5)
    assert len(set(probes.indices.tolist())) == 50
    assert probes.labels[:50].tolist() == labels.tolist()
    assert (probes.indices.dtype, probes.labels.dtype) == (np.int32, np.uint8)


def test_they_are_the_first_of_each_digit_in_the_file(mnist, mnist_file):
    _, y = mnist_file
    indices = choose_probes(mnist).indices.reshape(10, 5)
    for digit in range(10):
        assert indices[digit].tolist() == np.flatnonzero(y == digit)[:5].tolist()
    # y_train begins 5 0 4 1 9 2.
    assert indices[[5, 0, 4, 1, 9, 2], 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_source_2s_own_image_is_number_5010_of_the_file(mnist, mnist_file):
    x, y = mnist_file
    probes = choose_probes(mnist)
    assert probes.with_source_2
    assert (len(probes.labels), probes.labels[-1]) == (51, y[5_010])
    images = probe_images(mnist, probes.indices, probes.with_source_2)
    np.testing.assert_array_equal(images[-1], x[5_010].reshape(784))
    np.testing.assert_array_equal(images[:-1], x[probes.indices].reshape(50, 784))
    assert images.dtype == np.uint8


def test_other_data_has_no_picture_of_source_2(digits):
    probes = choose_probes(digits)
    assert not probes.with_source_2
    assert len(probes.labels) == len(probes.indices) == 50
    assert digits.validation_labels[probes.indices].tolist() == sorted(list(range(10)) * 5)
    images = probe_images(digits, probes.indices, False)
    np.testing.assert_array_equal(images, digits.validation_images[probes.indices])


@pytest.mark.parametrize(("validation", "count"), [(200, 50), (20, 20)])
def test_pictures_without_labels(digits, validation, count):
    bare = replace(digits, labels=None, n_validation=validation, n_train=1_497 - validation)
    probes = choose_probes(bare)
    assert (probes.labels, probes.with_source_2) == (None, False)
    assert probes.indices.tolist() == list(range(count))


def test_a_class_too_rare_for_five_gives_what_it_has(digits):
    labels = digits.labels.copy()
    validation = labels[digits.n_train : digits.n_train + 200]  # a view
    validation[np.flatnonzero(validation == 7)[2:]] = 1
    rare = replace(digits, labels=labels)
    assert (rare.validation_labels == 7).sum() == 2
    counts = np.bincount(choose_probes(rare).labels, minlength=10)
    assert counts.tolist() == [5, 5, 5, 5, 5, 5, 5, 2, 5, 5]


def test_noise_on_the_probes_is_the_same_every_time(mnist):
    probes = choose_probes(mnist)
    images = probe_images(mnist, probes.indices, True)
    before = images.copy()
    seen = probe_inputs(images, mnist.shape, 0.4)
    assert seen.shape == images.shape and seen.dtype == np.uint8
    np.testing.assert_array_equal(seen, probe_inputs(images, mnist.shape, 0.4))
    np.testing.assert_array_equal(images, before)
    # Blacked out or left alone, nothing between; four in ten of the inked pixels.
    inked = images > 0
    assert ((seen == images) | (seen == 0)).all()
    assert (seen[inked] == 0).mean() == pytest.approx(0.4, abs=4 * 0.5 / np.sqrt(inked.sum()))


def test_without_noise_the_network_sees_the_pictures_themselves(digits):
    images = digits.validation_images[:5]
    np.testing.assert_array_equal(probe_inputs(images, digits.shape, 0.0), images)
