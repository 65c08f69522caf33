"""Uploads against the arrays they were written from by Pillow, NumPy and csv."""

import gzip
import io
import struct
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import DatasetError
from aeviz.data.limits import LARGEST_UPLOAD
from aeviz.data.own.pictures import Wishes, classes, read_pictures, split_counts
from aeviz.data.uploads.arrays import brightness
from aeviz.data.uploads.decoding import CROP, MOST_PIXELS, DecodeOptions
from aeviz.data.uploads.formats import Upload
from aeviz.data.uploads.images import decode_picture
from aeviz.errors import UserError
from tests.support.uploads import (
    csv_bytes,
    idx_bytes,
    npy_bytes,
    npz_bytes,
    picture_bytes,
    random_pictures,
    upload,
    with_png_size,
    zip_bytes,
)

PICTURES = random_pictures()
LABELS = np.arange(60) % 3
PNGS = [picture_bytes(picture) for picture in PICTURES]


def refusal(uploads, wishes=None):
    with pytest.raises(DatasetError) as caught:
        read_pictures(uploads, wishes)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 500
    return text


def assert_read(found, pictures=PICTURES, labels=None):
    np.testing.assert_array_equal(found.images, pictures)
    assert found.images.dtype == np.uint8 and not found.images.flags.writeable
    if labels is None:
        assert found.labels is None and found.class_names == ()
    else:
        np.testing.assert_array_equal(found.labels, labels)
        assert found.labels.dtype == np.uint8


# --- formats -------------------------------------------------------------------------------------


def test_a_zip_of_png_files_with_folders_as_labels():
    names = ["apples", "pears", "plums"]
    members = {f"all/{names[i % 3]}/{i}.png": png for i, png in enumerate(PNGS)}
    found = read_pictures(upload("fruit.zip", zip_bytes(members)))
    assert_read(found, labels=LABELS)
    assert found.class_names == ("apples", "pears", "plums")
    assert found.said == (
        "60 pictures of 12 x 12 pixels; labels from folder names: 0 apples, 1 pears, 2 plums."
    )


def test_folders_named_by_digits_keep_their_digits():
    members = {f"{(7, 9)[i % 2]}\\{i}.png": png for i, png in enumerate(PNGS)}
    found = read_pictures(upload("z.zip", zip_bytes(members)))
    assert_read(found, labels=np.array([7, 9] * 30))
    assert found.class_names[7] == "7"


@pytest.mark.parametrize("folders", [1, 11])
def test_too_few_or_too_many_folders_are_no_labels(folders):
    members = {f"f{i % folders}/{i}.png": png for i, png in enumerate(PNGS)}
    found = read_pictures(upload("z.zip", zip_bytes(members)))
    assert_read(found)
    assert ("no labels, since folder names would give 11 kinds" in found.said) == (folders == 11)


def test_other_files_are_left_out_and_said():
    members = {f"{i}.png": png for i, png in enumerate(PNGS)}
    litter = {"__MACOSX/._0.png": b"x", ".DS_Store": b"x", "Thumbs.db": b"x", "folder/": b""}
    others = {"a.txt": b"hello", "inner.zip": zip_bytes(members), "empty.png": b""}
    broken = {"half.png": PNGS[0][:60], "half.jpg": b"\xff\xd8\xff\xe0"}
    found = read_pictures(upload("z.zip", zip_bytes(litter | members | others | broken)))
    assert_read(found)
    assert found.left_out == 5
    assert found.said.endswith("; 5 files left out: 3 not pictures, 2 damaged.")


def test_several_files_at_once():
    uploads = [Upload(f"{i}.png", png) for i, png in enumerate(PNGS)]
    found = read_pictures([*uploads, Upload("notes.txt", b"hello")])
    assert_read(found)
    assert found.said == "60 pictures of 12 x 12 pixels; 1 file left out: not pictures."


def test_jpeg_is_what_pillow_decodes():
    smooth = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8) * 8
    jpegs = [picture_bytes(np.roll(smooth, i % 16, 0), "JPEG", quality=95) for i in range(50)]
    found = read_pictures([Upload(f"{i}.jpg", data) for i, data in enumerate(jpegs)])
    oracle = np.stack([np.asarray(Image.open(io.BytesIO(data)).convert("L")) for data in jpegs])
    assert_read(found, oracle)


