"""Picture files against the arrays that Pillow wrote them from."""

import io
import struct
import time

import numpy as np
import pytest
from PIL import Image, ImageOps

from aeviz.data.own.pictures import Wishes, read_pictures
from aeviz.data.uploads.decoding import CROP, DecodeOptions
from aeviz.data.uploads.formats import Upload
from aeviz.data.uploads.images import decode_picture
from tests.support.uploads import (
    picture_bytes,
    random_pictures,
    upload,
    zip_bytes,
)

PICTURES = random_pictures()
AS_THEY_ARE = Wishes(inverted=False)
KINDS = {
    "GIF": {},
    "BMP": {},
    "WEBP": {"lossless": True},
    "PPM": {},
    "TIFF": {},
    "TIFF lzw": {"compression": "tiff_lzw"},
    "TIFF deflate": {"compression": "tiff_adobe_deflate"},
    "TIFF packbits": {"compression": "packbits"},
}


def encoded(kind, picture):
    return picture_bytes(picture, kind.split()[0], **KINDS[kind])


def loose(files):
    return [Upload(f"{i}.xyz", data) for i, data in enumerate(files)]


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_picture_files(kind):
    files = [encoded(kind, picture) for picture in PICTURES]
    zipped = zip_bytes({f"{'ab'[i % 2]}/{i}": data for i, data in enumerate(files)})
    for uploads in (loose(files), upload("z.zip", zipped)):
        found = read_pictures(uploads, AS_THEY_ARE)
        np.testing.assert_array_equal(found.images, PICTURES)


def test_only_the_first_of_moving_pictures():
    for kind in ("GIF", "WEBP", "TIFF"):
        files = []
        for picture in PICTURES:
            out, first = io.BytesIO(), Image.fromarray(picture)
            others = [Image.fromarray(255 - picture)] * 3
            first.save(out, kind, save_all=True, append_images=others, lossless=True)
            files.append(out.getvalue())
        found = read_pictures(loose(files), AS_THEY_ARE)
        assert np.abs(found.images.astype(int) - PICTURES).max() <= 1


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "JPEG"])
def test_pictures_are_turned_as_they_were_held(kind, value):
    smooth = np.kron(np.arange(16).reshape(4, 4) * 16, np.ones((8, 8))).astype(np.uint8)
    exif = Image.Exif()
    exif[274] = value
    out = io.BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {}
    Image.fromarray(smooth).save(out, kind, exif=exif, **options)
    # Pillow's own reading of the standard.
    with Image.open(io.BytesIO(out.getvalue())) as picture:
        oracle = np.asarray(ImageOps.exif_transpose(picture).convert("L"))
    drawn = decode_picture(out.getvalue(), DecodeOptions(32, CROP))[0]
    assert np.abs(drawn.astype(int) - oracle).max() <= 3


def test_filling_bytes_before_the_markers_of_a_jpeg():
    jpeg = picture_bytes(PICTURES[0], "JPEG")
    place = jpeg.index(b"\xff\xdb")
    filled = jpeg[:2] + b"\xff" * 5 + jpeg[2:place] + b"\xff" * 3_000 + jpeg[place:]
    with Image.open(io.BytesIO(filled)) as picture:
        oracle = np.asarray(picture.convert("L"))
    np.testing.assert_array_equal(decode_picture(filled, DecodeOptions(12, CROP))[0], oracle)


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "WEBP"])
def test_what_stands_between_and_after_the_parts_is_passed_over(kind):
    data = picture_bytes(PICTURES[0], kind)
    data += b"more than it says"
    if kind == "JPEG":
        place = data.index(b"\xff\xdb")
        data = data[:place] + b"junk \xff\xd3 \xff\0 junk" + data[place:]
    elif kind == "GIF":
        place = 13 + 3 * 256
        data = data[:place] + b"\0\0junk" + data[place:]
    with Image.open(io.BytesIO(data)) as picture:
        oracle = np.asarray(picture.convert("L"))
    np.testing.assert_array_equal(decode_picture(data, DecodeOptions(12, CROP))[0], oracle)


# --- brightness ----------------------------------------------------------------------------------


def test_masks_of_0_and_1_are_stretched_and_said():
    masks = (PICTURES > 127).astype(np.uint8)
    for mode in ("L", "RGB", "RGBA"):
        files = []
        for mask in masks:
            out = io.BytesIO()
            Image.fromarray(mask).convert(mode).save(out, "PNG")
            files.append(out.getvalue())
        found = read_pictures(loose(files))
        np.testing.assert_array_equal(found.images, masks * 255)
        assert "brightness stretched from 0 up to 1;" in found.said or found.said.endswith("to 1.")


def test_masks_are_stretched_before_they_are_shrunk():
    masks = (random_pictures(side=48) > 127).astype(np.uint8)
    oracle = masks.reshape(60, 12, 4, 12, 4).mean((2, 4)) * 255
    found = read_pictures(loose(map(picture_bytes, masks)), Wishes(side=12, inverted=False))
    assert np.abs(found.images - oracle).max() <= 1


@pytest.mark.parametrize("bits", [1, 10, 12, 14])
def test_few_bits_in_sixteen(bits):
    most = 2**bits - 1
    deep = np.rint(PICTURES / 255 * most).astype(np.uint16)
    for kind in ("PNG", "TIFF", "PPM"):
        found = read_pictures(loose(picture_bytes(one, kind) for one in deep), AS_THEY_ARE)
        assert np.abs(found.images - deep * (255 / most)).max() <= 0.51
        assert f"stretched from 0 up to {most:g}" in found.said


