"""Sliders of one's own on the page "Meaning", in a real browser: made, linked, kept, handed on."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.meaning_page import READY, at, code, pull


def test_a_difference_of_ones_own_moves_a_four_towards_the_nines(meaning, model):
    row = int(np.nonzero(model.test_codes.labels == 4)[0][0])
    page, root = meaning(f"own=4>9&at={row}")
    begin = code(root)
    pull(root, "kinds.4.9", 1)
    codes, labels = model.test_codes.codes.astype(np.float32), model.test_codes.labels
    way = codes[labels == 9].mean(axis=0) - codes[labels == 4].mean(axis=0)
    assert (code(root) - begin) @ way > 0
    root.get_by_role("button", name="Remove 4 to 9").click()
    expect(root.locator("[data-pull='kinds.4.9']")).to_have_count(0)
    page.wait_for_function("!location.search.includes('own=')")


def test_removing_a_slider_of_ones_own_leaves_the_other_pulls(meaning, open_page):
    page, root = meaning("own=4>9;0>1;2>3&pull=slant:1,kinds.4.9:1.5")
    for title in ("4 to 9", "0 to 1", "2 to 3"):  # one after the other, at once
        root.get_by_role("button", name=f"Remove {title}").click()
    expect(root.locator(".pull", has_text="like")).to_have_count(0)
    gone = "!location.search.includes('own=') && location.search.includes('pull=slant%3A1')"
    page.wait_for_function(gone)
    again = open_page(page.url.removeprefix(page.url.split("/meaning")[0])).locator(READY)
    again.wait_for(timeout=60_000)
    assert again.get_attribute("data-picture") == root.get_attribute("data-picture")


@pytest.fixture
def own_server(open_page, run_app, tmp_path):
    """Pages of a dashboard of one's own: what is kept there nobody else sees."""
    shared = open_page.server
    with run_app(tmp_path / "home") as server:
        open_page.server = server
        yield server
    open_page.server = shared


def lasso(page, left, right, top, bottom):
    """Draw a line round a part of the map, in shares of it; return that part in its units."""
    chart = page.locator(".st-key-lasso_map .nsewdrag")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()
    return page.evaluate(
        """([left, right, top, bottom]) => {
          const { xaxis, yaxis } = document.querySelector(".st-key-lasso_map .js-plotly-plot")
            ._fullLayout;
          const x = (share) => xaxis.p2d(share * xaxis._length);
          const y = (share) => yaxis.p2d(share * yaxis._length);
          return [x(left), x(right), y(bottom), y(top)];
        }""",
        [left, right, top, bottom],
    )


def inside(model, part):
    left, right, bottom, top = part
    x, y = model.test_codes.points[:2_000].astype(float).T
    return np.nonzero((x > left) & (x < right) & (y > bottom) & (y < top))[0]


def test_a_difference_by_lasso_is_kept_reopened_and_handed_on(
    own_server, meaning, open_page, run_app, model, tmp_path
):
    page, root = meaning("at=5")
    page.get_by_text("By pictures").click()
    page.locator(".st-key-lasso_map .nsewdrag").wait_for(timeout=60_000)
    page.wait_for_timeout(1_500)
    groups = []
    for place, part in enumerate([(0.1, 0.35, 0.35, 0.65), (0.62, 0.9, 0.35, 0.65)]):
        rows = inside(model, lasso(page, *part))
        add = page.get_by_role("button", name=re.compile(r"Add the [\d,]+ digits inside"))
        add.nth(place).click()
        count = page.locator(".picture-rows").nth(place).locator("p span")
        expect(count).to_contain_text("digits")
        there = int(count.inner_text().split()[0].replace(",", ""))
        # A dot on the line may count or not.
        assert abs(there - len(rows)) <= 3
        groups.append(rows)
    page.get_by_label("Its name").fill("rounder")
    page.get_by_label("Its name").press("Enter")
    before = code(root)
    page.get_by_role("button", name="Add a slider for it").click()
    slider = root.locator(".pull", has_text="rounder").locator("input")
    expect(slider).to_be_visible()
    # It is pulled along the way from one group's mean to the other's.
    page.wait_for_function("location.search.includes('pull=own.')")
    codes = model.test_codes.codes.astype(np.float32)
    less, more = (codes[rows].mean(axis=0) for rows in groups)
    moved = code(root) - before
    cosine = moved @ (more - less) / np.linalg.norm(moved) / np.linalg.norm(more - less)
    assert cosine > 0.999
    assert list((own_server.home / "differences").glob("sweep-10.json"))

    # From a link, in another browser.
    address = page.evaluate("location.pathname + location.search")
    again = open_page(address)
    there = again.locator(READY)
    there.wait_for(timeout=60_000)
    assert there.get_attribute("data-picture") == root.get_attribute("data-picture")

    # From a file that was handed on, on another computer, and on a drawing.
    again.goto(f"{own_server.url}/models?model=sweep-10")
    again.get_by_role("button", name="Download", exact=True).first.click()
    with again.expect_download(timeout=60_000) as found:
        again.get_by_role("button", name=re.compile("^Everything")).click()
    file = tmp_path / "theirs.safetensors"
    file.write_bytes(found.value.path().read_bytes())
    with run_app(tmp_path / "other") as other:
        open_page.server = other
        page = open_page("/models")
        page.get_by_role("button", name="Upload", exact=True).first.click()
        page.locator("input[type=file]").set_input_files(file)
        page.wait_for_function("location.search.includes('model=theirs')", timeout=60_000)
        name = re.search(r"model=([^&]*)", page.evaluate("location.search"))[1]
        page = open_page(f"/meaning?model={name}")
        root = page.locator(READY)
        root.wait_for(timeout=60_000)
        root.get_by_role("button", name="Draw one").click()
        pad = root.locator(".pad")
        box = pad.bounding_box()
        page.mouse.move(*at(box, 0.3))
        page.mouse.down()
        page.mouse.move(*at(box, 0.7), steps=8)
        page.mouse.up()
        expect(root.locator(".caption")).to_contain_text(re.compile("Your picture"))
        drawn = code(root)
        slider = root.locator(".pull", has_text="rounder").locator("input")
        slider.fill("1")
        moved = code(root) - drawn
        assert moved @ (more - less) / np.linalg.norm(moved) / np.linalg.norm(more - less) > 0.999
        page.close()
        again.close()
