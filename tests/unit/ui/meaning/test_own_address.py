"""Differences of one's own in an address."""

from dataclasses import replace

import numpy as np
import pytest

from aeviz.latent.differences import MOST_OWN, Difference
from aeviz.ui.meaning.own_address import (
    LESS,
    MORE,
    CodeOf,
    OfKinds,
    differences_of_text,
    mark_of,
    text_of_differences,
)
from aeviz.ui.shell.address import LONGEST, LinkError

DIGITS = CodeOf(mark_of("2026-01-02T03:04:05+00:00"), 3, 10)
GROUPS = Difference("rounder", (0.5, -1.25, 0.0), LESS, MORE, (312, 8), 0.97)


def test_differences_come_back_from_their_text():
    mine = (OfKinds(4, 9), OfKinds(0, 1, "dünner, 更细"), GROUPS, OfKinds(9, 4, "more or less"))
    assert differences_of_text(text_of_differences(mine, DIGITS.mark), DIGITS) == mine


def test_the_same_pair_twice_is_one_and_there_is_a_limit():
    assert differences_of_text("1>2 a;1>2 b", DIGITS) == (OfKinds(1, 2, "b"),)
    many = ";".join(f"{i}>{j}" for i in range(4) for j in range(4))
    assert len(differences_of_text(many, DIGITS)) == MOST_OWN


def test_as_many_as_there_may_be_fit_into_an_address():
    random = np.random.default_rng(0)
    way = tuple(random.normal(size=64).astype(np.float16).astype(float).tolist())
    longest = replace(GROUPS, title="x" * 40, way=way, counts=(10_000, 10_000))
    text = text_of_differences((longest,) * MOST_OWN, DIGITS.mark)
    assert len(text) <= LONGEST
    assert differences_of_text(text, replace(DIGITS, latent_dim=64)) == (longest,)


GOOD = text_of_differences((GROUPS,), DIGITS.mark)
BAD = ["", "4", "4>", ">9", "4>9>1", "4>10", "-1>2", "٣>1", "4>9;", "a>b"]
BAD += ["~", "~.", "~....", "~a.b.c.d.e", GOOD.replace("312", "0"), GOOD.replace("312", "-3")]
BAD += [GOOD.replace(".97", ".970"), GOOD.replace("312", "٣"), GOOD[:12], GOOD.replace("~", "~~")]


@pytest.mark.parametrize("text", BAD)
def test_what_makes_no_sense_is_refused(text):
    with pytest.raises(LinkError):
        differences_of_text(text, DIGITS)


def test_a_difference_of_another_training_or_another_code_is_refused():
    other = replace(DIGITS, mark=mark_of("2026-01-02T03:04:06+00:00"))
    with pytest.raises(LinkError, match="another training of this model"):
        differences_of_text(GOOD, other)
    with pytest.raises(LinkError, match="cannot be read"):
        differences_of_text(GOOD, replace(DIGITS, latent_dim=4))


def test_a_name_is_harmless_and_short():
    (one,) = differences_of_text("1>2 <script>\n" + "x" * 100, DIGITS)
    assert "<" not in one.title and "\n" not in one.title and len(one.title) <= 40
