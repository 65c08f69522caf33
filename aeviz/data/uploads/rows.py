"""Rows of a table as programs write them: made plain UTF-8 lines, whatever divides their cells."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from aeviz.data.dataset import DatasetError

# Pictures of 256 x 256, a number for each row and a label.
MOST_COLUMNS = 256 * 256 + 2
# The longest number NumPy writes, as -1.7976931348623157e+308, with quotes and a comma.
_LONGEST_CELL = 27
_LONGEST_ROW = MOST_COLUMNS * _LONGEST_CELL
_DELIMITERS = (b";", b"\t", b"|", b",")
# Where nothing else divides cells, spaces do; as many as there are.
SPACES = b" "
_START = 4_096
# Excel's own first line, for spreadsheets of other languages: sep=;
_SEPARATOR_LINE = re.compile(rb'\s*"?sep=(.)"?\s*\n', re.IGNORECASE)


@dataclass(frozen=True)
class Rows:
    """A table's lines, each a row; `cells` divides one.

    Attributes:
        name: the file's, for people.
        delimiter: what stands between cells.
        decimal_comma: whether numbers are written 0,5.
        ends_with_delimiter: whether something that is no cell stands at the end of each row.
        first, second: the first two rows, the second b"" where there is one only.
    """

    name: str
    delimiter: bytes
    decimal_comma: bool
    ends_with_delimiter: bool
    first: bytes
    second: bytes
    _data: bytes = field(repr=False)

    def cells(self, line: bytes) -> list[bytes]:
        """The cells of a row, in plain bytes."""
        return [cell.strip(b' "') for cell in line.split(self.delimiter)]

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Rows that are not blank, with their numbers from 1."""
        for number, line in _lines(self.name, self._data):
            yield number, self._plain(line)

    def _plain(self, line: bytes) -> bytes:
        if self.delimiter == SPACES:
            line = SPACES.join(line.split())
        elif self.ends_with_delimiter:
            line = line.removesuffix(self.delimiter)
        return line.replace(b",", b".") if self.decimal_comma else line


def rows_of(name: str, data: bytes) -> Rows:
    """The rows of a file of text. Raises DatasetError where it is none, one sentence."""
    data = _utf8(name, data)
    delimiter = None
    if separator := _SEPARATOR_LINE.match(data[:_START]):
        delimiter, data = separator[1], data[separator.end() :]
    lines = _lines(name, data)
    first = next(lines, (0, b""))[1]
    second = next(lines, (0, b""))[1]
    sample = second or first
    delimiter = delimiter or _delimiter(sample)
    decimal_comma = delimiter != b"," and b"," in sample and b"." not in sample
    ends = delimiter != SPACES and sample.endswith(delimiter)
    rows = Rows(name, delimiter, decimal_comma, ends, first, second, data)
    return replace(rows, first=rows._plain(first), second=rows._plain(second))


def _utf8(name: str, data: bytes) -> bytes:
    """Text in UTF-8 with line feeds: from UTF-16, and from line ends of old Macs."""
    start, encoding = data[:_START], ""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif start[1::2].count(0) > len(start) // 4:
        encoding = "utf-16-le"
    elif start[0::2].count(0) > len(start) // 4:
        encoding = "utf-16-be"
    if encoding:
        data = data[: len(data) // 2 * 2].decode(encoding, "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\0" in data[:_START]:
        raise DatasetError(f"{name} is not a CSV file of plain text: save it as CSV, UTF-8.")
    return data.replace(b"\r", b"\n") if b"\r" in data and b"\n" not in data else data


def _lines(name: str, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers from 1."""
    stream = io.BytesIO(data)
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


def _delimiter(line: bytes) -> bytes:
    """What divides the cells of a row: a comma only where it is no decimal one."""
    commas = line.count(b",")
    for delimiter in _DELIMITERS[:3]:
        if delimiter in line:
            return delimiter
    # "0,5 0,25": a comma that is followed by a digit, and spaces between.
    if commas and len(line.split()) > 1 and b", " not in line and b" ," not in line:
        return SPACES
    return b"," if commas or len(line.split()) < 2 else SPACES
