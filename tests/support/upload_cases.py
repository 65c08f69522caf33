"""Uploads that nobody would make by hand, and what must become of each: for tests/unit's fuzz and,
by the ten thousand, for `python -m tests.benchmarks.robustness uploads`.
"""

from __future__ import annotations

import gzip
import struct
import time
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st

from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import DatasetError
from aeviz.data.limits import MOST_PICTURES
from aeviz.data.own.pictures import OwnPictures, Wishes, read_pictures
from aeviz.data.picture_shape import shape_of
from aeviz.data.uploads.decoding import CROP, PAD
from aeviz.data.uploads.formats import Upload
from tests.support.uploads import (
    csv_bytes,
    idx_bytes,
    npy_bytes,
    npz_bytes,
    picture_bytes,
    tar_bytes,
    with_png_size,
    zip_bytes,
)

# On a machine that does much else at the same time; most take a few thousandths.
MOST_SECONDS = 20.0
COUNT = 60
LOADED, REFUSED = "loaded", "refused"


@dataclass(frozen=True)
class Case:
    """words: how it was made. oracle: the pictures in it where it must be loaded as just these, or,
    unless `whole`, as some of these where it is loaded at all; None where nothing is known."""

    words: str
    uploads: tuple[Upload, ...] = field(repr=False)
    wishes: Wishes
    oracle: np.ndarray | None = field(default=None, repr=False)
    whole: bool = False


def check_case(case: Case) -> str:
    """LOADED or REFUSED; raises AssertionError for anything else."""
    start = time.perf_counter()
    try:
        found = read_pictures(list(case.uploads), case.wishes)
    except DatasetError as error:
        _check_sentence(str(error))
        assert not case.whole, f"Refused: {error}"
        return REFUSED
    finally:
        seconds = time.perf_counter() - start
        assert seconds < MOST_SECONDS, f"{seconds:.1f} s"
    _check_found(found, case)
    return LOADED


def _check_sentence(text: str) -> None:
    assert text.endswith(".") and 20 < len(text) < 600, text
    # The space that keeps "-" or "1." from beginning a list (plain_name) counts as printed.
    assert text.replace("\u00a0", " ").isprintable(), text
    assert not set("<>[]`*$\\") & set(text), text


def _check_found(found: OwnPictures, case: Case) -> None:
    images, labels = found.images, found.labels
    assert images.dtype == np.uint8 and shape_of(images) and images.flags.c_contiguous
    assert 50 <= len(images) <= MOST_PICTURES and images.shape[1] == images.shape[2]
    assert images.shape[1] == (case.wishes.side or images.shape[1])
    assert 8 <= images.shape[1] <= 64 and images.min() < images.max()
    assert (labels is None) == (not found.class_names)
    if labels is not None:
        assert labels.dtype == np.uint8 and labels.shape == (len(images),)
        assert labels.max() < len(found.class_names) <= 10
    _check_sentence(found.said)
    dataset = found.dataset("own-case", "Case")
    assert sum(found.counts) == len(dataset.images) and min(found.counts) >= 1
    if case.whole:
        np.testing.assert_array_equal(images, case.oracle)
    elif case.oracle is not None:
        known = {picture.tobytes() for picture in case.oracle}
        assert all(picture.tobytes() in known for picture in images)


# --- good files ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def real_pictures() -> np.ndarray:
    """(COUNT, 8, 8) uint8: handwritten digits."""
    return np.ascontiguousarray(load_dataset("digits").images[:COUNT])


LABELS = np.arange(COUNT) % 5
FILES = {"pngs": "PNG", "jpegs": "JPEG", "gifs": "GIF", "webps": "WEBP", "bmps": "BMP",
         "tiffs": "TIFF", "pgms": "PPM"}  # fmt: skip
ZIPS = {"zip": zipfile.ZIP_STORED, "zip packed": zipfile.ZIP_DEFLATED,
        "zip bzip2": zipfile.ZIP_BZIP2, "zip lzma": zipfile.ZIP_LZMA}  # fmt: skip
