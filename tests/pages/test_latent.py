"""The page "Latent space" without a browser: which model it opens, what it says, what it offers."""

import json
from dataclasses import replace
from functools import partial

import pytest

from aeviz.checkpoints.store import MODELS, load_checkpoint, save_checkpoint
from tests.pages.opened_page import (
    address,
    charts,
    hurt,
    keep,
    labels,
    loaded_libraries,
    texts,
    widget,
)
from tests.pages.opened_page import opened as opened_at
from tests.support.made_up_models import made_up_dataset

PAGE = "latent/page.py"
INK = ("ink", "slant", "thickness", "width", "height")
opened = partial(opened_at, PAGE)


# --- which model ---


def test_it_opens_on_the_gallery():
    at = opened()
    assert at.title[0].value == "Latent space"
    assert "squeezed into a code of two numbers" in texts(at)
    assert charts(at) == 1
    assert address(at, "model") == widget(at.selectbox, "Model").value
    assert "2" in widget(at.selectbox, "Model").options[0]


def test_a_link_opens_its_model(shelf):
    keep(shelf, "one")
    keep(shelf, "other")
    for name in ("one", "other"):
        assert widget(opened(model=name).selectbox, "Model").value == name


def test_the_variational_one_comes_first_where_there_is_one(shelf):
    keep(shelf, "a-model")
    keep(shelf, "vae-2d")
    assert widget(opened().selectbox, "Model").value == "vae-2d"


def test_models_that_read_the_same_are_told_apart(shelf):
    keep(shelf, "one")
    keep(shelf, "other")
    one, other = widget(opened().selectbox, "Model").options
    assert one != other and "(one)" in one and "(other)" in other


def test_a_bad_link_is_said_once_and_opens_another(shelf):
    keep(shelf, "one")
    at = opened(model="no-such-model")
    assert len(at.warning) == 1 and "a model that is not here" in at.warning[0].value
    assert widget(at.selectbox, "Model").value == "one" and charts(at) == 1
    at.run()
    assert not at.warning


def test_without_any_model_it_says_where_to_get_one(shelf):
    at = opened()
    assert "There is no model yet" in texts(at) and charts(at) == 0


def test_a_broken_file_is_one_sentence_and_the_others_open(shelf):
    keep(shelf, "good")
    (shelf / "bad.safetensors").write_bytes(b"not a model")
    at = opened(model="bad")
    assert len(at.error) == 1 and charts(at) == 0
    assert "cannot be read" in " ".join(widget(at.selectbox, "Model").options)
    widget(at.selectbox, "Model").set_value("good").run()
    assert not at.exception and not at.error and charts(at) == 1


def test_a_damaged_file_is_one_sentence_and_the_others_open(shelf):
    keep(shelf, "good")
    keep(shelf, "hurt")
    hurt(shelf, "hurt")
    at = opened(model="hurt")
    assert len(at.error) == 1 and "damaged" in at.error[0].value
    widget(at.selectbox, "Model").set_value("good").run()
    assert not at.error and charts(at) == 1


@pytest.mark.parametrize("page", [PAGE, "manifold/page.py"])
def test_files_that_were_set_aside_are_not_offered(shelf, page):
    keep(shelf, "good")
    keep(shelf, "fine")
    (shelf / "x.safetensors").write_bytes(b"not a model")
    assert MODELS.set_aside("x") and (shelf / "set-aside").is_dir()
    at = opened_at(page, model="x.bad")
    options = widget(at.selectbox, "Model").options
    assert len(options) == 2 and not any("x.bad" in option for option in options)
    assert not at.error and "a model that is not here" in at.warning[0].value


def test_the_model_is_remembered_from_page_to_page(shelf):
    keep(shelf, "one")
    keep(shelf, "other")
    at = opened()
    other = next(n for n in ("one", "other") if n != widget(at.selectbox, "Model").value)
    widget(at.selectbox, "Model").set_value(other).run()
    at.query_params.clear()  # as going to another page does
    at.switch_page("learn/page.py").run()
    at.switch_page(PAGE).run()
    assert not at.exception
    assert widget(at.selectbox, "Model").value == other


