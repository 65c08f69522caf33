"""Differences with a name: as directions, and as the plain values they are kept as."""

import json
from dataclasses import replace

import numpy as np
import pytest

from aeviz.latent.differences import (
    MOST_OWN,
    Difference,
    difference_of_plain,
    differences_of_plain,
)
from aeviz.latent.directions import DirectionError, difference_of

CODES = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32) * [1, 2, 3, 4]
LESS, MORE = CODES[:40], CODES[40:100] + 1
WAY = tuple((MORE.mean(axis=0) - LESS.mean(axis=0)).tolist())
ONE = Difference("rounder", WAY, "less", "more", (40, 60), 0.9)


def test_it_is_the_direction_its_groups_had():
    found, made = ONE.direction(CODES), difference_of(CODES, LESS, MORE)
    np.testing.assert_allclose(found.vector, made.vector, rtol=1e-5)
    assert (found.low, found.high) == pytest.approx((made.low, made.high))
    assert found.agreement == 0.9
    # So far along it, one group's mean is the other's.
    there = LESS.mean(axis=0) + ONE.apart(found) * found.vector
    np.testing.assert_allclose(there, MORE.mean(axis=0), atol=1e-5)


def test_of_other_codes_or_to_nowhere_it_is_none():
    with pytest.raises(DirectionError, match="a code of 4 numbers"):
        ONE.direction(CODES[:, :3])
    with pytest.raises(DirectionError, match="Nothing in the code"):
        replace(ONE, way=(0.0,) * 4).direction(CODES)


def test_it_comes_back_from_json():
    back = difference_of_plain(json.loads(json.dumps(ONE.plain())))
    assert back == replace(ONE, way=back.way)
    np.testing.assert_allclose(back.way, ONE.way, rtol=1e-5)
    assert back.name == ONE.name and ONE.name.startswith("own.")
    assert replace(ONE, title="other").name != ONE.name


@pytest.mark.parametrize(
    "change",
    [
        {"way": []},
        {"way": [1.0] * 65},
        {"way": [float("nan")]},
        {"way": [1e9]},
        {"way": ["1"]},
        {"way": [True]},
        {"way": 1.0},
        {"counts": [1]},
        {"counts": [0, 1]},
        {"counts": [1.5, 1]},
        {"agreement": 2},
        {"agreement": None},
        {"title": None},
        {"less": 3},
    ],
    ids=str,
)
def test_anything_else_is_refused(change):
    with pytest.raises(ValueError, match="its differences"):
        difference_of_plain(ONE.plain() | change)


def test_words_are_made_harmless_and_there_is_an_end():
    title = "<b>\n" + "x" * 100
    one = difference_of_plain(ONE.plain() | {"title": title})
    assert not set("<\n") & set(one.title) and len(one.title) <= 40
    assert len(differences_of_plain([ONE.plain()] * MOST_OWN)) == MOST_OWN
    for values in ([ONE.plain()] * (MOST_OWN + 1), {}, None, "x", [None]):
        with pytest.raises(ValueError, match="its differences"):
            differences_of_plain(values)