KINDS = ("npz", "npz packed", *ZIPS, "tar", "tar gz", *FILES, "csv", "csv gz", "idx", "idx gz")
# A checksum over all of it stands between these and a picture that came out wrong.
CHECKED = ("npz", "npz packed", *ZIPS, "tar gz", "csv gz", "idx gz")


@lru_cache(maxsize=len(KINDS))
def good(kind: str) -> tuple[Upload, ...]:
    """A good upload of real_pictures() with labels, by the libraries that people use."""
    pictures = real_pictures()
    names = [f"class {label}/{i}.png" for i, label in enumerate(LABELS)]
    if kind.startswith("npz"):
        data = npz_bytes(x_train=pictures, y_train=LABELS, compressed=kind == "npz packed")
        return (Upload("pictures.npz", data),)
    members = dict(zip(names, map(picture_bytes, pictures), strict=True))
    if kind in ZIPS:
        return (Upload("pictures.zip", zip_bytes(members, ZIPS[kind])),)
    if kind.startswith("tar"):
        data = tar_bytes(members)
        return (Upload(kind, gzip.compress(data, 1) if kind == "tar gz" else data),)
    if kind in FILES:
        return tuple(
            Upload(n, picture_bytes(p, FILES[kind], progressive=i % 2 == 0, lossless=True))
            for i, (n, p) in enumerate(zip(names, pictures, strict=True))
        )
    if kind.startswith("csv"):
        data = csv_bytes(pictures, LABELS)
        return (Upload("pictures.csv", gzip.compress(data, 1) if kind == "csv gz" else data),)
    gzipped = kind == "idx gz"
    return (
        Upload("images-idx3-ubyte", idx_bytes(pictures, gzipped=gzipped)),
        Upload("labels-idx1-ubyte", idx_bytes(LABELS.astype(np.uint8), gzipped=gzipped)),
    )


# --- what is done to them ------------------------------------------------------------------------

# Lengths, counts and offsets at the edges of what their fields hold.
_EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_WAYS = ("flip", "cut", "drop", "repeat", "number", "noise", "swap", "insert")


def mutated(data: bytes, way: str, random: np.random.Generator) -> bytes:
    """Bytes changed in one way; the same for the same generator."""
    if not data:
        return data
    # Half of the changes near the ends, where headers and lists are.
    reach = len(data) if random.integers(2) else min(len(data), 120)
    a = int(random.integers(reach))
    a = a if random.integers(2) else len(data) - 1 - a
    b = min(len(data), a + 1 + int(random.integers(1 + min(400, len(data)))))
    if way == "flip":
        return data[:a] + bytes([data[a] ^ (1 << int(random.integers(8)))]) + data[a + 1 :]
    if way == "cut":
        return data[:a]
    if way == "drop":
        return data[:a] + data[b:]
    if way == "repeat":
        return data[:b] + data[a:b] * int(random.integers(1, 30)) + data[b:]
    if way == "number":
        edge = _EDGES[random.integers(len(_EDGES))]
        code = ("<I", ">I", "<H", ">H")[random.integers(4)]
        number = struct.pack(code, edge & (0xFFFF if code[1] == "H" else 0xFFFFFFFF))
        return data[:a] + number + data[a + len(number) :]
    if way == "noise":
        return data[:a] + random.bytes(b - a) + data[b:]
    if way == "insert":
        return data[:a] + random.bytes(b - a) + data[a:]
    c = int(random.integers(len(data)))
    return data[:a] + data[c : c + b - a] + data[b:]


_SEED = st.integers(0, 2**32 - 1)
_WISHES = st.builds(
    Wishes,
    side=st.sampled_from([None, None, 8, 9, 28, 64]),
    square=st.sampled_from([PAD, CROP]),
    inverted=st.sampled_from([None, False, True]),
)
AS_IS = Wishes(inverted=False)


@st.composite
def _intact(draw) -> Case:
    kind = draw(st.sampled_from([kind for kind in KINDS if kind != "jpegs"]))
    return Case(f"good {kind}", good(kind), AS_IS, real_pictures(), whole=True)


