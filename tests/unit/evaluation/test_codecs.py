"""Pictures through image codecs: what goes in comes back, and the bytes are those of the file."""

import io

import numpy as np
import pytest
from PIL import Image

from aeviz.data.catalog import load_dataset
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.codecs import (
    codec_points,
    codec_points_alone,
    codecs,
    taken_apart,
    through,
    through_alone,
    tiled,
)

NAMES = ["jpeg", "webp", "avif", "jxl", "png", "webp-lossless"]
SHAPES = [PictureShape(8), PictureShape(9, 3)]


def pictures(shape, count=50):
    random = np.random.default_rng(3)
    return random.integers(0, 256, (count, shape.values), dtype=np.uint8)


def smooth(shape, count=20):
    """Slopes, which any codec can draw."""
    y, x = np.mgrid[: shape.side, : shape.side] / shape.side
    steep = np.random.default_rng(4).random((count, 2, 1, 1))
    ink = 255 * (steep[:, 0] * x + steep[:, 1] * y) / 2
    return np.repeat(ink[..., None], shape.channels, axis=3).reshape(count, -1).astype(np.uint8)


def test_they_are_the_ones_people_know():
    assert list(codecs()) == NAMES


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.words)
@pytest.mark.parametrize("count", [1, 2, 49, 50])
def test_a_sheet_taken_apart_is_the_pictures(shape, count):
    images = pictures(shape, count)
    np.testing.assert_array_equal(taken_apart(tiled(images, shape), count, shape), images)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.words)
@pytest.mark.parametrize("name", ["png", "webp-lossless"])
def test_without_loss_all_comes_back(name, shape):
    codec, images = codecs()[name], pictures(shape)
    (one,) = codec_points(codec, images, shape)
    assert codec.lossless and (one.mse, one.ssim, one.psnr) == (0, 1, None)
    for way in (through, through_alone):
        np.testing.assert_array_equal(way(codec, 100, images[:5], shape)[1], images[:5])


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.words)
@pytest.mark.parametrize("name", ["jpeg", "webp", "avif", "jxl"])
def test_more_bytes_lose_less(name, shape):
    codec, images = codecs()[name], smooth(shape)
    points = list(codec_points(codec, images, shape))
    assert [one.setting for one in points] == list(codec.qualities)
    assert points[-1].bytes > points[0].bytes and points[-1].mse < points[0].mse
    assert points[-1].mse < 2e-3


@pytest.mark.parametrize("name", NAMES)
def test_the_bytes_are_those_of_a_file_that_others_open(name):
    shape, codec = PictureShape(8), codecs()[name]
    images = smooth(shape, 9)
    quality = codec.qualities[-1]
    taken, drawn = through(codec, quality, images, shape)
    file = codec.write(tiled(images, shape), quality)
    assert taken == len(file)
    with Image.open(io.BytesIO(file)) as picture:
        assert picture.size == (24, 24)
        grey = np.asarray(picture.convert("L"))
    np.testing.assert_array_equal(grey[:8, 8:16].ravel(), drawn[1])


def test_alone_each_pays_for_its_own_header():
    shape, codec = PictureShape(8), codecs()["jpeg"]
    images = smooth(shape, 16)
    tiled_points, alone = (
        codec_points(codec, images, shape),
        codec_points_alone(codec, images, shape),
    )
    for together, apart in zip(tiled_points, alone, strict=True):
        assert apart.bytes > together.bytes + 100


def test_digits_of_the_offline_set_cost_what_pillow_says():
    digits = load_dataset("digits")
    images = digits.test_images[:100]
    sheet = digits.shape.pictures(images).reshape(10, 10, 8, 8).swapaxes(1, 2).reshape(80, 80)
    out = io.BytesIO()
    Image.fromarray(sheet).save(out, "JPEG", quality=40, optimize=True)
    assert through(codecs()["jpeg"], 40, images, digits.shape)[0] == len(out.getvalue())
