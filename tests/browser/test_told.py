"""A model that is told what it draws, in a real browser: the row of kinds, on every page of it."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.data.dataset import scaled
from aeviz.latent.grid import Span, grid_points, manifold_image

MODEL = "cvae-2d"
LIVE = ".live[data-ready='1'][data-chart='1']"
READY = 60_000


@pytest.fixture(scope="module")
def model():
    return load_checkpoint(PRETRAINED / f"{MODEL}.safetensors")


@pytest.fixture
def told(open_page):
    """`told(page, query, **window)` -> (page, the component's element)."""

    def start(name, query="", root=LIVE, **window):
        page = open_page(f"/{name}?model={MODEL}&{query}", **window)
        found = page.locator(root)
        found.wait_for(timeout=READY)
        return page, found

    return start


def ink(canvas):
    """The ink of a picture on a canvas, (values,), in the light theme."""
    address = canvas.evaluate("(canvas) => canvas.toDataURL()").split(",")[1]
    picture = Image.open(io.BytesIO(base64.b64decode(address))).convert("L")
    return 255.0 - np.asarray(picture, float).ravel()


def agree(seen, drawn):
    """Whether ink on a page is that of a picture, 0 to 1: the theme's ink is not all black."""
    return np.corrcoef(seen, drawn)[0, 1] > 0.999


def shown_code(root):
    return np.array([[float(root.get_attribute(f"data-{axis}")) for axis in "xy"]], np.float32)


def is_linked(page, kind):
    page.wait_for_function(f"new URLSearchParams(location.search).get('kind') === '{kind}'")


def test_the_row_shows_the_code_as_every_kind_and_a_press_draws_it_as_that(told, model):
    page, root = told("latent")
    buttons = root.locator(".told .as")
    expect(buttons).to_have_count(10)
    # At first it is what the first test picture shows.
    first = int(model.test_codes.labels[0])
    expect(buttons.nth(first)).to_have_attribute("aria-pressed", "true")
    code = shown_code(root)
    for kind in range(10):
        drawn = model.network.decode(code, np.array([kind]))[0]
        assert agree(ink(buttons.nth(kind).locator("canvas")), drawn)
    buttons.nth(3).click()
    expect(buttons.nth(3)).to_have_attribute("aria-pressed", "true")
    as_three = model.network.decode(code, np.array([3]))[0]
    assert agree(ink(root.locator(".picture")), as_three)
    is_linked(page, 3)
    again, root = told("latent", "kind=3")
    assert agree(ink(root.locator(".picture")), as_three)
    is_linked(again, 3)


def test_the_row_follows_the_pointer(told, model):
    page, root = told("latent", "kind=5")
    box = page.locator(".st-key-latent_map .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.6 * box["height"])
    expect(root.locator(".caption")).to_contain_text("click to pin")
    code, kinds = shown_code(root), root.locator(".told .as canvas")
    for kind in (0, 5, 9):
        drawn = model.network.decode(code, np.array([kind]))[0]
        assert agree(ink(kinds.nth(kind)), drawn)


def test_a_drawing_is_taken_for_what_it_looks_like_and_comes_back_as_all_ten(told, model):
    page, root = told("latent", "tab=draw")
    pad = root.locator(".pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.85 * box["height"], steps=10)
    page.mouse.up()
    expect(root.locator(".nearest")).to_have_text("As a 1 it is redrawn best.")
    expect(root.locator(".told [data-kind='1']")).to_have_attribute("aria-pressed", "true")
    got = ink(root.locator("canvas.input")) / 255
    # The page's ink is not all black.
    picture = (got / got.max()).astype(np.float32)[None]
    code = model.network.encode(picture, np.array([1]))
    np.testing.assert_allclose(shown_code(root), code, atol=0.05)
    for kind in range(10):
        drawn = model.network.decode(shown_code(root), np.array([kind]))[0]
        assert agree(ink(root.locator(".told canvas").nth(kind)), drawn)
    # Whoever knows better says so.
    root.locator(".which select").select_option("7")
    expect(root.locator(".told [data-kind='7']")).to_have_attribute("aria-pressed", "true")


def test_each_kind_has_a_grid_of_its_own(told, model):
    page, root = told("manifold", "n=12&kind=4")
    grid = grid_points(Span(-2, 2, -2, 2), 12).astype(np.float32)

    def is_of(kind):
        drawn = manifold_image(model.network.of_kind(kind), grid, 12, model.shape)
        address = page.locator(".st-key-manifold_map image").first.get_attribute("href")
        seen = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))).convert("L")
        return agree(255.0 - np.asarray(seen, float).ravel(), drawn.ravel())

    assert is_of(4)
    root.locator(".told [data-kind='2']").click()
    is_linked(page, 2)
    page.wait_for_timeout(3_000)
    assert is_of(2)


def test_the_picture_in_hand_is_redrawn_as_another_kind_and_back(told, model):
    page, root = told("meaning", "at=3", ".meaning[data-ready='1'][data-rows]")
    own = int(model.test_codes.labels[3])
    pressed = root.locator(".told [aria-pressed='true']")
    expect(pressed).to_have_attribute("data-kind", str(own))
    code = np.array([[float(x) for x in root.get_attribute("data-code").split()]], np.float32)
    other = (own + 4) % 10
    root.locator(f".told [data-kind='{other}']").click()
    assert agree(ink(root.locator(".picture")), model.network.decode(code, np.array([other]))[0])
    is_linked(page, other)
    root.get_by_role("button", name="Undo").click()
    expect(pressed).to_have_attribute("data-kind", str(own))
    page.wait_for_function("!location.search.includes('kind=')")


def test_on_a_phone_all_ten_fit_side_by_side(told):
    page, root = told("latent", width=390, height=844, phone=True)
    boxes = [one.bounding_box() for one in root.locator(".told .as").all()]
    assert len({round(box["y"]) for box in boxes}) == 1
    assert boxes[0]["x"] >= 0 and boxes[-1]["x"] + boxes[-1]["width"] <= 390
    assert min(box["height"] for box in boxes) >= 44


def test_another_model_has_no_such_row(open_page):
    page = open_page("/latent?model=vae-2d")
    page.locator(LIVE).wait_for(timeout=READY)
    expect(page.locator(".told")).to_be_hidden()


def test_test_digits_are_taken_for_what_they_are(browser, model, mnist):
    """Of 200, by the page's own script, which tries all kinds."""
    from tests.browser.live.test_forward import UI_SCRIPTS, packed_text

    page = browser.new_page()
    for name in UI_SCRIPTS:
        page.add_script_tag(path=name)
    pictures = scaled(mnist.test_images[:200])
    found = page.evaluate(
        """([base64, pictures]) => {
            const model = decodeNetwork(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
            return pictures.map((one) => encodeWith(model, Float32Array.from(one)).kind);
        }""",
        [packed_text(model.network, model.shape, model.test_codes.codes), pictures.tolist()],
    )
    page.close()
    # Of all test digits .92 are: by binary cross-entropy, with or without KL, as many.
    assert np.mean(np.array(found) == mnist.test_labels[:200]) > 0.9
