"""How far directions are trusted: SciPy, scikit-learn and decoders that are known as oracles."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.neighbors import KNeighborsClassifier

from aeviz.data.picture_shape import PictureShape
from aeviz.latent.attributes import ATTRIBUTES, attributes_of, measured
from aeviz.latent.directions import Direction
from aeviz.latent.trust import PULLS, nearest_labels, rank_correlation, trust_of
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer

SHAPE = PictureShape(8)


def decoder_of(*pictures):
    """A linear decoder: number k of the code draws so much of picture k on half grey."""
    kernel = np.array(pictures, np.float32)
    encoder = (Layer(np.zeros((64, len(kernel)), np.float32), np.zeros(len(kernel), np.float32)),)
    return Autoencoder(encoder, (Layer(kernel, np.full(64, 0.5, np.float32)),))


EVEN = np.full(64, 0.1)
LEFT = np.tile(np.linspace(-0.1, 0.1, 8), 8)  # as much ink, further to the right


def test_ranks_are_spearmans():
    values = np.random.default_rng(0).integers(0, 5, size=(30, 7)).astype(float)
    values[0] = 2  # the same everywhere
    told = [spearmanr(range(7), row).statistic for row in values[1:]]
    assert rank_correlation(values) == pytest.approx(sum(told) / 30)
    assert rank_correlation(np.zeros((0, 7))) == 0


def test_labels_are_those_of_a_nearest_neighbours_classifier():
    rng = np.random.default_rng(1)
    known, labels = rng.normal(size=(300, 4)), rng.integers(0, 6, 300).astype(np.uint8)
    asked = rng.normal(size=(50, 4))
    oracle = KNeighborsClassifier(5).fit(known, labels)
    np.testing.assert_array_equal(nearest_labels(asked, known, labels), oracle.predict(asked))
    few = nearest_labels(asked, known[:2], np.array([7, 7], np.uint8))
    assert (few == 7).all()


def along(number, length=1.0):
    vector = np.zeros(2, np.float32)
    vector[number] = length
    return Direction(vector, -2, 2, 1)


CODES = np.random.default_rng(2).uniform(-0.5, 0.5, size=(40, 2)).astype(np.float32)


def asked(direction, name="ink", **more):
    model = decoder_of(EVEN, LEFT)
    others = attributes_of(SHAPE)
    return trust_of(model, SHAPE, direction, ATTRIBUTES[name], others=others, codes=CODES, **more)


def test_a_direction_that_is_followed_is_trusted():
    trust = asked(along(0))
    assert trust.rank == pytest.approx(1) and trust.kept is None and trust.works
    np.testing.assert_allclose(trust.curve, np.tile(0.1 * np.array(PULLS), (3, 1)), atol=1e-6)
    assert "ink" not in trust.others


def test_one_that_goes_the_other_way_or_nowhere_is_not():
    assert asked(along(0, -1.0)).rank == pytest.approx(-1)
    nowhere = asked(along(1))  # as much ink, elsewhere
    assert abs(nowhere.rank) < 0.9 and not nowhere.works
    np.testing.assert_allclose(nowhere.curve, 0, atol=1e-6)


def test_what_else_changes_is_told_in_its_own_spreads():
    drawn = decoder_of(EVEN, LEFT).decode(CODES)
    spread = measured(ATTRIBUTES["ink"], drawn, SHAPE).std()
    found = asked(along(0), "width").others["ink"]
    assert found == pytest.approx(0.1 * 3 / spread, rel=1e-4)


def test_labels_are_kept_as_long_as_no_other_codes_are_nearer():
    rng = np.random.default_rng(3)
    known = np.concatenate([rng.normal(0, 0.3, (60, 2)), rng.normal([5, 0], 0.3, (60, 2))])
    labels = np.repeat([1, 2], 60).astype(np.uint8)
    mine = np.ones(len(CODES), np.uint8)
    stays = asked(along(0, 0.3), known=(known, labels), labels=mine)
    leaves = asked(along(0, 4.0), known=(known, labels), labels=mine)
    assert stays.kept == 1 and stays.works
    assert leaves.kept == pytest.approx(0.5) and not leaves.works  # to one side, nothing else is


def test_labels_that_the_codes_do_not_tell_say_nothing():
    """Of three kinds at random no neighbour knows: then nothing is said of their being kept."""
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 3, 200).astype(np.uint8)
    own = rng.integers(0, 3, len(CODES)).astype(np.uint8)
    trust = asked(along(0), known=(rng.normal(size=(200, 2)), labels), labels=own)
    assert trust.kept is None and trust.untold and trust.works
    assert not asked(along(0)).untold


def test_where_labels_cannot_tell_what_goes_along_must_not_be_much():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 3, 200).astype(np.uint8)
    own = rng.integers(0, 3, len(CODES)).astype(np.uint8)
    both = Direction(np.array([0.3, 1.5], np.float32), -2, 2, 1)  # mostly to the right
    trust = asked(both, known=(rng.normal(size=(200, 2)), labels), labels=own)
    assert trust.rank > 0.9 and max(map(abs, trust.others.values())) > 2 and not trust.works
