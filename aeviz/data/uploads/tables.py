"""Pictures in a table: a CSV file with one picture a row, its pixels row by row, maybe a label."""

import io
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from aeviz.data.array_files import ArrayHeader
from aeviz.data.dataset import DatasetError
from aeviz.data.limits import MOST_CLASSES, MOST_PICTURES
from aeviz.data.uploads.arrays import NamedArray, found_in_arrays, image_array
from aeviz.data.uploads.axes import smoothest
from aeviz.data.uploads.decoding import LARGEST_UNPACKED, UploadedPictures, check_count, reading
from aeviz.data.uploads.label_column import Settled, is_picture, settle
from aeviz.data.uploads.rows import MOST_COLUMNS, Rows, rows_of
from aeviz.text.names import plain_name

# Rows are read in pieces of about this many bytes.
_PIECE = 4_000_000
_LABEL_HEADINGS = ("label", "labels", "class", "y", "target", "digit", "category")
# What pandas and others write before the first column: a number for each row.
_NUMBER_HEADINGS = ("", "index", "id", "unnamed: 0")
# Columns of words beside numbered ones: a number for each row and a label.
_MOST_WORDS = 2


@dataclass(frozen=True)
class _Layout:
    """Where things are in each row.

    Attributes:
        columns: cells in a row.
        header: whether the first line is no picture.
        skipped: columns before all else.
        label: 0 or -1, the first or last of the other columns; None where the values decide.
        heading: the label's, if it has one.
    """

    columns: int
    header: bool = False
    skipped: int = 0
    label: int | None = None
    heading: str = ""


def find_in_table(name: str, data: bytes, way: int | None = None) -> UploadedPictures:
    """The pictures in a CSV file. way: which reading is wanted. Raises DatasetError."""
    with reading(name):
        return _find(name, data, way)


def _find(name: str, data: bytes, way: int | None) -> UploadedPictures:
    rows = rows_of(name, data)
    layout = _layout(rows)
    values, written = _read(rows, layout)
    found = Settled(values, None) if layout.label is not None else settle(values, way)
    if found is None or not is_picture(found.pixels.shape[1]):
        raise _not_square(name, layout.columns)
    labels, words = found.labels, found.words
    if layout.label is not None:
        labels = written
        words = f"the column {layout.heading}" if layout.heading else _place(layout.label)
    header = ArrayHeader(found.pixels.shape, found.pixels.dtype)

    @contextmanager
    def open_values():
        yield _Values(found.pixels)

    images = image_array(NamedArray(name, "", header, open_values))
    # Rows are pictures, whatever columns might be.
    ways = tuple(one for one in images.ways if one.order[0] == 0)
    best = smoothest(list(ways), found.pixels)[0] if len(ways) > 1 else 0
    images = replace(images, ways=ways[best : best + 1])
    uploaded = found_in_arrays([images], labels, labels_from=words)
    return replace(uploaded, readings=found.readings, reading=found.reading)


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


def _layout(rows: Rows) -> _Layout:
    first, second = rows.cells(rows.first), rows.cells(rows.second)
    cells = [cell.decode("utf-8", "replace") for cell in first]
    below = [cell.decode("utf-8", "replace") for cell in second] if rows.second else cells
    if len(below) == len(cells) + 1 and not any(map(_is_number, cells)):
        cells = ["", *cells]  # R gives the numbers of its rows no heading
    header = _is_heading(cells, below)
    columns = len(below if header else cells)
    if columns > MOST_COLUMNS:
        raise DatasetError(
            f"{rows.name} has {columns:,} columns and at most {MOST_COLUMNS:,} are possible: make "
            "the pictures smaller."
        )
    if header and len(cells) == columns:
        found = _by_heading(cells, below)
        if found:
            return found
    # A column of words is the label, with a heading or without.
    words = [i for i, cell in enumerate(below) if not _is_number(cell)]
    if len(words) == 1 and words[0] in (0, columns - 1) and is_picture(columns - 1):
        return _Layout(columns, header, label=0 if words[0] == 0 else -1)
    if not any(is_picture(columns - more) for more in range(MOST_CLASSES + 1)):
        raise _not_square(rows.name, columns)
    return _Layout(columns, header)


def _is_heading(cells: list[str], below: list[str]) -> bool:
    """Whether the first line is headings: words, or numbers that count up by one."""
    words = [i for i, cell in enumerate(cells) if not _is_number(cell)]
    if len(words) > _MOST_WORDS:
        return True
    numbers = [cell for cell in cells if _is_number(cell)]
    if _counts_up(numbers) or _told_apart(numbers, below):
        return True
    # A word over numbers is a heading, one over words the first picture's label; a formula or an
    # empty cell within the pixels is neither.
    return any(
        (_is_number(below[i]) if i < len(below) else True)
        and i in (0, 1, len(cells) - 1)
        and cells[i].lower() in (*_LABEL_HEADINGS, *_NUMBER_HEADINGS[1:])
        for i in words
    )


def _counts_up(cells: list[str]) -> bool:
    # No picture's first nine pixels are so.
    if len(cells) < 9 or not all(re.fullmatch(r"[0-9]{1,6}", cell) for cell in cells):
        return False
    return all(int(b) - int(a) == 1 for a, b in zip(cells, cells[1:], strict=False))


