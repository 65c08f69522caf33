"""Pins in empty space and on dots, and the cards that come of them."""

import re

import numpy as np

from tests.support.live_map import (
    POINTS,
    empty_and_dot,
    made_decoder,
    made_images,
    plot_box,
    ready,
    shown_point,
)


def test_pins_in_empty_space_and_on_a_dot(open_map):
    page, live = open_map("images=2000")
    empty, dot, row = empty_and_dot(page)
    page.mouse.click(*empty)
    card = live.locator(".card")
    card.wait_for()
    assert card.get_attribute("data-row") == ""
    page.get_by_text("pinned rows [None]").wait_for()
    page.wait_for_timeout(400)  # or Plotly takes the next click for the second of a double click
    page.mouse.click(dot[0] + 2, dot[1] - 2)
    page.get_by_text(f"pinned rows [None, {row}]").wait_for()
    decoder = made_decoder(images=POINTS)
    np.testing.assert_allclose(shown_point(live), decoder.points[row], atol=1e-6)
    card = live.locator(".card").nth(1)
    label = decoder.labels[row]
    assert card.get_by_text(f"a real {label}").is_visible()
    redrawn = decoder.autoencoder.decode(decoder.codes[row : row + 1])[0]
    error = np.mean(np.square(redrawn - made_images(POINTS)[row] / 255))
    assert card.get_by_text(f"error {error:.3f}").is_visible()
    distance = np.linalg.norm(decoder.codes - decoder.codes[row], axis=1)
    nearest = [other for other in np.argsort(distance, kind="stable") if other != row][:5]
    listed = card.locator(".near li").evaluate_all("all => all.map((e) => Number(e.dataset.row))")
    assert listed == nearest
    words = card.locator(".bars").get_attribute("aria-label")
    assert words == "Code: " + ", ".join(f"{v:.2f}" for v in decoder.codes[row])
    assert page.locator(".aeviz-overlay text").all_text_contents() == ["1", "2"]

    live.get_by_role("button", name="Remove pin 1").click()
    page.get_by_text(f"pinned rows [{row}]").wait_for()
    assert live.locator(".card").count() == 1


def test_a_double_click_pins_nothing_and_quick_pins_all_arrive(open_map):
    page, live = open_map()
    box = plot_box(page)
    x, y = box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"]
    live.get_by_role("tab", name="Noise").click()
    page.mouse.dblclick(x, y)
    page.wait_for_timeout(1500)
    page.get_by_text("pinned rows []").wait_for()
    assert live.get_by_role("tab", name="Noise").get_attribute("aria-selected") == "true"
    live.get_by_role("tab", name="Pins").click()
    assert live.locator(".card").count() == 0
    overlay = page.get_by_role("application", name="Map of codes")
    overlay.focus()
    for _ in range(3):  # faster than the server answers
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Enter")
    assert live.locator(".card").count() == 3
    page.get_by_text(re.compile(r"pinned rows \[\w+, \w+, \w+\]")).wait_for()
    page.wait_for_timeout(500)
    assert live.locator(".card").count() == 3
    live.get_by_role("button", name="Remove all pins").click()
    page.get_by_text("pinned rows []").wait_for()
    assert live.locator(".card").count() == 0


def test_a_dot_whose_original_is_not_here_and_one_the_legend_hides(open_map):
    page, live = open_map()
    _, dot, row = empty_and_dot(page)
    label = made_decoder().labels[row]
    page.mouse.click(*dot)
    assert live.get_by_text("original not on this computer").is_visible()
    assert live.locator(".card .error").count() == 0
    assert live.locator(".near[data-kind='redrawn']").count() == 1
    page.get_by_text(f"pinned rows [{row}]").wait_for()
    live.get_by_role("button", name="Remove pin 1").click()
    page.get_by_text("pinned rows []").wait_for()
    page.locator(".st-key-map .legendtoggle").nth(int(label)).click()
    page.wait_for_timeout(1200)
    page.mouse.click(*dot)
    page.get_by_text("pinned rows [None]").wait_for()


def test_a_pin_does_not_send_the_model_again(browser, live_server):
    from aeviz.ui.live.decoder import packed_model

    page = browser.new_page(viewport={"width": 1400, "height": 860})
    sizes = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda data: sizes.append(len(data))),
    )
    page.goto(f"{live_server.url}/map?images=1000")
    ready(page)
    whole = len(packed_model(made_decoder(images=1000)))
    assert sum(sizes) > whole
    sizes.clear()
    empty, _, _ = empty_and_dot(page)
    page.mouse.click(*empty)
    page.get_by_text("pinned rows [None]").wait_for()
    page.get_by_role("button", name="Rerun").click()
    page.wait_for_timeout(1000)
    page.close()
    assert sum(sizes) < whole / 2
