"""Beside the navigation: a training under way, told on the pages that do not show it."""

import time

import numpy as np
import pytest

from aeviz.checkpoints.history import LossRecord, Snapshot
from aeviz.networks.recipes import PRESETS
from aeviz.training.remote_control import ABSENT_SECONDS
from aeviz.ui.catalog import registries
from aeviz.ui.shell.pages import PAGES
from tests.pages.opened_page import labels, opened, texts, widget

LEARN, LATENT, MODELS = (f"{name}/page.py" for name in ("learn", "latent", "models"))

NONE = np.zeros((0, 0))
QUARTER = PRESETS["vae-2d"].steps // 4
MOMENT = Snapshot(QUARTER, 0.0, LossRecord(QUARTER, 1.0), NONE, NONE, NONE)


@pytest.fixture
def run(monkeypatch):
    """A training of this visitor that goes on until it is stopped."""
    for module in ("under_way", "learn.panels", "learn.run_controls"):
        monkeypatch.setattr(f"aeviz.ui.{module}.visitor", lambda: "me")
    registries.run_registry.forget()
    registry = registries.run_registry()

    def work(run):
        run.state = "starting"
        while run.control.next_chunk(1):
            time.sleep(0.01)
        run.state = "stopped"

    monkeypatch.setattr(registry, "_work", work)
    run = registry.get(registry.start("digits", PRESETS["vae-2d"], owner="me"))
    yield run
    run.control.stop()
    registries.run_registry.forget()


@pytest.mark.parametrize("page", [LATENT, MODELS])
def test_another_page_says_how_far_a_training_is_and_leads_to_it(run, page):
    run.control._owner_looked -= ABSENT_SECONDS
    at = opened(page)
    assert "Training, 0%" in labels(at.button)
    # Its owner is here, though nobody looks at its pictures.
    assert not run.control.owner_left and not run.control.watched
    widget(at.button, "Training, 0%").click().run()
    assert not at.exception and at.title[0].value == "Watch it learn"
    assert "Pause" in labels(at.button) and "Training, 0%" not in labels(at.button)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        *((page.file, {}) for page in PAGES.values()),
        ("tour/page.py", {}),
        (LEARN, {"model": "vae-2d"}),  # Learn itself, but another model's film
        (LATENT, {"hide": "train"}),
    ],
    ids=str,
)
def test_whatever_page_its_owner_looks_at_they_are_there(run, page, query):
    """With all their trainings, those in line too."""
    second = registries.run_registry().start("digits", PRESETS["vae-2d"], owner="me")
    mine = run, registries.run_registry().get(second)
    try:
        for one in mine:
            one.control._owner_looked -= ABSENT_SECONDS
        opened(page, **query)
        assert [one.control.owner_left for one in mine] == [False, False]
    finally:
        mine[1].control.stop()


def test_a_page_drawn_after_its_end_has_no_word_of_it(run):
    at = opened(LATENT)
    run.control.stop()
    deadline = time.monotonic() + 10
    while not run.status().over:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    at.run()
    assert not {"Training, 0%", "Trained"} & set(labels(at.button))


@pytest.mark.parametrize("out", ["train", "learn"])
def test_a_class_link_may_leave_it_out(run, out):
    at = opened(LATENT, hide=out)
    assert "Training, 0%" not in labels(at.button)


def test_a_lost_training_is_told_until_it_is_read(run):
    registry = registries.run_registry()
    registry._lost = [run.note]
    at = opened(LEARN)
    assert "it is lost" in texts(at) and PRESETS["vae-2d"].title in texts(at)
    widget(at.button, "Close").click().run()
    assert not at.exception and "it is lost" not in texts(at)


def test_a_paused_one_and_one_in_line_are_told_as_such(run):
    registry = registries.run_registry()
    run.control.pause()
    deadline = time.monotonic() + 10
    while not run.control.holding:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run.history.add(MOMENT)
    assert "Paused, 25%" in labels(opened(LATENT).button)
    run.owner = "somebody"
    second = registry.get(registry.start("digits", PRESETS["vae-2d"], owner="me"))
    try:
        assert "Waiting to train" in labels(opened(LATENT).button)  # one's own comes first
    finally:
        registry.stop(second, "me")
