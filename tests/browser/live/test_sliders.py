"""The tab Sliders: one slider for each number of the code."""

import numpy as np
import pytest

from tests.support.live_panels import calls, linear_model


@pytest.mark.parametrize("numbers", [2, 10, 40])
def test_every_number_has_a_slider_that_decodes(open_panel, small_digits, numbers):
    model = linear_model(*small_digits, numbers)
    page = open_panel("Sliders", model)
    sliders = page.get_by_role("slider")
    assert sliders.count() == numbers
    codes = np.reshape(model["codes"], (-1, numbers))
    lows, highs = np.percentile(codes.astype(np.float32), [0.5, 99.5], axis=0)
    for k in (0, numbers - 1):
        slider = page.get_by_role("slider", name=f"Number {k + 1} of the code", exact=True)
        assert float(slider.get_attribute("min")) == pytest.approx(lows[k], abs=1e-4)
        assert float(slider.get_attribute("max")) == pytest.approx(highs[k], abs=1e-4)
        before = calls(page)["shown"][-1]["code"]
        slider.press("ArrowRight")
        after = np.array(calls(page)["shown"][-1]["code"])
        moved = (highs[k] - lows[k]) / 200
        assert after[k] - before[k] == pytest.approx(moved, abs=0.51 * moved + 1e-5)
        assert np.array_equal(np.delete(after, k), np.delete(before, k))
        slider.press("End")
        largest = calls(page)["shown"][-1]["code"][k]
        assert largest == pytest.approx(highs[k], abs=1.01 * moved)
        assert slider.get_attribute("aria-valuetext") == f"{largest:.2f}"


def test_sliders_go_to_the_mean_and_to_any_test_picture(open_panel, small_digits):
    model = linear_model(*small_digits, 10)
    page = open_panel("Sliders", model)
    codes = np.reshape(model["codes"], (-1, 10))
    page.get_by_role("button", name="Random digit").click()
    shown = calls(page)["shown"][-1]
    row = np.linalg.norm(codes - shown["code"], axis=1).argmin()
    assert np.allclose(shown["code"], codes[row], atol=1e-5)
    assert shown["caption"] == f"Sliders, test picture {row + 1}: {model['labels'][row]}"
    values = [float(s) for s in page.locator(".sliders output").all_text_contents()]
    assert np.allclose(values, codes[row], atol=0.0051)
    page.get_by_role("button", name="Back to the mean").click()
    assert np.allclose(calls(page)["shown"][-1]["code"], codes.mean(axis=0), atol=1e-5)


def test_sliders_start_at_the_last_shown_code_and_reach_it(open_panel, small_digits):
    page = open_panel("Sliders", linear_model(*small_digits, 2))
    page.evaluate("live.shown = [40, -0.25]; panel.hide?.(); panel.show?.();")
    assert calls(page)["shown"][-1]["code"] == [40, -0.25]
    first = page.get_by_role("slider", name="Number 1 of the code")
    assert first.get_attribute("max") == "40"
    assert page.locator(".sliders output").all_text_contents() == ["40.00", "-0.25"]


def test_the_density_strip_counts_codes(blank_page):
    values = np.random.default_rng(5).normal(size=(4000, 3)).astype(np.float32)
    page = blank_page()
    made = page.evaluate(
        """(codes) => {
            const model = { codes: Float32Array.from(codes), latentDim: 3, count: 4000 };
            const { low, high, density } = rangeOfNumber(model, 1);
            return { low, high, density: [...density] };
        }""",
        values.ravel().tolist(),
    )
    low, high = np.percentile(values[:, 1], [0.5, 99.5])
    assert [made["low"], made["high"]] == pytest.approx([low, high], abs=1e-5)
    counts = np.histogram(values[:, 1], bins=24, range=(low, high))[0]
    assert np.abs(np.array(made["density"]) - counts / counts.max()).max() < 2 / counts.max()


def test_a_number_that_never_changes_still_has_a_slider(open_panel, small_digits):
    model = linear_model(*small_digits, 2)
    model["codes"][1::2] = [0.5] * 300
    model["base"][1] = 0.5
    page = open_panel("Sliders", model)
    slider = page.get_by_role("slider", name="Number 2 of the code")
    assert [slider.get_attribute("min"), slider.get_attribute("max")] == ["0", "1"]


def test_a_long_code_gets_a_sentence_in_place_of_sliders(open_panel, mnist):
    images = mnist.test_images[:200].reshape(200, -1)
    page = open_panel("Sliders", linear_model(images, mnist.test_labels[:200], 100, sent=0))
    assert "This code has 100 numbers" in page.locator(".hint").text_content()
    assert page.get_by_role("slider").count() == 0 and page.get_by_role("button").count() == 0
