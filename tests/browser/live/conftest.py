"""Blank pages with the panels of the live decoder; a small app with the whole of it."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.browser.conftest import opener_of
from tests.support.live_map import APP, ready
from tests.support.live_panels import PAGE, SCRIPTS, SHEETS, STAND_IN, UI, linear_model
from tests.support.server import served


@pytest.fixture(scope="module")
def small_digits():
    """scikit-learn's digits: (300, 64) uint8 and their labels."""
    images, labels = load_digits(return_X_y=True)
    return (images[:300] * 255 / 16).astype(np.uint8), labels[:300].astype(np.uint8)


@pytest.fixture(scope="module")
def mnist_model(mnist):
    """PCA with ten numbers of 600 MNIST test pictures, and those pictures."""
    images = mnist.test_images[:600].reshape(600, -1)
    return linear_model(images, mnist.test_labels[:600], 10, sent=50), images


@pytest.fixture
def blank_page(browser):
    """`blank_page(**context)` -> a page with the panels' functions; fails on any script error."""
    contexts, errors = [], []

    def start(**options):
        context = browser.new_context(viewport={"width": 460, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.set_content(PAGE)
        for sheet in SHEETS:
            page.add_style_tag(path=UI / sheet)
        page.add_script_tag(content="\n".join((UI / f"{n}.js").read_text() for n in SCRIPTS))
        page.add_script_tag(content=STAND_IN)
        return page

    yield start
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def open_panel(blank_page):
    """`open_panel("Draw", model, data={}, **context)` -> the page with that panel shown."""

    def start(name, model, data=None, theme="light", **options):
        page = blank_page(**options)
        page.evaluate("(theme) => (document.body.className = theme)", theme)
        # As text: Playwright takes its time over each number of a list.
        page.evaluate("(model) => standIn(JSON.parse(model))", json.dumps(model))
        page.evaluate(
            f"""(data) => {{
                window.panel = mount{name}(document.getElementById("host"), live);
                panel.update?.(data);
                panel.show?.();
            }}""",
            data or {},
        )
        return page

    return start


@pytest.fixture(scope="package")
def live_server(tmp_path_factory):
    """The small app of tests/support/live_map.py, served."""
    folder = tmp_path_factory.mktemp("live-app")
    script = folder / "app.py"
    script.write_text(APP)
    with served(script, folder) as server:
        yield server


@pytest.fixture
def open_map(browser, live_server):
    """`open_map(query="", **window)` -> (page, the component's element), ready for the pointer."""
    with opener_of(browser, live_server) as opener:

        def start(query="", **window):
            page = opener(f"/map?{query}", **window)
            return page, ready(page)

        yield start