@pytest.mark.parametrize("compressed", [False, True])
def test_npz_as_keras_names_it(compressed):
    data = npz_bytes(
        x_train=PICTURES, y_train=LABELS, x_test=PICTURES[:20], y_test=LABELS[:20],
        compressed=compressed,
    )  # fmt: skip
    found = read_pictures(upload("p.npz", data))
    both = np.concatenate([PICTURES, PICTURES[:20]])
    assert_read(found, both, np.concatenate([LABELS, LABELS[:20]]))
    assert (found.n_test, found.counts) == (20, (55, 5, 20))
    test = found.dataset("own-x", "X")
    np.testing.assert_array_equal(test.test_images, PICTURES[:20].reshape(20, -1))


@pytest.mark.parametrize(
    "images",
    [
        PICTURES.reshape(60, 144),
        PICTURES[..., None],
        PICTURES[:, None],
        np.repeat(PICTURES[..., None], 3, axis=3),
        np.repeat(PICTURES[:, None], 3, axis=1),
        PICTURES.astype(np.int64),
        PICTURES.astype(">f4"),
        PICTURES / 255,
        (PICTURES / 127.5 - 1).astype(np.float32),
    ],
    ids=lambda a: f"{a.dtype} {a.shape}",
)
def test_shapes_and_scales_of_arrays(images):
    found = read_pictures(upload("p.npz", npz_bytes(x=images)))
    assert np.abs(found.images.astype(int) - PICTURES).max() <= 1  # a luma of 0.999.. rounds
    assert "stretched" not in found.said


def test_colour_is_made_grey_as_pillow_does_where_that_is_wished():
    colours = np.random.default_rng(1).integers(0, 256, (60, 12, 12, 3), dtype=np.uint8)
    oracle = np.stack([np.asarray(Image.fromarray(c).convert("L")) for c in colours])
    for uploads in (
        upload("p.npz", npz_bytes(x_train=colours)),
        [Upload(f"{i}.png", picture_bytes(c)) for i, c in enumerate(colours)],
    ):
        found = read_pictures(uploads, Wishes(inverted=False, grey=True))
        assert np.abs(found.images.astype(int) - oracle).max() <= 1
        assert found.said == "60 pictures, made grey."


def test_digits_from_0_to_16_are_stretched_and_said():
    digits = load_dataset("digits").images[:100]
    sixteenths = np.rint(digits / 255 * 16)
    found = read_pictures(upload("p.npz", npz_bytes(data=sixteenths, target=np.arange(100) % 10)))
    assert_read(found, digits, np.arange(100) % 10)
    assert "brightness stretched from 0 up to 16" in found.said


@pytest.mark.parametrize("gzipped", [False, True])
def test_idx_files_with_labels(gzipped):
    images = Upload("train-images-idx3-ubyte", idx_bytes(PICTURES, gzipped=gzipped))
    labels = Upload("train-labels-idx1-ubyte", idx_bytes(LABELS.astype(np.uint8), gzipped=gzipped))
    assert_read(read_pictures([images]))
    assert_read(read_pictures([labels, images]), labels=LABELS)
    test = [
        Upload("t10k-images", idx_bytes(PICTURES[:9], gzipped=gzipped)),
        Upload("t10k-labels", idx_bytes(LABELS[:9].astype(np.int32), gzipped=gzipped)),
    ]
    found = read_pictures([*test, labels, images])
    assert_read(found, np.concatenate([PICTURES, PICTURES[:9]]), np.r_[LABELS, LABELS[:9]])
    assert found.n_test == 9


HEADER = [f"pixel{i}" for i in range(144)]


