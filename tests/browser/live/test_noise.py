"""The tab Noise: what is wiped out, cleaned and measured."""

import numpy as np
import pytest

from tests.support.live_panels import (
    STROKES,
    calls,
    decoded,
    draw,
    encoded,
    linear_model,
    picture_of,
)


def test_more_noise_only_wipes_more(blank_page):
    made = blank_page().evaluate(
        """() => {
            const order = maskOrder(784, Math.random);
            const picture = new Float32Array(784).fill(1);
            return [[...order], [0, 0.1, 0.35, 0.8, 1].map((s) => [...masked(picture, order, s)])];
        }"""
    )
    order, pictures = made[0], np.array(made[1])
    assert sorted(order) == list(range(784))
    assert [784 - p.sum() for p in pictures] == [0, 78, 274, 627, 784]
    assert (np.diff(pictures, axis=0) <= 0).all()


@pytest.mark.parametrize("percent", [0, 40, 100])
def test_noise_is_cleaned_and_measured(open_panel, small_digits, percent):
    model = linear_model(*small_digits, 10)
    page = open_panel("Noise", model, {"noise": 0.4})
    page.locator(".share").fill(str(percent))
    original, noisy, cleaned, error = (
        picture_of(page, f"canvas.{name}") for name in ("original", "noisy", "cleaned", "error")
    )
    assert (noisy[noisy != original] == 0).all()
    assert np.abs(cleaned - decoded(model, encoded(model, noisy))).max() < 1e-4
    assert np.abs(error - (cleaned - original)).max() < 1e-6
    before, after = ((p - original) ** 2 for p in (noisy, cleaned))
    words = f"Error: {before.mean():.3f} before, {after.mean():.3f} after."
    assert page.locator(".errors").text_content().startswith(words)
    assert page.locator(".amount output").text_content() == f"{percent} %"
    line, clean, dirty = calls(page)["marks"]["noise"]
    codes = [encoded(model, p)[:2] for p in (original, noisy)]
    assert np.allclose(line["points"], codes, atol=1e-4)
    assert np.allclose([[m["x"], m["y"]] for m in (clean, dirty)], codes, atol=1e-4)
    assert np.allclose(calls(page)["shown"][-1]["code"], encoded(model, noisy), atol=1e-4)


def test_the_noise_follows_the_keyboard_and_its_buttons(open_panel, small_digits):
    page = open_panel("Noise", linear_model(*small_digits, 10))
    slider = page.get_by_role("slider", name="Pixels wiped out")
    assert slider.get_attribute("aria-valuetext") == "30 percent"
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "31 percent"
    noisy, original = picture_of(page, "canvas.noisy"), picture_of(page, "canvas.original")
    page.get_by_role("button", name="Other noise").click()
    assert not np.array_equal(noisy, picture_of(page, "canvas.noisy"))
    assert np.array_equal(original, picture_of(page, "canvas.original"))
    page.get_by_role("button", name="Another digit").click()
    assert not np.array_equal(original, picture_of(page, "canvas.original"))


def test_what_to_expect_of_the_noise_is_said(open_panel, small_digits):
    model = linear_model(*small_digits, 10, sent=0)
    page = open_panel("Noise", model)
    assert "never saw noise" in page.locator(".expect").text_content()
    assert "Originals are not on this computer" in page.locator(".source").text_content()
    codes = np.reshape(model["codes"], (-1, 10))
    pictures = np.clip([decoded(model, code) for code in codes], 0, 1)
    shown = picture_of(page, "canvas.original")
    assert np.abs(pictures - shown).max(axis=1).min() < 1e-4
    page.evaluate("panel.update?.({ noise: 0.4 })")
    assert "up to 40 % of the pixels" in page.locator(".expect").text_content()
    assert page.locator(".amount output").text_content() == "40 %"


def test_the_drawn_digit_can_be_made_noisy(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0])
    draw(page, STROKES["7"])
    drawn = picture_of(page, ".input")
    page.evaluate(
        """() => {
            panel.hide?.();
            const host = document.body.appendChild(document.createElement("div"));
            window.noise = mountNoise(host, live);
            noise.update({});
            noise.show();
        }"""
    )
    assert calls(page)["marks"]["draw"] == []
    page.get_by_role("button", name="My drawing").click()
    assert np.array_equal(picture_of(page, "canvas.original"), drawn)
    assert page.locator(".source").text_content() == "This is your drawing."
