"""Pictures in a table: a CSV file with one picture a row, its pixels row by row, maybe a label."""

import csv
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from aeviz.data.array_files import ArrayHeader
from aeviz.data.dataset import DatasetError
from aeviz.data.limits import MOST_CLASSES, MOST_PICTURES
from aeviz.data.uploads.arrays import found_in_arrays, image_array
from aeviz.data.uploads.decoding import LARGEST_UNPACKED, UploadedPictures, check_count, reading
from aeviz.text.names import plain_name

# Pictures of 256 x 256, a number for each row and a label.
_MOST_COLUMNS = 256 * 256 + 2
# The longest number NumPy writes, as -1.7976931348623157e+308, with quotes and a comma.
_LONGEST_CELL = 27
_LONGEST_ROW = _MOST_COLUMNS * _LONGEST_CELL
_DELIMITERS = (",", ";", "\t")
# Rows are read in pieces of about this many bytes.
_PIECE = 4_000_000
_LABEL_HEADINGS = ("label", "labels", "class", "y", "target", "digit", "category")
# What pandas and others write before the first column: a number for each row.
_NUMBER_HEADINGS = ("", "index", "id", "unnamed: 0")


@dataclass(frozen=True)
class _Layout:
    """Where things are in each row.

    Attributes:
        skipped: columns before all else.
        label: 0 or -1, the first or last of the other columns, or None.
        heading: the label's, if it has one.
        header: whether the first line is no picture.
        unsure: whether the values decide if the label is the first or the last column.
    """

    delimiter: str
    columns: int
    skipped: int = 0
    label: int | None = None
    heading: str = ""
    header: bool = False
    unsure: bool = False

    @property
    def pixels(self) -> int:
        return self.columns - self.skipped - (self.label is not None or self.unsure)


def find_in_table(name: str, data: bytes) -> UploadedPictures:
    """The pictures in a CSV file. Raises DatasetError."""
    with reading(name):
        return _find(name, data)


def _find(name: str, data: bytes) -> UploadedPictures:
    if b"\0" in data[:4_096]:
        raise DatasetError(f"{name} is not a CSV file of plain text: save it as CSV, UTF-8.")
    first = next((line for _, line in _lines(name, data)), b"")
    layout = _layout(name, first)
    values, labels = _read(name, data, layout)
    note = ""
    if layout.unsure:
        values, labels, note = _settle(values)
    elif layout.label is not None:
        note = _place(layout.label)
        if layout.heading:
            note = f"the column {layout.heading}"
    header = ArrayHeader((len(values), layout.pixels), values.dtype)

    @contextmanager
    def open_values():
        yield _Values(values)

    images = image_array(name, header, open_values)
    return found_in_arrays(images, labels, labels_from=note)


class _Values(io.RawIOBase):
    """The values of an array as a stream, without a copy of them."""

    def __init__(self, values: np.ndarray) -> None:
        self._left = np.ascontiguousarray(values).reshape(-1).view(np.uint8).data

    def readable(self) -> bool:
        return True

    def readinto(self, target) -> int:
        count = min(len(target), len(self._left))
        target[:count], self._left = self._left[:count], self._left[count:]
        return count


# --- rows ----------------------------------------------------------------------------------------


