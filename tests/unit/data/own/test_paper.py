"""Drawings are told from photos, made up here in many ways, so that only drawings are inverted."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from aeviz.data.catalog import load_dataset
from aeviz.data.own.paper import are_line_drawings, on_light_ground
from aeviz.data.own.pictures import Wishes, read_pictures
from tests.support.uploads import npz_bytes, upload

LARGE = 112


def strokes(random, *, width, count=3):
    drawing = Image.new("L", (LARGE, LARGE), 255)
    pen = ImageDraw.Draw(drawing)
    for _ in range(count):
        ends = random.integers(18, LARGE - 18, 4).tolist()
        pen.line(ends, fill=int(random.integers(0, 60)), width=width)
    return np.asarray(drawing)


def filled(random):
    drawing = Image.new("L", (LARGE, LARGE), 250)
    x, y, w, h = random.integers(25, 50, 4).tolist()
    ImageDraw.Draw(drawing).ellipse([x, y, x + w, y + h], fill=20)
    return np.asarray(drawing)


def scanned(random):
    """Strokes on paper that is lit unevenly."""
    slope = np.add.outer(np.linspace(0, 40, LARGE), np.linspace(0, random.uniform(-30, 30), LARGE))
    grain = random.normal(0, 5, (LARGE, LARGE))
    paper = strokes(random, width=8) / 255.0 * (170 + slope) + grain
    return np.clip(paper, 0, 255).astype(np.uint8)


def landscape(random):
    """A bright sky over a darker ground with broad patches."""
    patches = random.uniform(30, 200, (7, 7)).astype(np.uint8)
    ground = np.asarray(Image.fromarray(patches).resize((LARGE, LARGE), Image.Resampling.BICUBIC))
    sky = np.linspace(250, 190, LARGE)[:, None]
    horizon = np.arange(LARGE)[:, None] > random.integers(60, 90)
    return np.where(horizon, ground, sky).astype(np.uint8)


def thing_on_white(random):
    """A shaded thing before a white wall, as shops show theirs."""
    down, across = np.mgrid[:LARGE, :LARGE] / LARGE - 0.5
    high, wide = random.uniform(0.25, 0.4, 2)
    shade = 140 + 160 * down + 60 * np.sin(9 * across) + random.normal(0, 6, down.shape)
    inside = (down / high) ** 2 + (across / wide) ** 2 < 1
    picture = Image.fromarray(np.where(inside, np.clip(shade, 0, 255), 252).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(1)))


def small(make, side=28, **options):
    random = np.random.default_rng(0)
    return np.stack([
        np.asarray(Image.fromarray(make(random, **options)).resize((side, side), Image.BOX))
        for _ in range(60)
    ])  # fmt: skip


DRAWINGS = {
    "thin strokes": small(strokes, width=3),
    "thick strokes": small(strokes, width=14),
    "many strokes": small(strokes, width=4, count=9),
    "small strokes": small(strokes, side=12, width=10),
    "filled": small(filled),
    "scanned": small(scanned),
    "digits": 255 - load_dataset("digits").images[:200],
}
PHOTOS = {
    "landscapes": small(landscape),
    "large landscapes": small(landscape, side=64),
    "things on white": small(thing_on_white),
}


@pytest.mark.parametrize("name", [*DRAWINGS, *PHOTOS])
def test_drawings_and_photos_on_light_ground_are_told_apart(name):
    pictures = (DRAWINGS | PHOTOS)[name]
    assert on_light_ground(pictures)
    assert are_line_drawings(pictures) == (name in DRAWINGS)


def test_only_drawings_are_inverted_unless_told_otherwise():
    for pictures, drawings in ((DRAWINGS["filled"], True), (PHOTOS["landscapes"], False)):
        uploads = upload("p.npz", npz_bytes(x_train=pictures))
        found = read_pictures(uploads)
        assert found.light_ground and found.line_drawings == drawings
        assert found.inverted == drawings
        assert ("look like photos" in found.said) == (not drawings)
        np.testing.assert_array_equal(found.images, 255 - pictures if drawings else pictures)
        for inverted in (True, False):
            asked = read_pictures(uploads, Wishes(inverted=inverted))
            assert asked.light_ground and asked.inverted == inverted
            np.testing.assert_array_equal(asked.images, 255 - pictures if inverted else pictures)


def test_pictures_on_dark_ground_stay_as_they_are():
    found = read_pictures(upload("p.npz", npz_bytes(x_train=255 - DRAWINGS["filled"])))
    assert not found.light_ground and not found.inverted
