"""Pointer, keyboard and fingers on the map; a chart that is zoomed, replaced and left."""

import numpy as np
import pytest

from tests.support.live_map import (
    SPAN,
    assert_decodes,
    empty_and_dot,
    made_decoder,
    move,
    plot_box,
    point_at,
    ready,
    shown,
    shown_point,
    zoom,
)


def test_every_place_is_decoded_wherever_the_chart_has_gone(open_map):
    page, live = open_map()
    assert_decodes(live, move(page, 0.5, 0.5))
    assert "nearest digits: " in live.locator(".caption").inner_text()
    assert not live.locator(".warning").inner_text()
    assert_decodes(live, move(page, 0.02, 0.03))  # no dot for hundreds of pixels
    assert live.locator(".warning").inner_text().startswith("Far from every digit")

    before = move(page, 0.6, 0.4)
    zoom(page, -120)
    page.wait_for_timeout(600)
    after = move(page, 0.61, 0.4)
    assert abs(after[0] - before[0]) < 0.01 * 2 * SPAN  # one step of the pointer is less of the map
    assert_decodes(live, after)

    page.mouse.down()  # a drag moves the map and pins nothing
    page.mouse.move(700, 300, steps=4)
    page.mouse.up()
    page.wait_for_timeout(400)
    assert_decodes(live, move(page, 0.3, 0.6))
    assert live.locator(".card").count() == 0

    page.locator(".st-key-map .legendtoggle").first.click()
    page.wait_for_timeout(800)
    assert_decodes(live, move(page, 0.4, 0.5))

    page.get_by_role("button", name="Other figure").click()
    page.get_by_text("Figure 2").wait_for()
    page.wait_for_timeout(300)
    assert_decodes(live, move(page, 0.45, 0.55))

    page.set_viewport_size({"width": 1100, "height": 800})
    page.wait_for_timeout(800)
    assert_decodes(live, move(page, 0.7, 0.3))

    # The node itself taken away, as Streamlit and Plotly may do at any time.
    page.evaluate(
        """() => {
            const gd = document.querySelector(".st-key-map .js-plotly-plot");
            const [parent, twin] = [gd.parentNode, gd.cloneNode(false)];
            const { data, layout } = gd;
            twin.replaceChildren();
            parent.replaceChild(twin, gd);
            return Plotly.newPlot(twin, data, layout, { scrollZoom: true });
        }"""
    )
    page.wait_for_timeout(800)
    assert page.locator(".aeviz-overlay").count() == 1
    assert_decodes(live, move(page, 0.55, 0.5))


def test_a_code_of_five_numbers_is_lifted_from_its_plane(open_map):
    page, live = open_map("dim=5")
    decoder = made_decoder(5)
    assert_decodes(live, move(page, 0.3, 0.3), decoder)
    point = move(page, 0.55, 0.62)
    assert_decodes(live, point, decoder)
    code = decoder.plane.lift(np.array([point]))
    near = np.argsort(np.linalg.norm(decoder.codes - code, axis=1))[:4]
    names = ", ".join(str(decoder.labels[row]) for row in near)
    assert f"nearest digits: {names} " in live.locator(".caption").inner_text()


def test_long_codes_without_labels(open_map):
    page, live = open_map("dim=70&bare=1")
    assert_decodes(live, move(page, 0.3, 0.3), made_decoder(70))
    assert "nearest" not in live.locator(".caption").inner_text()
    _, dot, row = empty_and_dot(page, made_decoder(70))
    page.mouse.click(*dot)
    page.get_by_text(f"pinned rows [{row}]").wait_for()
    assert live.get_by_text("70 numbers, from").is_visible()
    assert live.get_by_text(f"test picture {row + 1:,}", exact=True).is_visible()


def test_the_keyboard_moves_the_point_and_pins(open_map):
    page, live = open_map()
    overlay = page.get_by_role("application", name="Map of codes")
    overlay.focus()
    start = shown_point(live)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    step = 2 * SPAN / 100
    point = [start[0] + step, start[1] - step]
    assert_decodes(live, point)
    page.keyboard.press("Shift+ArrowLeft")
    point = [point[0] - 10 * step, point[1]]
    assert_decodes(live, point)
    for _ in range(12):
        page.keyboard.press("Shift+ArrowUp")
    assert shown_point(live)[1] == SPAN  # not off the map
    spoken = live.locator(".spoken")
    page.wait_for_timeout(800)
    assert spoken.inner_text().startswith("at (") and spoken.get_attribute("aria-live") == "polite"
    page.keyboard.press("Enter")
    page.get_by_text("pinned rows [None]").wait_for()
    tab = live.get_by_role("tab", name="Pins")
    tab.focus()
    page.keyboard.press("ArrowRight")
    assert live.get_by_role("tab", name="Walk").get_attribute("aria-selected") == "true"
    page.get_by_text("tab walk").wait_for()
    page.keyboard.press("End")
    page.get_by_text("tab sliders").wait_for()
    page.get_by_role("button", name="Rerun").click()
    page.wait_for_timeout(700)
    assert live.get_by_role("tab", name="Sliders").get_attribute("aria-selected") == "true"
    assert live.get_by_role("tabpanel", name="Sliders").is_visible()


