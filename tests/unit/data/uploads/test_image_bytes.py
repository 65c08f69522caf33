"""What is left of a picture file is drawn as Pillow draws the whole, and nothing else is left."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from aeviz.data.uploads.image_bytes import bare_jpeg, bare_png, jpeg_passes
from tests.support.uploads import picture_bytes, random_pictures

GREY = random_pictures(1, 40)[0]
COLOURS = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
NOTE = b"note " * 1_000


def pixels(data):
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGBA")), picture.info


@pytest.mark.parametrize("picture", [GREY, COLOURS], ids=["grey", "colours"])
def test_png(picture):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("a", "b" * 1_000, zip=True)
    notes.add_itxt("c", "d" * 1_000)
    data = picture_bytes(picture, pnginfo=notes, icc_profile=NOTE, exif=b"Exif\0\0" + NOTE)
    bare = bare_png(data)
    np.testing.assert_array_equal(pixels(bare)[0], pixels(data)[0])
    assert pixels(bare)[1] == {} and b"note" not in bare
    assert bare_png(bare) == bare


def test_png_with_a_palette_and_clear_places():
    picture, out = Image.fromarray(GREY // 128, mode="P"), io.BytesIO()
    picture.putpalette([0, 0, 0, 9, 9, 9])
    picture.save(out, "PNG", transparency=0)
    np.testing.assert_array_equal(pixels(bare_png(out.getvalue()))[0], pixels(out.getvalue())[0])


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg(mode, progressive):
    exif = Image.Exif()
    exif[274] = 6
    out = io.BytesIO()
    Image.fromarray(COLOURS).convert(mode).save(
        out, "JPEG", progressive=progressive, exif=exif, icc_profile=NOTE, comment=NOTE
    )
    data = out.getvalue()
    bare = bare_jpeg(data)
    np.testing.assert_array_equal(pixels(bare)[0], pixels(data)[0])
    with Image.open(io.BytesIO(bare)) as picture:
        assert picture.getexif()[274] == 6
    assert b"note" not in bare and bare_jpeg(bare) == bare
    assert (jpeg_passes(bare) == 1) == (not progressive)


@pytest.mark.parametrize("data", [b"\xff\xd8", b"\xff\xd8" + b"\xff" * 9_000_000,
                                  b"\xff\xd8" + b"\xff\xd0" * 9, b"\xff\xd8\xff\xe0\0\0" * 9,
                                  b"\xff\xd8" + b"\xff\xe0\0\2" * 9_000_000])  # fmt: skip
def test_jpegs_made_to_be_looked_at_for_long(data):
    start = time.perf_counter()
    with pytest.raises((ValueError, struct.error)):
        bare_jpeg(data)
    assert time.perf_counter() - start < 0.5


def test_pngs_made_to_be_looked_at_for_long():
    png = picture_bytes(GREY)
    empty = struct.pack(">I4sI", 0, b"eMPT", zlib.crc32(b"eMPT"))
    start = time.perf_counter()
    with pytest.raises(ValueError, match="too many parts"):
        bare_png(png[:33] + empty * 2_000_000 + png[33:])
    assert time.perf_counter() - start < 2


def test_cut_off_pngs_are_left_to_the_decoder():
    png = picture_bytes(GREY)
    assert bare_png(png[:60]) == png[:60]
    with pytest.raises(struct.error):
        bare_png(png[:40])
