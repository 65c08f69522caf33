"""The page "Watch it learn" without a browser: what it says, refuses and starts."""

import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "streamlit_app.py"


def opened(**query) -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=30)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def widget(elements, label: str):
    return next(e for e in elements if e.label == label)


def texts(at: AppTest) -> str:
    return " ".join(e.value for kind in (at.markdown, at.error, at.info, at.caption) for e in kind)


def test_it_opens_on_the_first_recipe_with_a_run_to_replay():
    at = opened()
    assert at.title[0].value == "Watch it learn"
    assert widget(at.selectbox, "Recipe").value == "karpathy-2d"
    assert "came with aeviz" in widget(at.selectbox, "Run").options[0]
    assert not widget(at.button, "Train").disabled


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
    promise = next(e.value for e in at.markdown if "it takes about" in e.value)
    # 45 minutes as published on two cores; a machine ten times as fast still needs minutes.
    assert re.search(r"about (\d+ min|\d+ h)", promise)


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        ("Numbers in the code", 0, "code"),
        ("Numbers in the code", 2_001, "code"),
        ("Learning rate", 0.0, "learning rate"),
        ("Learning rate", 10.0, "learning rate"),
        ("Batch size", 60_000, "batch"),
        ("Steps", 0, "steps"),
    ],
)
def test_nonsense_is_refused_in_words_before_anything_starts(label, value, words):
    at = opened()
    widget(at.number_input, label).set_value(value).run()
    assert not at.exception
    widget(at.button, "Train").click().run()
    assert not at.exception
    assert len(at.error) == 1
    assert words in at.error[0].value.lower()


@pytest.mark.parametrize("layers", ["wide", "50-x", "1000000-50", "0"])
def test_layers_that_make_no_sense_are_refused(layers):
    at = opened()
    widget(at.text_input, "Encoder layers, from picture to code").set_value(layers).run()
    assert not at.exception
    if not widget(at.button, "Train").disabled:
        widget(at.button, "Train").click().run()
    assert not at.exception
    assert at.error


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
