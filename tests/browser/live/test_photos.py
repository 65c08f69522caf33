"""The tab Draw: photos of digits, chosen and dropped."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from tests.support.live_panels import linear_model


def photo_of(picture, *, dark_paper=False, shadow=0.0, size=(500, 400), share=0.6, at=(0.5, 0.5)):
    """The PNG of a "photo" of (28, 28) uint8 ink: scaled, off the middle, with grain and shadow."""
    width, height = size
    side = int(share * min(size))
    large = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    ink = np.zeros((height, width))
    top, left = int(at[1] * (height - side)), int(at[0] * (width - side))
    ink[top : top + side, left : left + side] = np.asarray(large) / 255
    light = 0.92 - shadow * np.linspace(0, 1, width)
    grey = light * (1 - 0.85 * ink)
    grey += np.random.default_rng(0).normal(0, 0.012, grey.shape)
    grey = 1 - grey if dark_paper else grey
    return png_of((np.clip(grey, 0, 1) * 255).astype(np.uint8))


def png_of(array):
    """The bytes of a PNG of a uint8 array."""
    out = io.BytesIO()
    Image.fromarray(array).save(out, format="PNG")
    return out.getvalue()


def choose_photo(page, content, name="photo.png", mime="image/png"):
    """Through the file field; returns the sentence that came of it."""
    page.evaluate("document.querySelector('.note').textContent = ''")
    before = page.evaluate("calls.shown.length")
    page.locator(".photo").set_input_files({"name": name, "mimeType": mime, "buffer": content})
    page.wait_for_function(
        "(n) => calls.shown.length > n || document.querySelector('.note').textContent", arg=before
    )
    return page.locator(".note").text_content()


PHOTOS = {
    "dark on light": {},
    "light on dark": {"dark_paper": True},
    "small, in a corner": {"share": 0.3, "at": (0.1, 0.9)},
    "in shadow": {"shadow": 0.45},
    "high and narrow": {"size": (300, 600), "at": (0.2, 0.1)},
}


@pytest.mark.parametrize("kind", PHOTOS)
def test_a_photo_of_a_test_digit_gets_nearly_its_code(open_panel, mnist_model, kind):
    model, images = mnist_model
    page = open_panel("Draw", model)
    codes = np.reshape(model["codes"], (-1, 10))
    usual = np.median(np.linalg.norm(codes[:300] - codes[300:], axis=1))
    away = []
    for row in range(10):
        assert choose_photo(page, photo_of(images[row].reshape(28, 28), **PHOTOS[kind])) == ""
        code = page.evaluate("calls.shown.at(-1).code")
        away.append(np.linalg.norm(codes[row] - code) / usual)
    assert np.median(away) < 0.25 and max(away) < 0.5


def test_specks_and_a_table_edge_are_no_part_of_the_digit(blank_page):
    grey = np.full((200, 200), 0.9)
    grey[60:140, 90:106] = 0.1  # a one
    grey[20:23, 20:23] = 0.1  # a speck
    grey[:, 190:] = 0.2  # the table
    rgba = np.repeat((grey * 255).astype(np.uint8)[..., None], 4, axis=2)
    rgba[..., 3] = 255
    made = blank_page().evaluate(
        "(rgba) => [...inkOfPhoto(Uint8ClampedArray.from(rgba), 200, 200).ink]",
        rgba.ravel().tolist(),
    )
    expected = np.zeros((200, 200))
    expected[60:140, 90:106] = 1
    assert np.abs(np.reshape(made, (200, 200)) - expected).max() < 0.05


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"not a picture at all", "can't read that file"),
        (png_of(np.full((90, 90), 240, np.uint8)), "no digit to be seen"),
        (
            png_of(np.random.default_rng(0).normal(200, 6, (90, 90)).astype(np.uint8)),
            "no digit to be seen",
        ),
        (png_of(np.full((1, 1), 240, np.uint8)), "no digit to be seen"),
    ],
    ids=["text", "blank", "grain", "one pixel"],
)
def test_an_unusable_file_gets_one_sentence(open_panel, small_digits, content, says):
    page = open_panel("Draw", linear_model(*small_digits, 2))
    assert says in choose_photo(page, content)
    assert page.locator(".clear").is_disabled()


def drop_file(page, file):
    """Drop a file on the pad; `file` is JavaScript that makes it."""
    page.evaluate(
        f"""() => {{
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add({file});
            document.querySelector(".pad").dispatchEvent(
                new DragEvent("drop", {{ dataTransfer, bubbles: true, cancelable: true }}));
        }}"""
    )


def test_a_photo_can_be_dropped(open_panel, mnist_model):
    model, images = mnist_model
    page = open_panel("Draw", model)
    photo = base64.b64encode(photo_of(images[0].reshape(28, 28))).decode()
    bytes_of = f"Uint8Array.from(atob('{photo}'), (c) => c.charCodeAt(0))"
    drop_file(page, f"new File([{bytes_of}], 'seven.png', {{ type: 'image/png' }})")
    page.wait_for_function("calls.shown.length > 0")
    assert page.locator(".nearest").text_content().startswith("Nearest digits: 7")


def test_a_huge_file_is_not_even_read(open_panel, small_digits):
    page = open_panel("Draw", linear_model(*small_digits, 2))
    drop_file(page, "new File([new Uint8Array(20 * 2 ** 20 + 1)], 'huge.png')")
    page.get_by_text("That file is larger than 20 MB. Choose a smaller picture.").wait_for()
