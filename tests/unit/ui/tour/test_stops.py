"""The stops of the tour: which there are, and whether their words can be read in passing."""

import re

import pytest

from aeviz.ui.shell.pages import PAGES
from aeviz.ui.tour.stops import STOPS, neighbour, position

NAMES = list(STOPS)


def test_they_are_kept_under_their_names():
    assert 10 <= len(STOPS) <= 14
    assert all(stop.name == name for name, stop in STOPS.items())


def test_they_lead_through_all_pages():
    assert {stop.page for stop in STOPS.values()} == {*PAGES}


@pytest.mark.parametrize("stop", STOPS.values(), ids=NAMES)
def test_each_has_a_view_and_something_to_say_and_to_do(stop):
    assert stop.view and stop.title and stop.notes
    # What is read out in twenty seconds, and takes three lines of the bar.
    assert 80 <= len(stop.words) <= 290
    # Three lines beside two others, and nothing that only the page itself shows.
    assert 30 <= len(stop.about) <= 110 and stop.about.endswith(".")
    assert not re.search(r"\b(above|below|row)\b", stop.about, re.IGNORECASE)
    assert 20 <= len(stop.do) <= 90 and stop.do.endswith(".")


def test_each_word_of_the_trade_has_a_stop_that_tells_it():
    for word in ("encoder", "decoder", "reconstruction", "undercomplete"):
        assert word in STOPS[word].words


def test_from_one_stop_to_the_next_and_back():
    assert [position(name) for name in NAMES] == list(range(1, len(NAMES) + 1))
    assert [neighbour(name, 1).name for name in NAMES[:-1]] == NAMES[1:]
    assert [neighbour(name, -1).name for name in NAMES[1:]] == NAMES[:-1]
    assert neighbour(NAMES[0], -1) is None and neighbour(NAMES[-1], 1) is None
    with pytest.raises(ValueError):
        neighbour("nonsense", 1)
