"""What is left of a long curve: all that can be seen of it."""

import numpy as np
import pytest

from aeviz.thinning import telling_points

LONG, MOST = 100_000, 400


@pytest.fixture
def noisy():
    random = np.random.default_rng(2)
    return np.arange(LONG), np.exp(-np.arange(LONG) / 2e4) + random.normal(size=LONG) / 50


@pytest.mark.parametrize("spike", [1, 777, 54_321, LONG - 2])
def test_no_spike_is_lost_and_both_ends_stay(noisy, spike):
    steps, values = noisy
    values[spike] = 9.0
    values[spike - 1] = -9.0
    kept = telling_points(steps, values, MOST)
    assert MOST / 2 < len(kept) <= MOST
    assert {0, LONG - 1, spike - 1, spike} <= {*kept.tolist()}
    assert (np.diff(kept) > 0).all()


def test_whatever_part_of_it_is_looked_at_has_its_height(noisy):
    steps, values = noisy
    kept = telling_points(steps, values, MOST)
    for start in range(0, LONG, LONG // 10):
        part = (kept >= start) & (kept < start + LONG // 10)
        there = values[start : start + LONG // 10]
        # All but what two neighbouring parts of the axis share at the edges.
        assert np.ptp(values[kept[part]]) > 0.97 * np.ptp(there)


def test_a_short_curve_stays_whole():
    for count in (0, 1, 5, MOST):
        assert telling_points(np.arange(count), np.ones(count), MOST).tolist() == [*range(count)]


def test_on_a_logarithmic_axis_every_decade_has_as_many(noisy):
    steps, values = noisy
    kept = steps[telling_points(np.log(np.maximum(steps, 1)), values, MOST)]
    decades = [np.sum((kept >= 10**n) & (kept < 10 ** (n + 1))) for n in (2, 3, 4)]
    assert max(decades) <= 1.3 * min(decades)


def test_places_that_are_all_the_same_are_no_trouble():
    kept = telling_points(np.zeros(1_000), np.arange(1_000.0), 10)
    assert kept.tolist() == [0, 999]