@pytest.mark.parametrize("scale", [1.0, 255.0])
def test_floats_in_tiff_files(scale):
    floats = (PICTURES / 255 * scale).astype(np.float32)
    found = read_pictures(loose(picture_bytes(one, "TIFF") for one in floats), AS_THEY_ARE)
    assert np.abs(found.images.astype(int) - PICTURES).max() <= 1
    assert "stretched" not in found.said


def test_photos_are_not_stretched():
    dim = random_pictures() // 2
    dim[7, 3, 3] = 140
    deep = dim.astype(np.uint16) * 257
    for pictures in (dim, deep):
        found = read_pictures(loose(map(picture_bytes, pictures)), AS_THEY_ARE)
        np.testing.assert_array_equal(found.images, dim)
        assert "stretched" not in found.said


# --- clear grounds -------------------------------------------------------------------------------


def clear(luma, alpha):
    return np.stack([luma, luma, luma, alpha], axis=2)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("light", [True, False])
def test_ink_on_a_clear_ground(kind, light):
    """White or black ink: what is clear is paper, and ink is 255."""
    inks = np.where(random_pictures(side=28) > 200, 255, 0).astype(np.uint8)
    luma = np.full_like(inks[0], 255 if light else 0)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    files = [picture_bytes(clear(luma, ink), kind, **options) for ink in inks]
    found = read_pictures(loose(files))
    np.testing.assert_array_equal(found.images, inks)
    assert ("clear in them taken for black" in found.said) == light


def test_white_ink_in_a_gif():
    inks = np.where(random_pictures(side=28) > 200, 1, 0).astype(np.uint8)
    files = []
    for ink in inks:
        picture, out = Image.fromarray(ink, mode="P"), io.BytesIO()
        picture.putpalette([255, 255, 255, 255, 255, 255])
        picture.save(out, "GIF", transparency=0, optimize=False)
        files.append(out.getvalue())
    np.testing.assert_array_equal(read_pictures(loose(files)).images, inks * 255)


# --- made to do harm -----------------------------------------------------------------------------


def tiff_of(*tags, more=b""):
    """A TIFF with these tags (number, type, count, value) and bytes after them."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + more


SIDE = [(256, 4, 1, 12), (257, 4, 1, 12), (258, 3, 1, 8), (262, 3, 1, 1)]
HARMFUL = {
    "webp canvas": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\x3f\0" * 2 + bytes(9),
    "webp of many parts": b"RIFF\x1e\0\0\0WEBP" + b"abcd\0\0\0\0" * 500_000,
    "gif of notes": b"GIF89a\x0c\0\x0c\0\0\0\0" + b"!\xfe\x01a\0" * 1_000_000,
    "gif of small blocks": b"GIF89a\x0c\0\x0c\0\0\0\0" + b"!\xfe" + b"\x01a" * 1_000_000,
    "gif canvas": b"GIF89a\xff\xff\xff\xff\0\0\0" + encoded("GIF", PICTURES[0])[13:],
    "packed bmp": encoded("BMP", PICTURES[0])[:30] + b"\1" + encoded("BMP", PICTURES[0])[31:],
    "bmp size": encoded("BMP", PICTURES[0])[:18] + b"\xff\xff\0\0\xff\xff\0\0"
    + encoded("BMP", PICTURES[0])[26:],
    "tiff of tags": tiff_of(*[(i, 2, 100_000, 8) for i in range(1_000)], more=bytes(100_000)),
    "tiff of shared tags": tiff_of(*SIDE, *[(i, 2, 90_000, 8) for i in range(900, 1_100)],
                                   more=bytes(100_000)),
    "tiff of strips": tiff_of(*SIDE, (273, 4, 2_000_000, 200), (279, 4, 2_000_000, 200),
                              more=bytes(16_000_000)),
    "tiff tile": tiff_of(*SIDE, (259, 3, 1, 8), (322, 4, 1, 60_000), (323, 4, 1, 60_000),
                         (324, 4, 1, 8), (325, 4, 1, 99), more=bytes(999)),
    "tiff jpeg": tiff_of(*SIDE, (259, 3, 1, 7), (273, 4, 1, 8), (279, 4, 1, 99), more=bytes(999)),
    "tiff size": tiff_of((256, 4, 1, 90_000), (257, 4, 1, 90_000), more=bytes(999)),
    "pnm size": b"P5\n# made up\n99999 99999 255\n" + bytes(99),
    "cut pnm": encoded("PPM", PICTURES[0])[:60],
    "cut gif": encoded("GIF", PICTURES[0])[:40],
    "cut webp": encoded("WEBP", PICTURES[0])[:40],
    "cut tiff": encoded("TIFF", PICTURES[0])[:40],
    "cut bmp": encoded("BMP", PICTURES[0])[:60],
}  # fmt: skip


TOO_LARGE = ("webp canvas", "gif canvas", "bmp size", "tiff size", "pnm size")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_files_are_left_out_in_no_time(name):
    good = [picture_bytes(picture) for picture in PICTURES]
    start = time.perf_counter()
    found = read_pictures(loose([*good, HARMFUL[name]]), AS_THEY_ARE)
    assert time.perf_counter() - start < 5
    np.testing.assert_array_equal(found.images, PICTURES)
    why = "too large" if name in TOO_LARGE else "damaged"
    assert found.left_out == 1 and f"1 file left out: {why}." in found.said
