"""Presenter mode in a real browser: no navigation, keys, the pointer's trail."""

import re

import pytest
from playwright.sync_api import expect

READY = 60_000
# Canvas pixels of the trail that are not empty.
TRAIL = """() => {
    const canvas = document.querySelector('.aeviz-presenter .trail');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 0).length;
}"""


@pytest.fixture
def page(open_page):
    page = open_page("/latent?present=1&model=vae-2d", width=1280, height=720)
    expect(page.locator(".live")).to_have_attribute("data-ready", "1", timeout=READY)
    # A part of its own, which may come last: before it is there, nothing hears a key.
    page.get_by_role("button", name="Keys of presenter mode").wait_for(timeout=READY)
    is_open(page, "latent")
    return page


def is_open(page, path):
    expect(page).to_have_url(re.compile(rf"/{path}\?(.*&)?present=1"), timeout=READY)
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=READY
    )


def has_a_ring_and_a_trail_that_fades(page):
    ring = page.locator(".aeviz-presenter .ring")
    page.mouse.move(300, 200)
    page.mouse.move(700, 420, steps=15)
    assert page.evaluate(TRAIL) > 1_000
    expect(ring).to_be_visible()
    box = ring.bounding_box()
    assert (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == (700, 420)
    page.wait_for_function(f"() => ({TRAIL})() === 0")
    assert float(page.locator(".aeviz-presenter").get_attribute("data-trail-ms")) < 8

    page.emulate_media(reduced_motion="reduce")
    page.mouse.move(300, 200, steps=15)
    assert page.evaluate(TRAIL) == 0
    expect(ring).to_be_visible()
    page.emulate_media(reduced_motion="no-preference")


def test_a_talk_led_by_keys(page, check_accessibility):
    press = page.keyboard.press
    has_a_ring_and_a_trail_that_fades(page)
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    expect(page.get_by_role("link", name="Manifold", exact=True)).to_have_count(0)

    press("h")
    keys = page.locator(".aeviz-presenter .keys")
    expect(keys).to_be_visible()
    check_accessibility(page)
    press("Escape")
    expect(keys).to_be_hidden()

    with page.expect_popup() as opened:
        press("n")
    expect(opened.value.get_by_role("heading", name="Notes")).to_be_visible()
    page.bring_to_front()

    # What moves here is the walk.
    walk = page.locator(".walk")
    press(" ")
    expect(walk).to_have_attribute("data-playing", "1")
    press(" ")
    expect(walk).to_have_attribute("data-playing", "0")

    # In a field keys are for typing, and Escape gives them back.
    field = page.get_by_role("combobox", name="Model", exact=True)
    field.focus()
    press("3")
    press(" ")
    press("Escape")
    if field.evaluate("field => field === document.activeElement"):
        press("Escape")
    expect(field).not_to_be_focused()
    is_open(page, "latent")
    expect(walk).to_have_attribute("data-playing", "0")

    for key, path in enumerate(("latent", "manifold", "meaning", "compression", "models"), 2):
        press(str(key))
        is_open(page, path)
    press("9")  # no such page
    press("1")
    is_open(page, "")
    film = page.locator(".film")
    expect(film).to_have_attribute("data-ready", "1", timeout=READY)
    playing = film.locator(".play")
    plays = playing.inner_text() == "Pause"  # by itself, once
    press(" ")
    expect(playing).to_have_text("Play" if plays else "Pause")

    # Not by one key alone; then nothing is left of what was chosen.
    page.get_by_text("Advanced: every setting").click()
    expect(page.get_by_label("Seed", exact=True)).to_be_visible()
    press("r")
    expect(page.get_by_text("Press R again")).to_be_visible()
    press("r")
    expect(page.get_by_label("Seed", exact=True)).to_be_hidden(timeout=READY)
    is_open(page, "")
    # The page is another one, whose keys are there a moment after it.
    page.locator(".aeviz-presenter .ask").wait_for(timeout=READY)

    press("Escape")
    expect(page.get_by_test_id("stHeader")).to_be_visible(timeout=READY)
    expect(page.get_by_role("button", name="Present", exact=True)).to_be_visible()
    expect(page).not_to_have_url(re.compile("present="))
    expect(page.locator(".aeviz-presenter")).to_have_count(0)


def test_one_key_begins_the_tour_and_quick_presses_all_count(page):
    press, title = page.keyboard.press, page.locator(".st-key-tour_bar strong")
    press("3")
    is_open(page, "manifold")
    press("t")
    expect(title).to_have_text("Squeeze and redraw", timeout=READY)
    for _ in range(4):
        press("PageDown")
    expect(title).to_have_text("A small code", timeout=READY)
    is_open(page, "")
    for _ in range(3):
        press("PageUp")
    expect(title).to_have_text("The encoder", timeout=READY)
    # From another page it leads back to where the tour is.
    press("5")
    is_open(page, "compression")
    press("t")
    expect(title).to_have_text("The encoder", timeout=READY)
    is_open(page, "latent")


def test_a_press_that_is_lost_on_its_way_still_counts(page):
    """Streamlit drops what comes in the moment in which it changes the page; here the test does."""
    lost = []

    def lose_one(socket):
        server = socket.connect_to_server()

        def pass_on(message):
            if not lost and b"decoder" in message and b"stop" in message:
                return lost.append(message)
            return server.send(message)

        socket.on_message(pass_on)

    page.route_web_socket("**/_stcore/stream", lose_one)
    page.goto(f"{page.url}&tour=encoder")
    title = page.locator(".st-key-tour_bar strong")
    expect(title).to_have_text("The encoder", timeout=READY)
    is_open(page, "latent")
    page.keyboard.press("PageDown")
    expect(title).to_have_text("The decoder", timeout=READY)
    assert len(lost) == 1


def test_dots_and_legend_are_as_large_as_the_text(page):
    """The sizes beside presenter mode are those of the chart; its text is 16 pixels."""
    sizes = """() => {
        const map = document.querySelector("[class*=st-key-latent_map] .js-plotly-plot");
        if (!map?.data) return [0, 0];
        const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
        return [map.data[0].marker.size / rem, map.layout.legend.font.size / rem];
    }"""
    page.wait_for_function(
        f"usual => ({sizes})().every((size, i) => Math.abs(size - usual[i]) < 0.1)",
        arg=[4.5, 12],
        timeout=READY,
    )


def test_the_keyboard_comes_to_present_before_the_page(open_page):
    page = open_page("/models")
    button = page.get_by_role("button", name="Present", exact=True)
    for _ in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    expect(button).to_be_focused()
    assert button.evaluate("button => getComputedStyle(button).boxShadow") != "none"
