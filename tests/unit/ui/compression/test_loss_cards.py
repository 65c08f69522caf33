"""What the browser says of a chart's dots is checked: it may be anything."""

import pytest

from aeviz.ui.compression.loss_cards import CardEvents, card_events


def test_a_click_and_a_theme():
    assert card_events({}) == CardEvents()
    state = {"clicked": {"n": 3.0, "name": "a"}, "theme": "dark"}
    assert card_events(state) == CardEvents((3, "a"), "dark")


@pytest.mark.parametrize(
    "state",
    [
        {"clicked": "a"},
        {"clicked": {"n": -1, "name": "a"}},
        {"clicked": {"n": float("nan"), "name": "a"}},
        {"clicked": {"n": 1e300, "name": "a"}},
        {"clicked": {"n": "1", "name": "a"}},
        {"clicked": {"n": 1, "name": ["a"]}},
        {"clicked": {"n": 1}},
        {"theme": "green"},
        {"theme": {}},
    ],
    ids=str,
)
def test_nonsense_counts_as_nothing(state):
    assert card_events(state) == CardEvents()
