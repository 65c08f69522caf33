"""A view set by hand in one browser opens the same from its address in another."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.live_map import zoom

READY = 60_000
# What a page says of itself, by which two of them can be compared.
LOOK = """() => {
    const hosts = [...document.querySelectorAll("*")].filter((one) => one.shadowRoot);
    const roots = [document, ...hosts.map((one) => one.shadowRoot)];
    const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
    const said = (selector, ...names) => all(selector).filter((one) => one.offsetParent)
        .map((one) => names.map((name) => one.dataset[name]));
    const round = (numbers) => numbers.map((one) => Number(one.toPrecision(3)));
    const ranges = [...document.querySelectorAll(".js-plotly-plot")].map(({ layout, data }) => [
        round([...layout.xaxis.range, ...layout.yaxis.range]), data.length, data.at(-1).x?.length]);
    return {
        film: said(".film", "frame", "step", "redrawnHash", "ink"),
        rows: all(".film .row .name").map((one) => one.textContent),
        live: said(".live", "model", "picture"),
        walk: said(".walk", "kind", "steps", "step"),
        noise: said(".noise", "percent", "before", "after"),
        sliders: said(".sliders", "code"),
        tab: all("[role=tab][aria-selected=true]").map((one) => one.textContent),
        pins: all(".live .card").filter((one) => one.offsetParent).length,
        ranges,
        said: all(".said, .model-head h2").map((one) => one.textContent),
        boxes: [...document.querySelectorAll("[data-testid=stMain] input")]
            .filter((one) => one.type !== "file").map((one) => [one.value, one.checked]),
        chosen: [...document.querySelectorAll("[data-testid=stSelectbox]")]
            .map((one) => one.innerText),
        open: document.querySelectorAll("[data-testid=stExpander] details[open]").length,
    };
}"""


def settled(page):
    """What the page says once it says the same twice."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=READY)
    last = None
    for _ in range(60):
        page.wait_for_timeout(250)
        last, before = page.evaluate(LOOK), last
        if last == before:
            break
    return last


@pytest.fixture
def opens_the_same(open_page):
    """`opens_the_same(page, ready, *names)`: its address shows the same in a fresh browser, and
    has these parameters. pointed: the pointer was last on a map without pins, and what is under it
    is in no link."""

    def check(page, ready, *names, pointed=False):
        seen = settled(page)
        for name in names:
            assert re.search(rf"[?&]{re.escape(name)}=", page.url), (name, page.url)
        address = page.url.removeprefix(open_page.server.url)
        other = open_page(address)
        other.locator(ready).first.wait_for(timeout=READY)
        again = settled(other)
        if pointed:
            for one in (seen, again):
                one["live"] = [model for model, _ in one["live"]]
        assert again == seen
        assert not other.get_by_test_id("stAlert").count()
        assert other.url == page.url
        other.context.close()

    return check


def choose(page, label, option):
    settled(page)  # a page that is still being built drops what is chosen on it
    box = page.get_by_role("combobox", name=label, exact=False).first
    box.scroll_into_view_if_needed()  # its list closes where the page moves under it
    page.wait_for_timeout(300)
    box.click()
    page.get_by_role("option", name=option).first.click()


def test_a_film_its_pictures_its_moment_and_a_changed_recipe(open_page, opens_the_same):
    page = open_page("/?recipe=deep-2d")
    ready = ".film[data-ready='1']"
    page.locator(ready).wait_for(timeout=READY)
    choose(page, "Digits", "The worst redrawn")
    page.wait_for_url("**digits=worst**")
    choose(page, "Beside it", re.compile("Karpathy"))
    page.wait_for_url("**beside=**")
    page.get_by_text("Errors", exact=True).click()
    page.wait_for_url("**errors=1**")
    page.get_by_text("Advanced: every setting").click()
    page.wait_for_url("**advanced=open**")
    steps = page.get_by_label("Steps", exact=True)
    steps.fill("2345")
    steps.press("Enter")
    page.wait_for_url("**steps=2345**")
    scrubber = page.get_by_role("slider", name="Moment of training")
    scrubber.press("Home")
    scrubber.press("PageUp")
    page.wait_for_url("**at=**")
    assert page.locator(".film").get_attribute("data-frame") == "5"
    opens_the_same(page, ready, "digits", "beside", "errors", "advanced", "steps", "at")
    # A moment outlives another choice, and "Start over" brings the film's end and a bare address.
    choose(page, "Digits", "The best redrawn")
    page.wait_for_url("**digits=best**")
    expect(page.locator(".film")).to_have_attribute("data-frame", "5")
    page.get_by_role("button", name="Start over").click()
    page.wait_for_url(re.compile(r"/\?recipe=karpathy-2d$"))


