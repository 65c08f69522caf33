"""Every page in both themes and at every width: nothing grave for axe-core, nothing too wide."""

import pytest
from playwright.sync_api import expect

from aeviz.ui.shell.pages import PAGES
from aeviz.ui.tour.stops import STOPS
from tests.support.layout import assert_apart

READY = 60_000
# What there is to see on each, once it is there.
SHOWN = {
    "": ".film[data-ready='1']",
    "latent": ".live[data-ready='1'][data-chart='1']",
    "manifold": ".live[data-ready='1'][data-chart='1']",
    "meaning": ".meaning[data-ready='1'][data-rows]",
    "compression": ".st-key-loss_chart .main-svg",
    "models": ".st-key-model_network",
    "tour": ".stop-picture",
}
# Views of a page besides the one it opens with: their own bars, panels and sizes of text.
VIEWS = (
    ("latent", "tour=encoder"),
    ("latent", "beside=karpathy-2d"),
    ("latent", "tab=walk&pins=0.5,0.5"),
    ("manifold", "show=pair&beside=karpathy-2d"),
    ("models", "beside=denoising-10"),
    ("", "present=1&tour=sparse"),
    ("compression", "present=1"),
    ("manifold", "hide=models,train"),
)


def shown(open_page, path, query="", **window):
    page = open_page(f"/{path}?{query}" if query else f"/{path}", **window)
    ready = SHOWN[path]
    if "beside=" in query:  # two of them, drawn otherwise
        ready = ".live[data-ready='1']" if path != "models" else "h1"
    page.locator(ready).first.wait_for(timeout=READY)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", SHOWN)
def test_axe_finds_nothing_grave_on_any_page(open_page, check_accessibility, path, theme):
    check_accessibility(shown(open_page, path, theme=theme))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("path", "query"), VIEWS)
def test_nor_on_any_view_of_one(open_page, check_accessibility, path, query, theme):
    check_accessibility(shown(open_page, path, query, theme=theme))


@pytest.mark.parametrize("width", [768, 1024, 1280, 1920, 2560])
def test_no_page_is_wider_than_its_window_and_all_are_one_click_away(open_page, width):
    for path in SHOWN:
        page = shown(open_page, path, width=width, height=1_000)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        links = page.get_by_test_id("stTopNavLink")
        expect(links).to_have_text([*(one.title for one in PAGES.values()), "Tour"])
        for i in range(links.count()):
            expect(links.nth(i)).to_be_in_viewport()
        page.context.close()


@pytest.mark.alone
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("path", SHOWN)
def test_nothing_jumps_while_a_page_is_built(open_page, path, phone):
    window = {"width": 390, "height": 844} if phone else {"width": 1400, "height": 900}
    page = shown(open_page, path, **window, phone=phone)
    page.wait_for_timeout(2_000)
    moved = page.evaluate("""() => new Promise((done) => {
        let sum = 0;
        const add = (list) => list.getEntries().forEach((e) => { sum += e.value; });
        new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => done(sum), 500);
    })""")
    # web.dev: good up to 0.1.
    assert moved < 0.1


def test_on_a_phone_the_first_page_has_no_hole_under_its_choices(open_page):
    page = shown(open_page, "", width=390, height=844, phone=True)
    train = page.get_by_role("button", name="Train", exact=True).bounding_box()
    words = page.locator(".st-key-what").bounding_box()
    assert 0 < words["y"] - train["y"] - train["height"] < 40


# What a finger can hit and is under 40 pixels high or wide; a field is hit with what is around it.
SMALL = """() => {
    const found = [];
    const walk = (root) => root.querySelectorAll("*").forEach((e) => {
        if (e.shadowRoot) walk(e.shadowRoot);
        const hits = "button, summary, select, input:not([type=text]), [role=button], "
            + "[role=tab], [role=slider]";
        if (!e.matches(hits))
            return;
        if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return;
        const hit = e.closest("label, [role=group], [data-testid=stSlider]") ?? e;
        const { width, height } = hit.getBoundingClientRect();
        if (width > 2 && height > 2 && Math.min(width, height) < 39.5)
            found.push(`${e.outerHTML.slice(0, 150)}: ${width} x ${height}`);
    });
    walk(document);
    return found;
}"""


@pytest.mark.parametrize(("width", "height"), [(360, 740), (390, 844)])
def test_on_a_phone_nothing_is_too_wide_or_too_small_for_a_finger(
    open_page, check_accessibility, width, height
):
    for path in SHOWN:
        page = shown(open_page, path, width=width, height=height, phone=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        check_accessibility(page)
        assert page.evaluate(SMALL) == [], path
        page.context.close()


@pytest.mark.parametrize("name", STOPS)
def test_a_stop_of_the_tour_is_sound_at_every_width(open_page, check_accessibility, name):
    page = shown(open_page, STOPS[name].page.removeprefix("learn"), f"tour={name}")
    check_accessibility(page)
    for width in (360, 390, 768, 1280, 1920, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(f"document.documentElement.scrollWidth <= {width}", timeout=10_000)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1_000)
    check_accessibility(page)


@pytest.mark.parametrize("name", ["encoder", "compression"])
def test_on_a_phone_the_bar_of_the_tour_lies_on_itself_nowhere(open_page, name):
    path = STOPS[name].page
    page = shown(open_page, path, f"tour={name}", width=360, height=740, phone=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert_apart(page.locator(".st-key-tour_bar"), "button, .where p, .said p")


CHARTS = {
    "": ".film",
    "latent": "[class*=st-key-latent_map]",
    "manifold": "[class*=st-key-manifold_map]",
    "compression": ".st-key-loss_chart",
}
RANGES = """() => [...document.querySelectorAll(".js-plotly-plot")].map(
    ({ layout }) => [layout.xaxis.range, layout.yaxis.range])"""


@pytest.mark.parametrize("path", CHARTS)
def test_a_finger_that_sets_out_upwards_on_a_chart_scrolls_the_page(open_page, path):
    page = shown(open_page, path, width=390, height=844, phone=True)
    page.wait_for_timeout(1_000)
    before, box = page.evaluate(RANGES), page.locator(CHARTS[path]).first.bounding_box()
    x, y = box["x"] + box["width"] / 2, min(box["y"] + box["height"] / 2, 700)
    fingers = page.context.new_cdp_session(page)
    for kind, moved in [("Start", 0), *(("Move", 20 * i) for i in range(1, 12)), ("End", None)]:
        points = [] if moved is None else [{"x": x, "y": y - moved}]
        fingers.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
        page.wait_for_timeout(40)
    page.wait_for_function(
        "document.querySelector('[data-testid=stMain]').scrollTop > 150", timeout=5_000
    )
    assert page.evaluate(RANGES) == before
