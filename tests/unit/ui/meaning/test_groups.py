"""Two groups of pictures, as a chart in the browser says which."""

import pytest

from aeviz.ui.meaning.groups import rows_of_selection


def test_the_rows_inside_a_lasso():
    points = [{"customdata": 5}, {"customdata": [2]}, {"customdata": 5}]
    assert rows_of_selection({"selection": {"points": points}}, 10) == (2, 5)


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        "x",
        {"selection": None},
        {"selection": {"points": 3}},
        {"selection": {"points": [None, {}, {"customdata": "1"}, {"customdata": [1, 2]}]}},
        {"selection": {"points": [{"customdata": 10}, {"customdata": -1}, {"customdata": True}]}},
        {"selection": {"points": [{"customdata": 1.5}, {"customdata": [None]}]}},
    ],
)
def test_anything_else_selects_nothing(event):
    assert rows_of_selection(event, 10) == ()
