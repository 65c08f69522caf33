"""The tab Draw: mouse, finger and keyboard; the cloud of a variational model."""

import numpy as np
import pytest

from tests.support.live_panels import (
    STROKES,
    calls,
    decoded,
    draw,
    encoded,
    linear_model,
    next_frames,
    picture_of,
)


def test_drawing_reconstructs_as_the_mouse_moves(open_panel, mnist_model):
    model, _ = mnist_model
    page = open_panel("Draw", model)
    draw(page, STROKES["7"], lift=False)
    next_frames(page)
    picture, redrawn = picture_of(page, ".input"), picture_of(page, ".redrawn")
    assert 0.04 < picture.mean() < 0.25
    assert np.abs(redrawn - decoded(model, encoded(model, picture))).max() < 1e-4
    assert calls(page)["shown"] == [] and calls(page)["marks"]["draw"] == []  # not while drawing
    page.mouse.up()
    done = calls(page)
    code = encoded(model, picture_of(page, ".input"))
    assert np.allclose(done["shown"][-1]["code"], code, atol=1e-4)
    (mark,) = done["marks"]["draw"]
    assert mark["kind"] == "pen" and np.allclose([mark["x"], mark["y"]], code[:2], atol=1e-4)
    codes = np.reshape(model["codes"], (-1, 10))
    rows = np.linalg.norm(codes - code, axis=1).argsort()[:6]
    nearest = ", ".join(str(model["labels"][row]) for row in rows)
    assert page.locator(".nearest").text_content() == f"Nearest digits: {nearest}"


def test_the_pen_is_as_thick_as_mnists(open_panel, mnist_model):
    model, images = mnist_model
    page = open_panel("Draw", model)
    amounts = []
    for digit in ("7", "4", "0"):
        draw(page, STROKES[digit])
        amounts.append(picture_of(page, ".input").mean())
        page.locator(".clear").click()
    low, high = np.percentile(images.mean(axis=1) / 255, [10, 90])
    assert low < np.mean(amounts) < high


def test_the_toggle_shows_the_drawing_as_it_lies(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0])
    draw(page, STROKES["small 2"])
    centred = picture_of(page, ".input").reshape(28, 28)
    page.get_by_label("Centred like MNIST").uncheck()
    as_drawn = picture_of(page, ".input").reshape(28, 28)
    assert (centred.max(axis=1) > 0.05).sum() >= 19
    ink_rows = np.nonzero(as_drawn.max(axis=1) > 0.05)[0]
    assert ink_rows[0] >= 2 and ink_rows[-1] <= 12  # where it was drawn: 55 to 118 of 336
    assert calls(page)["marks"]["draw"][0]["kind"] == "pen"


def test_undo_and_clear(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0])
    draw(page, STROKES["4"][:1])
    first = picture_of(page, ".input")
    draw(page, STROKES["4"][1:])
    assert not np.allclose(first, picture_of(page, ".input"))
    page.get_by_role("button", name="Undo").press("Enter")
    assert np.allclose(first, picture_of(page, ".input"))
    page.get_by_role("button", name="Clear").press("Enter")
    assert picture_of(page, ".input").max() == 0
    assert calls(page)["marks"]["draw"] == []
    assert page.get_by_text("Draw a digit here").is_visible()
    assert page.locator(".nearest").text_content() == ""


def test_a_stroke_can_be_cleared_while_it_is_drawn(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0])
    draw(page, STROKES["1"], lift=False)
    page.get_by_role("button", name="Clear").press("Enter")
    page.mouse.move(100, 100, steps=3)
    next_frames(page)
    page.mouse.up()
    assert picture_of(page, ".input").max() == 0


def test_a_finger_draws(open_panel, mnist_model):
    page = open_panel("Draw", mnist_model[0], has_touch=True)
    box = page.locator(".pad").bounding_box()
    browser_input = page.context.new_cdp_session(page)

    def touch(kind, *points):
        places = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        browser_input.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    touch("touchStart", (60, 50))
    for step in range(1, 15):
        touch("touchMove", (60 + 6 * step, 50))
    for step in range(1, 15):
        touch("touchMove", (144 - 4 * step, 50 + 9 * step))
    next_frames(page)
    assert picture_of(page, ".input").max() > 0.5
    assert calls(page)["shown"] == []
    touch("touchEnd")
    page.wait_for_function("calls.shown.length === 1")
    assert page.evaluate("scrollY") == 0
    assert page.locator(".nearest").text_content().startswith("Nearest digits: ")