@pytest.mark.parametrize(
    ("data", "labelled", "words"),
    [
        (csv_bytes(PICTURES), False, ""),
        (csv_bytes(PICTURES, header=HEADER), False, ""),
        (csv_bytes(PICTURES, LABELS), True, "the first column"),
        (csv_bytes(PICTURES, LABELS, last=True), True, "the last column"),
        (csv_bytes(PICTURES, LABELS, header=["label", *HEADER]), True, "the column label"),
        (csv_bytes(PICTURES, LABELS, header=[*HEADER, "Class"], last=True), True, "column Class"),
        (csv_bytes(PICTURES, LABELS, header=["a", *HEADER]), True, "the column a"),
        (csv_bytes(PICTURES, np.array(list("abc"))[LABELS]), True, "0 a, 1 b, 2 c"),
        (csv_bytes(PICTURES, range(60), header=["", *HEADER]), False, ""),
        (csv_bytes(PICTURES, LABELS, delimiter=";"), True, "the first column"),
        (csv_bytes(PICTURES / 255, LABELS, delimiter="\t"), True, "the first column"),
        (b"\xef\xbb\xbf" + csv_bytes(PICTURES).replace(b"\n", b"\r\n\r\n"), False, ""),
    ],
)
def test_tables(data, labelled, words):
    found = read_pictures(upload("p.csv", data))
    assert_read(found, labels=LABELS if labelled else None)
    assert words in found.said


def test_a_number_for_each_row_before_the_label_is_no_pixel():
    rows = [f"{i}," for i in range(60)]
    lines = csv_bytes(PICTURES, LABELS).decode().splitlines()
    text = "\n".join(
        [",label," + ",".join(HEADER), *(a + b for a, b in zip(rows, lines, strict=True))]
    )
    assert_read(read_pictures(upload("p.csv", text.encode())), labels=LABELS)


# --- making them grey, square, small -------------------------------------------------------------


def test_the_side_is_28_or_what_they_have():
    for side, expected in ((12, 12), (28, 28), (40, 28), (5, 8)):
        data = npz_bytes(x_train=random_pictures(side=side))
        assert read_pictures(upload("p.npz", data)).side == expected
    data = npz_bytes(x_train=PICTURES)
    assert read_pictures(upload("p.npz", data), Wishes(side=64)).side == 64
    for side in (7, 65, 0, -1):
        assert "8 up to 64" in refusal(upload("p.npz", data), Wishes(side=side))
    assert "choose one of them" in refusal(upload("p.npz", data), Wishes(square="stretch"))


def test_shrinking_averages():
    flat = np.kron(random_pictures(side=9), np.ones((4, 4), np.uint8))
    small = read_pictures(upload("p.npz", npz_bytes(x_train=flat)), Wishes(side=9)).images
    oracle = flat.reshape(60, 9, 4, 9, 4).mean(axis=(2, 4))
    assert np.abs(small - oracle).max() <= 0.5
    other = read_pictures(upload("p.npz", npz_bytes(x_train=flat)), Wishes(side=10)).images
    assert other.mean() == pytest.approx(flat.mean(), rel=0.02)


def test_oblong_pictures_are_filled_up_or_cut():
    wide = np.zeros((60, 10, 20), np.uint8)
    wide[:, :, 9:11] = 255
    wide[::2, 5, 5] = 200
    uploads = upload("p.npz", npz_bytes(x_train=wide))
    padded = read_pictures(uploads, Wishes(side=20))
    np.testing.assert_array_equal(padded.images[:, 5:15], wide)
    assert not padded.images[:, :5].any() and not padded.images[:, 15:].any()
    assert "filled up to squares" in padded.said
    cut = read_pictures(uploads, Wishes(side=10, square=CROP))
    np.testing.assert_array_equal(cut.images, wide[:, :, 5:15])
    assert "middle cut out" in cut.said


def test_dark_on_light_changes_places_unless_told_otherwise():
    strokes = np.where(np.random.default_rng(0).random((60, 12, 12)) < 0.1, 255, 0)
    data = npz_bytes(x_train=(255 - strokes).astype(np.uint8))
    found = read_pictures(upload("p.npz", data))
    assert_read(found, strokes)
    assert found.inverted and "their light parts taken for empty paper" in found.said
    as_is = read_pictures(upload("p.npz", data), Wishes(inverted=False))
    assert_read(as_is, 255 - strokes)
    assert_read(read_pictures(upload("p.npz", npz_bytes(x=PICTURES)), Wishes(inverted=True)),
                255 - PICTURES)  # fmt: skip