@st.composite
def _outer(draw) -> Case:
    """A good file with its bytes changed."""
    kind, ways = draw(st.sampled_from(KINDS)), draw(st.lists(st.sampled_from(_WAYS), min_size=1,
                                                             max_size=4))  # fmt: skip
    random = np.random.default_rng(draw(_SEED))
    uploads = list(good(kind))
    for way in ways:
        place = int(random.integers(len(uploads)))
        uploads[place] = Upload(uploads[place].name, mutated(uploads[place].data, way, random))
    oracle = real_pictures() if kind in CHECKED else None
    wishes = AS_IS if oracle is not None else draw(_WISHES)
    return Case(f"{kind}, then {', '.join(ways)}", tuple(uploads), wishes, oracle)


@st.composite
def _inner(draw) -> Case:
    """What is packed has its bytes changed, and the packing is right: no checksum tells."""
    kind, ways = draw(st.sampled_from(["npz", "zip", "gz"])), draw(
        st.lists(st.sampled_from(_WAYS), min_size=1, max_size=3)
    )  # fmt: skip
    random = np.random.default_rng(draw(_SEED))

    def change(data: bytes) -> bytes:
        for way in ways:
            data = mutated(data, way, random)
        return data

    method = zipfile.ZIP_DEFLATED if random.integers(2) else zipfile.ZIP_STORED
    if kind == "gz":
        data = gzip.compress(change(idx_bytes(real_pictures())), 1)
        uploads = (Upload("images.gz", data),)
    elif kind == "npz":
        shape = real_pictures().shape
        members = {
            "x_train.npy": npy_bytes(shape, data=real_pictures().tobytes()),
            "y_train.npy": npy_bytes(shape[:1], data=LABELS.astype(np.uint8).tobytes()),
        }
        name = list(members)[random.integers(2)]
        members[name] = change(members[name])
        uploads = (Upload("p.npz", zip_bytes(members, method)),)
    else:
        source = good(list(FILES)[random.integers(len(FILES))])
        members = {u.name: change(u.data) if random.integers(2) else u.data for u in source}
        uploads = (Upload("p.zip", zip_bytes(members, method)),)
    return Case(f"inside {kind}: {', '.join(ways)}", uploads, draw(_WISHES))


_LENGTHS = (0, 1, 3, 8, 28, 50, 60, 64, 784, 1_024, 1_025, 50_000, 100_000, 100_001, 2**31, 2**62)
_TYPES = ("|u1", "|b1", "|i1", "<i2", ">u4", "<i8", "<f2", "<f4", ">f8", "<f16", "<c8", "|O", "<U7",
          "|S9", "<M8[s]", "|V9", "<U0", "|u3", "[('a','u1')]")  # fmt: skip
_BLANK = bytes(5_000_000)


