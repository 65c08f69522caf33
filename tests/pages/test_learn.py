"""The page "Watch it learn" without a browser: what it says, refuses and starts."""

import re
import threading
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from aeviz.checkpoints.store import load_checkpoint, save_checkpoint
from aeviz.networks.recipes import PRESETS
from aeviz.training.remote_control import ABSENT_SECONDS
from aeviz.ui.catalog import registries
from tests.pages.opened_page import DASHBOARD, labels, texts, widget
from tests.support.made_up_models import made_up_dataset, made_up_model


def opened(**query) -> AppTest:
    at = AppTest.from_file(str(DASHBOARD), default_timeout=30)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def test_it_opens_on_the_first_recipe_with_a_run_to_replay():
    at = opened()
    assert at.title[0].value == "Watch it learn"
    assert widget(at.selectbox, "Recipe").value == "karpathy-2d"
    assert "came with aeviz" in widget(at.selectbox, "Run").options[0]
    assert not widget(at.button, "Train").disabled


def test_a_newcomer_is_told_what_an_autoencoder_is_and_where_the_tour_begins():
    def told(at):
        links = [link.proto.label for link in at.get("page_link")]
        said = (
            "An autoencoder squeezes each picture into a few numbers and draws it again"
            in texts(at)
        )
        assert said == ("Take the tour" in links)
        return said

    assert told(opened())
    assert not told(opened(tour="vae")) and not told(opened(hide="tour"))


def test_a_set_of_pictures_is_chosen_by_what_it_looks_like():
    at = opened()
    card = widget(at.button, "Coloured shapes")
    card.click().run()
    assert not at.exception
    assert widget(at.selectbox, "Pictures").value == "shapes"
    assert at.query_params["data"] == "shapes"
    widget(at.button, "MNIST").click().run()
    assert widget(at.selectbox, "Pictures").value == "mnist" and "data" not in at.query_params
    # Where a stop or a link has made the choice, there is none to make.
    for elsewhere in (opened(tour="squeeze"), opened(hide="data")):
        assert "Coloured shapes" not in labels(elsewhere.button)


def test_a_link_opens_its_recipe_and_a_wrong_one_the_first():
    assert widget(opened(recipe="vae-2d").selectbox, "Recipe").value == "vae-2d"
    assert widget(opened(recipe="no-such").selectbox, "Recipe").value == "karpathy-2d"


@pytest.mark.parametrize("recipe", ["karpathy-2d", "vae-2d", "stacked-100"])
def test_what_the_source_does_not_give_is_said(recipe):
    at = opened(recipe=recipe)
    at.button_group[0].set_value("published").run()
    assert not at.exception
    assert "not given; we use" in texts(at)


def test_published_source_5_says_how_long_it_takes():
    at = opened(recipe="stacked-100")
    at.button_group[0].set_value("published").run()
    # 45 minutes as published on two cores; a machine ten times as fast still needs minutes.
    assert re.search(r"it takes about (\d+ min|\d+ h)", texts(at))


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        ("Numbers in the code", 0, "code"),
        ("Numbers in the code", 2_001, "code"),
        ("Learning rate", "0", "learning rate"),
        ("Learning rate", "10,0", "learning rate"),
        ("Learning rate", "fast", "not a number"),
        ("Batch size", 60_000, "batch"),
        ("Steps", 0, "steps"),
    ],
)
def test_nonsense_is_refused_in_words_before_anything_starts(label, value, words):
    at = opened()
    widget([*at.number_input, *at.text_input], label).set_value(value).run()
    assert not at.exception
    if not widget(at.button, "Train").disabled:
        widget(at.button, "Train").click().run()
    assert not at.exception
    assert len(at.error) == 1
    assert words in at.error[0].value.lower()


