"""Back and Forward: one step a page and a stop of the tour, whatever was chosen there."""

import re

import pytest
from playwright.sync_api import expect

from aeviz.ui.tour.stops import STOPS

READY = 60_000
LIVE = ".live[data-ready='1'][data-chart='1']"


def steps(page):
    return page.evaluate("history.length")


def test_back_walks_pages_each_as_it_was_left(open_page):
    page = open_page("/latent")
    before = 1  # the browser's empty tab
    page.wait_for_url("**/latent?model=**")
    assert steps(page) == before + 1
    live = page.locator(LIVE)
    live.wait_for(timeout=READY)
    page.get_by_role("combobox", name="Colour of the dots").click()
    page.get_by_role("option", name="one colour").click()
    page.wait_for_url("**colour=one**")
    live.get_by_role("tab", name="Noise").click()
    page.wait_for_url("**tab=noise**")
    box = page.locator(".st-key-latent_map .nsewdrag").bounding_box()
    page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_url("**pins=**")
    assert steps(page) == before + 1
    left = page.url
    page.get_by_role("link", name="Compression").click()
    page.locator(".st-key-loss_chart .main-svg").first.wait_for(timeout=READY)
    page.get_by_role("link", name="Models").click()
    page.wait_for_url("**/models?model=**")
    assert steps(page) == before + 3

    page.go_back()
    page.locator(".st-key-loss_chart .main-svg").first.wait_for(timeout=READY)
    expect(page).to_have_url(re.compile("/compression$"))
    page.go_back()
    live.wait_for(timeout=READY)
    expect(page).to_have_url(left)
    expect(live.locator(".card")).to_have_count(1)
    expect(page.get_by_role("combobox", name="Colour of the dots")).to_have_value("one colour")
    page.reload()
    live.wait_for(timeout=READY)
    expect(page).to_have_url(left)
    assert steps(page) == before + 3


@pytest.mark.parametrize("first", [2, 4])  # stops of two pages; of one and the same
def test_back_walks_the_stops_of_the_tour(open_page, first):
    page = open_page("/tour")
    title = page.locator(".st-key-tour_bar strong")
    titles = [stop.title for stop in STOPS.values()]
    begun = steps(page)
    page.get_by_role("button", name=f"{first + 1}. {titles[first]}").click()
    addresses = []
    for n, words in enumerate(titles[first : first + 3]):
        if n:
            page.get_by_role("button", name="Next", exact=True).click()
        expect(title).to_have_text(words, timeout=READY)
        expect(page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning", timeout=READY
        )
        page.wait_for_timeout(1_500)  # what the page puts into its address
        addresses.append(page.url)
        assert steps(page) == begun + 1 + n
    for n in (1, 0):
        page.go_back()
        expect(title).to_have_text(titles[first + n], timeout=READY)
        expect(page).to_have_url(addresses[n])
    page.go_back()
    expect(page).to_have_url(re.compile("/tour$"))
    page.go_forward()
    expect(title).to_have_text(titles[first], timeout=READY)
    expect(page).to_have_url(addresses[0])


def test_a_link_that_leads_on_costs_one_step(open_page):
    page = open_page("/?tour=vae")
    expect(page).to_have_url(re.compile(r"/manifold\?tour=vae&"), timeout=READY)
    page.locator(LIVE).wait_for(timeout=READY)
    assert steps(page) == 2


def test_on_a_phone_choosing_a_page_closes_the_drawer_it_was_chosen_in(open_page):
    page = open_page("/", width=390, height=844, phone=True)
    drawer = page.get_by_test_id("stSidebarCollapseButton")
    for number, path in ((2, "manifold"), (1, "latent")):
        page.get_by_test_id("stExpandSidebarButton").tap()
        # What closes it has nothing over it.
        drawer.get_by_role("button").tap(timeout=READY)
        expect(drawer).to_have_count(0)
        page.get_by_test_id("stExpandSidebarButton").tap()
        page.get_by_test_id("stSidebarNavLink").nth(number).tap()
        page.wait_for_url(f"**/{path}**")
        expect(drawer).to_have_count(0)
        assert "present=" not in page.url