def test_modes_of_png():
    grey = PICTURES[0]
    deep = grey.astype(np.uint16) * 257
    np.testing.assert_array_equal(
        decode_picture(picture_bytes(deep), DecodeOptions(12, CROP))[0], grey
    )
    black_and_white = io.BytesIO()
    Image.fromarray(grey).convert("1").save(black_and_white, "PNG")
    assert set(
        np.unique(decode_picture(black_and_white.getvalue(), DecodeOptions(12, CROP))[0])
    ) == {0, 255}
    # Black ink on nothing: what is clear is white paper.
    clear = np.zeros((12, 12, 4), np.uint8)
    clear[..., 3] = grey
    np.testing.assert_array_equal(
        decode_picture(picture_bytes(clear), DecodeOptions(12, CROP))[0], 255 - grey
    )
    palette, out = Image.fromarray(grey // 128, mode="P"), io.BytesIO()
    palette.putpalette([0, 0, 0, 0, 0, 0])
    palette.save(out, "PNG", transparency=0)
    oracle = np.where(grey >= 128, 0, 255)
    np.testing.assert_array_equal(
        decode_picture(out.getvalue(), DecodeOptions(12, CROP))[0], oracle
    )


def test_photos_are_turned_as_they_were_held():
    smooth = np.zeros((32, 48), np.uint8)
    smooth[:16, :24] = 255
    exif = Image.Exif()
    exif[274] = 6  # the top of the picture is at the right
    out = io.BytesIO()
    Image.fromarray(smooth).save(out, "JPEG", exif=exif, quality=95)
    drawn = decode_picture(out.getvalue(), DecodeOptions(8, CROP))[0]
    assert drawn[1, 6] > 200 and drawn[1, 1] < 60 and drawn[6, 6] < 60


def test_large_jpegs_are_shrunk_while_decoding():
    small = np.add.outer(np.arange(16), np.arange(16)).astype(np.uint8) * 8
    large = np.kron(small, np.ones((100, 100), np.uint8))
    data = picture_bytes(large, "JPEG", quality=90)
    oracle = np.asarray(Image.open(io.BytesIO(data)).convert("L").resize((16, 16), Image.BOX))
    assert np.abs(decode_picture(data, DecodeOptions(16, CROP))[0].astype(int) - oracle).max() < 12


# --- labels and parts ----------------------------------------------------------------------------


def test_classes():
    for written, labels, names in (
        ([0, 2, 2], [0, 2, 2], ("0", "1", "2")),
        ([10, 30, 20], [0, 2, 1], ("10", "20", "30")),
        ([-1.0, 1.0, 1.0], [0, 1, 1], ("-1", "1")),
        ([0.5, 1.5, 0.5], [0, 1, 0], ("0.5", "1.5")),
        (["b", "a", "b"], [1, 0, 1], ("a", "b")),
        (["5", "3.0", "5"], [5, 3, 5], ("0", "1", "2", "3", "4", "5")),
        ([True, False, True], [1, 0, 1], ("0", "1")),
    ):
        found, found_names, _ = classes(np.array(written), "the column y")
        assert (found.tolist(), found_names) == (labels, names)
    for written, reason in (
        ([1, 1, 1], "one kind"),
        (range(11), "11 kinds"),
        ([0.0, np.nan], "missing"),
        ([0.0, np.inf], "missing"),
    ):
        found, names, said = classes(np.array(written), "the column y")
        assert (found, names) == (None, ()) and reason in said


def test_class_names_are_made_harmless():
    written = np.array(["<script>alert(1)</script>", "![x](http://a.b)", "a\u202eb\x07"])
    _, names, said = classes(written, "folder names")
    assert not set("<>[]`*$\u202e\x07") & set("".join(names) + said)
    assert len(names) == 3


@pytest.mark.parametrize("count", [50, 51, 100, 312, 5_000, 70_000, 100_000])
def test_parts(count):
    train, validation, test = split_counts(count)
    assert train + validation + test == count
    assert min(validation, test) >= 4
    assert (validation / count, test / count) == (
        pytest.approx(0.08, abs=0.01), pytest.approx(0.15, abs=0.011)
    )  # fmt: skip


def test_the_split_is_shuffled_and_always_the_same():
    sorted_labels = np.repeat([0, 1], 100)
    data = npz_bytes(x_train=random_pictures(200), y_train=sorted_labels)
    first, again = (read_pictures(upload("p.npz", data)).dataset("own-x", "X") for _ in range(2))
    np.testing.assert_array_equal(first.images, again.images)
    for labels in (first.train_labels, first.validation_labels, first.test_labels):
        assert set(labels) == {0, 1}
    # Each picture keeps its label.
    place = {picture.tobytes(): label for picture, label in zip(random_pictures(200), sorted_labels,
                                                                strict=True)}  # fmt: skip
    assert [place[p.tobytes()] for p in first.images] == first.labels.tolist()


@pytest.mark.parametrize(("n_validation", "n_test"), [(30, 0), (30, 50), (0, 50)])
def test_parts_that_came_as_parts_stay_so(n_validation, n_test):
    labels = np.repeat([0, 1, 2], [200 - n_validation - n_test, n_validation, n_test])
    found = read_pictures(upload("p.npz", npz_bytes(x_train=random_pictures(200), y=labels)))
    found = replace(found, n_validation=n_validation, n_test=n_test)
    data = found.dataset("own-x", "X")
    assert set(data.train_labels) == {0}
    if n_validation:
        assert data.validation_labels.tolist() == [1] * n_validation
    if n_test:
        assert data.test_labels.tolist() == [2] * n_test
    else:
        assert set(data.test_labels) == {0} and data.n_test == round(0.15 * 170)
    assert len({picture.tobytes() for picture in data.images}) == 200


# --- refusals ------------------------------------------------------------------------------------


def npz_of(member: bytes, name="x_train.npy", method=zipfile.ZIP_STORED) -> bytes:
    return zip_bytes({name: member}, method)


GOOD_NPZ = npz_bytes(x_train=PICTURES)
GOOD_ZIP = zip_bytes({f"{i}.png": png for i, png in enumerate(PNGS)})


class Unpickled:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


REFUSED = {
    "nothing": ([], "nothing here yet"),
    "an empty file": (upload("a.png", b""), "a.png is empty"),
    "something else": (upload("a.bin", b"hello there"), "none of the files"),
    "a csv of words": (upload("a.csv", b"hello\nworld\n"), "1 column, which"),
    "few pictures": (upload("p.npz", npz_bytes(x_train=PICTURES[:49])), "49 pictures are too few"),
    "few in a zip": (
        upload("z.zip", zip_bytes({f"{i}.png": PNGS[i] for i in range(9)} | {"a.txt": b"x"})),
        "9 pictures are too few to train on some and test with others (1 file left out: not "
        "pictures)",
    ),
    "two tables": ([Upload("a.csv", b"1,2"), Upload("b.csv", b"1,2")], "do not belong together"),
    "an empty zip": (upload("z.zip", zip_bytes({})), "z.zip holds no pictures"),
    "a zip of words": (upload("z.zip", zip_bytes({"a.txt": b"x"})), "(1 not pictures)"),
    "half a zip": (upload("z.zip", GOOD_ZIP[: len(GOOD_ZIP) // 2]), "damaged or incomplete"),
    "npz without images": (upload("p.npz", npz_bytes(weights=PICTURES)), "no array called x_train"),
    "one grey": (upload("p.npz", npz_bytes(x_train=PICTURES * 0 + 7)), "same single grey"),
    "not finite": (
        upload("p.npz", npz_bytes(x_train=np.where(PICTURES == 255, np.nan, PICTURES))),
        "not finite",
    ),
    "too far apart": (
        upload("p.npz", npz_bytes(x_train=(PICTURES / 127.5 - 1) * 1.7e308)), "too far apart"
    ),
    "complex": (upload("p.npz", npz_bytes(x_train=PICTURES * 1j)), "type complex128"),
    "text": (upload("p.npz", npz_bytes(x_train=PICTURES.astype("U3"))), "type str96"),
    "five dimensions": (
        upload("p.npz", npz_bytes(x_train=PICTURES.reshape(60, 2, 6, 2, 6))), "by its shape"
    ),
    "flat, not square": (upload("p.npz", npz_bytes(x_train=PICTURES.reshape(-1, 72))), "shape"),
    "a claim of terabytes": (upload("p.npz", npz_of(npy_bytes((60, 9**7, 9**7)))), "9"),
    "a claim of a gigabyte": (
        upload("p.npz", npz_of(npy_bytes((90_000, 200, 200)))), "at most 1,074 MB"
    ),
    "too many": (upload("p.npz", npz_of(npy_bytes((100_001, 8, 8)))), "at most 100,000"),
    "large ones": (upload("p.npz", npz_of(npy_bytes((60, 2_000, 8)))), "at most 1,024 a side"),
    "too little data": (
        upload("p.npz", npz_of(npy_bytes((60, 12, 12), data=b"\0\xff" * 9))), "ends too early"
    ),
    "a mad header": (
        upload("p.npz", npz_of(b"\x93NUMPY\x01\x00" + struct.pack("<H", 9_999) + b"(" * 9_999)),
        "damaged",
    ),
    "many minus signs": (
        upload("p.npz", npz_of(b"\x93NUMPY\x01\x00" + struct.pack("<H", 9_999) + b"-" * 9_999)),
        "damaged",
    ),
    "a header of 4 GB": (
        upload("p.npz", npz_of(b"\x93NUMPY\x02\x00" + b"\xff" * 4 + b"x" * 99_999)), "damaged"
    ),
    "a bomb in npz": (
        upload("p.npz", npz_of(npy_bytes((200, 144, 144), data=bytes(200 * 144 * 144)),
                               method=zipfile.ZIP_DEFLATED)),
        "200 times its size",
    ),
    "locked": (
        upload("p.npz", GOOD_NPZ.replace(b"PK\x01\x02\x2d\x03\x2d\x00\x00\x00",
                                         b"PK\x01\x02\x2d\x03\x2d\x00\x01\x00")),
        "password",
    ),
    "packed by lzma": (
        upload("p.npz", npz_of(npy_bytes((60, 12, 12), data=PICTURES.tobytes()),
                               method=zipfile.ZIP_LZMA)),
        "unusual way",
    ),
    "a bomb in gzip": (
        upload("i.gz", gzip.compress(struct.pack(">HBBIII", 0, 8, 3, 9_000, 28, 28)
                                     + bytes(9_000 * 784))),
        "200 times its size",
    ),
    "idx labels alone": (upload("l", idx_bytes(LABELS.astype(np.uint8))), "labels only"),
    "idx cut off": (upload("i", idx_bytes(PICTURES)[:-1]), "ends too early"),
    "idx too long": (upload("i", idx_bytes(PICTURES) + b"\0"), "more data"),
    "gzip cut off": (upload("i", idx_bytes(PICTURES, gzipped=True)[:-9]), "damaged"),
    "gzip of something else": (upload("i", gzip.compress(b"hello")), "none of the files"),
    "two idx files": (
        [Upload("a", idx_bytes(PICTURES)), Upload("b", idx_bytes(PICTURES))],
        "several files of pictures",
    ),
    "a formula": (
        upload("p.csv", csv_bytes(PICTURES).replace(b"\n0,", b"\n=1+1,", 1)),
        "Row 2 of p.csv holds '=1+1' where a number should be",
    ),
    "an empty cell": (
        upload("p.csv", csv_bytes(PICTURES).replace(b"\n0,", b"\n,", 1)),
        "Row 2 of p.csv holds an empty cell",
    ),
    "a ragged row": (
        upload("p.csv", csv_bytes(PICTURES).replace(b"\n0,", b"\n0,0,", 1)),
        "Row 2 of p.csv has 145 columns",
    ),
    "not a number": (
        upload("p.csv", csv_bytes(PICTURES).replace(b"\n0,", b"\nnan,", 1)), "holds 'nan'"
    ),
    "132 columns": (upload("p.csv", csv_bytes(PICTURES[:, :11])), "132 columns"),
    "one endless row": (upload("p.csv", b"1," * 5_000_000), "longer than any"),
    "many columns": (upload("p.csv", b"1," * 80_000 + b"1\n"), "at most 65,538"),
    "a spreadsheet": (upload("p.csv", b"PK\x03\x04" + b"x" * 99), "damaged or incomplete"),
    "no text": (upload("p.csv", b"1,\x00\x002\n" * 99), "plain text"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_sentence(case):
    uploads, words = REFUSED[case]
    assert words in refusal(uploads)


def test_pickles_are_never_opened(tmp_path):
    objects = np.empty(60, object)
    objects[:] = [Unpickled(tmp_path / "mark")] * 60
    out = io.BytesIO()
    np.lib.format.write_array(out, objects, allow_pickle=True)
    assert "pickled Python objects" in refusal(upload("p.npz", npz_of(out.getvalue())))
    # As labels they are left out, or refused: never opened.
    members = {"x_train.npy": npy_bytes((60, 12, 12), data=PICTURES.tobytes()),
               "y_train.npy": out.getvalue()}  # fmt: skip
    found = read_pictures(upload("p.npz", zip_bytes(members)))
    assert_read(found)
    assert "no labels, since the array y_train holds Python objects" in found.said
    assert not (tmp_path / "mark").exists()


def test_paths_out_of_a_zip_write_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    members = {f"../../{tmp_path}/{'ab'[i % 2]}/../{i}.png": png for i, png in enumerate(PNGS)}
    assert_read(read_pictures(upload("../../z.zip", zip_bytes(members))))
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_png_that_claims_to_be_huge_is_left_out():
    huge = with_png_size(PNGS[0], 65_000, MOST_PIXELS // 65_000 + 1)
    huger = with_png_size(PNGS[0], 2**31 - 1, 2**31 - 1)
    uploads = [Upload(f"{i}.png", png) for i, png in enumerate([*PNGS, huge, huger])]
    found = read_pictures(uploads)
    assert_read(found)
    assert "2 files left out: too large" in found.said


def test_many_large_pictures_together_are_refused():
    """Each just allowed; together they would take minutes."""
    one = with_png_size(PNGS[0], 7_000, 7_000)
    uploads = [Upload(f"{i}.png", one) for i in range(60)]
    assert "2,940 million pixels where 1,000 million" in refusal(uploads)


def test_a_jpeg_of_a_thousand_passes_is_left_out():
    jpeg = picture_bytes(PICTURES[0], "JPEG", progressive=True)
    scan = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    slow = jpeg[:-2] + scan * 1_000 + jpeg[-2:]
    found = read_pictures([Upload(f"{i}", data) for i, data in enumerate([*PNGS, slow])])
    assert_read(found)
    assert "1 file left out: damaged" in found.said


def test_more_than_the_upload_limit_is_refused_unread():
    class Claims(bytes):
        def __len__(self):
            return LARGEST_UPLOAD + 1

    assert "at most 200 MB" in refusal(upload("p.npz", Claims(GOOD_NPZ)))


def test_the_stated_upload_limit_is_the_servers():
    import tomllib
    from pathlib import Path

    config = Path(__file__).parents[4] / ".streamlit" / "config.toml"
    stated = tomllib.loads(config.read_text("utf-8"))["server"]["maxUploadSize"]
    assert stated * 1024 * 1024 == LARGEST_UPLOAD


def test_too_many_entries_are_refused_before_the_list_is_read(monkeypatch):
    data = zip_bytes({"a.txt": b""}) + b"PK\x01\x02" * 210_000
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "more than 210,000 files" in refusal(upload("z.zip", data))


def test_file_names_are_made_harmless_in_sentences():
    name = "<img src=x>\n![](http://a.b)`\u202e" + "a" * 5_000 + ".npz"
    text = refusal(upload(name, b"PK\x03\x04 broken"))
    assert not set("<>[]`\u202e\n") & set(text)


def test_a_public_showing_takes_no_uploads(monkeypatch):
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    with pytest.raises(UserError, match="Uploading pictures is switched off"):
        read_pictures(upload("p.npz", GOOD_NPZ))


def test_progress_rises_to_1_and_what_it_raises_ends_the_work():
    for uploads in (upload("p.npz", GOOD_NPZ), upload("z.zip", GOOD_ZIP)):
        shares = []
        read_pictures(uploads, progress=shares.append)
        assert shares == sorted(shares) and shares[-1] == 1
        stopped = ValueError("stopped by the caller")

        def stop(share, error=stopped):
            raise error

        with pytest.raises(ValueError) as caught:
            read_pictures(uploads, progress=stop)
        assert caught.value is stopped


def test_brightness():
    assert brightness(0, 255) == (0, 255, ())
    assert brightness(0, 1) == (0, 1, ())
    assert brightness(-1, 1) == (-1, 2, ())
    assert brightness(-2, 6) == (-2, 8, ("brightness stretched from -2 up to 6",))
    assert brightness(3, 65_535)[:2] == (0, 65_535)