@pytest.mark.parametrize("typed", ["0,002", "0.002", " 2e-3"])
def test_a_number_is_read_with_a_comma_or_a_point_and_shown_as_understood(typed):
    at = opened()
    widget(at.text_input, "Learning rate").set_value(typed).run()
    assert not at.exception and not at.error
    assert widget(at.text_input, "Learning rate").value == "0.002"
    assert at.query_params["learning_rate"] in ("0.002", ["0.002"])


@pytest.mark.parametrize("layers", ["wide", "50-x", "1000000-50", "0"])
def test_layers_that_make_no_sense_are_refused(layers):
    at = opened()
    widget(at.text_input, "Encoder layers, from picture to code").set_value(layers).run()
    assert not at.exception
    if not widget(at.button, "Train").disabled:
        widget(at.button, "Train").click().run()
    assert not at.exception
    assert at.error


def test_a_network_too_large_for_a_browser_is_refused_before_it_trains(monkeypatch):
    monkeypatch.setattr("aeviz.networks.limits.memory_allowed", lambda: 10**12)
    at = opened(encoder="9000-9000", decoder="9000-9000")
    assert "176 million weights" in texts(at) and "narrower layers" in texts(at)
    assert widget(at.button, "Train").disabled


def test_training_starts_runs_and_is_listed_afterwards():
    at = opened()
    widget(at.selectbox, "Pictures").set_value("digits").run()
    widget(at.number_input, "Steps").set_value(60).run()
    widget(at.button, "Train").click().run()
    assert not at.exception
    for _ in range(120):
        at.run()
        assert not at.exception
        if any("hand" not in b.label and b.label.startswith("Again") for b in at.button):
            break
        time.sleep(0.5)
    options = widget(at.selectbox, "Run").options
    assert "came with aeviz" not in options[0]
    assert "never seen" in texts(at)


def test_start_over_brings_back_the_first_view():
    at = opened()
    widget(at.toggle, "Errors").set_value(True).run()
    widget(at.selectbox, "Recipe").set_value("vae-2d").run()
    widget(at.button, "Start over").click().run()
    assert not at.exception
    assert widget(at.selectbox, "Recipe").value == "karpathy-2d"
    assert not widget(at.toggle, "Errors").value


# --- runs of others, and runs that could not be saved ---


def queue(monkeypatch, work):
    """The training queue, which does this in place of training."""
    registries.run_registry.forget()
    registry = registries.run_registry()
    monkeypatch.setattr(registry, "_work", work)
    return registry


def waiting(run):
    """In place of training: goes on until it is stopped."""
    run.state = "starting"
    while run.control.next_chunk(1):
        time.sleep(0.01)
    run.state = "stopped"


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def test_whoever_waits_may_end_a_run_whose_owner_has_left(shelf, monkeypatch):
    def paused(run):
        run.state = "starting"
        run.control.pause()
        while run.control.next_chunk(1):
            pass
        run.state = "stopped"

    registry = queue(monkeypatch, paused)
    run = registry.get(registry.start("digits", PRESETS["karpathy-2d"], owner="somebody"))
    try:
        until(lambda: run.control.holding)
        at = opened()
        assert "Somebody else started this training" in texts(at)
        assert "Stop" not in labels(at.button)
        run.control._owner_looked -= ABSENT_SECONDS
        at.run()  # who looks here is not the owner
        assert "The one who started it has left: you may end it." in texts(at)
        assert not {"Pause", "Resume", "One step"} & set(labels(at.button))
        run.control.look(owner=True)  # back, with the button still on the other's screen
        widget(at.button, "Stop").click().run()
        assert "only they can end it" in at.toast[0].value
        assert not run.control.stopped and not at.exception
        run.control._owner_looked -= ABSENT_SECONDS
        at.run()
        widget(at.button, "Stop").click().run()
        assert not at.exception and run.control.stopped
        until(lambda: run.status().over)
    finally:
        run.control.stop()


