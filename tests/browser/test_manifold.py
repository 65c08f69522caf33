"""The page "Manifold" in a real browser: pointer, click, zoom, files, light and dark."""

import csv
import io
import shutil
from statistics import NormalDist

import numpy as np
import pytest
from PIL import Image

from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.data.picture_shape import PictureShape
from aeviz.latent.frames import frame_picture
from aeviz.ui.manifold.film import film_of
from tests.browser.conftest import PageOpener
from tests.support.layout import assert_apart
from tests.support.server import ROOT

MAP = ".st-key-manifold_map"
VIEW_IN_ADDRESS = "new URLSearchParams(location.search).get('view')"


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
    closer = source(page)
    page.wait_for_timeout(600)
    # Pressed before the zoom has come to rest, the button is meant after it all the same.
    drag(page, (0.3, 0.3), (0.6, 0.6))
    page.get_by_role("button", name="Whole range").click()
    wait_for_picture(page, like=whole)
    page.wait_for_timeout(1_000)
    assert source(page) == whole != closer and "view=" not in page.url
    assert ranges(page) == pytest.approx([-edge, edge] * 2)


def test_equal_shares_of_a_gaussian(open_grid, model):
    page, live = open_grid("range=gaussian&n=12")
    assert ranges(page) == pytest.approx([0, 1, 0, 1])
    normal = NormalDist()
    for across, down in ((0.1, 0.7), (0.61, 0.03)):
        page.mouse.move(*place(page, across, down))
        ink, point = picture(page, live)
        assert point == pytest.approx([normal.inv_cdf(across), normal.inv_cdf(1 - down)], abs=0.03)
        drawn = model.autoencoder.decode(np.array([point], dtype=np.float32))[0]
        np.testing.assert_allclose(ink, drawn, atol=3 / 255)
    page.wait_for_timeout(400)
    drag(page, (0.5, 0.5), (0.75, 0.75))
    page.wait_for_url("**view=**")
    page.wait_for_timeout(800)
    assert ranges(page) == pytest.approx([0.5, 0.75, 0.25, 0.5], abs=0.01)
    view = [float(end) for end in page.evaluate(VIEW_IN_ADDRESS).split(",")]
    wanted = [normal.inv_cdf(share) for share in (0.5, 0.75, 0.25, 0.5)]
    assert view == pytest.approx(wanted, abs=0.03)

    script = (ROOT / "aeviz" / "ui" / "live" / "normal.js").read_text()
    values = [x / 50 for x in range(-250, 251)]
    shares = [normal.cdf(value) for value in values]
    asked = f"([x, p]) => {{ {script}; return [x.map(normalShare), p.map(normalPlace)]; }}"
    computed = page.evaluate(asked, [values, shares])
    np.testing.assert_allclose(computed[0], shares, atol=1e-9)
    np.testing.assert_allclose(computed[1], [normal.inv_cdf(p) for p in shares], atol=1e-12)


def test_two_models_under_one_pointer(open_page):
    page = open_page("/manifold?show=pair&beside=karpathy-2d&range=published&n=12")
    for which in (1, 2):
        chart = f".st-key-manifold_map_{which} .nsewdrag"
        page.locator(chart).wait_for(timeout=60_000)
    lives = page.locator(".live[data-ready='1'][data-chart='1']")
    lives.nth(1).wait_for(timeout=60_000)
    box = page.locator(".st-key-manifold_map_1 .nsewdrag").bounding_box()
    other = page.locator(".st-key-manifold_map_2 .nsewdrag").bounding_box()
    assert box["width"] == pytest.approx(other["width"], abs=1)
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_timeout(150)
    edge = 2 + 2 / 11
    for axis, wanted in (("x", edge * (2 * 0.3 - 1)), ("y", edge * (1 - 2 * 0.4))):
        there = [float(lives.nth(i).get_attribute(f"data-{axis}")) for i in (0, 1)]
        assert there[0] == there[1] == pytest.approx(wanted, abs=0.02)
    first, second = (lives.nth(i).get_attribute("data-picture") for i in (0, 1))
    assert first != second
    page.mouse.move(other["x"] + 0.5 * other["width"], other["y"] + 0.5 * other["height"])
    page.mouse.down()
    page.mouse.move(other["x"] + other["width"] - 2, other["y"] + 2, steps=5)
    page.mouse.up()
    page.wait_for_url("**view=**")
    page.wait_for_timeout(1_000)
    for which in (1, 2):
        layout = f"document.querySelector('.st-key-manifold_map_{which} .js-plotly-plot').layout"
        shown = page.evaluate(f"[...{layout}.xaxis.range, ...{layout}.yaxis.range]")
        assert shown == pytest.approx([0, edge, 0, edge], abs=0.05)


