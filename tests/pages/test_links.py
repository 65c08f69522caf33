"""Links without a browser: each opens its view, and a wrong one the nearest sensible thing."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from aeviz.checkpoints.store import save_checkpoint
from aeviz.networks.recipes import PRESETS
from aeviz.networks.settings import SETTINGS
from tests.pages.opened_page import (
    DASHBOARD,
    address,
    begin_at,
    charts,
    keep,
    opened,
    texts,
    widget,
)
from tests.support.made_up_models import made_up_dataset, made_up_model

LEARN, LATENT, MANIFOLD, MEANING, COMPRESSION, MODELS = (
    f"{name}/page.py"
    for name in ("learn", "latent", "manifold", "meaning", "compression", "models")
)
PARAMETERS = {
    LEARN: ("recipe", "data", "model", "like", "digits", "draw", "errors", "beside", "at", "seed")
    + ("variant", "advanced", "own", *SETTINGS),
    LATENT: ("model", "beside", "dots", "colour", "show", "axes", "view", "pins", "tab", "walk")
    + ("hidden", "code", "agreement"),
    MANIFOLD: ("model", "beside", "show", "n", "range", "axes", "base", "view", "over", "pins")
    + ("tab", "walk", "hidden", "code", "at"),
    MEANING: ("model", "at", "pull", "move", "own", "factors"),
    COMPRESSION: ("data", "images", "without", "published", "columns", "rows", "errors", "model")
    + ("sweep", *(f"sweep.{name}" for name in ("data", "seeds", "base", "sizes", "stacks")))
    + tuple(f"sweep.{name}" for name in ("noise", "l2", "steps")),
    MODELS: ("model", "beside", "digits", "search", "exact"),
}
HOSTILE = ("nan", "-inf,1e999,nan,1", "9" * 3_000, "../../etc/passwd", "<b>\0٣'\";,", "-1", "own")


@pytest.fixture
def stocked(shelf, monkeypatch):
    """Two models with films of small digits, one of them with a code of five numbers."""
    monkeypatch.setenv("AEVIZ_DATA_DIR", str(shelf))
    digits = made_up_dataset(8, name="digits")
    for name, size in (("one", 2), ("other", 2), ("deep", 5)):
        model = made_up_model(name, digits, latent_dim=size, snapshots=True, film=True)
        save_checkpoint(model, shelf)
    return shelf


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
@pytest.mark.parametrize("page", PARAMETERS, ids=lambda page: page.split("/")[-2])
def test_whatever_stands_in_the_address_the_page_opens(stocked, page, text):
    at = AppTest.from_file(str(DASHBOARD), default_timeout=60)
    begin_at(at, page)
    for name in PARAMETERS[page]:
        at.query_params[name] = text
    at.run()
    assert not at.exception, [error.message for error in at.exception]
    at.run()  # what was wrong is told once and is out of the address
    assert not at.exception and not at.warning
    assert at.title[0].value


WRONG = [
    (LEARN, "recipe", "no-such", "does not have"),
    (LEARN, "data", "cats", "does not have"),
    (LEARN, "model", "nobody", "does not have"),
    (LEARN, "like", "nobody", "cannot be used"),
    (LEARN, "digits", "prettiest", "does not have"),
    (LEARN, "errors", "yes", "1 or not there"),
    (LEARN, "beside", "nobody", "does not have"),
    (LEARN, "at", "999999", "from 0 to"),
    (LEARN, "at", "soon", "whole number"),
    (LEARN, "seed", "-4", "0 is taken"),
    (LEARN, "variant", "best", "does not have"),
    (LEARN, "steps", "0", "not possible"),
    (LEARN, "steps", "many", "whole number"),
    (LEARN, "encoder", "wide", "512-128"),
    (LEARN, "noise", "nan", "a number"),
    (LEARN, "loss", "bce", "read-out"),
    (LEARN, "kl_weight", "2", "does not have"),
    (LATENT, "model", "nobody", "not here"),
    (LATENT, "beside", "nobody", "not here"),
    (LATENT, "dots", "7", "does not have"),
    (LATENT, "colour", "green", "does not have"),
    (LATENT, "show", "holes", "does not have"),
    (LATENT, "axes", "1,9", "."),
    (LATENT, "view", "1,2", "four numbers"),
    (LATENT, "view", "2,1,0,1", "."),
    (LATENT, "pins", "0,0;x", "left out"),
    (LATENT, "tab", "fly", "does not have"),
    (LATENT, "walk", "home", "there is not"),
    (LATENT, "walk", "circle,500", "10 to 120"),
    (LATENT, "hidden", "101", "100 percent"),
    (LATENT, "code", "1,2,3", "2 numbers"),
    (MANIFOLD, "at", "soon", "whole number"),
    (COMPRESSION, "published", "9", "does not have"),
    (COMPRESSION, "columns", "x", "does not have"),
    (COMPRESSION, "rows", "one,nobody", "left out"),
    (COMPRESSION, "sweep", "x", "does not have"),
    (COMPRESSION, "errors", "2", "1 or not there"),
    (MODELS, "digits", "x", "does not have"),
    (MODELS, "model", "nobody", "not here"),
]
# What has to be in an address for a parameter to mean anything.
NEEDED = {
    LEARN: {"data": "digits", "recipe": "karpathy-2d"},
    (MANIFOLD, "at"): {"show": "film"},
    (MODELS, "digits"): {"beside": "other"},
    (LEARN, "loss"): {"variant": "published"},
    (COMPRESSION, "published"): {"data": "mnist"},
    (COMPRESSION, "errors"): {"rows": "one"},
    COMPRESSION: {"data": "digits"},
}


@pytest.mark.parametrize(
    ("page", "name", "text", "words"), WRONG, ids=lambda value: str(value).split("/")[-1][:16]
)
def test_a_wrong_link_is_one_sentence_and_the_page_opens(stocked, page, name, text, words):
    model = {} if page in (LEARN, COMPRESSION) else {"model": "one"}
    needed = NEEDED.get(page, {}) | NEEDED.get((page, name), {})
    at = opened(page, **{**model, **needed, name: text})
    assert len(at.warning) == 1, texts(at)
    assert words in at.warning[0].value and at.warning[0].value.endswith(".")
    at.run()
    assert not at.warning and not at.exception
    assert address(at, name) != text


def recipe_link(**query):
    return opened(LEARN, **{"data": "digits", "recipe": "karpathy-2d", **query})


def test_a_link_with_a_changed_recipe_opens_it_and_is_made_by_changing_one(stocked):
    query = {"encoder": "30-20", "latent_dim": "200", "code_l1": "0.001", "seed": "7"}
    at = recipe_link(**query, variant="published", steps="2000", advanced="open")
    advanced = next(e for e in at.expander if e.label.startswith("Advanced"))
    assert not at.warning and advanced.proto.expanded
    assert widget(at.text_input, "Encoder layers, from picture to code").value == "30-20"
    assert widget(at.number_input, "Numbers in the code").value == 200
    assert widget(at.number_input, "Steps").value == 2_000
    assert widget(at.number_input, "Seed").value == 7
    for name, value in query.items():
        assert address(at, name) == value
    widget(at.number_input, "Steps").set_value(PRESETS["karpathy-2d"].published.steps).run()
    widget(at.text_input, "Learning rate").set_value("0,5").run()
    assert address(at, "steps") is None and address(at, "learning_rate") == "0.5"
    widget(at.text_input, "Encoder layers, from picture to code").set_value("").run()
    assert address(at, "encoder") == "none" and not at.exception
    again = recipe_link(**{name: address(at, name) for name in at.query_params})
    assert widget(again.text_input, "Learning rate").value == "0.5"
    assert widget(again.text_input, "Encoder layers, from picture to code").value == ""


def test_settings_that_need_each_other_come_together(stocked):
    at = recipe_link(loss="bce", output_activation="sigmoid", variant="published")
    assert not at.warning and widget(at.selectbox, "Loss").value == "bce"


def test_a_link_to_a_film_opens_its_run_pictures_and_second_run(stocked):
    at = opened(LEARN, model="other", beside="one", digits="random", draw="3", errors="1", at="1")
    assert not at.warning
    assert widget(at.selectbox, "Pictures").value == "digits"  # the model's own
    assert widget(at.selectbox, "Run").value == "other"
    assert widget(at.selectbox, "Beside it").value == "one"
    assert widget(at.selectbox, "Digits").value == "random" and address(at, "draw") == "3"
    assert widget(at.toggle, "Errors").value
    widget(at.button, "Another handful").click().run()
    assert address(at, "draw") == "4" and not at.exception
    widget(at.selectbox, "Digits").set_value("worst").run()
    assert address(at, "draw") is None


def test_a_film_opened_on_its_end_stays_there_and_one_that_plays_ends_in_a_bare_address(stocked):
    at = opened(LEARN, model="other", at="999999")
    end = address(at, "at")
    again = opened(LEARN, model="other", at=end)
    assert not again.warning and address(again, "at") == end
    again.run()
    assert address(again, "at") == end
    assert address(opened(LEARN, model="other"), "at") is None


def test_the_map_as_it_was_left_comes_back_from_another_page_and_from_a_link(stocked):
    at = opened(LATENT, model="deep")
    widget(at.selectbox, "Colour of the dots").set_value("one").run()
    widget(at.selectbox, "Show").set_value("pictures").run()
    widget(at.selectbox, "View of the code").set_value(2).run()
    widget(at.selectbox, "Number drawn upwards").set_value(0).run()
    seen = {name: address(at, name) for name in ("model", "colour", "show", "axes")}
    assert seen == {"model": "deep", "colour": "one", "show": "pictures", "axes": "3,1"}

    def check(at):
        assert not at.exception and not at.warning
        assert widget(at.selectbox, "Colour of the dots").value == "one"
        assert widget(at.selectbox, "Show").value == "pictures"
        assert widget(at.selectbox, "View of the code").value == 2
        assert {name: address(at, name) for name in seen} == seen

    at.query_params.clear()  # as going to another page does
    at.switch_page(MODELS).run()
    at.query_params.clear()
    at.switch_page(LATENT).run()
    check(at)
    check(opened(LATENT, **seen))
    # A model's own choices are not another's.
    widget(at.selectbox, "Model").set_value("one").run()
    assert address(at, "axes") is None and not at.warning
    widget(at.selectbox, "Model").set_value("deep").run()
    assert address(at, "axes") == "3,1"


def test_a_zoomed_map_is_drawn_zoomed(stocked):
    at = opened(LATENT, model="one", view="-1,2,0,3")
    layout = json.loads(at.get("plotly_chart")[0].proto.spec)["layout"]
    assert layout["xaxis"]["autorangeoptions"] == {"include": [-1, 2], "clipmin": -1, "clipmax": 2}
    assert layout["yaxis"]["autorangeoptions"]["include"] == [0, 3]
    assert address(at, "view") is not None and charts(at) == 1


def test_a_sweep_of_ones_own_is_in_the_address_while_its_panel_is_open(stocked):
    at = opened(COMPRESSION, **{"sweep": "own", "sweep.sizes": "7, 3", "sweep.steps": "40"})
    assert widget(at.text_input, "Code sizes").value == "7, 3"
    assert widget(at.number_input, "Steps for each model").value == 40
    widget(at.text_input, "Noise").set_value("40%").run()
    assert address(at, "sweep.noise") == "40%" and address(at, "sweep.sizes") == "7, 3"
    widget(at.button, "Close sweep").click().run()
    assert not [name for name in at.query_params if name.startswith("sweep")]
    widget(at.button, "New sweep").click().run()
    assert widget(at.text_input, "Code sizes").value == "7, 3"


def test_a_search_and_an_open_recipe_are_in_the_address(shelf):
    for number in range(10):
        keep(shelf, f"model-{number}")
    at = opened(MODELS, model="model-3", search="model", exact="open")
    assert widget(at.text_input, "Search").value == "model"
    assert next(e for e in at.expander if e.label == "The exact recipe").proto.expanded
    widget(at.text_input, "Search").set_value("3").run()
    assert address(at, "search") == "3"
