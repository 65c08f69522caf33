"""Tables as other people's programs write them, against the pictures that were written."""

import io

import numpy as np
import pandas as pd
import pytest

from aeviz.data.dataset import DatasetError
from aeviz.data.own.pictures import OwnPictures, Wishes, read_pictures
from aeviz.data.uploads.formats import Upload
from tests.support.uploads import csv_bytes, random_pictures

SIDE = 12
PICTURES = random_pictures()
LABELS = np.arange(60) % 3
NUMBERS = [str(n) for n in range(SIDE * SIDE)]
TABLE = csv_bytes(PICTURES, LABELS)


def read(data: bytes, name="p.csv", **wishes) -> OwnPictures:
    return read_pictures([Upload(name, data)], Wishes(inverted=False, **wishes))


def assert_read(found: OwnPictures, labels=None, pictures=PICTURES) -> None:
    np.testing.assert_array_equal(found.images, pictures)
    np.testing.assert_array_equal(found.labels, labels)


def smooth_pictures(count=200, side=16, *, seed=3) -> np.ndarray:
    """(count, side, side) uint8: a bar of full ink on paper, of any slant, soft at its edge."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] - side / 2 + 0.5
    angle, shift = random.uniform(0, np.pi, count), random.uniform(-4, 4, count)
    across = x * np.cos(angle)[:, None, None] + y * np.sin(angle)[:, None, None]
    ink = np.clip(3 - np.abs(across - shift[:, None, None]), 0, 1)
    ink[:, 0], ink[:, :, 0] = 0, 0
    return np.rint(ink * 255).astype(np.uint8)


# --- headings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [0, 1])
def test_headings_that_count_up_are_no_picture(start):
    counted = [str(n + start) for n in range(SIDE * SIDE)]
    assert_read(read(csv_bytes(PICTURES, header=counted)))
    quoted = [f'"{n}"' for n in counted]
    assert_read(read(csv_bytes(PICTURES, header=quoted)))
    assert_read(read(csv_bytes(PICTURES, LABELS, header=["label", *counted])), LABELS)
    assert_read(read(csv_bytes(PICTURES, LABELS, header=["Kind", *counted])), LABELS)
    assert_read(read(csv_bytes(PICTURES, LABELS, header=[*counted, "label"], last=True)), LABELS)


@pytest.mark.parametrize("index", [False, True])
@pytest.mark.parametrize("label", [None, "label", "species"])
@pytest.mark.parametrize("last", [False, True])
def test_what_pandas_writes(index, label, last):
    frame = pd.DataFrame(PICTURES.reshape(60, -1))
    if label:
        frame.insert(SIDE * SIDE if last else 0, label, LABELS)
    found = read(frame.to_csv(index=index).encode())
    assert_read(found, LABELS if label else None)


def test_a_picture_that_pandas_took_for_headings_is_no_picture():
    frame = pd.read_csv(io.BytesIO(csv_bytes(PICTURES, LABELS)))  # takes the first for headings
    assert_read(read(frame.to_csv(index=False).encode()), LABELS[1:], PICTURES[1:])


def test_headings_of_r_leave_out_the_one_of_the_row_numbers():
    lines = csv_bytes(PICTURES).decode().splitlines()
    rows = [f'"{i + 1}",{line}' for i, line in enumerate(lines)]
    header = ",".join(f'"V{i}"' for i in range(SIDE * SIDE))
    assert_read(read("\n".join([header, *rows]).encode()))


def test_a_number_for_each_row_needs_no_heading():
    assert_read(read(csv_bytes(PICTURES, range(60))))
    assert_read(read(csv_bytes(PICTURES, range(1, 61))))
    lines = TABLE.decode().splitlines()
    rows = [f"{i},{line}" for i, line in enumerate(lines)]
    assert_read(read("\n".join(rows).encode()), LABELS)


# --- which column is the label -------------------------------------------------------------------


@pytest.mark.parametrize("header", [None, [f"V{i + 1}" for i in range(257)]])
def test_labels_behind_pictures_of_two_values(header):
    pictures = (smooth_pictures() > 127).astype(np.uint8)
    pictures[::7, 0, 0] = 1  # a first pixel of two values, as labels could be
    labels = np.arange(200) % 10
    found = read(csv_bytes(pictures, labels, header=header, last=True))
    assert_read(found, labels, pictures * 255)
    assert "the last column" in found.said


def test_letters_before_pictures_whose_last_pixel_has_three_values():
    pictures = smooth_pictures(260)
    pictures[::40, -1, -1], pictures[5::40, -1, -1] = 1, 2
    labels = np.arange(260) % 26
    found = read(csv_bytes(pictures, labels))
    # More kinds than there are colours for: no labels, but no pixel lost either.
    assert_read(found, None, pictures)
    assert "the first column would give 26 kinds" in found.said


def test_one_mark_for_each_kind_at_the_end_as_in_semeion():
    pictures = (smooth_pictures() > 127).astype(float)
    labels = np.arange(200) % 10
    table = np.hstack([pictures.reshape(200, -1), np.eye(10)[labels]])
    out = io.StringIO()
    np.savetxt(out, table, fmt="%.4f", delimiter=" ")
    text = out.getvalue().replace("\n", " \n")
    found = read(text.encode(), "semeion.data.txt")
    assert_read(found, labels, (pictures * 255).astype(np.uint8))


def test_where_either_column_may_be_the_label_both_readings_are_there():
    random = np.random.default_rng(1)
    table = random.integers(0, 4, (200, 65))
    data = "\n".join(",".join(map(str, row)) for row in table.tolist()).encode()
    first = read(data)
    assert first.readings == ("labels in the first column", "labels in the last column")
    np.testing.assert_array_equal(first.labels, table[:, 0])
    last = read(data, reading=1)
    np.testing.assert_array_equal(last.labels, table[:, -1])
    assert (first.reading, last.reading) == (0, 1)


def test_a_heading_unlike_the_others_names_the_label():
    header = [*(f"px{i}" for i in range(144)), "what"]
    random = np.random.default_rng(2)
    pictures = random.integers(0, 4, (60, 12, 12), dtype=np.uint8)
    found = read(csv_bytes(pictures, LABELS, header=header, last=True))
    np.testing.assert_array_equal(found.labels, LABELS)
    assert found.readings == () and "the column what" in found.said


# --- how it is written ---------------------------------------------------------------------------


def comma_for_point(pictures: np.ndarray) -> bytes:
    text = csv_bytes(pictures / 255, delimiter=";").decode()
    return text.replace(".", ",").encode()


WRITTEN = {
    "UTF-16 with a mark": TABLE.decode().encode("utf-16"),
    "UTF-16 without one": TABLE.decode().encode("utf-16-le"),
    "UTF-16, the other way": TABLE.decode().encode("utf-16-be"),
    "line ends of old Macs": TABLE.replace(b"\n", b"\r"),
    "sep=": b"sep=;\r\n" + csv_bytes(PICTURES, LABELS, delimiter=";"),
    "sep= of a rare one": b"sep=^\n" + csv_bytes(PICTURES, LABELS, delimiter="^"),
    "spaces": TABLE.replace(b",", b"  "),
    "a comma and a space": TABLE.replace(b",", b", "),
    "a comma at each end": TABLE.replace(b"\n", b",\n"),
    "a bar": csv_bytes(PICTURES, LABELS, delimiter="|"),
}


@pytest.mark.parametrize("way", WRITTEN)
def test_ways_to_write_a_table(way):
    assert_read(read(WRITTEN[way]), LABELS)


def test_decimal_commas():
    assert_read(read(comma_for_point(PICTURES)))
    spaces = comma_for_point(PICTURES).replace(b";", b" ")
    assert_read(read(spaces))
    header = ";".join(["Name, short", *NUMBERS[1:]])
    assert_read(read(header.encode() + b"\n" + comma_for_point(PICTURES)))


def test_a_comma_at_each_end_with_headings():
    header = ["label", *NUMBERS]
    data = csv_bytes(PICTURES, LABELS, header=header)
    assert_read(read(data.replace(b"\n", b",\n")), LABELS)
    first, _, rest = data.partition(b"\n")
    assert_read(read(first + b"\n" + rest.replace(b"\n", b",\n")), LABELS)


def test_one_column_is_said_in_the_singular():
    with pytest.raises(DatasetError, match="has 1 column, which"):
        read(b"7\n" * 60)