def test_one_finger_explores_and_two_zoom(browser, live_server):
    context = browser.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    page = context.new_page()
    page.goto(f"{live_server.url}/map")
    live = ready(page)
    page.wait_for_timeout(500)
    fingers = context.new_cdp_session(page)

    def touch(kind, *places):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(60)

    def ranges():
        layout = "document.querySelector('.st-key-map .js-plotly-plot').layout"
        return page.evaluate(f"[...{layout}.xaxis.range, ...{layout}.yaxis.range]")

    box = plot_box(page)
    x, y = round(box["x"] + 0.5 * box["width"]), round(box["y"] + 0.5 * box["height"])
    before, scrolled = ranges(), page.evaluate("scrollY")
    touch("touchStart", (x, y))
    assert_decodes(live, point_at(page, x, y))
    for i in range(1, 6):  # it sets out to the side
        touch("touchMove", (x + 20 * i, y - 25 * (i - 1)))
    touch("touchMove", (x + 100, y - 125))
    assert_decodes(live, point_at(page, x + 100, y - 125))
    touch("touchEnd")
    page.wait_for_timeout(300)
    assert ranges() == before and page.evaluate("scrollY") == scrolled  # neither box nor scroll
    assert page.locator(".zoombox").count() == 0 and live.locator(".card").count() == 0

    touch("touchStart", (x - 60, y))
    touch("touchStart", (x - 60, y), (x + 60, y))
    for i in range(1, 7):
        touch("touchMove", (x - 60 - 10 * i, y), (x + 60 + 10 * i, y))
    touch("touchEnd")
    page.wait_for_timeout(700)
    zoomed = ranges()
    # Twice as far apart: half the map, with its middle where it was.
    assert (zoomed[1] - zoomed[0]) / (before[1] - before[0]) == pytest.approx(0.5, rel=0.05)
    assert point_at(page, x, y) == pytest.approx([0, 0], abs=0.1)

    held = point_at(page, x, y)
    touch("touchStart", (x - 60, y))
    touch("touchStart", (x - 60, y), (x + 60, y))
    for i in range(1, 6):
        touch("touchMove", (x - 60 + 12 * i, y + 8 * i), (x + 60 + 12 * i, y + 8 * i))
    touch("touchEnd")
    page.wait_for_timeout(700)
    # What was under the fingers has gone with them, and nothing has grown.
    assert point_at(page, x + 60, y + 40) == pytest.approx(held, abs=0.1)
    panned = ranges()
    assert panned[1] - panned[0] == pytest.approx(zoomed[1] - zoomed[0], rel=0.02)

    touch("touchStart", (x, y))
    touch("touchEnd")
    page.get_by_text("pinned rows [").wait_for()
    live.locator(".card").wait_for()
    assert "tap to pin" in live.locator(".caption").inner_text()
    context.close()


def test_the_wheel_scrolls_the_page_and_zooms_where_that_is_meant(open_map):
    page, _ = open_map(height=420)
    page.wait_for_timeout(500)

    def width():
        xaxis = "document.querySelector('.st-key-map .js-plotly-plot')._fullLayout.xaxis"
        low, high = page.evaluate(f"{xaxis}.range")
        return high - low

    whole = width()
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    move(page, 0.5, 0.3)
    page.mouse.wheel(0, 60)
    page.wait_for_timeout(600)
    assert width() == whole and page.evaluate(scrolled) > 30
    assert page.locator(".aeviz-overlay .how").inner_text().endswith("and the wheel zoom")
    zoom(page, -120)
    page.wait_for_timeout(600)
    assert width() < whole
    # As far as the map allows, however long the wheel is turned.
    for direction in (-1, 1):
        for _ in range(8):
            zoom(page, direction * 100, times=25)
        page.wait_for_timeout(600)
        limit = SPAN / 50 if direction < 0 else 16 * SPAN
        assert width() == pytest.approx(limit, rel=0.05)
    assert page.evaluate(scrolled) > 30