@st.composite
def _claims(draw) -> Case:
    """Headers that claim all kinds of things, with right checksums, before blanks or noise."""
    lengths = draw(st.lists(st.sampled_from(_LENGTHS), max_size=5))
    random = np.random.default_rng(draw(_SEED))
    size = int(random.choice([0, 100, 20_000, len(_BLANK)]))
    data = _BLANK[:size] if random.integers(2) else random.bytes(min(size, 300_000))
    shape = tuple(lengths)
    kind = draw(st.sampled_from(["npz", "labels", "gz", "idx", "png", "entries"]))
    method = zipfile.ZIP_DEFLATED if random.integers(2) else zipfile.ZIP_STORED
    if kind in ("npz", "labels"):
        descr = draw(st.sampled_from(_TYPES))
        array = npy_bytes(shape, descr, data, fortran_order=bool(random.integers(4) == 0))
        members = {"x_train.npy": array}
        if kind == "labels":
            good_ones = npy_bytes((COUNT, 8, 8), data=real_pictures().tobytes())
            members = {"x_train.npy": good_ones, "y_train.npy": array}
        uploads = (Upload("p.npz", zip_bytes(members, method)),)
    elif kind in ("gz", "idx"):
        code = int(random.choice([8, 9, 11, 12, 13, 14, 10, 255]))
        data = struct.pack(f">HBB{len(shape)}I", 0, code, len(shape),
                           *(n & 0xFFFFFFFF for n in shape)) + data  # fmt: skip
        uploads = (Upload("i", gzip.compress(data, 1) if kind == "gz" else data),)
    elif kind == "png":
        width, height = (int(random.choice(_LENGTHS[1:15])) & 0x7FFFFFFF for _ in range(2))
        lying = with_png_size(good("pngs")[0].data, width or 1, height or 1)
        uploads = (*good("pngs"), *(Upload(f"{i}.png", lying) for i in range(3)))
    else:
        members = {f"{'../' * i}{'/' * i}{i}.png": picture_bytes(real_pictures()[0] // (i + 1))
                   for i in range(20)}  # fmt: skip
        members |= {f"x/{n}": data for n in ("inner.zip", "a.npz", "b.csv", "c.png", "", ".", "..")}
        uploads = (Upload("p.zip", zip_bytes(members, method)),)
    return Case(f"{kind} claims {shape}", uploads, draw(_WISHES))


_STARTS = (b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x1f\x8b\x08\x00", b"\0\0\x08\x03",
           b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\x93NUMPY\x01\x00", b"GIF89a",
           b"RIFF0000WEBPVP8X", b"II*\0", b"MM\0*", b"BZh9", b"\xfd7zXZ\0", b"%PDF-1.7",
           b"BM0000\0\0\0\0\x36\0\0\0\x28\0\0\0", bytes(257) + b"ustar\0", b"label,", b"1,2,3\n",
           b"\xef\xbb\xbf", b"=cmd|' /C calc'!A0,")  # fmt: skip
_NAMES = ("a.csv", "a.zip", "a.npz", "a.png", "a", "", "../../a.csv", "\u202e<b>.csv", "x" * 5_000)


@st.composite
def _anything(draw) -> Case:
    """Bytes that only begin like something, and files of several kinds together."""
    uploads = []
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.one_of(st.sampled_from(_NAMES), st.text(max_size=30)))
        data = draw(st.sampled_from(_STARTS)) + draw(st.binary(max_size=300))
        uploads.append(Upload(name, data))
    if draw(st.booleans()):
        uploads += good(draw(st.sampled_from(KINDS)))
    return Case("anything", tuple(uploads), draw(_WISHES))


_CELLS = st.one_of(
    st.integers(-10, 300).map(str),
    st.floats().map(str),
    st.sampled_from(["", " ", '"', '"1"', "=1+1", "@SUM(A1)", "nan", "1e400", "-", "0x1F", "1_0",
                     "\u0663", "\x00", "label", "9" * 400, "True"]),
)  # fmt: skip


@st.composite
def _tables(draw) -> Case:
    """Tables of about the right shape, with a few cells of something else."""
    random = np.random.default_rng(draw(_SEED))
    columns = draw(st.sampled_from([64, 65, 66, 63, 81, 2, 1]))
    rows = [[str(n) for n in row] for row in random.integers(0, 256, (COUNT, columns)).tolist()]
    for _ in range(draw(st.integers(0, 4))):
        row = rows[draw(st.sampled_from([0, 0, 1, COUNT - 1]))]
        row[draw(st.sampled_from([0, len(row) // 2, -1]))] = draw(_CELLS)
    if draw(st.booleans()):
        rows[0] = draw(st.lists(_CELLS, max_size=70))
    between = draw(st.sampled_from([",", ",", ";", "\t", ", ", "|"]))
    ends = draw(st.sampled_from(["\n", "\r\n", "\n\n", "\r"]))
    text = ends.join(between.join(row) for row in rows)
    data = text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])), "replace")
    return Case("a table", (Upload("a.csv", data),), draw(_WISHES))


def cases() -> st.SearchStrategy[Case]:
    """All kinds of uploads."""
    return st.one_of(_intact(), _outer(), _outer(), _inner(), _inner(), _claims(), _claims(),
                     _anything(), _tables())  # fmt: skip
