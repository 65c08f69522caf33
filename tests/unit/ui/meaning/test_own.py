"""Differences of one's own in an address."""

import pytest

from aeviz.ui.meaning.own import MOST_OWN, Difference, differences_of_text, text_of_differences
from aeviz.ui.shell.address import LinkError


def test_differences_come_back_from_their_text():
    mine = (Difference(4, 9), Difference(0, 1, "dünner, 更细"), Difference(9, 4, "more or less"))
    assert differences_of_text(text_of_differences(mine), 10) == mine


def test_the_same_pair_twice_is_one_and_there_is_a_limit():
    assert differences_of_text("1>2 a;1>2 b", 10) == (Difference(1, 2, "b"),)
    many = ";".join(f"{i}>{j}" for i in range(4) for j in range(4))
    assert len(differences_of_text(many, 10)) == MOST_OWN


BAD = ["", "4", "4>", ">9", "4>9>1", "4>10", "-1>2", "٣>1", "4>9;", "a>b"]


@pytest.mark.parametrize("text", BAD)
def test_what_makes_no_sense_is_refused(text):
    with pytest.raises(LinkError):
        differences_of_text(text, 10)


def test_a_name_is_harmless_and_short():
    (one,) = differences_of_text("1>2 <script>\n" + "x" * 100, 10)
    assert "<" not in one.title and "\n" not in one.title and len(one.title) <= 40
