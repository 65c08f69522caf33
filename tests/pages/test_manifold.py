"""The page "Manifold" without a browser: what it shows, what a link may ask for, what it offers."""

import json
from functools import partial
from statistics import NormalDist

import pytest

from tests.pages.opened_page import address, charts, keep, labels, loaded_libraries, texts, widget
from tests.pages.opened_page import opened as opened_at
from tests.support.made_up_models import made_up_dataset

PAGE = "manifold/page.py"
opened = partial(opened_at, PAGE)


def figure(at) -> dict:
    (chart,) = at.get("plotly_chart")
    return json.loads(chart.proto.spec)


def drawn(at) -> list[float]:
    """Left, right, bottom and top of what the picture covers."""
    layout = figure(at)["layout"]
    (picture,) = layout["images"]
    ends = [*layout["xaxis"]["range"], *layout["yaxis"]["range"]]
    assert [picture["x"], picture["y"]] == [ends[0], ends[3]]
    assert [picture["sizex"], picture["sizey"]] == [ends[1] - ends[0], ends[3] - ends[2]]
    return ends


def test_it_opens_on_the_variational_model_over_the_published_range():
    at = opened()
    assert at.title[0].value == "Manifold"
    assert "Every cell is what the decoder draws for its place on the map." in texts(at)
    assert widget(at.selectbox, "Model").value == "vae-2d" == address(at, "model")
    assert widget(at.selectbox, "Part of the map").value == "published"
    # 30 cells whose centres go from -2 to 2, and half a cell more.
    assert drawn(at) == pytest.approx([-2 - 2 / 29, 2 + 2 / 29] * 2)
    assert not at.warning and not at.error


def test_a_plain_autoencoder_is_drawn_where_its_codes_are(shelf):
    keep(shelf, "one")
    at = opened()
    assert widget(at.selectbox, "Part of the map").value == "codes"
    widget(at.selectbox, "Part of the map").set_value("published").run()
    assert drawn(at) == pytest.approx([-2 - 2 / 29, 2 + 2 / 29] * 2)
    assert address(at, "range") == "published"


def test_fewer_and_more_cells(shelf):
    keep(shelf, "one")
    at = opened(range="published")
    for n in (5, 60):
        widget(at.slider, "Pictures along a side").set_value(n).run()
        assert not at.exception and address(at, "n") == str(n)
        assert drawn(at)[1] == pytest.approx(2 + 2 / (n - 1))


def test_a_link_reopens_what_the_sender_saw(shelf):
    keep(shelf, "deep", latent_dim=5)
    at = opened(n="12", range="published", axes="4,2", view="-1,1,0,1.5", over="dim,dots")
    assert not at.warning
    assert widget(at.slider, "Pictures along a side").value == 12
    assert widget(at.selectbox, "View of the code").value == 3
    assert widget(at.selectbox, "Number drawn upwards").value == 1
    assert drawn(at) == pytest.approx([-1, 1, 0, 1.5])
    assert widget(at.toggle, "Dim empty places").value
    assert not widget(at.toggle, "Tint by digit").value
    assert sum(len(t.get("customdata", [])) > 0 for t in figure(at)["data"]) > 1
    assert address(at, "view") is not None and address(at, "over") == "dots,dim"
    at.run()
    assert drawn(at) == pytest.approx([-1, 1, 0, 1.5])


BAD = [
    {"n": "4"},
    {"n": "61"},
    {"n": "thirty"},
    {"n": "9" * 5000},
    {"range": "nowhere"},
    {"range": "gaussian"},
    {"axes": "1,9"},
    {"axes": "2,2"},
    {"axes": "x"},
    {"view": "1,0,0,1"},
    {"view": "0,1,1,1"},
    {"view": "0,inf,0,1"},
    {"view": "-1e300,1e300,0,1"},
    {"view": "0,1"},
    {"view": "a,b,c,d"},
    {"over": "everything"},
    {"show": "everything"},
    {"model": "no-such-model"},
]


