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

    for key, path in [("2", "latent"), ("3", "manifold"), ("4", "compression"), ("5", "models")]:
        press(key)
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
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    expect(page.get_by_role("button", name="Present", exact=True)).to_be_visible()
    expect(page).not_to_have_url(re.compile("present="))
    expect(page.locator(".aeviz-presenter")).to_have_count(0)
