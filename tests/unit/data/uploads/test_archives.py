"""Archives against what was put into them by Python's own zipfile, tarfile, gzip, bz2 and lzma."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import time
import unicodedata
import zipfile
import zlib

import numpy as np
import pytest

from aeviz.data.dataset import DatasetError
from aeviz.data.own.pictures import read_pictures
from aeviz.data.uploads.entry_names import readable_names
from aeviz.data.uploads.formats import Upload
from tests.support.uploads import (
    csv_bytes,
    idx_bytes,
    npz_bytes,
    picture_bytes,
    random_pictures,
    tar_bytes,
    upload,
    zip_bytes,
)

PICTURES = random_pictures()
LABELS = np.arange(60) % 3
FILES = {f"{'abc'[i % 3]}/{i}.png": picture_bytes(p) for i, p in enumerate(PICTURES)}
NPZ = npz_bytes(x_train=PICTURES, y_train=LABELS)
CSV = csv_bytes(PICTURES, LABELS)


def refusal(uploads):
    with pytest.raises(DatasetError) as caught:
        read_pictures(uploads)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 500
    return text


# --- names ---------------------------------------------------------------------------------------


def unmarked_zip(paths, encoding):
    """A zip whose names are in an encoding that it does not name: same lengths, then replaced."""
    data = {f"{i:05}{'x' * (len(path.encode(encoding)) - 5)}": file
            for i, (path, file) in enumerate(zip(paths, FILES.values(), strict=True))}  # fmt: skip
    zipped = zip_bytes(data)
    for placeholder, path in zip(data, paths, strict=True):
        zipped = zipped.replace(placeholder.encode(), path.encode(encoding))
    return zipped


NAMES = [
    ("utf-8", ["Äpfel", "Möhren", "Ñandú"]),
    ("utf-8", ["猫", "кошки", "Äpfel"]),
    ("cp932", ["ねこのしゃしん", "イヌ・ネコ", "写真"]),
    ("cp932", ["猫の絵", "犬の絵", "鳥の絵"]),
    ("cp866", ["кошки", "Собаки", "ПТИЦЫ"]),
    ("cp437", ["Äpfel", "été", "Züge"]),
    ("cp850", ["São Paulo", "Ñandú", "Øre"]),
    ("gbk", ["猫咪", "汽车", "飞机"]),
]


@pytest.mark.parametrize(("encoding", "names"), NAMES)
def test_names_are_as_a_person_wrote_them(encoding, names):
    paths = [f"all/{names[i % 3]}/picture {i}.png" for i in range(60)]
    found = read_pictures(upload("z.zip", unmarked_zip(paths, encoding)))
    assert set(found.class_names) == set(names)
    assert [found.class_names[label] for label in found.labels] == [names[i % 3] for i in range(60)]
    np.testing.assert_array_equal(found.images, PICTURES)


def test_names_that_macos_took_apart_are_composed():
    names = ["Äpfel", "Möhren", "Pâté"]
    paths = [unicodedata.normalize("NFD", f"{names[i % 3]}/{i:05}.png") for i in range(60)]
    found = read_pictures(upload("z.zip", unmarked_zip(paths, "utf-8")))
    assert set(found.class_names) == set(names)


def test_names_in_notes():
    """As Info-ZIP writes them where the system's encoding is another."""
    out, names = io.BytesIO(), ["Æble", "Pære", "Blåbær"]
    with zipfile.ZipFile(out, "w") as archive:
        for i, data in enumerate(FILES.values()):
            info = zipfile.ZipInfo(f"{'???'[: 1 + i % 3]}/{i}.png")
            path = f"{names[i % 3]}/{i}.png".encode()
            note = struct.pack("<BI", 1, zlib.crc32(info.filename.encode())) + path
            info.extra = struct.pack("<HH", 0x7075, len(note)) + note
            archive.writestr(info, data)
    found = read_pictures(upload("z.zip", out.getvalue()))
    assert set(found.class_names) == set(names)