def test_two_tabs_of_one_visitor_show_what_the_run_has(shelf, monkeypatch):
    for module in ("run_controls", "panels"):
        monkeypatch.setattr(f"aeviz.ui.learn.{module}.visitor", lambda: "me")
    registry = queue(monkeypatch, waiting)
    run = registry.get(registry.start("digits", PRESETS["karpathy-2d"], owner="me"))

    def rate(at):
        return at.text_input(key=next(e.key for e in at.text_input if e.key.startswith("rate.")))

    try:
        until(lambda: registry.current() is run)
        one, other = opened(), opened()
        widget(one.selectbox, "Speed").set_value("one by one").run()
        rate(one).set_value("0,002").run()
        for tab in (other, one, other, other):
            tab.run()
            assert not tab.exception
            assert (run.control.speed, run.control.learning_rate) == (2.0, 0.002)
            assert widget(tab.selectbox, "Speed").value == "one by one"
            assert rate(tab).value == "0.002"
        widget(other.selectbox, "Speed").set_value("slow").run()
        rate(other).set_value("0.5").run()
        for tab in (one, other, one):
            tab.run()
            assert (run.control.speed, run.control.learning_rate) == (50.0, 0.5)
            assert widget(tab.selectbox, "Speed").value == "slow" and rate(tab).value == "0.5"
        for wrong in ("3", "fast"):  # is said, and changes nothing
            rate(one).set_value(wrong).run()
            assert len(one.error) == 1 and run.control.learning_rate == 0.5
    finally:
        run.control.stop()


def test_whoever_waits_already_may_end_the_run_of_one_who_has_left(shelf, monkeypatch):
    for module in ("run_controls", "panels"):
        monkeypatch.setattr(f"aeviz.ui.learn.{module}.visitor", lambda: "me")
    registry = queue(monkeypatch, waiting)
    first = registry.get(registry.start("digits", PRESETS["karpathy-2d"], owner="somebody"))
    first.control.pause()
    try:
        until(lambda: registry.current() is first)
        at = opened()
        widget(at.button, "Train").click().run()
        assert "number 1 in line" in _progress(at)
        assert "Stop it" not in labels(at.button)
        first.control._owner_looked -= ABSENT_SECONDS
        at.run()
        assert "has left: you may end it." in texts(at)
        widget(at.button, "Stop it").click().run()
        assert first.control.stopped and not at.exception
    finally:
        for run in registry.under_way():
            run.control.stop()


def test_while_one_trains_the_page_does_not_ask_to_train(shelf, monkeypatch):
    registry = queue(monkeypatch, waiting)
    at = opened(data="digits")
    assert widget(at.button, "Train").proto.type == "primary" and "Press Train" in texts(at)
    run = registry.get(registry.start("digits", PRESETS["karpathy-2d"], owner="somebody"))
    try:
        until(lambda: registry.current() is run)
        at = opened(data="digits")
        assert "Somebody else started this training" in texts(at)
        assert widget(at.button, "Train").proto.type == "secondary"
        assert "Press Train" not in texts(at)
    finally:
        run.control.stop()


def after_training(monkeypatch):
    """The page when the run that was started on it is over and its model saved."""
    made = made_up_model("made", made_up_dataset(8, name="digits"), snapshots=True)

    def work(run):
        run.checkpoint, run.unsaved = made, True
        run.save()
        run._end("finished", run.sentence)

    registry = queue(monkeypatch, work)
    at = opened(data="digits")
    widget(at.button, "Train").click().run()
    until(lambda: not registry.under_way())
    at.run()
    return at


def test_the_end_of_a_training_says_that_its_model_is_saved(shelf, monkeypatch):
    at = after_training(monkeypatch)
    assert not at.exception
    assert at.success[0].value == (
        "Training has finished. The model is saved: every page can show it."
    )