# --- with and without pictures ---


def test_without_pictures_it_says_so_in_one_line_and_offers_them(shelf):
    keep(shelf, "one")
    at = opened()
    assert texts(at).count("not on this machine") == 1
    assert "Fetch MNIST" in labels(at.button)
    assert charts(at) == 1 and not at.error and not at.warning


def test_visitors_of_a_public_showing_fetch_nothing(shelf, monkeypatch):
    keep(shelf, "one")
    monkeypatch.setenv("AEVIZ_READ_ONLY", "1")
    at = opened()
    assert texts(at).count("not on this machine") == 1
    assert "Fetch MNIST" not in labels(at.button)


def test_an_earlier_file_shows_the_few_codes_it_has(shelf):
    keep(shelf, "old", codes=False, snapshots=True)
    at = opened()
    assert "keeps only 40 codes" in texts(at)
    assert charts(at) == 1 and "Fetch MNIST" in labels(at.button)
    assert "colour: error" not in widget(at.selectbox, "Colour of the dots").options


def test_a_file_with_no_codes_at_all_is_one_sentence(shelf):
    keep(shelf, "bare", codes=False)
    at = opened()
    assert "no map of it" in texts(at) and charts(at) == 0


def test_pictures_of_ones_own_cannot_be_fetched(shelf):
    keep(shelf, "mine", dataset=made_up_dataset(name="my-pictures"))
    at = opened()
    assert charts(at) == 1 and not [b for b in labels(at.button) if b.startswith("Fetch")]


# --- choices ---


def test_colours_of_a_model_with_labels(shelf):
    keep(shelf, "one")
    options = widget(opened().selectbox, "Colour of the dots").options
    assert options[:3] == ["colour: digit", "colour: error", "one colour"]
    assert options[3:] == [f"colour: {name}" for name in INK]


@pytest.mark.parametrize("name", INK)
def test_the_map_is_coloured_by_what_is_measured_with_lines_under_it(shelf, name):
    keep(shelf, "deep", latent_dim=4)
    at = opened(colour=name)
    assert not at.warning and address(at, "colour") == name
    (chart,) = at.get("plotly_chart")
    kinds = [trace["type"] for trace in json.loads(chart.proto.spec)["data"]]
    assert kinds == ["contour", "scattergl"]


def test_codes_of_one_number_have_no_places_for_lines(shelf):
    keep(shelf, "thin", latent_dim=1)
    (chart,) = opened(colour="ink").get("plotly_chart")
    assert [trace["type"] for trace in json.loads(chart.proto.spec)["data"]] == ["scattergl"]


def test_without_labels_there_is_no_colour_by_digit_and_nothing_to_confuse(shelf):
    keep(shelf, "one", dataset=made_up_dataset(labels=False))
    at = opened()
    options = widget(at.selectbox, "Colour of the dots").options
    assert options == ["colour: error", "one colour", *(f"colour: {name}" for name in INK)]
    assert not any("lie apart" in e.label for e in at.expander) and charts(at) == 1


def test_more_than_a_thousand_dots_can_be_cut_to_the_first(shelf):
    keep(shelf, "many", dataset=made_up_dataset(tests=1_200))
    keep(shelf, "few")
    assert widget(opened(model="many").selectbox, "How many dots").options == [
        "1,200 test digits",
        "first 1,000, as in source 1",
    ]
    assert "How many dots" not in labels(opened(model="few").selectbox)


def test_longer_codes_say_so_and_show_any_two_of_their_numbers(shelf):
    keep(shelf, "deep", latent_dim=5)
    at = opened()
    assert "squeezed into a code of 5 numbers, seen on their flattest plane" in texts(at)
    view = widget(at.selectbox, "View of the code")
    assert view.options[0] == "plane of most variation" and len(view.options) == 6
    view.set_value(2).run()
    assert not at.exception
    up = widget(at.selectbox, "Number drawn upwards")
    assert len(up.options) == 4 and "up: number 3" not in up.options
    view = widget(at.selectbox, "View of the code")
    view.set_value(up.value).run()
    assert not at.exception and charts(at) == 1


