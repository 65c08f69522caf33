"""What goes into an address comes out of it again, and nothing else does."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeviz.networks.limits import PresetError, check_recipe
from aeviz.networks.recipes import PRESETS
from aeviz.networks.settings import SETTINGS
from aeviz.ui.film.moments import nearest_frame, stopped_frame
from aeviz.ui.learn.recipe_form import text_of, value_of_text
from aeviz.ui.live import panels as live_panels
from aeviz.ui.live.panels import MaskedPicture, Route
from aeviz.ui.shell.address import LinkError, one_of, some_of, switched, whole_number

WHOLE = st.integers(0, 11)
ROUTES = st.builds(
    lambda kind, steps, share, start, end: Route(
        kind, steps, int(share * (steps - 1)), *((start, end) if kind == "line" else (0, 1))
    ),
    st.sampled_from(live_panels.ROUTES),
    st.integers(live_panels.FEWEST_STEPS, live_panels.MOST_STEPS),
    st.floats(0, 1),
    WHOLE,
    WHOLE,
)
# What people and programs put into addresses.
HOSTILE = st.text() | st.sampled_from(
    ["nan", "inf,inf", "1e999", "-1", "٣", "1,", ",", ";;", "0x10", "9" * 400, "\0", "None", "１"]
)


@given(ROUTES)
def test_a_walk_comes_back(route):
    text = live_panels.text_of_route(route)
    assert (live_panels.route_of_text(text) if text else Route()) == route


def test_walks_as_a_person_writes_them():
    assert live_panels.route_of_text("line,1,3") == Route("line", 60, 0, 0, 2)
    assert live_panels.route_of_text("round,30") == Route("round", 30)
    assert live_panels.route_of_text("path,30,30").place == 29
    assert live_panels.text_of_route(Route()) == ""


@given(st.builds(MaskedPicture, st.integers(0, 100), st.integers(0, 99), st.integers(0, 9_999)))
def test_a_wiped_picture_comes_back(wiped):
    assert live_panels.masked_of_text(live_panels.text_of_masked(wiped), 100) == wiped


def test_a_share_alone_is_of_the_first_picture():
    assert live_panels.masked_of_text("40", 100) == MaskedPicture(40, 0, 0)
    assert live_panels.masked_of_text("40,7", 100) == MaskedPicture(40, 7, 0)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=64))
def test_a_code_comes_back_to_the_last_bit(code):
    text = live_panels.text_of_code(tuple(code))
    again = live_panels.code_of_text(text, len(code))
    assert np.array_equal(np.float32(again), np.float32(code))
    assert live_panels.text_of_code(again) == text and len(text) < 2_000


@given(HOSTILE)
def test_other_texts_are_refused_with_a_sentence(text):
    def read(text, *args):
        for reader in (
            live_panels.route_of_text,
            lambda one: live_panels.masked_of_text(one, 100),
            lambda one: live_panels.code_of_text(one, 2),
            whole_number(0, 10, "number"),
            one_of(("a", "b"), "letter"),
            some_of(("a", "b"), "letters"),
            switched,
        ):
            try:
                yield reader(text)
            except LinkError as error:
                assert str(error).endswith(".") and len(str(error)) < 200

    for value in read(text):
        assert value is not None


def test_numbers_out_of_range_give_the_nearest():
    for text, nearest in (("11", 10), ("-3", 0), ("9" * 400, 10)):
        with pytest.raises(LinkError) as refused:
            whole_number(0, 10, "number")(text)
        assert refused.value.nearest == nearest and f"; {nearest} is taken." in str(refused.value)


def test_some_of_several_names_are_the_nearest():
    read = some_of(("a", "b", "c"), "letters", none="none")
    assert read("c,a,c,") == ("a", "c") and read("none") == ()
    for text, nearest in (("b,x", ("b",)), ("x", None), ("a,none", ("a",))):
        with pytest.raises(LinkError) as refused:
            read(text)
        assert refused.value.nearest == nearest


# --- settings of a recipe ---


@pytest.mark.parametrize("base", [*PRESETS.values(), PRESETS["vae-2d"].published])
def test_every_setting_of_every_recipe_comes_back(base):
    for other in (base, *(preset for preset in PRESETS.values() if preset.variational)):
        for name in SETTINGS:
            value = getattr(other if base.variational else base, name)
            if base.variational or name not in ("kl_weight", "before_readout"):
                assert value_of_text(text_of(value), base, name) == value


@given(
    st.floats(0, 2, exclude_min=True),
    st.integers(1, 5_000_000),
    st.lists(st.integers(1, 20_000), max_size=8),
)
def test_numbers_and_layers_come_back(rate, steps, widths):
    base = PRESETS["karpathy-2d"]
    for name, value in (("learning_rate", rate), ("steps", steps), ("encoder", tuple(widths))):
        assert value_of_text(text_of(value), base, name) == value


@given(st.sampled_from(list(SETTINGS)), HOSTILE)
def test_settings_that_cannot_be_read_are_refused(name, text):
    base = PRESETS["vae-2d"]
    try:
        value = value_of_text(text, base, name)
        check_recipe(replace(base, **{name: value}))
    except (LinkError, PresetError) as error:
        assert str(error).endswith(".")
    else:
        assert not isinstance(value, float) or math.isfinite(value)


# --- the moment of a film ---


@given(st.lists(st.integers(0, 10_000), min_size=1, unique=True), st.integers(0, 10_000))
def test_the_nearest_frame(steps, step):
    steps = np.array(sorted(steps))
    assert abs(steps[nearest_frame(steps, step)] - step) == min(abs(steps - step))


@pytest.mark.parametrize(
    ("said", "frame"),
    [
        ({"stopped": {"film": "a", "frame": 3}}, 3),
        ({"stopped": {"film": "a", "frame": 3.0}}, 3),
        ({"stopped": {"film": "b", "frame": 3}}, None),
        ({"stopped": {"film": "a", "frame": float("nan")}}, None),
        ({"stopped": {"film": "a", "frame": -1}}, None),
        ({"stopped": {"film": "a", "frame": "3"}}, None),
        ({"stopped": [3]}, None),
        ({}, None),
    ],
)
def test_where_a_viewer_stopped(said, frame):
    assert stopped_frame(said, "a") == frame


# --- what the panels send ---


@pytest.mark.parametrize(
    "value", [None, 3, [], {"kind": "circle"}, {"kind": "spiral", "steps": 60}]
)
def test_what_is_no_walk_or_picture_from_the_browser_is_nothing(value):
    assert live_panels.sent_route(value) is None
    assert live_panels.sent_masked(value) is None
    assert live_panels.sent_code(value, 2) is None


def test_what_the_panels_send_is_checked():
    walk = {"kind": "line", "steps": 60, "place": 3, "start": 0, "end": 2}
    assert live_panels.sent_route(walk) == Route("line", 60, 3, 0, 2)
    for wrong in ({"steps": 5}, {"place": 60}, {"start": -1}, {"end": 1.5}, {"steps": 10**9}):
        assert live_panels.sent_route(walk | wrong) is None
    picture = {"percent": 40, "row": 7, "seed": 3}
    assert live_panels.sent_masked(picture) == MaskedPicture(40, 7, 3)
    assert live_panels.sent_masked(picture | {"percent": 101}) is None
    assert live_panels.sent_code({"code": [0.5, -1]}, 2) == (0.5, -1.0)
    for wrong in ([0.5], [0.5, float("inf")], [0.5, "1"], "ab"):
        assert live_panels.sent_code({"code": wrong}, 2) is None
