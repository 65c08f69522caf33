"""Many visitors at once, and very many one after another: parts of `tests.benchmarks.robustness`.

A dashboard of its own with an empty user folder, a headless Chromium, and people who look round,
hover, click and train. What counts: no error on any page, no run lost, memory that stays flat.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.store import list_checkpoints, load_checkpoint, save_checkpoint
from aeviz.checkpoints.view_bytes import VIEW_BYTES
from tests.benchmarks.served import memory_mb, server
from tests.browser.conftest import CHROMIUM, CHROMIUM_ARGS
from tests.support.largest_model import largest_model
from tests.support.server import ROOT

PAGES = ("", "latent", "manifold", "meaning", "compression", "models")
VIEW = {"width": 1280, "height": 800}
VISITORS, TRAINERS, SECONDS = 10, 2, 300.0
# A run of some seconds, so that many are started while everybody else looks on, and that no page is
# so slow that it never shows it.
STEPS = 6_000
VIEWS = 1_000
# Of the server, after the first views have filled its caches: what a thousand more may add. One
# visitor's session that is not let go of is some megabytes, so a leak would show many times this.
MOST_GROWTH_MB = 100
WARM_VIEWS = 100
# A page that has not come by then is a page that does not come.
PATIENCE = 60_000

# A model in the user's folder, and what opens its views. Pages that answer the pointer hand its
# whole network to the browser.
LARGEST = "largest"
LARGEST_ON = {
    "": "&recipe=karpathy-2d&data=mnist",
    "latent": "",
    "manifold": "&show=film",
    "meaning": "",
    "compression": f"&rows={LARGEST}",
    "models": "",
}
ANSWERS = "latent"
# Pages that the other visitor opens before anybody looks at it, after the first ones of a server.
WARM, ALONE = 4, 8

# What ends a run that trains, and one that waits in line.
_UNDER_WAY = re.compile("^(Stop|Leave the line)$")
_WRONG = """
() => [...document.querySelectorAll('[data-testid=stException], [data-testid=stAlertContentError]')]
  .map((e) => e.innerText)
"""


def visitors(seconds: float = SECONDS) -> bool:
    """Whether ten browsers, two of them training, saw no error and lost no run; prints a line."""
    errors: list[str] = []
    waits: list[float] = []
    with sync_playwright() as playwright, server(ROOT / "streamlit_app.py") as (url, pid, home):
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGS)
        people = [_visitor(browser, errors) for _ in range(VISITORS)]
        trainers, lookers = people[:TRAINERS], people[TRAINERS:]
        for page in trainers:
            _ready_to_train(page, url)
        started, begun, dice = 0, time.monotonic(), random.Random(0)
        while time.monotonic() - begun < seconds:
            for page in trainers:
                started += _train_again(page, errors)
                errors += page.evaluate(_WRONG)
            page = dice.choice(lookers)
            try:
                waits.append(_look_round(page, url, dice))
                errors += page.evaluate(_WRONG)
            except BrowserError as error:  # a page that did not come is what is looked for here
                errors.append(str(error))
        finished = _let_finish(trainers, home, started)
        memory = memory_mb(pid)
        browser.close()
    print(
        f"visitors: {VISITORS} browsers for {seconds:.0f} s, {TRAINERS} of them training; "
        f"{len(waits)} pages opened, median {statistics.median(waits):.1f} s, slowest "
        f"{max(waits):.1f} s; {started} runs started, {finished} kept; {len(errors)} errors; "
        f"the server {memory:.0f} MB"
    )
    for error in sorted(set(errors))[:10]:
        print(f"  {error[:300]}")
    return not errors and finished == started > 0


def views(count: int = VIEWS) -> bool:
    """Whether the server's memory stays flat over so many page views; prints a line."""
    errors: list[str] = []
    with sync_playwright() as playwright, server(ROOT / "streamlit_app.py") as (url, pid, _):
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGS)
        sizes: list[float] = []
        for i in range(WARM_VIEWS + count):
            page = _visitor(browser, errors)
            _open(page, url, PAGES[i % len(PAGES)])
            errors += page.evaluate(_WRONG)
            page.context.close()
            sizes.append(memory_mb(pid))
        browser.close()
    # Means over as many views as there are before and after, so that one view does not decide.
    before = statistics.mean(sizes[WARM_VIEWS - 50 : WARM_VIEWS])
    after = statistics.mean(sizes[-50:])
    print(
        f"views: after {WARM_VIEWS} page views the server had {before:.0f} MB, "
        f"after {count:,} more {after:.0f} MB; most ever {max(sizes):.0f} MB; {len(errors)} errors"
    )
    for error in sorted(set(errors))[:10]:
        print(f"  {error[:300]}")
    return not errors and after - before < MOST_GROWTH_MB


