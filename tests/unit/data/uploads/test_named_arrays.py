"""Arrays as other people's programs save them, against the pictures that were saved."""

import io

import numpy as np
import pytest

from aeviz.data.dataset import DatasetError
from aeviz.data.own.pictures import OwnPictures, Wishes, read_pictures
from aeviz.data.uploads.formats import Upload
from tests.support.uploads import idx_bytes, npz_bytes, random_pictures, zip_bytes
from tests.unit.data.uploads.test_tables import smooth_pictures

PICTURES = random_pictures(90)
LABELS = np.arange(90) % 3


def read(*uploads: tuple[str, bytes], **wishes) -> OwnPictures:
    return read_pictures([Upload(*one) for one in uploads], Wishes(inverted=False, **wishes))


def npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def assert_read(found: OwnPictures, labels=None, pictures=PICTURES) -> None:
    np.testing.assert_array_equal(found.images, pictures)
    np.testing.assert_array_equal(found.labels, labels)


# --- names ---------------------------------------------------------------------------------------


def test_medmnist_keeps_its_three_parts():
    parts = {"train": slice(0, 60), "val": slice(60, 70), "test": slice(70, 90)}
    arrays = {f"{part}_images": PICTURES[place] for part, place in parts.items()}
    arrays |= {f"{part}_labels": LABELS[place, None] for part, place in parts.items()}
    found = read(("bloodmnist.npz", npz_bytes(**arrays)))
    assert_read(found, LABELS)
    assert found.counts == (60, 10, 20)
    data = found.dataset("own-x", "X")
    np.testing.assert_array_equal(data.test_images, PICTURES[70:].reshape(20, -1))
    np.testing.assert_array_equal(data.validation_images, PICTURES[60:70].reshape(10, -1))


def test_kmnist_comes_in_four_files_of_one_array_each():
    files = [
        ("kmnist-test-labels.npz", npz_bytes(arr_0=LABELS[60:])),
        ("kmnist-train-imgs.npz", npz_bytes(arr_0=PICTURES[:60])),
        ("kmnist-test-imgs.npz", npz_bytes(arr_0=PICTURES[60:])),
        ("kmnist-train-labels.npz", npz_bytes(arr_0=LABELS[:60])),
    ]
    found = read(*files)
    assert_read(found, LABELS)
    assert found.n_test == 30
    assert_read(read(files[1], files[3]), LABELS[:60], PICTURES[:60])


@pytest.mark.parametrize("shape", [(90, 144), (90, 1, 144), (90, 12, 12), (90, 12, 12, 1)])
def test_a_file_of_one_array(shape):
    assert_read(read(("apple.npy", npy(PICTURES.reshape(shape)))))
    labels = ("apple_labels.npy", npy(LABELS))
    assert_read(read(("apple.npy", npy(PICTURES.reshape(shape))), labels), LABELS)


def test_files_of_one_array_in_a_zip():
    members = {"apple.npy": npy(PICTURES), "apple_labels.npy": npy(LABELS)}
    assert_read(read(("apples.zip", zip_bytes(members))), LABELS)
    with pytest.raises(DatasetError, match="several files of pictures"):
        read(("two.zip", zip_bytes({"a.npy": npy(PICTURES), "b.npy": npy(PICTURES)})))


@pytest.mark.parametrize("name", ["latest.npz", "my-test.npz", "values.npz"])
def test_a_single_files_name_says_nothing_of_parts(name):
    found = read((name, npz_bytes(x=PICTURES, y=LABELS)))
    assert_read(found, LABELS)
    assert found.n_test == found.n_validation == 0


def test_kinds_marked_by_a_one_in_a_row():
    assert_read(read(("p.npz", npz_bytes(X=PICTURES, Y=np.eye(3)[LABELS]))), LABELS)


def test_labels_that_would_have_to_be_unpickled_are_left_out_and_said():
    found = read(("p.npz", npz_bytes(x=PICTURES, y=np.array(["a", 1, None] * 30, object))))
    assert_read(found)
    assert "no labels, since the array y holds Python objects" in found.said
    assert "astype(str)" in found.said


def test_idx_and_npy_together():
    files = [("images-idx3-ubyte", idx_bytes(PICTURES)), ("labels.npy", npy(LABELS))]
    assert_read(read(*files), LABELS)


# --- axes ----------------------------------------------------------------------------------------


def test_fortran_order_is_read():
    assert_read(read(("p.npz", npz_bytes(x_train=np.asfortranarray(PICTURES)))))
    rows = np.asfortranarray(PICTURES.reshape(90, -1))
    assert_read(read(("p.npz", npz_bytes(x_train=rows, y_train=LABELS))), LABELS)


@pytest.mark.parametrize(
    "stored",
    [
        lambda pictures: pictures.transpose(1, 2, 0),
        lambda pictures: pictures.reshape(len(pictures), -1).T,
        lambda pictures: np.ascontiguousarray(pictures.transpose(1, 2, 0)),
    ],
    ids=["height x width x pictures", "pixels x pictures", "row by row"],
)
def test_pictures_on_the_last_axis(stored):
    pictures = smooth_pictures(70, 64)
    found = read(("p.npz", npz_bytes(x_train=stored(pictures), y_train=np.arange(70) % 3)), side=64)
    assert_read(found, np.arange(70) % 3, pictures)
    assert "the last axis counts the pictures" in found.said


def test_both_ways_to_read_axes_can_be_had():
    pictures = smooth_pictures(70, 64)
    data = npz_bytes(x_train=pictures.transpose(1, 2, 0))
    found = read(("p.npz", data), side=64)
    assert len(found.readings) == 2 and found.reading == 1
    other = read(("p.npz", data), side=64, reading=0)
    assert len(other.images) == 64 and other.reading == 0


def test_more_pictures_than_pixels_a_side_leave_nothing_open():
    pictures = smooth_pictures(100, 64)
    found = read(("p.npz", npz_bytes(x_train=pictures)), side=64)
    assert_read(found, None, pictures)
    assert found.readings == ()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 3, 1, 2), (1, 2, 3, 0), (3, 1, 2, 0)], ids=str)
def test_colour_wherever_its_axis_is(order):
    grey = smooth_pictures(60, 16)
    colour = np.repeat(grey[..., None], 3, axis=3)
    found = read(("p.npz", npz_bytes(x_train=colour.transpose(order))))
    assert np.abs(found.images.astype(int) - grey).max() <= 1


def test_pictures_are_turned_as_wished():
    oracle = {
        "left": [np.rot90(p) for p in PICTURES],
        "right": [np.rot90(p, 3) for p in PICTURES],
        "over": [np.rot90(p, 2) for p in PICTURES],
        "mirror": [np.fliplr(p) for p in PICTURES],
        "transpose": [p.T for p in PICTURES],
    }
    for turn, pictures in oracle.items():
        found = read(("p.npz", npz_bytes(x=PICTURES)), turn=turn)
        assert_read(found, None, np.stack(pictures))
        assert found.images.flags.c_contiguous
