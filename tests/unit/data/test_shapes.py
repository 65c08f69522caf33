"""Coloured shapes: what was drawn is measured on the pictures, by other means."""

import colorsys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from aeviz.data.catalog import load_dataset
from aeviz.data.shapes import HUES, NAMES, SIZES, Properties, draw, properties


@pytest.fixture(scope="module")
def shapes():
    return load_dataset("shapes")


def light(pictures):
    """How far each pixel is from the ground, 0 to 1."""
    covered = np.abs(pictures.astype(float) - pictures[:, :1, :1]).max(axis=-1)
    return covered / covered.max(axis=(1, 2), keepdims=True)


def test_there_are_twenty_thousand_with_a_kind_each(shapes):
    assert (shapes.n_train, shapes.n_validation, shapes.n_test) == (16_000, 2_000, 2_000)
    assert shapes.shape.words == "32 x 32 in colour"
    counts = np.bincount(shapes.labels, minlength=4)
    assert len(counts) == len(NAMES) and counts.min() > 4_700
    assert len(np.unique(shapes.images.reshape(20_000, -1), axis=0)) == 20_000


def test_they_are_the_same_for_everyone(shapes):
    again = properties(50)
    np.testing.assert_array_equal(draw(again), shapes.images[:50])
    # Numbers of RandomState(20000), which NumPy keeps for ever.
    wanted = np.random.RandomState(20_000).random_sample(6)
    low, high = HUES
    assert again.hue[0] == pytest.approx(low + (high - low) * wanted[1])


def test_hues_are_those_of_the_middle_pixels(shapes):
    what = properties(400)
    for picture, hue, x, y in zip(shapes.images, what.hue, what.x, what.y, strict=False):
        red, green, blue = picture[round(15.5 + y), round(15.5 + x)] / 255
        measured = 360 * colorsys.rgb_to_hsv(red, green, blue)[0]
        assert abs((measured - hue + 180) % 360 - 180) < 1.5
    assert HUES[0] <= what.hue.min() and what.hue.max() <= HUES[1]


def test_places_are_those_of_the_centres_of_the_light(shapes):
    what = properties(400)
    covered = light(shapes.images[:400])
    places = np.arange(32) - 15.5
    total = covered.sum(axis=(1, 2))
    np.testing.assert_allclose((covered * places).sum(axis=(1, 2)) / total, what.x, atol=0.1)
    down = (covered * places[:, None]).sum(axis=(1, 2)) / total
    np.testing.assert_allclose(down, what.y, atol=0.1)
    # None is cut off at the edge of its picture.
    assert max(covered[:, [0, -1]].max(), covered[:, :, [0, -1]].max()) < 0.05


def test_circles_have_the_area_of_their_size(shapes):
    what = properties(400)
    circles = what.kind == NAMES.index("circle")
    area = light(shapes.images[:400])[circles].sum(axis=(1, 2))
    np.testing.assert_allclose(area, np.pi * what.size[circles] ** 2, rtol=0.02)
    assert SIZES[0] <= what.size.min() and what.size.max() <= SIZES[1]


def pillow_polygon(corners, radii, size, turn, x, y, *, scale=16):
    """The polygon's cover of each pixel, drawn sixteen times as large and made smaller."""
    angles = np.deg2rad(turn) + np.arange(corners) * 2 * np.pi / corners
    points = []
    for k, angle in enumerate(angles):
        radius = radii[k % len(radii)] * size
        points.append((16 + x + radius * np.sin(angle), 16 + y - radius * np.cos(angle)))
    large = Image.new("L", (32 * scale, 32 * scale))
    ImageDraw.Draw(large).polygon([(scale * a, scale * b) for a, b in points], fill=255)
    return np.asarray(large.resize((32, 32), Image.Resampling.BOX)) / 255


@pytest.mark.parametrize(
    ("name", "corners", "radii"),
    [("square", 4, [1.15]), ("triangle", 3, [1.25]), ("star", 10, [1.25, 1.25 / 2])],
)
def test_polygons_are_those_that_pillow_draws(name, corners, radii):
    random = np.random.default_rng(0)
    n = 20
    size, turn = random.uniform(5, 8, n), random.uniform(0, 72, n)
    x, y = random.uniform(-5, 5, (2, n))
    kind = np.full(n, NAMES.index(name))
    drawn = light(draw(Properties(kind, np.zeros(n), size, turn, x, y)))
    for i in range(n):
        wanted = pillow_polygon(corners, radii, size[i], turn[i], x[i], y[i])
        # Corners are rounder here: an edge is smoothed by its distance, not by its area.
        assert np.abs(drawn[i] - wanted).max() < 0.45
        assert np.abs(drawn[i] - wanted).sum() < 0.05 * wanted.sum()
