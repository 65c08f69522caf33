"""The tab Walk: its paths against closed forms, the panel under real events."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.support.live_panels import calls, decoded, linear_model, pins_of


def test_a_circle_is_walked_in_equal_steps(blank_page):
    made = blank_page().evaluate("circlePath([0.5, -1], 2.5, 36)")
    angles = 2 * np.pi * np.arange(36) / 36
    assert np.allclose(made, np.c_[0.5 + 2.5 * np.cos(angles), -1 + 2.5 * np.sin(angles)])


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("numbers", [2, 7])
def test_a_path_goes_through_its_pins_at_one_speed(blank_page, numbers, closed):
    pins = np.random.default_rng(1).normal(size=(5, numbers))
    made = blank_page().evaluate(
        "([pins, closed]) => waypointPath(pins, 90, closed).map((code) => [...code])",
        [pins.tolist(), closed],
    )
    corners = np.vstack([pins, pins[:1]]) if closed else pins
    way = np.r_[0, np.linalg.norm(np.diff(corners, axis=0), axis=1).cumsum()]
    places = np.linspace(0, way[-1], 90, endpoint=not closed)
    expected = np.stack([np.interp(places, way, corner) for corner in corners.T], axis=1)
    assert np.abs(np.array(made) - expected).max() < 1e-5


def test_a_path_between_pins_on_one_spot_stays_there(blank_page):
    made = blank_page().evaluate("waypointPath([[1, 2], [1, 2]], 10, false).map((c) => [...c])")
    assert np.array_equal(made, np.tile([1, 2], (10, 1)))


def test_the_circle_goes_through_the_thick_of_the_map(blank_page):
    points = np.random.default_rng(2).normal(size=(501, 2)).astype(np.float32)
    made = blank_page().evaluate(
        "(points) => circleOfPoints(Float32Array.from(points))", points.ravel().tolist()
    )
    middle = np.median(points, axis=0)
    assert np.allclose(made["middle"], middle, atol=1e-6)
    away = np.linalg.norm(points - middle, axis=1)
    assert made["radius"] == pytest.approx(np.median(away), abs=1e-5)


def test_a_walk_round_the_circle_plays_and_goes_round(open_panel, small_digits):
    model = linear_model(*small_digits, 5)
    page = open_panel("Walk", model)
    panel = page.locator(".walk")
    assert panel.get_attribute("data-playing") == "0"  # never by itself
    page.get_by_label("Pictures", exact=True).fill("12")
    page.get_by_label("Speed").select_option("25")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("calls.shown.length > 30")
    page.get_by_role("button", name="Pause").click()
    step = int(panel.get_attribute("data-step"))
    shown = calls(page)["shown"]
    points = np.reshape(model["points"], (-1, 2)).astype(np.float32)
    middle = np.median(points, axis=0)
    radius = np.median(np.linalg.norm(points - middle, axis=1))
    angle = 2 * np.pi * step / 12
    place = middle + radius * np.array([np.cos(angle), np.sin(angle)])
    assert np.allclose(shown[-1]["code"], [*place, 0, 0, 0], atol=1e-4)
    assert shown[-1]["caption"] == f"Walk, picture {step + 1} of 12"
    (line,) = calls(page)["marks"]["walk"]
    assert line["kind"] == "line" and len(line["points"]) == 13
    assert line["points"][0] == line["points"][-1]
    page.wait_for_timeout(300)
    assert len(calls(page)["shown"]) == len(shown)


def test_a_line_between_two_pins_runs_through_the_full_codes(open_panel, small_digits):
    model = linear_model(*small_digits, 5)
    pins = pins_of(model, 3, 8, 20)
    page = open_panel("Walk", model, {"pins": pins})
    page.get_by_role("combobox", name="Walk").select_option("line")
    scrubber = page.get_by_role("slider", name="Place on the walk")
    scrubber.press("End")
    assert np.allclose(calls(page)["shown"][-1]["code"], pins[2]["code"], atol=1e-5)
    page.get_by_label("To pin").select_option("1")
    for key, share in (("Home", 0), ("ArrowRight", 1 / 59), ("End", 1)):
        scrubber.press(key)
        expected = (1 - share) * np.array(pins[0]["code"]) + share * np.array(pins[1]["code"])
        assert np.allclose(calls(page)["shown"][-1]["code"], expected, atol=1e-5)
    strip = page.eval_on_selector_all(".strip canvas", "(all) => all.map((c) => c.picture)")
    assert len(strip) == 10
    for picture, pin in ((strip[0], pins[0]), (strip[-1], pins[1])):
        assert np.abs(picture - decoded(model, pin["code"])).max() < 1e-4


def test_an_open_walk_stops_at_its_end_and_starts_anew(open_panel, small_digits):
    model = linear_model(*small_digits, 5)
    page = open_panel("Walk", model, {"pins": pins_of(model, 1, 2, 3)})
    page.get_by_role("combobox", name="Walk").select_option("path")
    page.locator(".steps").fill("10")
    page.get_by_label("Speed").select_option("25")
    page.get_by_role("button", name="Play").click()
    page.locator(".walk[data-step='9'][data-playing='0']").wait_for()
    page.get_by_role("button", name="Play").click()
    page.locator(".walk[data-playing='1']").wait_for()
    page.locator(".walk[data-step='9'][data-playing='0']").wait_for()
    page.get_by_label("and back to the first").check()
    assert len(calls(page)["marks"]["walk"][0]["points"]) == 11


def test_missing_pins_are_asked_for(open_panel, small_digits):
    model = linear_model(*small_digits, 5)
    page = open_panel("Walk", model)
    page.get_by_role("combobox", name="Walk").select_option("line")
    assert "Pin two places first" in page.locator(".missing").text_content()
    assert page.get_by_role("button", name="Play").is_hidden()
    assert calls(page)["marks"]["walk"] == []
    page.evaluate("(pins) => panel.update?.({ pins })", pins_of(model, 0, 1))
    assert page.locator(".missing").text_content() == ""
    assert page.get_by_role("button", name="Play").is_visible()


def test_a_gif_is_asked_for_and_saved(open_panel, small_digits, tmp_path):
    model = linear_model(*small_digits, 5)
    page = open_panel("Walk", model, {"gif": {"n": 1, "bytes": []}})  # an old one is not offered
    assert page.locator(".saved").is_hidden()
    page.get_by_role("button", name="Make a GIF").click()
    (request,) = calls(page)["sent"]
    assert request["name"] == "walk" and request["value"]["delay_ms"] == 100
    codes = np.array(request["value"]["codes"])
    assert codes.shape == (60, 5) and np.array_equal(codes, codes.round(4))
    drawn = (np.clip([decoded(model, c) for c in codes], 0, 1) * 255).astype(np.uint8)
    frames = [Image.fromarray(picture.reshape(8, 8)) for picture in drawn]
    made = io.BytesIO()
    frames[0].save(made, format="GIF", save_all=True, append_images=frames[1:], duration=100)
    update = "([gif, n]) => panel.update?.({ gif: { n, bytes: Uint8Array.from(gif) } })"
    page.evaluate(update, [list(made.getvalue()), 1])
    assert page.locator(".saved").is_hidden()  # the answer to another request
    number = request["value"]["n"]
    page.evaluate(update, [list(made.getvalue()), number])
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the GIF").click()
    download.value.save_as(tmp_path / "walk.gif")
    assert (tmp_path / "walk.gif").read_bytes() == made.getvalue()
    page.locator(".steps").fill("20")  # another walk: that GIF is not of it
    assert page.locator(".saved").is_hidden()


def test_the_gif_is_let_go_at_the_end(open_panel, small_digits):
    page = open_panel("Walk", linear_model(*small_digits, 2))
    page.evaluate(
        """() => {
            window.links = new Set();
            const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
            URL.createObjectURL = (b) => { const l = make(b); links.add(l); return l; };
            URL.revokeObjectURL = (l) => { links.delete(l); revoke(l); };
        }"""
    )
    page.get_by_role("button", name="Make a GIF").click()
    page.evaluate("panel.update?.({ gif: { n: calls.sent[0].value.n, bytes: [] } })")
    assert page.evaluate("links.size") == 1
    page.evaluate("panel.end?.()")
    assert page.evaluate("links.size") == 0
