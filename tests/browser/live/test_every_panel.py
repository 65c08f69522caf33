"""What holds for Walk, Draw, Noise and Sliders alike."""

import pytest

from tests.support.live_panels import STROKES, calls, draw, linear_model, next_frames, pins_of

PANELS = ("Walk", "Draw", "Noise", "Sliders")


@pytest.mark.parametrize("name", PANELS)
def test_a_hidden_panel_is_still_and_leaves_no_marks(open_panel, small_digits, name):
    model = linear_model(*small_digits, 2, variational=True)
    page = open_panel(name, model, {"pins": None, "gif": None})
    if name == "Walk":
        page.get_by_role("button", name="Play").click()
    if name == "Draw":
        draw(page, STROKES["1"])
    page.evaluate("panel.hide?.()")
    next_frames(page, 3)
    shown = len(calls(page)["shown"])
    page.evaluate("panel.update?.({}); panel.update?.(undefined)")
    next_frames(page, 10)
    assert len(calls(page)["shown"]) == shown
    assert not calls(page)["marks"].get(name.lower())
    page.evaluate("panel.show?.()")
    page.evaluate("panel.end?.(); finish()")
    assert len(calls(page)["shown"]) == shown + 1


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("width", [340, 420, 640])
def test_nothing_sticks_out(open_panel, small_digits, name, width):
    model = linear_model(*small_digits, 64, variational=True)
    page = open_panel(name, model, {"pins": pins_of(model, 1, 2)})
    page.set_viewport_size({"width": width + 40, "height": 900})
    page.evaluate("(width) => (document.body.style.width = `${width}px`)", width)
    if name == "Draw":
        draw(page, STROKES["0"])
        page.get_by_role("button", name="Resample").click()
    if name == "Walk":
        page.get_by_role("combobox", name="Walk").select_option("line")
    sticking = page.evaluate(
        """(width) => [...document.querySelectorAll("#host *")].filter((e) => {
            const box = e.getBoundingClientRect();
            return box.width && (box.left < 15 || box.right > 17 + width);
        }).map((e) => e.outerHTML.slice(0, 80))""",
        width,
    )
    assert not sticking


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PANELS)
def test_accessibility(open_panel, check_accessibility, small_digits, name, theme):
    model = linear_model(*small_digits, 10, variational=True)
    page = open_panel(name, model, {"pins": pins_of(model, 1, 2)}, theme=theme)
    if name == "Draw":
        draw(page, STROKES["0"])
        page.get_by_role("button", name="Resample").click()
    check_accessibility(page)
