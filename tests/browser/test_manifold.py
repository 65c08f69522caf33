"""The page "Manifold" in a real browser: pointer, click, zoom, files, light and dark."""

import csv
import io

import numpy as np
import pytest
from PIL import Image

from aeviz.checkpoints import PRETRAINED, load_checkpoint

MAP = ".st-key-manifold_map"


@pytest.fixture(scope="module")
def model():
    return load_checkpoint(PRETRAINED / "vae-2d.safetensors")


@pytest.fixture
def open_grid(open_page):
    """`open_grid(query="", **window)` -> (page, the decoder's element), ready for the pointer."""

    def start(query="", **window):
        page = open_page(f"/manifold?{query}", **window)
        live = page.locator(".live[data-ready='1'][data-chart='1']")
        live.wait_for(timeout=60_000)
        return page, live

    return start


def plot_box(page):
    return page.locator(f"{MAP} .nsewdrag").bounding_box()


def place(page, across, down):
    """A share of the plot area -> pixels of the window."""
    box = plot_box(page)
    return box["x"] + round(across * box["width"]), box["y"] + round(down * box["height"])


def ranges(page):
    layout = f"document.querySelector('{MAP} .js-plotly-plot').layout"
    return page.evaluate(f"[...{layout}.xaxis.range, ...{layout}.yaxis.range]")


def source(page):
    return page.locator(f"{MAP} image").get_attribute("href")


def picture(page, live):
    """The large picture, (784,) from 0 for paper to 1 for ink, and the place it is of."""
    page.wait_for_timeout(120)
    values = live.locator(".picture").evaluate(
        """(canvas) => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, 28, 28);
            return [...data].filter((_, i) => i % 4 === 0).map((v) => (255 - v) / (255 - 0x15));
        }"""
    )
    return np.array(values), [float(live.get_attribute(f"data-{axis}")) for axis in "xy"]


def wait_for_picture(page, *, but=None, like=None, timeout=10_000):
    """Until the grid is another picture than `but`, or `like` this one."""
    page.wait_for_function(
        """([map, but, like]) => {
            const now = document.querySelector(`${map} image`)?.getAttribute("href");
            return now && now !== but && (!like || now === like);
        }""",
        arg=[MAP, but, like],
        timeout=timeout,
    )


def drag(page, start, end):
    page.mouse.move(*place(page, *start))
    end = place(page, *end)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def test_hover_click_zoom_and_back(open_grid, model):
    page, live = open_grid("range=published")
    box = plot_box(page)
    assert box["width"] == pytest.approx(box["height"], abs=1) and box["width"] > 500
    whole, edge = source(page), 2 + 2 / 29
    assert ranges(page) == pytest.approx([-edge, edge] * 2)

    seen = []
    for across, down in ((0.2, 0.7), (0.61, 0.33)):
        page.mouse.move(*place(page, across, down))
        ink, point = picture(page, live)
        assert point == pytest.approx([edge * (2 * across - 1), edge * (1 - 2 * down)], abs=0.02)
        drawn = model.autoencoder.decode(np.array([point], dtype=np.float32))[0]
        np.testing.assert_allclose(ink, drawn, atol=3 / 255)
        seen.append(ink)
    assert np.abs(seen[0] - seen[1]).max() > 0.3

    page.mouse.click(*place(page, 0.61, 0.33))
    live.locator(".card").wait_for()
    assert not live.locator(".card").get_by_text("a real").count()  # no dots, none is meant
    page.wait_for_url("**pins=**")
    assert source(page) == whole

    page.wait_for_timeout(400)  # or Plotly takes the next press for half of a double click
    drag(page, (0.5, 0.5), (0.75, 0.75))
    page.wait_for_url("**view=**")
    wait_for_picture(page, but=whole)
    assert ranges(page) == pytest.approx([0, edge / 2, -edge / 2, 0], abs=0.03)
    page.wait_for_timeout(300)
    zoomed = page.locator(f"{MAP} image").bounding_box()
    assert zoomed == pytest.approx(plot_box(page), abs=1.5)  # the new grid fills the rectangle
    page.mouse.move(*place(page, 0.5, 0.5))
    assert picture(page, live)[1] == pytest.approx([edge / 4, -edge / 4], abs=0.03)

    page.get_by_role("link", name="Open in Latent space").click()
    page.get_by_role("heading", name="Latent space").wait_for()
    page.locator(".live[data-ready='1'] .card").wait_for()
    assert "model=vae-2d" in page.url and "pins=" in page.url
    page.get_by_role("link", name="Manifold").click()
    page.wait_for_url("**/manifold?**view=**")
    live.wait_for()
    page.wait_for_timeout(500)
    assert ranges(page) == pytest.approx([0, edge / 2, -edge / 2, 0], abs=0.03)

    page.mouse.dblclick(*place(page, 0.3, 0.3))
    page.wait_for_function("!location.search.includes('view=')")
    wait_for_picture(page, like=whole)
    assert ranges(page) == pytest.approx([-edge, edge] * 2)
    assert live.locator(".card").count() == 1

    drag(page, (0.1, 0.1), (0.4, 0.4))
    wait_for_picture(page, but=whole)
    page.get_by_role("button", name="Whole range").click()
    page.wait_for_function("!location.search.includes('view=')")
    page.wait_for_timeout(500)
    assert ranges(page) == pytest.approx([-edge, edge] * 2)


def test_keys_and_the_number_of_cells(open_grid):
    page, live = open_grid("range=published")
    page.get_by_role("application", name="Map of codes").focus()
    before = picture(page, live)[1]
    page.keyboard.press("Shift+ArrowLeft")
    assert picture(page, live)[1][0] < before[0] - 0.3
    page.keyboard.press("Enter")
    live.locator(".card").wait_for()
    whole = source(page)
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    wait_for_picture(page, but=whole, timeout=1_000)
    page.wait_for_url("**n=31**")


def test_files_at_full_resolution(open_grid, model):
    page, _ = open_grid("n=40&range=published")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Picture (PNG)").click()
    image = Image.open(caught.value.path())
    assert image.format == "PNG" and image.size == (40 * 28, 40 * 28)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Codes (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(caught.value.path().read_text())))
    assert len(rows) == 1600 and rows[0]["x"] == "-2.0" and rows[0]["y"] == "2.0"
    code = [[float(rows[-1][f"number_{i}"]) for i in (1, 2)]]
    drawn = 1 - model.autoencoder.decode(np.array(code, np.float32)).reshape(28, 28)
    corner = np.asarray(image.convert("L"))[-28:, -28:]
    assert np.corrcoef(corner.ravel(), drawn.ravel())[0, 1] > 0.999


def test_light_and_dark(open_grid, check_accessibility):
    page, live = open_grid("over=dots,tint,dim&pins=0.5,0.5&n=12")
    live.locator(".card").wait_for()
    page.wait_for_timeout(500)
    check_accessibility(page)
    light = source(page)
    page.emulate_media(color_scheme="dark")
    wait_for_picture(page, but=light)
    page.wait_for_timeout(800)
    check_accessibility(page)
