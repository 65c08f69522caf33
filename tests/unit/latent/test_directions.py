"""Directions against scikit-learn's regression and plain means; what is refused."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from aeviz.latent.directions import DirectionError, difference_of, direction_of

RNG = np.random.default_rng(0)
CODES = (RNG.normal(size=(400, 3)) @ np.array([[2, 0.5, 0], [0, 1, 0.3], [0, 0, 0.7]])).astype("f4")
VALUES = CODES @ np.array([0.5, -1.0, 2.0]) + 0.1 * RNG.normal(size=400) + 7


def test_it_is_the_direction_of_a_linear_regression_one_spread_long():
    found = direction_of(CODES, VALUES)
    oracle = LinearRegression().fit(CODES, VALUES)
    way = oracle.coef_ / np.linalg.norm(oracle.coef_)
    length = np.linalg.norm(found.vector)
    assert found.vector @ way / length == pytest.approx(1, abs=1e-4)
    along = (CODES - CODES.mean(axis=0)) @ way
    assert length == pytest.approx(along.std(), rel=1e-3)
    ends = np.percentile(along / along.std(), [2.5, 97.5])
    np.testing.assert_allclose([found.low, found.high], ends, rtol=5e-3)
    assert 0.99 < found.agreement <= 1


def test_a_number_that_hardly_varies_does_not_lead_the_way():
    codes = np.column_stack([CODES[:, 0], 1e-6 * RNG.normal(size=400)])
    found = direction_of(codes, codes[:, 0] + 0.3 * RNG.normal(size=400))
    assert abs(found.vector[1]) < 1e-3 * abs(found.vector[0])


def test_what_could_not_be_measured_is_left_out():
    values = VALUES.copy()
    values[:50] = np.nan
    np.testing.assert_array_equal(
        direction_of(CODES, values).vector, direction_of(CODES[50:], VALUES[50:]).vector
    )


def test_directions_of_noise_do_not_agree():
    assert direction_of(CODES, RNG.normal(size=400)).agreement < 0.9


def test_an_attribute_that_does_not_vary_and_too_few_pictures_are_refused():
    with pytest.raises(DirectionError, match="the same in all pictures"):
        direction_of(CODES, np.full(400, 3.7))
    with pytest.raises(DirectionError, match="at least 10 pictures"):
        direction_of(CODES, np.where(np.arange(400) < 9, VALUES, np.nan))


def test_a_difference_leads_from_the_mean_of_one_group_to_that_of_the_other():
    less, more = np.arange(100), np.arange(100, 180)
    found = difference_of(CODES, CODES[less], CODES[more])
    way = CODES[more].mean(axis=0) - CODES[less].mean(axis=0)
    cosine = found.vector @ way / np.linalg.norm(found.vector) / np.linalg.norm(way)
    assert cosine == pytest.approx(1, abs=1e-5)


def test_one_picture_of_each_is_enough_for_a_difference():
    found = difference_of(CODES, CODES[[3]], CODES[[8]])
    assert found.agreement == pytest.approx(1)


@pytest.mark.parametrize(
    ("less", "more", "sentence"),
    [([], [1], "at least one"), ([1], [], "at least one"), ([4, 2], [2, 4], "the same")],
)
def test_groups_that_make_no_difference_are_refused(less, more, sentence):
    with pytest.raises(DirectionError, match=sentence):
        difference_of(CODES, CODES[np.array(less, int)], CODES[np.array(more, int)])


def test_groups_with_the_same_mean_are_refused():
    codes = np.array([[0, 1], [2, 1], [1, 1], [1, 1]], "f4")
    with pytest.raises(DirectionError, match="Nothing in the code"):
        difference_of(codes, codes[:2], codes[2:4])