def _told_apart(cells: list[str], below: list[str]) -> bool:
    """Whether pandas took a picture for headings: it writes the second 0 as 0.1, then 0.2."""
    return (
        len(cells) > 9
        and len(set(cells)) == len(cells)
        and any(re.fullmatch(r"[0-9]+\.[0-9]+", cell) for cell in cells)
        and all(re.fullmatch(r"[0-9]+", cell) for cell in below)
    )


def _by_heading(cells: list[str], below: list[str]) -> _Layout | None:
    """Where headings say that things are; None where they leave it to the values."""
    columns, headings = len(cells), [cell.lower() for cell in cells]
    skipped = int(headings[0] in _NUMBER_HEADINGS)
    for place in (skipped, columns - 1):
        if headings[place] in _LABEL_HEADINGS and is_picture(columns - skipped - 1):
            label = 0 if place == skipped else -1
            return _Layout(columns, True, skipped, label, plain_name(cells[place]))
    if skipped and is_picture(columns - 1):
        return _Layout(columns, True, skipped=1)
    if is_picture(columns - 1):
        # One heading unlike all others: lettr, then x1, x2, x3.
        stems = [re.sub("[0-9]+", "", heading) for heading in headings]
        for place, others in ((0, stems[1:]), (-1, stems[:-1])):
            if stems[place] not in others and len(set(others)) == 1:
                return _Layout(columns, True, 0, place, plain_name(cells[place]))
    return None


def _not_square(name: str, columns: int) -> DatasetError:
    return DatasetError(
        f"{name} has {columns:,} column{'s' if columns != 1 else ''}, which are no square picture: "
        "each row should hold all pixels of one picture, 784 for 28 x 28, and a label at most."
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _read(rows: Rows, layout: _Layout) -> tuple[np.ndarray, np.ndarray | None]:
    """(n, columns) uint8 or float32 without what is skipped and the label; labels as text."""
    name = rows.name
    wide = layout.columns - layout.skipped - (layout.label is not None)
    if layout.label is not None and not is_picture(wide):
        raise _not_square(name, layout.columns)
    pieces, labels, total = [], [], 0
    for numbers, lines in _pieces(rows, layout):
        if layout.label is not None:
            lines, found = _split(lines, rows, layout)
            labels += found
        values = _numbers(rows, numbers, lines, layout)
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


def _pieces(rows: Rows, layout: _Layout) -> Iterator[tuple[list[int], list[bytes]]]:
    name, delimiter = rows.name, rows.delimiter
    numbers, some, size = [], [], 0
    lines = iter(rows)
    if layout.header:
        next(lines)
    for number, line in lines:
        if line.count(delimiter) != layout.columns - 1:
            raise DatasetError(
                f"Row {number:,} of {name} has {line.count(delimiter) + 1:,} columns and the first "
                f"one has {layout.columns:,}: give every row the same number."
            )
        numbers.append(number)
        some.append(line)
        size += len(line)
        if size > _PIECE:
            yield numbers, some
            numbers, some, size = [], [], 0
    if some:
        yield numbers, some


def _split(lines: list[bytes], rows: Rows, layout: _Layout) -> tuple[list[bytes], list[str]]:
    delimiter = rows.delimiter
    labels, rest = [], []
    for row in lines:
        # Numbers for the rows stay where they are, before what is split off.
        if layout.label == 0:
            *before, label, pixels = row.split(delimiter, layout.skipped + 1)
            pixels = delimiter.join([*before, pixels])
        else:
            pixels, _, label = row.rpartition(delimiter)
        labels.append(plain_name(label.decode("utf-8", "replace").strip(' "')))
        rest.append(pixels)
    return rest, labels


def _numbers(rows: Rows, numbers: list[int], lines: list[bytes], layout: _Layout) -> np.ndarray:
    """Text to numbers and nothing else: what a spreadsheet would work out is refused."""
    columns = layout.columns - layout.skipped - (layout.label is not None)
    if layout.skipped:
        lines = [line.split(rows.delimiter, layout.skipped)[-1] for line in lines]
    try:
        values = np.loadtxt(
            (line.decode("ascii", "replace") for line in lines),
            dtype=np.float64,
            delimiter=rows.delimiter.decode("latin-1"),
            comments=None,
            quotechar='"',
            ndmin=2,
        )
    except ValueError:
        raise _not_numbers(rows, numbers, lines) from None
    if values.shape != (len(lines), columns) or not np.isfinite(values).all():
        raise _not_numbers(rows, numbers, lines)
    if values.min() >= 0 and values.max() <= 255:
        small = values.astype(np.uint8)
        if np.array_equal(small, values):
            return small
    with np.errstate(over="ignore"):  # found out where the pictures are drawn
        return values.astype(np.float32)


def _not_numbers(rows: Rows, numbers: list[int], lines: list[bytes]) -> DatasetError:
    """Names the first row, and its first cell, that holds anything but a number."""
    for number, line in zip(numbers, lines, strict=True):
        for cell in line.decode("utf-8", "replace").split(rows.delimiter.decode("latin-1")):
            cell = cell.strip().strip('"')
            if not (_is_number(cell) and math.isfinite(float(cell))):
                said = plain_name(cell, longest=20)
                what = f"'{said}'" if said else "an empty cell"
                return DatasetError(
                    f"Row {number:,} of {rows.name} holds {what} where a number should be: each "
                    "pixel should be a number, such as 0 to 255."
                )
    return DatasetError(
        f"{rows.name} holds something that is not a number: save it again with plain numbers only."
    )


def _place(column: int) -> str:
    return "the first column" if column == 0 else "the last column"
