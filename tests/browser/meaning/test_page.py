"""The page "Meaning" in a real browser: rows under the pointer, sliders, drawing, links, phone."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.support.meaning_page import READY, at, code, pull


def strip(root, number):
    """The strip of a number of the code, counted from 1."""
    return root.locator(f".row[data-number='{number - 1}'] .strip")


def spread_of(model, number):
    return float(model.test_codes.codes.astype(np.float32).std(axis=0)[number - 1])


def test_the_pointer_along_a_row_draws_that_value_and_a_press_keeps_it(meaning, model):
    page, root = meaning("at=3")
    begin = code(root)
    np.testing.assert_allclose(begin, model.test_codes.codes[3], atol=1e-3)
    row = strip(root, 4)
    box = row.bounding_box()
    # The middle of the first picture is one end of the row, that of the last one the other.
    for share, move in ((0.5 / 7, -2.0), (6.5 / 7, 2.0), (0.5, 0.0)):
        page.mouse.move(*at(box, share))
        expect(root.locator(".caption")).to_contain_text("press to keep it")
        there = code(root) - begin
        expected = move * spread_of(model, 4)
        assert there[3] == pytest.approx(expected, abs=0.02 * spread_of(model, 4) + 0.02)
        assert np.abs(np.delete(there, 3)).max() < 1e-3
    page.mouse.move(5, 5)
    np.testing.assert_allclose(code(root), begin, atol=1e-3)
    page.mouse.click(*at(box, 6.5 / 7))
    page.mouse.move(5, 5)
    kept = code(root)
    assert kept[3] - begin[3] == pytest.approx(2 * spread_of(model, 4), rel=0.02)
    page.wait_for_function("new URLSearchParams(location.search).get('move') === '4:2'")
    row.focus()
    page.keyboard.press("ArrowLeft")
    assert code(root)[3] - kept[3] == pytest.approx(-0.25 * spread_of(model, 4), rel=0.02)
    page.keyboard.press("Escape")
    np.testing.assert_allclose(code(root), begin, atol=1e-3)


def test_sliders_add_up_and_can_be_undone_and_reset(meaning):
    page, root = meaning()
    begin = code(root)
    pull(root, "slant", -1)
    one = code(root) - begin
    pull(root, "thickness", 1.5)
    both = code(root) - begin
    pull(root, "slant", 0)
    np.testing.assert_allclose(both, one + (code(root) - begin), atol=2e-3)
    root.get_by_role("button", name="Undo").click()
    np.testing.assert_allclose(code(root) - begin, both, atol=1e-3)
    root.get_by_role("button", name="Reset Thickness").click()
    np.testing.assert_allclose(code(root) - begin, one, atol=1e-3)
    root.get_by_role("button", name="Reset all").click()
    np.testing.assert_allclose(code(root), begin, atol=1e-3)
    expect(root.get_by_role("button", name="Reset all")).to_be_disabled()
    page.wait_for_function("!location.search.includes('pull')")


def test_a_pulled_picture_is_reopened_from_its_link(meaning, open_page):
    page, root = meaning("at=7")
    pull(root, "slant", -1.5)
    pull(root, "ink", 0.5)
    wanted = "new URLSearchParams(location.search).get('pull') === 'slant:-1.5,ink:0.5'"
    page.wait_for_function(wanted)
    again = open_page(page.url.removeprefix(page.url.split("/meaning")[0]))
    other = again.locator(READY)
    other.wait_for(timeout=60_000)
    assert other.get_attribute("data-picture") == root.get_attribute("data-picture")
    np.testing.assert_allclose(code(other), code(root), atol=1e-3)


def test_while_a_slider_moves_the_server_is_asked_nothing(meaning):
    page, root = meaning()
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    slider = root.locator("[data-pull='slant']")
    box = slider.bounding_box()
    before = root.get_attribute("data-picture")
    page.mouse.move(*at(box, 0.5))
    page.mouse.down()
    seen = set()
    for share in (0.4, 0.45, 0.5, 0.55, 0.6):
        page.mouse.move(*at(box, share))
        page.wait_for_timeout(400)  # longer than a change waits to be told
        seen.add(root.get_attribute("data-picture"))
    assert len(seen) >= 4 and "pull=" not in page.url and not sent
    page.mouse.up()
    page.wait_for_function("location.search.includes('pull=')")
    assert root.get_attribute("data-picture") != before


def test_make_this_seven_bolder_and_upright(meaning, model):
    """By the buttons alone, as a newcomer would; measured on what is drawn."""
    from aeviz.data.picture_shape import PictureShape
    from aeviz.latent.attributes import ATTRIBUTES, measured

    def of(name, codes):
        drawn = model.network.decode(codes.astype(np.float32))
        return measured(ATTRIBUTES[name], drawn, PictureShape(28))

    def seen(name):
        return of(name, code(root)[None])[0]

    sevens = np.nonzero(model.test_codes.labels == 7)[0][:200]
    row = sevens[of("slant", model.test_codes.codes[sevens]).argmax()]
    _, root = meaning(f"at={row}")
    slant = seen("slant")
    assert slant > 0.3
    root.get_by_role("button", name="Straighten it").click()
    assert abs(seen("slant")) < 0.6 * slant
    thickness = seen("thickness")
    root.get_by_role("button", name="Bolder").click()
    assert seen("thickness") > thickness + 0.3
    expect(root.locator(".caption")).to_contain_text("nearest digits: 7")


def test_a_drawing_is_taken_in_hand_and_pulled(meaning):
    page, root = meaning()
    before = code(root)
    root.get_by_role("button", name="Draw one").click()
    pad = root.locator(".pad")
    box = pad.bounding_box()
    page.mouse.move(*at(box, 0.5))
    page.mouse.move(box["x"] + 110, box["y"] + 30)
    page.mouse.down()
    for y in range(40, 190, 10):
        page.mouse.move(box["x"] + 110, box["y"] + y)
    page.mouse.up()
    expect(root.locator(".caption")).to_contain_text(re.compile("Your picture"))
    drawn = code(root)
    assert np.abs(drawn - before).max() > 0.1
    pull(root, "thickness", 1)
    assert np.abs(code(root) - drawn).max() > 0.01
    page.wait_for_function("location.search.includes('at=%3D')")


def test_a_slider_let_go_where_it_began_leaves_no_trace(meaning):
    page, root = meaning("at=5")
    slider = root.locator("[data-pull='slant']")
    box = slider.bounding_box()
    page.mouse.move(*at(box, 0.5))
    page.mouse.down()
    page.mouse.move(*at(box, 0.7))
    page.mouse.move(*at(box, 0.5))
    page.mouse.up()
    root.get_by_role("button", name="Mean of all").click()
    mean = code(root)
    pull(root, "thickness", 1)
    expect(root.locator(".caption")).to_contain_text("The mean of all codes")
    root.get_by_role("button", name="Reset Thickness").click()
    np.testing.assert_allclose(code(root), mean, atol=1e-3)


def test_presenting_keeps_the_picture_in_hand(meaning):
    page, root = meaning("at=7")
    pull(root, "thickness", 1.5)
    page.wait_for_function("location.search.includes('pull=')")
    before = root.get_attribute("data-picture")
    page.get_by_role("button", name="Present").click()
    page.wait_for_function("location.search.includes('present=1')", timeout=20_000)
    page.wait_for_timeout(3_000)
    expect(root).to_have_attribute("data-picture", before)
    expect(root.locator("[data-pull='thickness']")).to_have_value("1.5")


def test_the_pad_goes_with_its_model(meaning):
    page, root = meaning()
    root.get_by_role("button", name="Draw one").click()
    root.get_by_role("button", name="Draw an example").click()
    page.get_by_role("combobox", name="Model").click()
    page.keyboard.type("16 numbers")
    page.keyboard.press("Enter")
    expect(root).to_have_attribute("data-model", re.compile("^sweep-16"), timeout=30_000)
    expect(root.locator(".pad")).to_have_count(0)
    root.get_by_role("button", name="Draw one").click()
    expect(root.get_by_role("button", name="Clear")).to_be_disabled()


def test_what_is_straight_is_said_alike_here_and_there(meaning, model):
    """The slant that "Straighten it" goes by, measured by the page's own script and by NumPy."""
    from aeviz.data.picture_shape import PictureShape
    from aeviz.latent.attributes import ATTRIBUTES, measured
    from aeviz.ui.shell.component import read

    script = read("meaning/pulls.js")
    start = script.index("function slantOf(")
    function = script[start : script.index("\n}\n", start) + 2]
    page, _ = meaning()
    drawn = model.network.decode(model.test_codes.codes[:40].astype(np.float32))
    told = page.evaluate(
        f"(rows) => {{ {function}; return rows.map((r) => slantOf(r, 28)); }}", drawn.tolist()
    )
    here = measured(ATTRIBUTES["slant"], drawn, PictureShape(28))
    np.testing.assert_allclose(told, here, atol=1e-5)


