"""Little pictures in place of the dots."""

import numpy as np

from tests.support.live_map import assert_decodes, move, zoom
from tests.support.server import ROOT


def test_little_pictures_never_overlap(browser):
    page = browser.new_page()
    page.add_script_tag(path=ROOT / "aeviz" / "ui" / "live" / "overlay.js")
    rng = np.random.default_rng(8)
    places = (rng.random((2000, 2)) * [700, 500]).round(2)
    chosen = page.evaluate(
        "(places) => chooseThumbnails(Float32Array.from(places), null, 700, 500, 32)",
        places.ravel().tolist(),
    )
    page.close()
    apart = np.abs(places[chosen][:, None] - places[chosen][None]).max(axis=2)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() >= 31.9
    # Nobody is left out who had room.
    rest = np.setdiff1d(np.arange(2000), chosen)
    assert np.abs(places[rest][:, None] - places[chosen][None]).max(axis=2).min(axis=1).max() < 32.1


def test_pictures_in_place_of_dots_and_no_panels(open_map):
    page, live = open_map("show=pictures&compact=1")
    assert live.get_by_role("tab").count() == 0 and not live.locator(".panels").is_visible()
    assert live.get_by_text("as the model redraws them").is_visible()
    canvas = page.locator(".aeviz-overlay canvas")
    whole = page.locator(".aeviz-overlay canvas[data-missing='0']")
    whole.wait_for()
    count = int(canvas.get_attribute("data-pictures"))
    assert 80 < count < 700
    drawn = canvas.evaluate("(c) => c.toDataURL()")
    assert_decodes(live, move(page, 0.4, 0.4))
    for _ in range(6):
        zoom(page, -120)
    page.wait_for_timeout(1000)
    whole.wait_for()
    assert int(canvas.get_attribute("data-pictures")) != count
    assert canvas.evaluate("(c) => c.toDataURL()") != drawn