def test_codes_too_large_to_keep_show_their_plane_only(shelf):
    keep(shelf, "wide", latent_dim=70)
    at = opened()
    assert charts(at) == 1 and "View of the code" not in labels(at.selectbox)


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_short_codes_have_no_views_to_choose(shelf, latent_dim):
    keep(shelf, "flat", latent_dim=latent_dim)
    assert "View of the code" not in labels(opened().selectbox)


def test_pictures_in_place_of_dots_are_a_choice(shelf):
    keep(shelf, "one")
    at = opened()
    widget(at.selectbox, "Show").set_value("pictures").run()
    assert not at.exception and charts(at) == 1


# --- pins, comparison, claims ---


@pytest.mark.parametrize("text", ["0.5,0.25;1,1,7", "1e99,nan;x", "1,2,99999", "%00;;"])
def test_pins_of_a_link_good_or_bad(shelf, text):
    keep(shelf, "one")
    at = opened(pins=text)
    assert (address(at, "pins") is not None) == text.startswith("0.5")


def test_two_models_side_by_side(shelf):
    keep(shelf, "vae-2d")
    keep(shelf, "karpathy-2d", seed=1)
    at = opened()
    widget(at.toggle, "Compare").set_value(True).run()
    assert not at.exception and charts(at) == 2
    assert widget(at.selectbox, "Beside it").value == "karpathy-2d"
    assert widget(at.selectbox, "Model").value not in widget(at.selectbox, "Beside it").options
    assert address(at, "beside") == "karpathy-2d"
    widget(at.toggle, "Compare").set_value(False).run()
    assert not at.exception and charts(at) == 1
    assert address(at, "beside") is None


def test_a_link_opens_two_models(shelf):
    keep(shelf, "one")
    keep(shelf, "other")
    at = opened(model="one", beside="other")
    assert charts(at) == 2
    assert widget(at.toggle, "Compare").value


def test_one_model_alone_has_nothing_to_be_compared_with(shelf):
    keep(shelf, "one")
    at = opened(beside="other")
    assert charts(at) == 1 and "no other model" in texts(at)


def test_what_overlaps_is_told_when_it_is_asked_for(shelf):
    keep(shelf, "one")
    at = opened()
    assert "Which digits lie apart" in at.expander[0].label
    assert not at.dataframe
    at.session_state["agreement.latent..0.0"] = True
    at.run()
    assert not at.exception
    (table,) = (element.value for element in at.dataframe)
    kept = load_checkpoint(shelf / "one.safetensors").test_codes.agreement
    assert table["Digit"].tolist() == [str(row.label) for row in kept]
    assert table.iloc[:, 1].tolist() == pytest.approx([100 * row.share for row in kept])
    assert "nearest codes around a" in texts(at) and "Source 1 says" in texts(at)


def test_opening_it_loads_neither_tensorflow_nor_scikit_learn(shelf):
    keep(shelf, "vae-2d")
    keep(shelf, "karpathy-2d", seed=1)
    assert loaded_libraries(PAGE, shelf, pins="0,0;1,1,3") == "loaded []"


def test_a_model_made_anew_under_its_old_name_is_another(shelf):
    checkpoint = keep(shelf, "one")
    opened()
    save_checkpoint(replace(checkpoint, created="2026-05-06T07:08:09+00:00"), shelf)
    assert "06 May" in widget(opened().selectbox, "Model").options[0]


@pytest.mark.parametrize(
    ("colour", "labels", "shown"),
    [(True, False, "pictures"), (True, True, "dots"), (False, False, "dots")],
    ids=["colour", "colour, kinds known", "grey"],
)
def test_pictures_in_colour_stand_for_dots_where_no_kinds_colour_them(shelf, colour, labels, shown):
    pictures = made_up_dataset(8, labels=labels, name="of-mine", colour=colour)
    keep(shelf, "one", dataset=pictures)
    at = opened()
    assert widget(at.selectbox, "Show").value == shown
    widget(at.selectbox, "Show").set_value("dots").run()
    assert not at.exception and widget(at.selectbox, "Show").value == "dots"