def test_what_cannot_be_trusted_is_said_and_folded_away(meaning):
    _, root = meaning("model=vae-2d")
    expect(root.locator(".doubtful summary")).to_contain_text("No direction in this code")
    expect(root.locator(".good [data-pull]")).to_have_count(0)
    expect(root.get_by_role("button", name="Bolder")).to_have_count(0)


def test_numbers_given_up_are_folded_away_and_explained(meaning):
    _, root = meaning("model=shapes-colour-vae")
    folded = root.locator("details.more", has_text="given up")
    folded.locator("summary").click()
    expect(folded).to_contain_text("posterior collapse")
    expect(folded.locator(".strip").first).to_be_visible()
    expect(root.locator(".row small").first).to_have_text(re.compile(r"^\d\.\d\d nats$"))


def test_the_words_on_trust_open_beside_their_slider(meaning):
    _, root = meaning()
    about = root.locator(".pull", has_text="Slant").locator(".about")
    expect(about).to_be_hidden()
    root.get_by_role("button", name="How far to trust Slant").click()
    expect(about).to_contain_text("rank correlation")


def test_on_a_phone_picture_and_row_are_seen_together(meaning):
    page, root = meaning(width=390, height=844, phone=True)
    last = root.locator(".row").last
    last.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    picture, row = root.locator(".picture").bounding_box(), last.bounding_box()
    assert picture["y"] >= 50 and picture["y"] + picture["height"] < row["y"] < 844


def test_another_model_is_taken_in_hand(meaning):
    page, root = meaning()
    pull(root, "slant", 1)
    page.get_by_role("combobox", name="Model").click()
    page.keyboard.type("16 numbers")
    page.keyboard.press("Enter")
    expect(root).to_have_attribute("data-model", re.compile("^sweep-16"), timeout=30_000)
    assert len(code(root)) == 16
    expect(root.locator(".row")).to_have_count(16)
