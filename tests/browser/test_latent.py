"""The page "Latent space" as a whole; what lies under the pointer has live/test_map.py."""

import io

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.drawing.map_charts import DIGIT_COLOURS

MODEL = "vae-2d"
READY = 60_000


def test_the_map_is_there_before_plotly_is(open_page):
    """A picture of the dots stands where the chart will draw them."""
    page, held = open_page("/"), []
    page.route("**/PlotlyChart*.js", lambda route: held.append(route))
    page.goto(f"{page.url.split('?')[0]}latent?model={MODEL}")
    early = page.locator(".aeviz-early")
    early.wait_for(timeout=READY)
    assert held and page.locator('.live[data-ready="1"]').count() == 1
    box = early.bounding_box()
    picture = np.array(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")).astype(int)

    held[0].continue_()
    page.locator('.live[data-chart="1"]').wait_for(timeout=READY)
    assert early.count() == 0
    codes = load_checkpoint(PRETRAINED / f"{MODEL}.safetensors").test_codes
    rows = np.arange(0, len(codes.points), 50)
    points = codes.points[rows].astype(float)
    places = np.array(
        page.evaluate(
            """(points) => {
              const gd = document.querySelector('.st-key-latent_map .js-plotly-plot');
              const area = gd.querySelector('.nsewdrag').getBoundingClientRect();
              const { x, y } = { x: gd.layout.xaxis.range, y: gd.layout.yaxis.range };
              return points.map(([px, py]) => [
                area.left + (px - x[0]) / (x[1] - x[0]) * area.width,
                area.top + (y[1] - py) / (y[1] - y[0]) * area.height]);
            }""",
            points.tolist(),
        )
    ) - [box["x"], box["y"]]
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in DIGIT_COLOURS])
    x, y = places.round().astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < picture.shape[1]) & (y < picture.shape[0])
    assert inside.mean() > 0.9
    drawn = picture[y[inside], x[inside]]
    nearest = np.abs(drawn[:, None] - colours).sum(axis=2).argmin(axis=1)
    # Later dots cover earlier ones, where digits overlap; by chance it would be one in ten.
    assert (nearest == codes.labels[rows][inside]).mean() > 0.6


def test_the_tabs_are_there_once_however_quickly_a_slider_is_moved(open_page):
    """Each step runs the page's fragment; the component may come and go over what it drew."""
    page = open_page("/latent?model=denoising-10&tab=noise&hidden=50")
    live = page.locator(".live[data-ready='1'][data-chart='1']")
    live.wait_for(timeout=60_000)
    share = live.get_by_role("slider", name="Pixels wiped out")
    share.focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    page.wait_for_url("**hidden=**")
    expect(live.get_by_role("tab")).to_have_text(["Pins", "Walk", "Draw", "Noise", "Sliders"])
