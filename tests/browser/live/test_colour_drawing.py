"""The tab Draw for a model of pictures in colour: pen and ground, examples, photos."""

import io

import numpy as np
import pytest
from PIL import Image

from aeviz.data.shapes import draw as drawn_shapes
from aeviz.data.shapes import properties
from tests.browser.live.test_photos import choose_photo, png_of
from tests.support.live_panels import PAD, calls, draw, encoded, linear_model, picture_of


@pytest.fixture(scope="module")
def shapes():
    """300 coloured shapes, (300, 3072) uint8, and PCA with twelve numbers of them."""
    what = properties(300)
    images = drawn_shapes(what).reshape(300, -1)
    return images, linear_model(images, what.kind, 12, channels=3)


def set_colour(page, selector, colour):
    page.eval_on_selector(
        selector,
        """(field, colour) => {
            field.value = colour;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        colour,
    )


def test_what_is_drawn_has_the_colours_of_pen_and_ground(open_panel, shapes):
    _, model = shapes
    page = open_panel("Draw", model)
    assert page.locator(".colours").is_visible() and not page.locator(".check").is_visible()
    set_colour(page, ".ground", "#204060")
    set_colour(page, ".pen-colour", "#ff8000")
    middle = PAD / 2
    draw(page, [[(middle - 20, middle), (middle + 20, middle)]])
    picture = picture_of(page, ".input").reshape(32, 32, 3)
    assert np.allclose(picture[0, 0], np.array([0x20, 0x40, 0x60]) / 255, atol=0.01)
    assert np.allclose(picture[16, 16], np.array([0xFF, 0x80, 0x00]) / 255, atol=0.01)
    code = np.array(calls(page)["shown"][-1]["code"])
    assert np.allclose(code, encoded(model, picture), atol=1e-3)


def test_another_ground_is_another_picture_at_once(open_panel, shapes):
    _, model = shapes
    page = open_panel("Draw", model)
    draw(page, [[(100, 100), (200, 200)]])
    before = picture_of(page, ".input").reshape(32, 32, 3)
    set_colour(page, ".ground", "#ffffff")
    after = picture_of(page, ".input").reshape(32, 32, 3)
    assert after[0, 31].min() > 0.99 and before[0, 31].max() < 0.9
    page.locator(".undo").click()
    assert not picture_of(page, ".input").any()


def test_the_ground_begins_as_that_of_the_pictures(open_panel, shapes):
    _, model = shapes
    page = open_panel("Draw", model)
    ground = page.locator(".ground").input_value()
    levels = [int(ground[i : i + 2], 16) for i in (1, 3, 5)]
    assert np.allclose(levels, 0.1 * 255, atol=6)  # the ground of every shape


def test_an_example_is_a_test_picture_in_its_colours(open_panel, shapes):
    images, model = shapes
    page = open_panel("Draw", model)
    page.locator(".example").click()
    shown = 255 * picture_of(page, ".input")
    # It went over the pad, ten times as large, and back.
    assert np.abs(images.astype(float) - shown).mean(axis=1).min() < 4


def test_a_photo_keeps_its_colours_and_its_middle(open_panel, shapes):
    _, model = shapes
    page = open_panel("Draw", model)
    photo = np.full((200, 400, 3), (200, 30, 30), np.uint8)
    photo[:, 100:300] = (20, 160, 220)  # the square in the middle
    assert choose_photo(page, png_of(photo)) == ""
    picture = picture_of(page, ".input").reshape(32, 32, 3)
    assert np.allclose(picture, np.array([20, 160, 220]) / 255, atol=0.02)


def test_where_a_photo_is_clear_it_is_white(open_panel, shapes):
    _, model = shapes
    page = open_panel("Draw", model)
    photo = np.zeros((64, 64, 4), np.uint8)
    photo[:32] = (0, 90, 200, 255)
    out = io.BytesIO()
    Image.fromarray(photo).save(out, format="PNG")
    assert choose_photo(page, out.getvalue()) == ""
    picture = picture_of(page, ".input").reshape(32, 32, 3)
    assert picture[-1].min() > 0.98
    assert np.allclose(picture[0, 5], np.array([0, 90, 200]) / 255, atol=0.02)


def test_no_picture_gets_one_sentence(open_panel, shapes):
    _, model = shapes
    page = open_panel("Draw", model)
    assert "can't read that file" in choose_photo(page, b"nothing of the kind")
    assert page.locator(".clear").is_disabled()