def test_a_map_with_its_zoom_pins_and_panels(open_page, opens_the_same):
    page = open_page("/latent?model=denoising-10")
    ready = ".live[data-ready='1'][data-chart='1']"
    live = page.locator(ready)
    live.wait_for(timeout=READY)
    choose(page, "Colour of the dots", "one colour")
    page.wait_for_url("**colour=one**")
    choose(page, "View of the code", "across: number 4")
    page.wait_for_url("**axes=4**")
    settled(page)  # the chart was drawn anew
    box = page.locator(".st-key-latent_map .nsewdrag").bounding_box()
    middle = box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"]
    page.mouse.move(*middle)
    zoom(page, -300)
    page.wait_for_url("**view=**")
    page.mouse.click(*middle)
    page.wait_for_url("**pins=**")
    page.wait_for_timeout(400)  # Plotly takes two quick clicks for a double one
    page.mouse.click(middle[0] + 60, middle[1] + 40)
    page.wait_for_url("**%3B**")
    page.mouse.move(0, 0)

    live.get_by_role("tab", name="Noise").click()
    share = live.get_by_role("slider", name="Pixels wiped out")
    share.press("End")
    for _ in range(3):
        share.press("PageDown")
    page.wait_for_url("**hidden=**")
    opens_the_same(page, ready, "colour", "axes", "view", "pins", "tab", "hidden")
    live.get_by_role("tab", name="Walk").click()
    live.locator("select.route").select_option("path")
    page.wait_for_url("**walk=path**")
    live.get_by_role("slider", name="Place on the walk").press("End")
    page.wait_for_url("**walk=path%2C60%2C60**")
    opens_the_same(page, ready, "walk")
    live.get_by_role("tab", name="Sliders").click()
    live.get_by_role("slider", name="Number 3 of the code").press("Home")
    page.wait_for_url("**code=**")
    opens_the_same(page, ready, "code")


def test_two_maps_each_with_a_zoom_of_its_own(open_page, opens_the_same):
    page = open_page("/latent?model=vae-2d&beside=karpathy-2d")
    ready = ".live[data-ready='1'][data-chart='1']"
    page.locator(ready).nth(1).wait_for(timeout=READY)
    settled(page)
    for chart, name in (("latent_map_1", "view"), ("latent_map_2", "view2")):
        box = page.locator(f".st-key-{chart} .nsewdrag").bounding_box()
        page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.6 * box["height"])
        zoom(page, -300)
        page.wait_for_url(f"**{name}=**")
    page.mouse.move(0, 0)
    opens_the_same(page, ready, "view", "view2", pointed=True)
    # Back to all of it, also in a browser where it was opened zoomed; and gone with the second map.
    other = open_page(page.url.removeprefix(open_page.server.url))
    other.locator(ready).nth(1).wait_for(timeout=READY)
    settled(other)
    box = other.locator(".st-key-latent_map_2 .nsewdrag").bounding_box()
    other.mouse.dblclick(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    expect(other).not_to_have_url(re.compile("view2="))
    page.get_by_text("Compare", exact=True).click()
    page.wait_for_url(re.compile("^(?!.*(beside|view2)=)"))
    expect(page).to_have_url(re.compile("view="))


def test_a_manifold_and_its_film(open_page, opens_the_same):
    page = open_page("/manifold?show=film")
    ready = ".mosaic[data-drawn='1']"
    page.locator(ready).wait_for(timeout=READY)
    page.get_by_role("slider", name="Moment of training").press("Home")
    page.wait_for_url("**at=**")
    opens_the_same(page, ready, "show", "at")
    page.get_by_role("radio", name="Grid").or_(page.get_by_text("Grid", exact=True)).first.click()
    ready = ".live[data-ready='1'][data-chart='1']"
    page.locator(ready).wait_for(timeout=READY)
    page.get_by_role("slider", name="Pictures along a side").press("ArrowLeft")
    page.wait_for_url("**n=29**")
    page.get_by_text("Dim empty places").click()
    page.wait_for_url("**over=dim**")
    opens_the_same(page, ready, "n", "over")


def test_rows_columns_and_models(open_page, opens_the_same):
    page = open_page("/compression?rows=denoising-10")
    ready = ".cards[data-ready='1']"
    page.locator(ready).wait_for(state="attached", timeout=READY)
    box = page.locator(".st-key-loss_table canvas").first.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 37 + 22)  # the box of the first row
    page.wait_for_url("**rows=denoising-10%2C**")
    choose(page, "Loss", "test images")
    page.wait_for_url("**images=test**")
    page.get_by_role("button", name="New sweep").click()
    page.wait_for_url("**sweep=**")
    opens_the_same(page, ".st-key-loss_table canvas", "rows", "images", "sweep")

    page = open_page("/models?model=vae-2d")
    page.get_by_text("The exact recipe").click()
    page.wait_for_url("**exact=open**")
    search = page.get_by_label("Search", exact=True)
    search.fill("mnist")
    search.press("Enter")
    page.wait_for_url("**search=mnist**")
    opens_the_same(page, ".model-head h2", "model", "exact", "search")


def test_a_stop_of_the_tour_on_a_stage_and_what_a_class_does_not_need(open_page, opens_the_same):
    page = open_page("/tour")
    page.get_by_role("button", name="9. A smooth map").click()
    ready = ".live[data-ready='1'][data-chart='1']"
    page.locator(ready).wait_for(timeout=READY)
    page.wait_for_url("**tour=vae**")
    page.get_by_role("button", name="Present", exact=True).click()
    page.wait_for_url("**present=1**")
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    opens_the_same(page, ready, "tour", "present")

    page = open_page("/manifold?hide=models,train,compare&model=vae-2d")
    page.locator(ready).wait_for(timeout=READY)
    opens_the_same(page, ready, "hide")
    expect(page.get_by_role("link", name="Models", exact=True)).to_have_count(0)


def test_a_wrong_link_is_told_in_one_sentence(open_page):
    page = open_page("/latent?model=gone&at=x&tab=%F0%9F%98%80" + "x" * 3_000)
    notes = page.get_by_test_id("stAlert")
    expect(notes).to_have_count(2)
    expect(notes.first).to_contain_text("not here")
    page.locator(".live[data-ready='1']").wait_for(timeout=READY)
