"""Curves of bytes against errors: between their points, where they cross, and PCA's."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from aeviz.coding.rates import RatePoint
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled
from aeviz.evaluation.rate_distortion import (
    Curve,
    crossings,
    curve_of,
    pca_points,
    pca_transform,
    worth_from,
)


def point(size, mse):
    return RatePoint(1.0, size, mse, 0.9)


def power(factor, exponent, errors=(0.04, 0.01, 0.0025)):
    """Bytes that are a power of the error."""
    return Curve("c", "C", tuple(point(factor * mse**exponent, mse) for mse in errors))


def test_between_two_points_it_is_a_power_of_the_error():
    curve = power(2.0, -0.5)
    for mse in (0.04, 0.03, 0.01, 0.004, 0.0025):
        assert curve.bytes_at(mse) == pytest.approx(2.0 * mse**-0.5)


@pytest.mark.parametrize("mse", [0.05, 0.002, 0.0])
def test_beyond_its_ends_nothing_is_known(mse):
    assert power(2.0, -0.5).bytes_at(mse) is None


def test_what_loses_nothing_does_so_at_every_error():
    png = Curve("png", "PNG", (point(160, 0.0),))
    assert png.lossless and png.bytes_at(0.01) == 160 and crossings(png, power(1, -0.5)) == []


def test_they_cross_where_the_powers_are_equal():
    # 2 e^-1/2 = .2 e^-1 at e = .01.
    one, other = power(2.0, -0.5, (0.04, 0.02, 0.001)), power(0.2, -1.0, (0.05, 0.008, 0.001))
    (at,) = crossings(one, other)
    assert at == pytest.approx(0.01, rel=0.02)
    assert crossings(one, power(4.0, -0.5)) == []
    assert crossings(one, Curve("none", "None", ())) == []


def test_the_best_points_are_those_nobody_beats():
    some = [("a", point(10, 0.02)), ("a", point(20, 0.01)), ("b", point(12, 0.03))]
    some += [("b", point(18, 0.011)), ("b", point(25, 0.01)), ("b", point(30, 0.004))]
    best = curve_of("network", "Network", some)
    assert [(p.bytes, p.mse) for p in best.points] == [
        (10, 0.02),
        (18, 0.011),
        (20, 0.01),
        (30, 0.004),
    ]
    assert best.sources == ("a", "b", "a", "b")


def test_two_qualities_that_come_to_the_same_are_one():
    curve = Curve("jpeg", "JPEG", (point(20, 0.01), point(22, 0.01), point(40, 0.001)))
    assert curve.bytes_at(0.01) == 20 and 22 < curve.bytes_at(0.005) < 40


def test_a_decoder_is_worth_it_from_where_it_is_paid_for():
    assert worth_from(480_000, 14, 39.3) == 18_973
    assert worth_from(480_000, 40, 39) is None


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def test_pca_is_scikit_learns(digits):
    mean, axes, transform = pca_transform(digits)
    expected = PCA(32).fit(scaled(digits.train_images))
    np.testing.assert_allclose(mean, expected.mean_, atol=1e-5)
    alike = np.abs(np.sum(axes[:10] * expected.components_[:10], axis=1))
    np.testing.assert_allclose(alike, 1, atol=1e-3)
    np.testing.assert_allclose(
        transform.spreads[:10], np.sqrt(expected.explained_variance_[:10]), rtol=0.02
    )


def test_pca_comes_close_to_the_errors_asked_for_and_to_what_theory_says_it_takes(digits):
    points = list(pca_points(digits))
    _, _, transform = pca_transform(digits)
    sizes = [one.bytes for one in points]
    assert len(points) >= 4 and sizes == sorted(sizes)
    # Reverse water-filling: half a bit for each factor of two a variance is above the water, and a
    # quarter of a bit a number for a rounding that is not of infinitely many at once.
    fine = points[-1]
    variances = np.square(transform.spreads.astype(float))
    water = fine.setting**2 / 12
    bits = 0.5 * np.log2(np.maximum(variances / water, 1)).sum()
    above = (variances > water).sum()
    assert bits / 8 < fine.bytes < (bits + 0.5 * above) / 8 + 1