def test_light_and_dark(open_map, check_accessibility):
    page, live = open_map("images=10")
    empty, dot, _ = empty_and_dot(page)
    page.mouse.click(*empty)
    page.get_by_text("pinned rows [None]").wait_for()
    page.wait_for_timeout(600)
    page.mouse.click(*dot)
    live.locator(".card").nth(1).wait_for()
    page.wait_for_timeout(800)
    check_accessibility(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1000)
    check_accessibility(page)
    point = move(page, 0.4, 0.4)
    np.testing.assert_allclose(shown_point(live), point, atol=1e-6)
    expected = made_decoder().autoencoder.decode(made_decoder().plane.lift(np.array([point])))[0]
    assert np.corrcoef(shown(live), expected)[0, 1] < -0.99  # more ink is lighter
    live.get_by_role("tab", name="Noise").click()
    check_accessibility(page)


# Counts what the component's own code has set going and not taken back; the browser names that
# code after the component in every stack trace.
COUNTING = """
(() => {
  const ours = () => /aeviz_live/.test(new Error().stack);
  const open = (window.stillOpen = {
    listeners: new Set(), watchers: new Set(), timers: new Set(), frames: new Set(), intervals: 0,
  });
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, act, options) {
    if (ours()) {
      const entry = `${type} on ${this.constructor.name} ${Math.random()}`;
      const signal = options && options.signal;
      if (!(signal && signal.aborted)) open.listeners.add(entry);
      if (signal) add.call(signal, "abort", () => open.listeners.delete(entry));
      (this.kept ??= []).push([type, act, entry]);
    }
    return add.call(this, type, act, options);
  };
  EventTarget.prototype.removeEventListener = function (type, act, options) {
    for (const [t, a, entry] of this.kept ?? [])
      if (t === type && a === act) open.listeners.delete(entry);
    return remove.call(this, type, act, options);
  };
  for (const name of ["MutationObserver", "ResizeObserver", "IntersectionObserver"]) {
    const { observe, disconnect } = window[name].prototype;
    window[name].prototype.observe = function (...rest) {
      if (ours()) open.watchers.add(this);
      return observe.apply(this, rest);
    };
    window[name].prototype.disconnect = function () {
      open.watchers.delete(this);
      return disconnect.call(this);
    };
  }
  const { setTimeout: later, clearTimeout: forget, setInterval: every } = window;
  const { requestAnimationFrame: frame, cancelAnimationFrame: drop } = window;
  window.setTimeout = (act, ...rest) => {
    if (!ours()) return later(act, ...rest);
    const id = later((...all) => (open.timers.delete(id), act(...all)), ...rest);
    open.timers.add(id);
    return id;
  };
  window.clearTimeout = (id) => (open.timers.delete(id), forget(id));
  window.setInterval = (...rest) => (ours() && open.intervals++, every(...rest));
  window.requestAnimationFrame = (act) => {
    if (!ours()) return frame(act);
    const id = frame((now) => (open.frames.delete(id), act(now)));
    open.frames.add(id);
    return id;
  };
  window.cancelAnimationFrame = (id) => (open.frames.delete(id), drop(id));
})();
"""


def test_leaving_the_page_leaves_nothing_behind(browser, live_server):
    page = browser.new_page(viewport={"width": 1400, "height": 860})
    page.add_init_script(COUNTING)
    left = """() => Object.fromEntries(Object.entries(stillOpen)
        .map(([name, all]) => [name, all.size === undefined ? all : all.size]))"""
    page.goto(f"{live_server.url}/map?show=pictures")
    live = ready(page)
    move(page, 0.4, 0.4)
    page.keyboard.press("Tab")
    for tab in ("Draw", "Noise", "Sliders", "Walk"):
        live.get_by_role("tab", name=tab).click()
    live.get_by_role("button", name="Play").click()
    page.mouse.click(plot_box(page)["x"] + 50, plot_box(page)["y"] + 50)  # its answer is waited for
    busy = page.evaluate(left)
    assert busy["listeners"] > 20 and busy["watchers"] >= 1 and busy["timers"] >= 1
    page.get_by_role("link", name="Elsewhere").click()
    page.get_by_role("heading", name="Elsewhere").wait_for()
    page.locator(".js-plotly-plot").wait_for(state="detached")
    page.wait_for_timeout(800)
    nothing = {"listeners": 0, "watchers": 0, "timers": 0, "frames": 0, "intervals": 0}
    still = page.evaluate("[...stillOpen.listeners]")
    assert page.evaluate(left) == nothing, still
    assert page.locator(".aeviz-overlay").count() == 0
    page.get_by_role("link", name="Map").click()
    assert_decodes(ready(page), move(page, 0.5, 0.4))
    page.close()
