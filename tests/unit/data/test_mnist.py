"""MNIST against known counts and NumPy's reader; files that are not MNIST are refused."""

import struct
import zipfile

import numpy as np
import pytest

from aeviz.data.catalog import find_local, is_available, load_dataset
from aeviz.data.dataset import DatasetError
from tests.support.dataset_files import (
    assert_refused,
    assert_sentence,
    npy,
    npy_claiming,
    write_npz,
)


def test_mnist_split(mnist):
    assert (mnist.n_train, mnist.n_validation, mnist.n_test) == (55_000, 5_000, 10_000)
    assert mnist.train_images.shape == (55_000, 784)
    assert mnist.validation_images.shape == (5_000, 784)
    assert mnist.test_images.shape == (10_000, 784)
    assert (mnist.side, mnist.shape.values) == (28, 784)


def test_mnist_known_labels(mnist):
    # The file's y_train begins 5 0 4 1 9 ...; validation is the first 5,000 of it.
    assert mnist.validation_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # Known class counts of the 10,000 and of the 60,000.
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.test_labels).tolist() == counts
    both = np.concatenate([mnist.train_labels, mnist.validation_labels])
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(both).tolist() == counts


def test_mnist_known_pixel_mean_and_deviation(mnist):
    # The figures everyone normalises MNIST with, over all 60,000 training images.
    pixels = np.concatenate([mnist.train_images, mnist.validation_images]) / np.float32(255)
    assert pixels.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)


def test_mnist_is_what_numpy_reads_from_the_file(mnist):
    with np.load(find_local("mnist"), allow_pickle=False) as file:
        x_train, y_train, x_test, y_test = (
            file[name] for name in ("x_train", "y_train", "x_test", "y_test")
        )
    np.testing.assert_array_equal(mnist.validation_images, x_train[:5_000].reshape(-1, 784))
    np.testing.assert_array_equal(mnist.train_images, x_train[5_000:].reshape(-1, 784))
    np.testing.assert_array_equal(mnist.test_images, x_test.reshape(-1, 784))
    np.testing.assert_array_equal(mnist.validation_labels, y_train[:5_000])
    np.testing.assert_array_equal(mnist.train_labels, y_train[5_000:])
    np.testing.assert_array_equal(mnist.test_labels, y_test)


def test_digits_against_scikit_learn():
    from sklearn.datasets import load_digits

    oracle = load_digits()
    data = load_dataset("digits")
    assert (data.n_train, data.n_validation, data.n_test) == (1_297, 200, 300)
    assert (data.side, data.shape.values) == (8, 64)
    for rows, labels, part in (
        (data.validation_images, data.validation_labels, slice(0, 200)),
        (data.train_images, data.train_labels, slice(200, 1_497)),
        (data.test_images, data.test_labels, slice(1_497, 1_797)),
    ):
        np.testing.assert_array_equal(labels, oracle.target[part])
        # A value v of 0 to 16 is v/16 of the brightness; a step of uint8 is 1/255 of it.
        assert np.abs(rows / 255 - oracle.data[part] / 16).max() <= 0.5 / 255 + 1e-9
    assert (data.images.min(), data.images.max()) == (0, 255)
    assert is_available("digits")


def test_a_stand_in_of_the_right_shape_loads(data_dir, members, stand_in):
    """So the refusals below are for what each test changes and for nothing else."""
    write_npz(data_dir / "mnist.npz", members)
    assert find_local("mnist") == data_dir / "mnist.npz"
    data = load_dataset("mnist")
    np.testing.assert_array_equal(data.train_images[0], stand_in["x_train"][5_000].ravel())
    np.testing.assert_array_equal(data.test_labels, stand_in["y_test"])


def test_version_2_npy_headers_are_read(data_dir, members, stand_in):
    write_npz(data_dir / "mnist.npz", members | {"y_test": npy(stand_in["y_test"], (2, 0))})
    np.testing.assert_array_equal(load_dataset("mnist").test_labels, stand_in["y_test"])


class Unpickled:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


def test_pickled_objects_are_never_unpickled(data_dir, members, tmp_path):
    objects = np.empty(60_000, object)
    objects[:] = [Unpickled(tmp_path / "mark")] * 60_000
    write_npz(data_dir / "mnist.npz", members | {"y_train": npy(objects)})
    assert_refused("mnist", data_dir / "mnist.npz", "y_train", "pickled", "not safe")
    assert not (tmp_path / "mark").exists()


def with_label_10(stand_in):
    labels = stand_in["y_train"].copy()
    labels[59_999] = 10
    return npy(labels)


