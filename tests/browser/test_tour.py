"""The tour as on a stage: in presenter mode, by keyboard alone, with no network."""

import re

import pytest
from playwright.sync_api import expect

from aeviz.ui.tour.stops import STOPS

# What each page is about, drawn: with nothing there, a stop would be words alone.
PICTURES = {
    "learn": "canvas.map, canvas",
    "latent": "[class*=st-key-latent_map] .main-svg, .gl-canvas",
    "manifold": "[class*=st-key-manifold_map] .main-svg",
    "meaning": ".meaning .picture",
    "compression": ".st-key-loss_chart .main-svg",
    "models": ".st-key-model_network",
}
PATIENCE = 60_000
# What a stop's own sentence sends the hand or the eye to.
ASKED = {
    "squeeze": ".film input[type=range]",
    "encoder": ".draw .pad",
    "decoder": "canvas.picture",
    "reconstruction": ".film input[type=range]",
    "undercomplete": ".film canvas",
    "overcomplete": ".film canvas",
    "sparse": ".film canvas",
    "gaps": "[class*=st-key-manifold_map]",
    "vae": "[class*=st-key-manifold_map]",
    "denoising": ".noise .amount, .noise .four canvas",
    "meaning": ".meaning .wishes button",
    "style": ".live .told",
    "compression": ".any-size :is(input, .drawn)",
    "yours": "[data-testid=stPageLink]",
}
# How wide each field, button and table in sight is, and how each table is drawn. Not the marks for
# help: Streamlit sizes them once, by the text as it is when the page is loaded.
LOOK = """() => [
    ...[...document.querySelectorAll('[data-testid=stMain] :is(input, button)')]
        .filter((e) => e.checkVisibility() && e.clientWidth && !/^Help for/.test(e.ariaLabel))
        .map((e) => [e.ariaLabel || e.innerText, e.value, e.getBoundingClientRect().width]),
    ...[...document.querySelectorAll('[data-testid=data-grid-canvas]')]
        .map((e) => ["table", e.toDataURL(), 0]),
]"""
# Stops that are loaded anew as well: one of each page.
RELOADED = ("encoder", "reconstruction", "gaps", "compression")
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
# A busy machine may draw a table's pictures later than it seems to have settled: what is cropped is
# so each time.
STEPS = 3
# A mark for help takes so many pixels from the field beside it.
MARK = 4


def title(page):
    return page.locator(".st-key-tour_bar strong")


def at_stop(page, stop):
    """Wait until a stop is there, words, page and picture."""
    expect(title(page)).to_have_text(stop.title, timeout=PATIENCE)
    path = "" if stop.page == "learn" else stop.page
    expect(page).to_have_url(re.compile(rf"//[^/]+/{path}\?"), timeout=PATIENCE)
    expect(page).to_have_url(re.compile(rf"tour={stop.name}\b"))
    expect(page).to_have_url(re.compile(r"present=1"))
    for name, value in stop.view.items():
        # What is usual on a page is left out of the address; what is there is the stop's.
        said = re.search(rf"[?&]{name}=([^&]*)", page.url)
        assert not said or said.group(1).replace("%2C", ",") == value, page.url
    page.locator(PICTURES[stop.page]).first.wait_for(timeout=PATIENCE)
    expect(page.locator("[data-testid=stException], [data-testid=stAlert]")).to_have_count(0)
    expect(page.locator("[data-testid=stTopNavLink]")).to_have_count(0)


def test_a_speaker_walks_the_tour_by_keyboard(open_page):
    """Requests to other hosts fail the test by themselves: none is made at any stop."""
    page = open_page("/?present=1&tour=squeeze")
    stops = list(STOPS.values())
    at_stop(page, stops[0])
    for stop in stops[1:]:
        page.keyboard.press("PageDown")
        at_stop(page, stop)
    page.keyboard.press("PageUp")
    at_stop(page, stops[-2])
    page.keyboard.press("PageDown")
    at_stop(page, stops[-1])
    page.keyboard.press("PageDown")  # Finish
    expect(title(page)).to_have_count(0, timeout=PATIENCE)
    page.keyboard.press("Escape")
    page.locator("[data-testid=stTopNavLink]").first.wait_for(timeout=PATIENCE)


def settled(page):
    """How the page looks once it is whole and has stayed the same for two seconds."""
    was = None
    while True:
        page.locator(AT_REST).wait_for(timeout=PATIENCE)
        if (now := page.evaluate(LOOK)) == was:
            return now
        was = now
        page.wait_for_timeout(2_000)


def differences(stepped, whole):
    """What a page shows otherwise once it is loaded anew, in words; none where it is alike."""
    if len(stepped) != len(whole):
        names = [[one[0] for one in look] for look in (stepped, whole)]
        return [f"{names[0]} became {names[1]}"]
    return [
        f"{one[0]}: {str(one[1])[:40]}, {one[2]} wide, became {other[0]}: {str(other[1])[:40]}, "
        f"{other[2]} wide"
        for one, other in zip(stepped, whole, strict=True)
        if one[:2] != other[:2] or abs(one[2] - other[2]) > MARK
    ]


def step_to(page, stop):
    stops = list(STOPS.values())
    page.keyboard.press("PageUp")
    at_stop(page, stops[stops.index(stop) - 1])
    page.keyboard.press("PageDown")
    at_stop(page, stop)


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (1920, 1080)])
def test_what_is_stepped_to_is_whole_and_in_view(open_page, width, height):
    """Nothing is cropped that a reload shows whole, and what a stop asks for is on the screen."""
    page = open_page("/?present=1&tour=squeeze", width=width, height=height)
    for stop in STOPS.values():
        at_stop(page, stop)
        for asked in page.locator(ASKED[stop.name]).all():
            expect(asked).to_be_in_viewport(ratio=1, timeout=PATIENCE)
        if stop.name in RELOADED and width == 1400:
            for _ in range(STEPS):
                stepped = settled(page)
                page.reload()
                at_stop(page, stop)
                other = differences(stepped, settled(page))
                if not other:
                    break
                step_to(page, stop)
            else:
                pytest.fail(f"{stop.name}: a reload shows it otherwise: " + "; ".join(other))
        if stop.name != "yours":
            page.keyboard.press("PageDown")
