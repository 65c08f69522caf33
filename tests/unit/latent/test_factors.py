"""Information in codes against scikit-learn's estimator, and codes of which the gap is known."""

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from aeviz.latent.factors import BINS, told_of

RNG = np.random.default_rng(0)


def bins(values):
    """As NumPy's own histogram cuts them."""
    edges = np.histogram_bin_edges(values, BINS)
    return np.clip(np.digitize(values, edges[1:-1]), 0, BINS - 1)


def test_information_is_what_scikit_learn_says():
    codes = RNG.normal(size=(3_000, 4))
    factors = {
        "hue": codes[:, 1] + 0.3 * RNG.normal(size=3_000),
        "kind": RNG.integers(0, 4, 3_000).astype(np.uint8),
    }
    told = told_of(codes, factors)
    assert told.factors == ("hue", "kind")
    for k in range(4):
        for f, values in enumerate(factors.values()):
            other = values if f else bins(values)
            assert told.nats[k, f] == pytest.approx(mutual_info_score(bins(codes[:, k]), other))
    entropy = mutual_info_score(factors["kind"], factors["kind"])
    np.testing.assert_allclose(told.shares[:, 1], told.nats[:, 1] / entropy)


def test_a_factor_with_a_number_of_its_own_has_a_gap_of_one():
    factors = {"x": RNG.uniform(size=5_000), "y": RNG.uniform(size=5_000)}
    told = told_of(np.column_stack([*factors.values(), RNG.normal(size=5_000)]), factors)
    assert told.gap == pytest.approx(1, abs=0.02) and told.shares.argmax(axis=0).tolist() == [0, 1]


def test_one_that_two_numbers_tell_alike_has_none():
    x = RNG.uniform(size=5_000)
    assert told_of(np.column_stack([x, 2 - x]), {"x": x}).gap == pytest.approx(0, abs=1e-9)


def test_a_number_given_up_tells_nothing_and_one_number_is_its_own_gap():
    x = RNG.uniform(size=1_000)
    told = told_of(np.column_stack([x, np.full(1_000, 0.3)]), {"x": x})
    assert told.nats[1, 0] == pytest.approx(0) and told.gap == pytest.approx(1)
    assert told_of(x[:, None], {"x": x}).gap == pytest.approx(1)
