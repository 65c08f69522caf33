"""`python -m tests.support.readme_pictures` makes the README's pictures anew, in `.readme/`.

The film is what the project's own exporter writes, the others are the pages in headless Chromium.
Made as on a computer without MNIST, whose pixels are not the project's to hand on: all that is seen
are drawings of trained networks, and the digits that come with scikit-learn.
"""

from __future__ import annotations

import io
import os
import tempfile

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from aeviz.checkpoints.store import find_checkpoint, load_checkpoint
from aeviz.ui.manifold.film import film_of, mosaic_gif
from tests.benchmarks.served import server
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGS
from tests.support.server import ROOT

FOLDER = ROOT / ".readme"
FILM_OF = "vae-2d"
# Wide enough for a page as a desk sees it; README shows it at half that.
VIEW = {"width": 1400, "height": 860}
# Name of the file -> address of the view.
PAGES = {
    "learn": "/?recipe=karpathy-2d&data=digits&model=digits-karpathy-2d",
    "latent": "/latent?model=vae-2d&pins=-1.2,0.8;1.1,-0.4",
    "manifold": "/manifold?model=vae-2d",
    "meaning": "/meaning?model=sweep-10&pull=thickness:1",
    "compression": "/compression?rows=sweep-2,sweep-10",
}
# Until the film has run and the map is drawn, in milliseconds.
SETTLED = 9_000


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    film = film_of(load_checkpoint(find_checkpoint(FILM_OF)))
    (FOLDER / "manifold.gif").write_bytes(mosaic_gif(film))
    with tempfile.TemporaryDirectory() as empty:
        os.environ["AEVIZ_DATA_DIR"] = empty
        with server(ROOT / "streamlit_app.py") as (url, _, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGS)
            for name, view in PAGES.items():
                _picture(browser, url + view, name)
            browser.close()
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB")


def _picture(browser: Browser, address: str, name: str) -> None:
    page = browser.new_page(viewport=VIEW)
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for(timeout=60_000)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    page.wait_for_timeout(SETTLED)
    shot = page.screenshot()
    page.close()
    # In all its colours: a palette of the most frequent ones loses those of a map's few dots.
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