@pytest.mark.parametrize("query", BAD, ids=lambda q: "=".join(*q.items())[:24])
def test_a_link_that_makes_no_sense_is_one_sentence(shelf, query):
    keep(shelf, "deep", latent_dim=5)
    at = opened(**query)
    assert len(at.warning) == 1 and at.warning[0].value.endswith(".")
    assert charts(at) == 1 and widget(at.slider, "Pictures along a side").value == 30
    at.run()
    assert not at.warning and address(at, *(set(query) - {"model"} or {"view"})) is None


def test_axes_of_a_model_that_has_none(shelf):
    keep(shelf, "flat")
    at = opened(axes="1,2")
    assert "only one map" in at.warning[0].value and charts(at) == 1


def test_there_and_back_without_losing_the_view(shelf):
    keep(shelf, "one")
    keep(shelf, "other")
    at = opened(model="other", n="9", range="published", view="0,1,0,1", pins="0.5,0.25")
    at.query_params.clear()  # as going to another page does
    at.switch_page("latent/page.py").run()
    assert widget(at.selectbox, "Model").value == "other"
    assert address(at, "pins") == "0.5,0.25"
    at.query_params.clear()
    at.switch_page(PAGE).run()
    assert not at.exception and not at.warning
    assert widget(at.selectbox, "Model").value == "other"
    assert widget(at.slider, "Pictures along a side").value == 9
    assert drawn(at) == pytest.approx([0, 1, 0, 1])
    assert address(at, "pins") == "0.5,0.25" and address(at, "view") is not None


def test_the_whole_range_undoes_a_zoom_and_another_model_has_its_own(shelf):
    keep(shelf, "one")
    keep(shelf, "other")
    at = opened(model="one", range="published", view="0,1,0,1")
    assert not widget(at.button, "Whole range").disabled
    widget(at.selectbox, "Model").set_value("other").run()
    assert widget(at.button, "Whole range").disabled and address(at, "view") is None
    assert widget(at.selectbox, "Part of the map").value == "codes"
    widget(at.selectbox, "Model").set_value("one").run()
    assert drawn(at) == pytest.approx([0, 1, 0, 1])
    widget(at.button, "Whole range").click().run()
    assert drawn(at)[1] == pytest.approx(2 + 2 / 29)
    assert widget(at.button, "Whole range").disabled and address(at, "view") is None


def test_overlays_change_the_picture_and_not_its_place(shelf):
    keep(shelf, "one")
    at = opened(n="8", range="published")
    seen, place = [figure(at)["layout"]["images"][0]["source"]], drawn(at)
    for label in ("Tint by digit", "Dim empty places"):
        widget(at.toggle, label).set_value(True).run()
        assert not at.exception and drawn(at) == place
        seen.append(figure(at)["layout"]["images"][0]["source"])
    assert len(set(seen)) == 3


@pytest.mark.parametrize("dim", [1, 5, 70])
def test_codes_of_any_length(shelf, dim):
    keep(shelf, "any", latent_dim=dim)
    at = opened(over="dots,tint,dim", n="6")
    assert charts(at) == 1 and not at.error
    assert ("View of the code" in labels(at.selectbox)) == (dim == 5)
    assert ("all rows are alike" in texts(at)) == (dim == 1)


def test_without_labels_there_is_no_tint(shelf):
    keep(shelf, "one", dataset=made_up_dataset(labels=False))
    at = opened(over="dots,tint,dim", n="6")
    assert "Tint by digit" not in labels(at.toggle) and charts(at) == 1
    assert address(at, "over") == "dots,dim"


def downloads(at) -> list[str]:
    return [button.proto.label for button in at.get("download_button")]


def test_a_film_can_be_watched_and_kept(shelf):
    keep(shelf, "one", snapshots=True, film=True)
    at = opened(show="film")
    assert downloads(at) == ["Film (GIF)"] and not charts(at)
    assert "The grid at every moment of the training." in texts(at)
    widget(at.button_group, "Show").set_value("grid").run()
    assert charts(at) == 1 and address(at, "show") is None


def test_a_model_without_a_film_says_how_to_get_one(shelf):
    keep(shelf, "one", snapshots=True)
    at = opened(show="film")
    assert "Train it again in Watch it learn" in texts(at)
    assert not downloads(at) and not charts(at) and not at.warning


def ends_of(chart) -> list[float]:
    layout = json.loads(chart.proto.spec)["layout"]
    return [*layout["xaxis"]["range"], *layout["yaxis"]["range"]]