def test_a_stop_is_acknowledged_at_once(shelf, monkeypatch):
    for module in ("run_controls", "panels"):
        monkeypatch.setattr(f"aeviz.ui.learn.{module}.visitor", lambda: "me")
    saved = threading.Event()

    def work(run):
        run.state = "starting"
        while run.control.next_chunk(1):
            time.sleep(0.01)
        saved.wait(10)  # measuring and saving take a while
        run.state = "stopped"

    registry = queue(monkeypatch, work)
    run = registry.get(registry.start("digits", PRESETS["karpathy-2d"], owner="me"))
    try:
        until(lambda: registry.current() is run)
        at = opened()
        widget(at.button, "Stop").click().run()
        assert "Stopping" in _progress(at)
        assert all(widget(at.button, label).disabled for label in ("Stop", "Pause", "One step"))
    finally:
        run.control.stop()
        saved.set()
    until(lambda: run.status().over)


def test_who_is_here_is_led_to_what_another_trains_and_not_taken_there(shelf, monkeypatch):
    registry = queue(monkeypatch, waiting)
    at = opened(recipe="vae-2d")
    assert "under way" not in texts(at)
    run = registry.get(registry.start("digits", PRESETS["karpathy-2d"], owner="somebody"))
    try:
        at.run()
        assert widget(at.selectbox, "Recipe").value == "vae-2d"
        offer = "Somebody else's training is under way: Karpathy's 2-number autoencoder."
        assert offer in texts(at)
        widget(at.button, "Watch it").click().run()
        assert "Somebody else started this training" in texts(at)
        assert widget(at.selectbox, "Recipe").value == "karpathy-2d"
        assert "Watch it" not in labels(at.button)
        # Whoever has just come sees it at once, and may turn away from it.
        at = opened()
        assert "Somebody else started this training" in texts(at)
        widget(at.selectbox, "Recipe").set_value("deep-2d").run()
        assert offer in texts(at) and not at.exception
    finally:
        run.control.stop()


def test_a_paused_run_of_ones_own_that_keeps_the_next_one_waiting_is_named(shelf, monkeypatch):
    for module in ("run_controls", "panels"):
        monkeypatch.setattr(f"aeviz.ui.learn.{module}.visitor", lambda: "me")

    registry = queue(monkeypatch, waiting)
    first = registry.get(registry.start("digits", PRESETS["karpathy-2d"], owner="me"))
    first.control.pause()
    second = registry.get(registry.start("digits", PRESETS["karpathy-2d"], seed=1, owner="me"))
    try:
        until(lambda: registry.current() is first)
        at = opened()
        assert "Resume" in labels(at.button)  # whoever comes sees the one that is under way
        widget(at.button, "Train").click().run()
        assert "Waiting its turn: number 2 in line." in _progress(at)
        assert "Resume the paused one" in labels(at.button)
        widget(at.button, "Resume the paused one").click().run()
        assert not first.control.paused
        first.control.pause()
        at.run()
        widget(at.button, "Stop it").click().run()
        assert first.control.stopped and not at.exception
        until(lambda: registry.current() is second)
        at.run()
        assert "Stop it" not in labels(at.button)
    finally:
        for run in registry.under_way():
            run.control.stop()


def _progress(at: AppTest) -> str:
    return " ".join(one.proto.text for one in at.get("progress"))


def test_other_pages_open_the_model_that_was_just_trained(shelf, monkeypatch):
    for module in ("run_controls", "panels"):
        monkeypatch.setattr(f"aeviz.ui.learn.{module}.visitor", lambda: "me")
    at = after_training(monkeypatch)
    at.switch_page("models/page.py").run()
    assert at.query_params["model"] in ("made", ["made"])


def test_the_owner_who_looks_is_there(shelf, monkeypatch):
    for module in ("run_controls", "panels"):
        monkeypatch.setattr(f"aeviz.ui.learn.{module}.visitor", lambda: "me")

    registry = queue(monkeypatch, waiting)
    run = registry.get(registry.start("digits", PRESETS["karpathy-2d"], owner="me"))
    try:
        run.control._owner_looked -= ABSENT_SECONDS
        at = opened()
        assert not run.control.owner_left and "Pause" in labels(at.button)
    finally:
        run.control.stop()