@pytest.mark.parametrize("sent", [300, 0])
def test_an_example_can_be_drawn_by_keyboard(open_panel, small_digits, sent):
    model = linear_model(*small_digits, 10, sent=sent)
    page = open_panel("Draw", model)
    page.locator(".centred").uncheck()  # the picture as it is, enlarged and shrunk again
    page.get_by_role("button", name="Draw an example").press("Enter")
    note = page.locator(".note").text_content()
    assert note.startswith("This is test picture ")
    assert note.endswith(", as the model draws it.") is (sent == 0)
    row = int(note.split()[4].rstrip(":").replace(",", "")) - 1
    codes = np.reshape(model["codes"], (-1, 10))
    away = np.linalg.norm(codes - calls(page)["shown"][-1]["code"], axis=1)
    usual = np.median(np.linalg.norm(codes[:150] - codes[150:], axis=1))
    assert away[row] < 0.4 * usual


def test_drawing_is_in_the_ink_of_the_theme(open_panel, mnist_model):
    for theme, ink in (("light", 0x15), ("dark", 0xEC)):
        page = open_panel("Draw", mnist_model[0], theme=theme)
        draw(page, STROKES["1"])
        colour = page.eval_on_selector(
            ".pad", "(pad) => [...pad.getContext('2d').getImageData(155, 170, 1, 1).data]"
        )
        assert abs(colour[0] - ink) <= 1 and colour[3] == 255


def test_the_ring_is_the_cloud_at_two_standard_deviations(blank_page):
    random = np.random.default_rng(4)
    numbers = 5
    plane = np.linalg.qr(random.normal(size=(numbers, 2)))[0].T
    mean, log_variance = random.normal(size=numbers), random.normal(-1, 1, numbers)
    made = blank_page().evaluate(
        """([mean, logVariance, axes]) => cloudOutline(mean, logVariance,
            (code) => axes.map((axis) => axis.reduce((s, v, k) => s + v * (code[k] - 0.3), 0)))""",
        [mean.tolist(), log_variance.tolist(), plane.tolist()],
    )
    covariance = plane @ np.diag(np.exp(log_variance)) @ plane.T
    middle = plane @ (mean - 0.3)
    assert np.allclose([made["x"], made["y"]], middle)
    away = np.array(made["points"]) - middle
    squares = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
    assert np.allclose(squares, 4)  # Mahalanobis distance 2
    assert np.allclose([made["ry"], made["rx"]], 2 * np.linalg.eigvalsh(covariance) ** 0.5)
    first = np.array([np.cos(made["angle"]), np.sin(made["angle"])])
    assert np.allclose(covariance @ first, (made["rx"] / 2) ** 2 * first)


def test_samples_come_from_the_cloud(blank_page):
    made = np.array(
        blank_page().evaluate(
            """Array.from({ length: 20000 }, () =>
                [...sampledCode([1, -2], [Math.log(0.25), Math.log(4)], Math.random)])"""
        )
    )
    assert np.allclose(made.mean(axis=0), [1, -2], atol=0.08)
    assert np.allclose(made.std(axis=0), [0.5, 2], rtol=0.04)
    assert abs(np.corrcoef(made.T)[0, 1]) < 0.04


def test_a_variational_drawing_can_be_resampled(open_panel, small_digits):
    page = open_panel("Draw", linear_model(*small_digits, 2, variational=True))
    assert page.locator(".uncertain").is_hidden()
    draw(page, STROKES["0"])
    kinds = [mark["kind"] for mark in calls(page)["marks"]["draw"]]
    assert kinds == ["ellipse", "pen"]
    page.get_by_role("button", name="Resample").press("Enter")
    pictures = page.eval_on_selector_all(".samples canvas", "(all) => all.map((c) => c.picture)")
    assert len({tuple(p) for p in pictures}) == 8
    marks = calls(page)["marks"]["draw"]
    assert [mark["kind"] for mark in marks] == ["ellipse", "pen", *["dot"] * 8]
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".uncertain").is_hidden()


def test_a_plain_model_has_no_cloud(open_panel, small_digits):
    page = open_panel("Draw", linear_model(*small_digits, 2))
    draw(page, STROKES["0"])
    assert page.locator(".uncertain").is_hidden()
    assert [mark["kind"] for mark in calls(page)["marks"]["draw"]] == ["pen"]