def test_two_models_over_one_range(shelf):
    keep(shelf, "one", seed=1)
    keep(shelf, "two", seed=2, variational=True)
    at = opened(show="pair", model="one", beside="two", n="9")
    assert not at.warning and not at.error
    assert widget(at.selectbox, "Beside it").value == "two" == address(at, "beside")
    # One of them is a plain autoencoder: its codes say where to look.
    assert widget(at.selectbox, "Part of the map").value == "codes"
    left, right = (ends_of(chart) for chart in at.get("plotly_chart"))
    assert left == right
    each = []
    for name in ("one", "two"):
        alone = opened(model=name, range="codes", n="9")
        each.append(drawn(alone))
    (a, b), cell = each, 1 / 8
    # What the two have in common: where one has no codes, it would draw nothing to compare.
    common = [max(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), min(a[3], b[3])]
    assert left == pytest.approx(common, abs=cell * max(map(abs, [*a, *b])))
    widget(at.selectbox, "Part of the map").set_value("published").run()
    for chart in at.get("plotly_chart"):
        assert ends_of(chart) == pytest.approx([-2.25, 2.25] * 2)


def test_a_zoom_of_two_models_is_one_for_both(shelf):
    keep(shelf, "one", seed=1)
    keep(shelf, "two", seed=2)
    at = opened(show="pair", model="one", beside="two", view="0,1,0,1")
    for chart in at.get("plotly_chart"):
        assert ends_of(chart) == pytest.approx([0, 1, 0, 1])
    widget(at.button, "Whole range").click().run()
    assert ends_of(at.get("plotly_chart")[0])[1] != pytest.approx(1)
    assert address(at, "view") is None


def test_there_is_nothing_to_set_beside_the_only_model(shelf):
    keep(shelf, "one")
    at = opened(show="pair")
    assert "There is no other model yet" in texts(at) and not at.exception


def test_equal_shares_of_a_gaussian(shelf):
    keep(shelf, "one", variational=True)
    at = opened(range="gaussian", n="10")
    assert not at.warning
    layout = figure(at)["layout"]
    # Ten shares fill the whole distribution; the numbers along the sides are the map's own.
    assert drawn(at) == pytest.approx([0, 1, 0, 1])
    numbers = [float(text.replace("−", "-")) for text in layout["xaxis"]["ticktext"]]
    assert numbers == pytest.approx(
        [NormalDist().inv_cdf(place) for place in layout["xaxis"]["tickvals"]], abs=1e-6
    )
    at = opened(range="gaussian", n="10", view="-1,1,0,2")
    shares = [NormalDist().cdf(end) for end in (-1, 1, 0, 2)]
    assert drawn(at) == pytest.approx(shares, abs=1e-6)


def test_the_other_numbers_as_in_a_pinned_code(shelf):
    keep(shelf, "deep", latent_dim=5)
    pins = "0.5,0.25;0,0,7"
    at = opened(axes="1,3", pins=pins, n="6", range="published")
    seen = figure(at)["layout"]["images"][0]["source"]
    assert len(widget(at.selectbox, "The other numbers").options) == 3
    widget(at.selectbox, "The other numbers").set_value(1).run()
    assert address(at, "base") == "2" and not at.exception
    other = figure(at)["layout"]["images"][0]["source"]
    assert other != seen
    at = opened(axes="1,3", pins=pins, base="2", n="6", range="published")
    assert figure(at)["layout"]["images"][0]["source"] == other
    at = opened(axes="1,3", pins=pins, base="3", n="6", range="published")
    assert "pinned code that is not there" in at.warning[0].value
    assert figure(at)["layout"]["images"][0]["source"] == seen


def test_no_model_and_no_codes(shelf):
    assert "There is no model yet" in texts(opened())
    keep(shelf, "bare", codes=False)
    at = opened()
    assert "no map of it" in texts(at) and charts(at) == 0


def test_opening_it_loads_neither_tensorflow_nor_scikit_learn(shelf):
    keep(shelf, "vae-2d")
    assert loaded_libraries(PAGE, shelf, over="dots,tint,dim") == "loaded []"