def test_a_model_that_could_not_be_saved_is_offered_until_it_is(shelf, monkeypatch):
    made = made_up_model("made", made_up_dataset(8, name="digits"), snapshots=True)

    def work(run):
        run.checkpoint, run.unsaved = made, True
        run.save()
        run._end("finished", run.sentence)

    save_checkpoint(replace(made, name="gallery"), shelf.parent / "no-gallery")
    registry = queue(monkeypatch, work)
    (shelf.parent / "a-file").write_text("")
    monkeypatch.setenv("AEVIZ_HOME", str(shelf.parent / "a-file" / "models"))
    run = registry.get(registry.start("digits", PRESETS["karpathy-2d"]))
    until(lambda: run.status().over)
    at = opened(data="digits")  # also for one who has loaded the page again
    assert [e.value.count("could not be saved") for e in at.error] == [1]
    assert "Run" in labels(at.selectbox)
    at.session_state["run_id"] = run.id
    at.run()
    assert [e.value.count("could not be saved") for e in at.error] == [1]
    assert "Run" not in labels(at.selectbox)  # the film is the unsaved one's
    assert "Download" in [e.proto.label for e in at.get("download_button")]
    assert "Again from the same weights" in labels(at.button)
    widget(at.button, "Save again").click().run()
    assert not at.exception and "could not be saved" in at.error[0].value and run.unsaved
    monkeypatch.setenv("AEVIZ_HOME", str(shelf))
    widget(at.button, "Save again").click().run()
    assert not at.exception and not at.error and not run.unsaved
    assert load_checkpoint("made").name == "made"
    assert "Save again" not in labels(at.button)
    assert len(widget(at.selectbox, "Run").options) == 2


def test_training_a_continued_model_again_goes_on_with_the_same_earlier_one(shelf, monkeypatch):
    dataset = made_up_dataset(8, name="digits")
    save_checkpoint(made_up_model("before", dataset, snapshots=True))
    later = made_up_model("later", dataset, snapshots=True)
    save_checkpoint(replace(later, continued_from="before", steps_before=1))
    begun = []
    queue(monkeypatch, lambda run: (begun.append(run), run._end("stopped", "")))

    def train(said, continued, recipe=None):
        at = opened(like="later")
        assert said in texts(at)
        if recipe:
            widget(at.selectbox, "Recipe").set_value(recipe).run()
        widget(at.button, "Train").click().run()
        assert not at.exception and not at.error
        until(lambda: begun)
        assert begun.pop().continue_from == continued

    train("went on with an earlier model, and so does this one", "before")
    train("and so does this one", "", recipe="deep-2d")
    at = opened(like="later")
    widget(at.text_input, "Encoder layers, from picture to code").set_value("30").run()
    widget(at.button, "Train").click().run()
    assert "leave them as they are to go on with it" in at.error[0].value and not begun
    (shelf / "before.safetensors").unlink()
    train("no longer here, so this one begins from the seed and gives another network", "")


def test_again_goes_on_with_the_same_earlier_model(shelf, monkeypatch):
    dataset = made_up_dataset(8, name="digits")
    before = made_up_model("before", dataset, snapshots=True)
    later = replace(
        made_up_model("later", dataset, snapshots=True),
        created="2026-02-02T00:00:00+00:00",
        continued_from="before",
        steps_before=1,
    )
    save_checkpoint(before)
    save_checkpoint(later)
    begun = []
    queue(monkeypatch, lambda run: (begun.append(run), run._end("stopped", "")))
    for model, continued in (("later", "before"), ("before", "")):
        at = opened(data="digits", model=model)
        again = widget(at.button, "Again from the same weights")
        assert ("earlier model" in again.help) == bool(continued)
        again.click().run()
        assert not at.exception
        until(lambda: begun)
        assert begun.pop().continue_from == continued
    (shelf / "before.safetensors").unlink()
    at = opened(data="digits", model="later")
    assert "Again from the same weights" not in labels(at.button)
    assert "GIF" in [e.proto.label for e in at.get("download_button")]