BAD_MEMBERS = {
    "half the images": ("x_train", lambda s: npy(s["x_train"][:30_000]), "(30000, 28, 28)"),
    "flat images": ("x_test", lambda s: npy(s["x_test"].reshape(-1, 784)), "(10000, 784)"),
    "a scalar": ("x_train", lambda s: npy(np.uint8(0)), "shape ()"),
    "float images": ("x_test", lambda s: npy(s["x_test"].astype(np.float32)), "float32"),
    "signed labels": ("y_train", lambda s: npy(s["y_train"].astype(np.int64)), "int64"),
    "structured labels": (
        "y_train", lambda s: npy(np.zeros(60_000, [("a", "u1"), ("b", "u1")])), "uint8"
    ),
    "too many labels": ("y_test", lambda s: npy(s["y_train"]), "(60000,)"),
    "a label of 10": ("y_train", with_label_10, "label 10"),
    "pixels of 0 and 1": ("x_test", lambda s: npy(s["x_test"] // 255), "no pixel brighter than 1"),
    "blank images": ("x_train", lambda s: npy(s["x_train"] * 0), "no pixel brighter than 0"),
    "Fortran order": ("x_test", lambda s: npy(np.asfortranarray(s["x_test"])), "Fortran"),
    "a claim of 47 TB": ("x_train", lambda s: npy_claiming((60_000, 28_000, 28_000)), "shape"),
    "negative shape": ("x_train", lambda s: npy_claiming((-1, 28, 28)), "shape"),
    "too little data": ("x_test", lambda s: npy(s["x_test"])[:-1], "ends too early"),
    "too much data": ("x_test", lambda s: npy(s["x_test"]) + b"\0", "more data"),
    "no header": ("x_train", lambda s: b"", "damaged"),
    "not an array": ("x_train", lambda s: b"hello" * 100, "damaged"),
    "an unknown version": ("x_train", lambda s: b"\x93NUMPY\x09\x00" + b" " * 99, "version"),
    "a mad header": (
        "x_train", lambda s: b"\x93NUMPY\x01\x00" + struct.pack("<H", 5000) + b"(" * 5000, "damaged"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_MEMBERS)
def test_an_array_that_is_not_mnist_is_refused(data_dir, members, stand_in, case):
    name, content, expected = BAD_MEMBERS[case]
    path = data_dir / "mnist.npz"
    write_npz(path, members | {name: content(stand_in)})
    assert_refused("mnist", path, expected)


def test_a_missing_array_is_refused(data_dir, members):
    members = {name: content for name, content in members.items() if name != "y_test"}
    write_npz(data_dir / "mnist.npz", members)
    assert_refused("mnist", data_dir / "mnist.npz", "y_test")


@pytest.mark.parametrize("kept", [0, 1, 1_000, 0.5, 0.999, -1])
def test_a_truncated_mnist_is_refused(data_dir, mnist_bytes, kept):
    end = kept if isinstance(kept, int) else int(kept * len(mnist_bytes))
    (data_dir / "mnist.npz").write_bytes(mnist_bytes[:end])
    assert_refused("mnist", data_dir / "mnist.npz", "damaged or incomplete")


@pytest.mark.parametrize("place", [1_000, 0.3, 0.8, 0.9])
def test_a_flipped_bit_is_noticed(data_dir, mnist_bytes, place):
    changed = bytearray(mnist_bytes)
    changed[place if isinstance(place, int) else int(place * len(changed))] ^= 4
    (data_dir / "mnist.npz").write_bytes(changed)
    assert_refused("mnist", data_dir / "mnist.npz", "damaged or incomplete")


def test_a_flipped_pixel_in_an_uncompressed_file_is_noticed(data_dir, stand_in):
    """np.savez doesn't compress: only the archive's own checksum can tell."""
    path = data_dir / "mnist.npz"
    np.savez(path, **stand_in)
    content = bytearray(path.read_bytes())
    content[20_000_000] ^= 255
    path.write_bytes(content)
    assert_refused("mnist", path, "damaged or incomplete")


@pytest.mark.parametrize("content", [b"<!doctype html><p>Sign in", b"\x1f\x8b" + bytes(50)])
def test_something_else_entirely_is_refused(data_dir, content):
    (data_dir / "mnist.npz").write_bytes(content)
    assert_refused("mnist", data_dir / "mnist.npz", "damaged or incomplete")


def test_a_file_that_may_not_be_opened(data_dir, members, monkeypatch):
    write_npz(data_dir / "mnist.npz", members)

    def refuse(*args, **kwargs):  # file permissions would not stop the superuser
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    with pytest.raises(DatasetError) as caught:
        load_dataset("mnist")
    assert_sentence(caught.value, data_dir / "mnist.npz", "Permission denied", "check that")
