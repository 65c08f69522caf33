"""Attributes against pictures of which they are known: bars, sheared strokes, the shapes' own."""

import numpy as np
import pytest

from aeviz.data import shapes
from aeviz.data.picture_shape import PictureShape
from aeviz.latent.attributes import ATTRIBUTES, attributes_of, measured

GREY = PictureShape(28)


def bar(width, height, side=28, ink=1.0):
    picture = np.zeros((side, side), np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    picture[top : top + height, left : left + width] = ink
    return picture.ravel()


def of(name, *pictures, shape=GREY):
    return measured(ATTRIBUTES[name], np.array(pictures), shape)


def test_each_shape_has_its_own_attributes():
    assert [a.name for a in attributes_of(GREY)] == ["ink", "slant", "thickness", "width", "height"]
    coloured = [a.name for a in attributes_of(shapes.SHAPE)]
    assert coloured == ["hue", "brightness", "x", "y", "size"]
    assert {*ATTRIBUTES} == {a.name for a in attributes_of(GREY)} | {*coloured}


@pytest.mark.parametrize(("width", "height"), [(4, 4), (2, 20), (10, 6), (1, 1)])
def test_moments_of_a_bar_are_those_of_a_uniform_distribution(width, height):
    """Of n equal points in a row the variance is (n^2 - 1) / 12."""
    for ink in (1.0, 0.6):
        picture = bar(width, height, ink=ink)
        assert of("ink", picture)[0] == pytest.approx(ink * width * height / 784)
        expected = np.sqrt((np.array([width, height]) ** 2 - 1) / 12)
        found = [of("width", picture)[0], of("height", picture)[0]]
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("shear", [-0.8, -0.3, 0.0, 0.4, 1.0])
def test_slant_is_how_far_a_stroke_moves_to_the_right_for_each_pixel_up(shear):
    rows = np.arange(28) - 13.5
    columns = np.arange(28) - 13.5
    # A soft stroke through the middle, eighteen pixels tall.
    away = columns[None, :] + shear * rows[:, None]
    picture = np.exp(-0.5 * (away / 1.5) ** 2) * (np.abs(rows) < 9)[:, None]
    # Its ends are cut level, which steep strokes make more of.
    assert of("slant", picture.ravel())[0] == pytest.approx(shear, abs=0.02 + 0.05 * shear**2)


def test_a_shear_adds_to_the_slant_of_anything():
    """By the definition: every gradient's part down grows by the shear times its part across."""
    rng = np.random.default_rng(0)
    smooth = np.zeros((64, 64))
    smooth[20:44, 20:44] = rng.random((24, 24))
    for _ in range(4):
        smooth = (np.roll(smooth, 1, 0) + np.roll(smooth, -1, 0) + 2 * smooth) / 4
        smooth = (np.roll(smooth, 1, 1) + np.roll(smooth, -1, 1) + 2 * smooth) / 4
    up = 31.5 - np.arange(64)
    sheared = np.stack([np.roll(row, round(shift)) for row, shift in zip(smooth, up, strict=True)])
    before, after = of("slant", smooth.ravel(), sheared.ravel(), shape=PictureShape(64))
    assert after - before == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(
    ("width", "blur"), [(1, 0), (2, 0), (3, 0), (6, 0), (3, 1), (4, 1), (6, 1)]
)
def test_thickness_is_the_width_of_a_long_stroke(width, blur):
    side = 64
    picture = bar(width, 60, side).reshape(side, side)
    if blur:
        picture = (np.roll(picture, 1, 1) + 2 * picture + np.roll(picture, -1, 1)) / 4
    (found,) = of("thickness", picture.ravel(), shape=PictureShape(side))
    # Its two ends are part of its edge.
    assert found == pytest.approx(width * 60 / (60 + width), rel=0.03)


def test_bytes_and_shares_say_the_same_and_what_is_beyond_is_held():
    picture = bar(5, 9)
    as_bytes = (picture * 255).astype(np.uint8)[None]
    for attribute in attributes_of(GREY):
        (told,) = measured(attribute, as_bytes, GREY)
        assert told == pytest.approx(of(attribute.name, picture)[0])
    beyond = picture * 3 - (1 - picture)  # as a linear decoder may draw it
    assert of("ink", beyond)[0] == pytest.approx(of("ink", picture)[0])


def test_where_there_is_no_ink_there_is_nothing_to_measure():
    blank = np.zeros(784, np.float32)
    found = {a.name: of(a.name, blank)[0] for a in attributes_of(GREY)}
    assert found.pop("ink") == 0 and all(np.isnan(v) for v in found.values())
    plain = np.full(3072, 0.4, np.float32)
    found = {a.name: of(a.name, plain, shape=shapes.SHAPE)[0] for a in attributes_of(shapes.SHAPE)}
    assert found.pop("brightness") == pytest.approx(0.4) and all(map(np.isnan, found.values()))


def test_coloured_shapes_are_measured_as_they_were_drawn():
    what = shapes.properties(300)
    pictures = shapes.draw(what).reshape(300, -1)

    def told(name):
        return measured(ATTRIBUTES[name], pictures, shapes.SHAPE)

    np.testing.assert_allclose(told("hue"), what.hue, atol=1.5)  # the circle of hues is a hexagon
    middle = {"x": what.x, "y": -what.y}
    for name, expected in middle.items():  # a triangle's ink is not evenly about its middle
        np.testing.assert_allclose(told(name), expected, atol=0.8)
        assert np.corrcoef(told(name), expected)[0, 1] > 0.995
    circles = what.kind == 0
    np.testing.assert_allclose(told("size")[circles], what.size[circles], rtol=0.02)