def largest() -> bool:
    """Whether the largest model file that is let in leaves the pages quick; prints two lines."""
    errors: list[str] = []
    sizes: list[int] = []
    before: list[float] = []
    beside: list[float] = []
    sent: dict[str, float] = {}
    with sync_playwright() as playwright, server(ROOT / "streamlit_app.py") as (url, pid, home):
        model = largest_model(LARGEST)
        megabytes = save_checkpoint(model, home).stat().st_size / 1e6
        weights = 2 * model.preset.parameter_count(model.shape)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGS)
        with _another_visitor(url, before, errors):
            while len(before) < WARM + ALONE:
                time.sleep(0.1)
        del before[:WARM]
        alone = memory_mb(pid)
        with _another_visitor(url, beside, errors):
            for name, query in LARGEST_ON.items():
                page = _visitor(browser, errors)
                sizes.clear()
                page.on("websocket", lambda one: one.on("framereceived", _count(sizes)))
                waited = _open(page, url, f"{name}?model={LARGEST}{query}")
                page.wait_for_timeout(2_000)
                errors += page.evaluate(_WRONG)
                sent[f"{name or 'learn'} {waited:.1f} s"] = sum(sizes) / 1e6
                page.context.close()
        memory = memory_mb(pid)
        browser.close()
    most = max(size for view, size in sent.items() if not view.startswith(ANSWERS))
    said = ", ".join(f"{view} {size:.1f} MB" for view, size in sent.items())
    print(
        f"largest: a file of {megabytes:.0f} MB; the server {alone:.0f} MB before, {memory:.0f} MB "
        f"after; another visitor's slowest page {max(before):.1f} s before, {max(beside):.1f} s "
        f"meanwhile; {len(errors)} errors\n  views: {said}"
    )
    for error in sorted(set(errors))[:10]:
        print(f"  {error[:300]}")
    # Beside the model a page sends Streamlit's own messages, and the map of its test codes.
    room, longest = VIEW_BYTES / 1e6 + 1.5, max(sent.values())
    return not errors and most < room and longest < room + weights / 1e6


def _count(sizes: list[int]) -> Callable[[str | bytes], None]:
    return lambda frame: sizes.append(len(frame))


@contextlib.contextmanager
def _another_visitor(url: str, waits: list[float], errors: list[str]) -> Iterator[None]:
    """Somebody who opens page after page meanwhile; how long each took goes into `waits`."""
    over = threading.Event()

    def look() -> None:
        # In a thread of its own Playwright wants all of itself anew.
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_ARGS)
            for name in itertools.cycle(PAGES[1:]):
                page = _visitor(browser, errors)
                waits.append(_open(page, url, name))
                errors.extend(page.evaluate(_WRONG))
                page.context.close()
                if over.is_set():
                    break
            browser.close()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _visitor(browser: Browser, errors: list[str]) -> Page:
    page = browser.new_context(viewport=VIEW).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: errors.append(f"in the browser: {error}"))
    return page


def _open(page: Page, url: str, name: str) -> float:
    """Seconds until the page's heading is there and its script has run to the end."""
    start = time.monotonic()
    page.goto(f"{url}/{name}")
    page.get_by_role("heading", level=1).first.wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    return time.monotonic() - start


def _look_round(page: Page, url: str, dice: random.Random) -> float:
    """Open some page, move the pointer over it and click somewhere; seconds until it was there."""
    waited = _open(page, url, dice.choice(PAGES[1:]))
    for _ in range(5):
        page.mouse.move(dice.uniform(100, 1100), dice.uniform(200, 700))
    maps = page.locator(".nsewdrag")
    if maps.count() and (area := maps.first.bounding_box()):
        x, y = (dice.uniform(0.2, 0.8) for _ in range(2))
        page.mouse.click(area["x"] + x * area["width"], area["y"] + y * area["height"])
    return waited


def _ready_to_train(page: Page, url: str) -> None:
    _open(page, url, "")
    page.get_by_text("Advanced: every setting").click()
    box = page.get_by_label("Steps", exact=True)
    about = page.get_by_text(re.compile("^About .* on this machine"))
    before = about.inner_text()
    box.fill(str(STEPS))
    box.press("Enter")
    # The page has taken it up when it says another time.
    about.filter(has_not_text=before).wait_for()


def _train_again(page: Page, errors: list[str]) -> int:
    """Press Train where nothing of this visitor's is under way or in line; how many runs began.

    The page has to show the run: a press that is refused begins none, one that nothing comes of is
    an error.
    """
    under_way = _under_way(page)
    # Not "Again", beside it: that is another 40,000 steps of the model from the gallery.
    button = page.get_by_role("button", name="Train", exact=True)
    try:
        if under_way.count() or not button.count() or not button.is_enabled():
            return 0
        button.click(timeout=5_000)
    except BrowserError:  # the page was being drawn anew: next time round
        return 0
    try:
        under_way.wait_for()
    except BrowserError:
        errors.append("Train was pressed and no run began.")
        return 0
    return 1


def _under_way(page: Page) -> Locator:
    """What ends the run on the page. Streamlit's header has a "Stop" of its own now and then."""
    return page.locator(".st-key-stop").get_by_role("button", name=_UNDER_WAY)


def _let_finish(trainers: list[Page], home: Path, started: int) -> int:
    """Wait until nothing trains any more; how many of the runs are models that open."""
    for page in trainers:
        _under_way(page).wait_for(state="detached", timeout=4 * PATIENCE)
    kept = 0
    for row in list_checkpoints(home):
        try:
            load_checkpoint(row.path)
            kept += bool(re.match(r"karpathy-2d-", row.name))
        except CheckpointError as error:
            print(f"  {error}")
    return kept