# --- the film ------------------------------------------------------------------------------------

OLD = ROOT / "tests" / "unit" / "checkpoints" / "format-2.safetensors"
# The picture's ink as the browser shows it, one value for each of its 128 x 128 pixels.
INK = """(canvas) => {
    const ratio = devicePixelRatio, [left, top] = [44 * ratio, 6 * ratio];
    const side = canvas.width - left - 14 * ratio, each = Math.round(side / 128);
    const { data } = canvas.getContext("2d").getImageData(left, top, 128 * each, 128 * each);
    const ink = [];
    for (let y = 0; y < 128; y++)
        for (let x = 0; x < 128; x++)
            ink.push(255 * (255 - data[4 * ((y * each + (each >> 1)) * 128 * each
                + x * each + (each >> 1))]) / (255 - 0x15));
    return ink;
}"""


@pytest.fixture(scope="module")
def film_server(run_app, tmp_path_factory):
    home = tmp_path_factory.mktemp("home-with-a-film")
    shutil.copy(OLD, home / "film.safetensors")
    with run_app(home) as server:
        yield server


@pytest.mark.alone
def test_the_film(browser, film_server):
    film = film_of(load_checkpoint(OLD))
    opener = PageOpener(browser, film_server)
    page = opener("/manifold?model=film&show=film")
    shown = page.locator(".mosaic[data-drawn='1']")
    shown.wait_for(timeout=60_000)
    slider = page.get_by_role("slider", name="Moment of training")
    # It stands on its last moment.
    assert shown.get_attribute("data-frame") == "5"
    assert page.get_by_text("step 5 of 5", exact=True).is_visible()
    # What the page itself sends as it opens, and sends again where that was lost (history.js).
    page.wait_for_timeout(3_000)
    page.evaluate(
        """() => {
            window.runs = 0;
            const app = document.querySelector("[data-testid=stApp]");
            new MutationObserver(() => (window.runs += 1)).observe(app,
                { attributes: true, attributeFilter: ["data-test-script-state"] });
        }"""
    )
    slider.focus()
    for press, frame in (("Home", 0), ("ArrowRight", 1), ("End", 5)):
        page.keyboard.down(press)
        assert shown.get_attribute("data-frame") == str(frame)
        ink = np.array(shown.locator(".grid").evaluate(INK)).reshape(128, 128)
        np.testing.assert_allclose(
            ink, frame_picture(film.pictures[frame], PictureShape(128)), atol=4
        )
        covered = [float(end) for end in shown.get_attribute("data-drawn-range").split()]
        assert covered == pytest.approx(film.drawn[frame])
    # Only where the viewer lets go is a moment told, for the address: this one it has already.
    page.keyboard.up("End")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1_500)
    assert 0 < int(shown.get_attribute("data-frame")) < 5
    page.locator(".mosaic[data-fps]").wait_for(timeout=20_000)
    assert shown.get_attribute("data-frame") == "5"
    assert float(shown.get_attribute("data-fps")) >= 30
    assert page.evaluate("window.runs") == 0  # all of it without the server
    with page.expect_download() as caught:
        page.get_by_role("button", name="Film (GIF)").click()
    with Image.open(caught.value.path()) as image:
        assert image.format == "GIF" and image.n_frames == 6
    opener.close()
    assert not opener.errors, "the browser reported:\n" + "\n".join(opener.errors)


@pytest.mark.parametrize("width", [768, 1024, 2560])
def test_nothing_of_the_film_sticks_out(browser, film_server, check_accessibility, width):
    opener = PageOpener(browser, film_server)
    theme = "dark" if width == 1024 else "light"
    page = opener("/manifold?model=film&show=film", width=width, height=900, theme=theme)
    page.locator(".mosaic[data-drawn='1']").wait_for(timeout=60_000)
    parts = "canvas, figcaption, .sentences, .play, .scrubber, .step, .speed"
    assert_apart(page.locator(".mosaic"), parts)
    if width < 2000:
        check_accessibility(page)
    opener.close()


@pytest.mark.alone
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
