"""The transform of a code, against what a linear decoder makes of a step in closed form."""

import numpy as np
import pytest

from aeviz.coding.transform import first_of, transform_of
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import LayerPlan

SIZE, VALUES = 4, 30
RANDOM = np.random.default_rng(4)
# Numbers of very different worth, which say much the same.
DECODER = RANDOM.normal(size=(SIZE, VALUES)) * np.array([[5.0], [1.0], [0.1], [0.0]])
MIX = RANDOM.normal(size=(SIZE, SIZE))
CODES = RANDOM.normal(size=(3_000, SIZE)) @ MIX + 7.0


def linear(kernel):
    plan = LayerPlan(kernel.shape[0], kernel.shape[1], "linear")
    layer = plan.with_weights(kernel.astype(np.float32), np.full(kernel.shape[1], 0.25, np.float32))
    return Autoencoder((), (layer,))


def test_codes_come_back():
    transform = transform_of(linear(DECODER), CODES)
    back = transform.undo(transform.apply(CODES))
    np.testing.assert_allclose(back, CODES, atol=2e-2)
    np.testing.assert_allclose(transform.apply(CODES).mean(axis=0), 0, atol=1e-2)


def test_its_numbers_do_not_depend_on_each_other_and_the_widest_comes_first():
    numbers = transform_of(linear(DECODER), CODES).apply(CODES)
    spread = np.cov(numbers.T)
    variances = np.diag(spread)
    assert (np.diff(variances) <= 1e-9 * variances[0]).all()
    apart = spread - np.diag(variances)
    assert np.abs(apart).max() < 1e-4 * variances[0]


def test_it_says_how_far_its_numbers_spread():
    transform = transform_of(linear(DECODER), CODES)
    np.testing.assert_allclose(
        transform.spreads, transform.apply(CODES).std(axis=0), rtol=0.02, atol=1e-5
    )


@pytest.mark.parametrize("number", range(3))
def test_a_step_of_any_number_changes_the_picture_by_as_much(number):
    decoder = linear(DECODER)
    transform = transform_of(decoder, CODES)
    numbers = transform.apply(CODES[:50])
    step = np.eye(SIZE)[number] * 0.01
    before, after = (decoder.decode(transform.undo(n)) for n in (numbers, numbers + step))
    changed = np.square(after.astype(np.float64) - before).mean()
    assert changed == pytest.approx(0.01**2, rel=0.03)


@pytest.mark.parametrize("codes", [np.full((9, SIZE), 3.0), np.full((9, SIZE), np.nan)])
def test_codes_that_say_nothing_have_none(codes):
    assert transform_of(linear(DECODER), codes) is None
    assert transform_of(linear(np.zeros((SIZE, VALUES))), CODES) is None


def test_in_order_the_beginning_of_a_code_is_the_beginning_of_what_is_written():
    transform = transform_of(linear(DECODER), CODES, in_order=True)
    np.testing.assert_allclose(transform.undo(transform.apply(CODES)), CODES, atol=2e-2)
    for numbers in range(1, SIZE):
        first = first_of(transform, numbers)
        np.testing.assert_allclose(
            first.apply(CODES[:, :numbers]), transform.apply(CODES)[:, :numbers], atol=1e-6
        )
        np.testing.assert_allclose(
            first.undo(transform.apply(CODES)[:, :numbers]), CODES[:, :numbers], atol=2e-2
        )


def test_in_order_its_numbers_do_not_depend_on_each_other_either():
    numbers = transform_of(linear(DECODER), CODES, in_order=True).apply(CODES)
    apart = np.corrcoef(numbers[:, :3].T) - np.eye(3)
    assert np.abs(apart).max() < 1e-3