def test_long_lists_of_strange_names_take_no_time():
    start = time.perf_counter()
    readable_names([bytes([i % 256, i // 256 % 256, 200]) * 3_000 for i in range(20_000)])
    assert time.perf_counter() - start < 10


# --- folders and strays, from end to end ---------------------------------------------------------


def test_test_folders_of_a_zip_stay_test_pictures():
    parts = ["test" if i % 5 < 2 else "train" for i in range(60)]
    members = {f"set/{parts[i]}/{path}": data for i, (path, data) in enumerate(FILES.items())}
    found = read_pictures(upload("z.zip", zip_bytes(members)))
    assert found.n_test == found.counts[2] == 24 and found.class_names == ("a", "b", "c")
    assert "24 in test kept as test pictures" in found.said
    images = [picture.tobytes() for picture in found.dataset("own-x", "X").images]
    expected = [p.tobytes() for p, part in zip(PICTURES, parts, strict=True) if part == "test"]
    assert images[-24:] == expected and not set(images[:-24]) & set(expected)


def test_a_zip_each_for_training_and_testing():
    parts = [dict(list(FILES.items())[:40]), dict(list(FILES.items())[40:])]
    zips = dict(zip(["train.zip", "test.zip"], map(zip_bytes, parts), strict=True))
    together = [Upload(name, data) for name, data in zips.items()]
    for uploads in (together, together[::-1], upload("all.zip", zip_bytes(zips))):
        found = read_pictures(uploads)
        np.testing.assert_array_equal(found.images, PICTURES)
        np.testing.assert_array_equal(found.labels, LABELS)
        assert found.n_test == 20


def test_damaged_test_pictures_do_not_move_the_split():
    members = {f"{'train' if i < 60 else 'test'}/{i}.png": picture_bytes(picture)
               for i, picture in enumerate(random_pictures(80, 40))}  # fmt: skip
    for i in (3, 61, 62):
        name = f"{'train' if i < 60 else 'test'}/{i}.png"
        members[name] = members[name][:-400]
    found = read_pictures(upload("z.zip", zip_bytes(members)))
    assert (len(found.images), found.n_test) == (77, 18)


def test_a_stray_picture_costs_no_labels():
    members = {"cover.png": picture_bytes(PICTURES[0])} | FILES
    found = read_pictures(upload("z.zip", zip_bytes(members)))
    np.testing.assert_array_equal(found.images, PICTURES)
    assert found.class_names == ("a", "b", "c") and found.left_out == 1
    assert "1 file left out: outside the folders of the others (cover.png)" in found.said


# --- packed in other ways ------------------------------------------------------------------------

PACKED = {
    "bzip2 zip": ("z.zip", zip_bytes(FILES, zipfile.ZIP_BZIP2)),
    "lzma zip": ("z.zip", zip_bytes(FILES, zipfile.ZIP_LZMA)),
    "tar": ("z.tar", tar_bytes(FILES)),
    "tar with notes": ("z.tar", tar_bytes(FILES, tarfile.PAX_FORMAT)),
    "old tar": ("z.tar", tar_bytes(FILES, tarfile.USTAR_FORMAT)),
    "tar.gz": ("z.tar.gz", gzip.compress(tar_bytes(FILES))),
    "tgz": ("z.tgz", gzip.compress(tar_bytes(FILES))),
    "tar.bz2": ("z.tar.bz2", bz2.compress(tar_bytes(FILES))),
    "tar.xz": ("z.tar.xz", lzma.compress(tar_bytes(FILES))),
    "csv.gz": ("p.csv.gz", gzip.compress(CSV)),
    "csv.gz in two": ("p.csv.gz", gzip.compress(CSV[:900]) + gzip.compress(CSV[900:]) + bytes(9)),
    "csv.bz2": ("p.csv.bz2", bz2.compress(CSV)),
    "npz in a zip": ("z.zip", zip_bytes({"a/p.npz": NPZ, "a/README.txt": b"hello"})),
    "csv in a zip": ("z.zip", zip_bytes({"p.csv": CSV, "__MACOSX/._p.csv": b"x"})),
    "csv.gz in a zip": ("z.zip", zip_bytes({"p.csv.gz": gzip.compress(CSV)})),
    "zip in a zip": ("z.zip", zip_bytes({"z/inner.zip": zip_bytes(FILES)})),
    "npz.gz": ("p.npz.gz", gzip.compress(NPZ)),
    "idx files in a zip": (
        "z.zip",
        zip_bytes({
            "train-images-idx3-ubyte": idx_bytes(PICTURES),
            "train-labels-idx1-ubyte.gz": idx_bytes(LABELS.astype(np.uint8), gzipped=True),
        }),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKED)
def test_packed_in_other_ways(name):
    found = read_pictures(upload(*PACKED[name]))
    np.testing.assert_array_equal(found.images, PICTURES)
    np.testing.assert_array_equal(found.labels, LABELS)


def test_long_names_in_tar_archives():
    deep = {f"{'folder/' * 15}{path}": data for path, data in FILES.items()}
    longer = {f"{'folder/' * 40}ä/{path}": data for path, data in FILES.items()}
    for members in (deep, longer):
        for kind in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            found = read_pictures(upload("z.tar", tar_bytes(members, kind)))
            np.testing.assert_array_equal(found.labels, LABELS)


def test_links_and_devices_in_tar_archives_are_no_files():
    links = []
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
        info = tarfile.TarInfo("../../etc/passwd")
        info.type, info.linkname = kind, "/etc/passwd"
        links.append(info)
    found = read_pictures(upload("z.tar", tar_bytes(FILES, links=links)))
    np.testing.assert_array_equal(found.images, PICTURES)
    assert found.left_out == 0


# --- made to do harm -----------------------------------------------------------------------------


def bomb(method):
    return zip_bytes({f"{i}.png": picture_bytes(PICTURES[0]) + bytes(9_000_000)
                      for i in range(3)}, method)  # fmt: skip


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_too_tight_is_left_out(method):
    assert "3 packed suspiciously tight" in refusal(upload("z.zip", bomb(method)))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_declares_too_little_is_not_unpacked(method):
    data = bomb(method)
    size = struct.pack("<I", len(picture_bytes(PICTURES[0])) + 9_000_000)
    start = time.perf_counter()
    assert "3 damaged" in refusal(upload("z.zip", data.replace(size, struct.pack("<I", 900))))
    assert time.perf_counter() - start < 5


def test_blocks_that_take_long_for_the_few_bytes_they_hold(monkeypatch):
    """bzip2 takes 50 ms for 45 bytes that hold "ab" over and over: a zip may have many of them."""
    for seconds in (3, 0.7):  # spent while files are listed, and while pictures are opened
        clock = iter(np.arange(0, 10_000, seconds))
        monkeypatch.setattr(time, "perf_counter", lambda clock=clock: next(clock))
        data = zip_bytes(FILES, zipfile.ZIP_BZIP2)
        assert "takes too long to unpack" in refusal(upload("z.zip", data))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_what_unpacks_to_far_too_much_is_refused(pack):
    assert "200 times its size" in refusal(upload("p.csv.gz", pack(bytes(50_000_000))))


def test_lzma_that_asks_for_much_memory_is_left_out():
    data = zip_bytes(FILES, zipfile.ZIP_LZMA)
    mark = b"\x09\x04\x05\x00\x5d"
    assert data.count(mark) == 60
    greedy = bytearray(data)
    place = 0
    while (place := data.find(mark, place)) >= 0:
        greedy[place + 5 : place + 9] = b"\xff\xff\xff\xff"
        place += 9
    assert "60 damaged" in refusal(upload("z.zip", bytes(greedy)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tar_bytes(FILES)[:-30_000], "too few"),
        (b"x" + tar_bytes(FILES)[1:], "damaged"),
        (gzip.compress(tar_bytes(FILES))[:-900], "damaged"),
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(CSV)))), "something packed"),
        (zip_bytes({"a.csv": CSV, "b.csv": CSV}), "2 files such as a.csv and b.csv"),
        (b"\x1f\x8b\x08" + bytes(500_000), "damaged"),
        (gzip.compress(b"") * 20_000, "damaged"),
        (b"BZh9" + bytes(99), "damaged"),
        (b"\xfd7zXZ\0" + bytes(99), "damaged"),
    ],
)
def test_damaged_archives_are_refused(data, words):
    assert words in refusal([Upload("z.gz", data)])