def _lines(name: str, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers from 1."""
    stream = io.BytesIO(data)
    stream.seek(3 if data.startswith(b"\xef\xbb\xbf") else 0)
    number = 0
    while line := stream.readline(_LONGEST_ROW + 1):
        number += 1
        if len(line) > _LONGEST_ROW:
            raise DatasetError(
                f"Row {number:,} of {name} is longer than any picture's: each row should hold the "
                "pixels of one picture and end with a line break."
            )
        if line := line.strip(b" \r\n"):
            yield number, line


def _layout(name: str, first: bytes) -> _Layout:
    text = first.decode("utf-8", "replace")
    delimiter = max(_DELIMITERS, key=text.count)
    cells = [cell.strip() for cell in next(csv.reader([text], delimiter=delimiter), [])]
    columns = len(cells)
    if columns > _MOST_COLUMNS:
        raise DatasetError(
            f"{name} has {columns:,} columns and at most {_MOST_COLUMNS:,} are possible: make the "
            "pictures smaller."
        )
    words = [i for i, cell in enumerate(cells) if not _is_number(cell)]
    if not words:
        return _by_count(name, delimiter, columns)
    if len(words) == 1 and words[0] in (0, columns - 1) and _is_square(columns - 1):
        # A single word, where a label would be: the first picture's label.
        return _Layout(delimiter, columns, label=0 if words[0] == 0 else -1)
    skipped = int(cells[0].lower() in _NUMBER_HEADINGS)
    headings = [cell.lower() for cell in cells]
    for place in (skipped, columns - 1):
        if headings[place] in _LABEL_HEADINGS and _is_square(columns - skipped - 1):
            heading = plain_name(cells[place])
            label = 0 if place == skipped else -1
            return _Layout(delimiter, columns, skipped, label, heading, header=True)
    if _is_square(columns - skipped):
        return _Layout(delimiter, columns, skipped, header=True)
    plain = _by_count(name, delimiter, columns)
    return _Layout(delimiter, columns, label=plain.label, header=True, unsure=plain.unsure)


def _by_count(name: str, delimiter: str, columns: int) -> _Layout:
    if _is_square(columns):
        return _Layout(delimiter, columns)
    if _is_square(columns - 1):
        return _Layout(delimiter, columns, unsure=True)
    raise DatasetError(
        f"{name} has {columns:,} columns, which are no square picture: each row should hold all "
        "pixels of one picture, 784 for 28 x 28, and a label at most."
    )


def _is_square(pixels: int) -> bool:
    # Pictures of a single pixel, or of 2 x 2, are tables of something else.
    return pixels >= 9 and math.isqrt(pixels) ** 2 == pixels


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read(name: str, data: bytes, layout: _Layout) -> tuple[np.ndarray, np.ndarray | None]:
    """(n, pixels) uint8 or float32, one column more where it is unsure; labels as text."""
    wide = layout.columns - layout.skipped - (layout.label is not None)
    pieces, labels, total = [], [], 0
    for numbers, rows in _pieces(name, data, layout):
        if layout.label is not None:
            rows, found = _split(rows, layout)
            labels += found
        values = _numbers(name, numbers, rows, layout)
        total += len(values)
        if total > MOST_PICTURES:
            raise DatasetError(
                f"{name} has more than {MOST_PICTURES:,} pictures, the most that are possible: "
                "leave some out."
            )
        pieces.append(values)
        if total * wide * max(piece.itemsize for piece in pieces) > LARGEST_UNPACKED:
            raise DatasetError(
                f"{name} holds more numbers than there is room for: make the pictures smaller or "
                "leave some out."
            )
    check_count(total, fewest=True)
    return np.concatenate(pieces), np.array(labels) if layout.label is not None else None


def _pieces(name: str, data: bytes, layout: _Layout) -> Iterator[tuple[list[int], list[bytes]]]:
    delimiter = layout.delimiter.encode()
    numbers, rows, size = [], [], 0
    lines = _lines(name, data)
    if layout.header:
        next(lines)
    for number, line in lines:
        if line.count(delimiter) != layout.columns - 1:
            raise DatasetError(
                f"Row {number:,} of {name} has {line.count(delimiter) + 1:,} columns and the first "
                f"one has {layout.columns:,}: give every row the same number."
            )
        numbers.append(number)
        rows.append(line)
        size += len(line)
        if size > _PIECE:
            yield numbers, rows
            numbers, rows, size = [], [], 0
    if rows:
        yield numbers, rows


def _split(rows: list[bytes], layout: _Layout) -> tuple[list[bytes], list[str]]:
    delimiter = layout.delimiter.encode()
    labels, rest = [], []
    for row in rows:
        # Numbers for the rows stay where they are, before what is split off.
        if layout.label == 0:
            *before, label, pixels = row.split(delimiter, layout.skipped + 1)
            pixels = delimiter.join([*before, pixels])
        else:
            pixels, _, label = row.rpartition(delimiter)
        labels.append(plain_name(label.decode("utf-8", "replace").strip(' "')))
        rest.append(pixels)
    return rest, labels


def _numbers(name: str, numbers: list[int], rows: list[bytes], layout: _Layout) -> np.ndarray:
    """Text to numbers and nothing else: what a spreadsheet would work out is refused."""
    delimiter = layout.delimiter
    columns = range(layout.skipped, layout.columns - (layout.label is not None))
    if layout.skipped:
        rows = [row.split(delimiter.encode(), layout.skipped)[-1] for row in rows]
    try:
        values = np.loadtxt(
            (row.decode("ascii", "replace") for row in rows),
            dtype=np.float64,
            delimiter=delimiter,
            comments=None,
            quotechar='"',
            ndmin=2,
        )
    except ValueError:
        raise _not_numbers(name, numbers, rows, layout) from None
    if values.shape != (len(rows), len(columns)) or not np.isfinite(values).all():
        raise _not_numbers(name, numbers, rows, layout)
    if values.min() >= 0 and values.max() <= 255:
        small = values.astype(np.uint8)
        if np.array_equal(small, values):
            return small
    with np.errstate(over="ignore"):  # found out where the pictures are drawn
        return values.astype(np.float32)


def _not_numbers(name: str, numbers: list[int], rows: list[bytes], layout: _Layout) -> DatasetError:
    """Names the first row, and its first cell, that holds anything but a number."""
    for number, row in zip(numbers, rows, strict=True):
        for cell in row.decode("utf-8", "replace").split(layout.delimiter):
            cell = cell.strip().strip('"')
            if not (_is_number(cell) and math.isfinite(float(cell))):
                what = f"{plain_name(cell, longest=20)!r}" if plain_name(cell) else "an empty cell"
                return DatasetError(
                    f"Row {number:,} of {name} holds {what} where a number should be: each pixel "
                    "should be a number, such as 0 to 255."
                )
    return DatasetError(
        f"{name} holds something that is not a number: save it again with plain numbers only."
    )


def _settle(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, str]:
    """Split off the first or the last column as labels: the one with 2 to 10 whole numbers.

    The first where both could be, as in most files with labels.
    """
    chosen = 0 if _may_be_labels(values[:, 0]) or not _may_be_labels(values[:, -1]) else -1
    pixels = values[:, 1:] if chosen == 0 else values[:, :-1]
    return np.ascontiguousarray(pixels), values[:, chosen].copy(), _place(chosen)


def _place(column: int) -> str:
    return "the first column" if column == 0 else "the last column"


def _may_be_labels(column: np.ndarray) -> bool:
    found = np.unique(column)
    return 2 <= len(found) <= MOST_CLASSES and bool(np.all(found == np.round(found)))
