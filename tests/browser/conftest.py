"""The dashboard in a real Chromium: a server, a browser, pages that report what went wrong.

Chromium is `$AEVIZ_CHROMIUM`, or `/usr/bin/chromium` where that is unset. Where there is none, the
browser tests are left out and the last lines say so; `AEVIZ_BROWSER_TESTS=required` makes that an
error.

Everything here has package scope, not session scope: Playwright keeps an event loop running for as
long as it lives, and tests outside this folder must not find one.
"""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.support.server import ROOT, served

HERE = Path(__file__).resolve().parent
CHROMIUM = Path(os.environ.get("AEVIZ_CHROMIUM") or "/usr/bin/chromium")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# How many browser tests were left out for want of a Chromium.
LEFT_OUT = pytest.StashKey[int]()


# Which tests run


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark this folder's tests `browser`, and leave them out where there is no Chromium."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    if not ours or CHROMIUM.exists():
        return
    if os.environ.get("AEVIZ_BROWSER_TESTS") == "required":
        raise pytest.UsageError(
            f"The browser tests are required, but there is no Chromium at {CHROMIUM}. "
            "Install it, or point AEVIZ_CHROMIUM at one."
        )
    items[:] = [item for item in items if item not in set(ours)]
    config.hook.pytest_deselected(items=ours)
    config.stash[LEFT_OUT] = len(ours)


def pytest_terminal_summary(terminalreporter, config):
    if left_out := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(
            f"{left_out} browser tests left out: there is no Chromium at {CHROMIUM}. "
            "Install it, or point AEVIZ_CHROMIUM at one.",
            yellow=True,
        )


# The server


@pytest.fixture(scope="package")
def run_app(tmp_path_factory):
    """`with run_app(home=None) as server:` starts a dashboard of one's own and ends it.

    For a test that restarts it or must find it untouched; `app_server` is the shared one. `home`
    is a folder to use as AEVIZ_HOME, a new empty one by default.
    """

    def start(home=None):
        home = home or tmp_path_factory.mktemp("served-aeviz-home")
        return served(ROOT / "streamlit_app.py", tmp_path_factory.mktemp("served"), home)

    return start


@pytest.fixture(scope="package")
def app_server(run_app):
    """The dashboard the browser tests share, as an `AppServer`."""
    with run_app() as server:
        yield server


# The browser and its pages


@pytest.fixture(scope="package")
def browser():
    """One headless Chromium for all browser tests (Playwright's sync `Browser`)."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


class PageOpener:
    """Opens pages of the dashboard and collects what a person would not see go wrong.

    errors: console errors, uncaught exceptions and requests to other hosts, one string each. The
    test fails at its end if any are left; one that provokes some checks them and clears the list.
    """

    def __init__(self, browser, server):
        self.browser = browser
        self.server = server
        self.errors = []
        self._contexts = []

    def __call__(self, path="/", *, width=1400, height=860, theme="light", phone=False):
        """Open `path` in a browser that has never been here, and wait for the first full run.

        width, height: the window, in pixels. theme: "light" or "dark", as the system would ask.
        phone: whether there is a finger in place of a pointer. Returns the Playwright `Page`.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            accept_downloads=True,
            has_touch=phone,
            is_mobile=phone,
        )
        self._contexts.append(context)
        # Snapshots of the document only: recording the screen too would slow down the very
        # animations that some tests time.
        context.tracing.start(snapshots=True)
        return self._tab(context, path)

    def another_tab(self, page, path="/"):
        """Open `path` in the browser that shows `page`: the same visitor, come back."""
        return self._tab(page.context, path)

    def _tab(self, context, path):
        page = context.new_page()
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", self._note_request)
        page.goto(f"{self.server.url}/{path.lstrip('/')}")
        page.wait_for_selector(
            '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000
        )
        return page

    def _note_console(self, message):
        where = message.location.get("url", "")
        # On any path but "/", Streamlit looks for its server below that path first.
        looking_for_server = where.endswith(("/_stcore/health", "/_stcore/host-config"))
        if message.type == "error" and not looking_for_server:
            self.errors.append(f"console: {message.text} ({where})")

    def _note_request(self, request):
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            self.errors.append(f"request to another host: {request.url}")

    def keep_evidence(self, folder):
        """Write a screenshot of every open page and a trace of every window into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, context in enumerate(self._contexts):
            for page_number, page in enumerate(context.pages):
                page.screenshot(path=folder / f"window-{number}-page-{page_number}.png")
            context.tracing.stop(path=folder / f"window-{number}-trace.zip")

    def close(self):
        for context in self._contexts:
            context.close()


@contextmanager
def opener_of(browser, server):
    """A `PageOpener`; fails at the end if the browser has reported anything."""
    opener = PageOpener(browser, server)
    yield opener
    opener.close()
    assert not opener.errors, "the browser reported:\n" + "\n".join(opener.errors)


@pytest.fixture
def open_page(browser, app_server):
    """`open_page(path="/", *, width=1400, height=860, theme="light")`: see `PageOpener`."""
    with opener_of(browser, app_server) as opener:
        yield opener


@pytest.fixture
def check_accessibility():
    """`check_accessibility(page)` fails if axe-core finds anything serious or critical on it."""

    def check(page):
        violations = Axe().run(page).response["violations"]
        grave = [found for found in violations if found["impact"] in ("serious", "critical")]
        assert not grave, f"axe-core on {page.url}:\n" + "\n".join(map(_describe_violation, grave))

    return check


def _describe_violation(violation):
    lines = [f"{violation['impact']}: {violation['help']} ({violation['id']})"]
    for node in violation["nodes"]:
        lines.append(f"  {' '.join(map(str, node['target']))}")
        lines.append(f"    {node['html'][:200]}")
        lines += [f"    {line.strip()}" for line in node["failureSummary"].splitlines()[1:]]
    return "\n".join(lines)


# What is kept of a failure


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and item.path.is_relative_to(HERE):
        fixtures = getattr(item, "funcargs", {})
        if server := fixtures.get("app_server"):
            report.sections.append(("dashboard's log", server.log_tail()))
        if report.when == "call" and (opener := fixtures.get("open_page")):
            if opener.errors:
                report.sections.append(("browser's errors", "\n".join(opener.errors)))
                opener.errors.clear()  # or the test would be reported a second time, at its end
            folder = Path(tempfile.mkdtemp(prefix=f"aeviz-{item.originalname}-"))
            try:
                opener.keep_evidence(folder)
                report.sections.append(("screenshots and traces", str(folder)))
            except Exception as error:  # a crashed browser must not hide the failure itself
                report.sections.append(("screenshots and traces", f"none: {error}"))
    return report
