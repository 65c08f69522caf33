"""The picture in hand: what a browser or a link may say of it, and the code that it has."""

import numpy as np
import pytest

from aeviz.latent.traversals import REACH, CodeNumbers
from aeviz.ui.meaning.held import (
    FURTHEST,
    Held,
    begin_of_text,
    code_in_hand,
    moves_of_text,
    pulls_of_text,
    sent_held,
    text_of_amounts,
    text_of_begin,
)
from aeviz.ui.shell.address import LinkError


def sent(**changes):
    value = {"n": 1, "row": 3, "code": None, "pulls": {"ink": 1.5}, "moves": {"1": -0.25}}
    return sent_held(value | changes, {"ink", "slant"}, 3, 10)


def test_what_the_browser_says_is_taken():
    assert sent() == Held(3, None, {"ink": 1.5}, {1: -0.25})
    assert sent(row=None, code=[1, 2.5, 3]) == Held(None, (1, 2.5, 3), {"ink": 1.5}, {1: -0.25})
    assert sent(row=None) == Held(None, None, {"ink": 1.5}, {1: -0.25})
    assert sent(pulls={"ink": 99, "slant": 0.001, "x|y": 1}).pulls == {"ink": FURTHEST}
    assert sent(moves={"0": -99}).moves == {0: -REACH}


@pytest.mark.parametrize(
    "changes",
    [
        {"row": 10},
        {"row": -1},
        {"row": "3"},
        {"row": 1.5},
        {"row": None, "code": [1, 2]},
        {"row": None, "code": [1, 2, float("nan")]},
        {"row": None, "code": "123"},
        {"pulls": None},
        {"pulls": [1]},
        {"pulls": {"ink": "1"}},
        {"pulls": {"ink": float("inf")}},
        {"pulls": {"a" * 101: 1}},
        {"pulls": {str(i): 1 for i in range(101)}},
        {"moves": {"3": 1}},
        {"moves": {"-1": 1}},
        {"moves": {"٣": 1}},
    ],
)
def test_anything_else_is_not(changes):
    assert sent(**changes) is None


@pytest.mark.parametrize("value", [None, [], "held", 3, {}])
def test_nor_what_is_no_message_at_all(value):
    assert sent_held(value, {"ink"}, 3, 10) is None


@pytest.mark.parametrize("held", [Held(7), Held(None), Held(None, (0.25, -1.0, 3e-5))])
def test_a_beginning_comes_back_from_its_text(held):
    assert begin_of_text(text_of_begin(held), 3, 10) == held


def test_amounts_come_back_from_their_text():
    pulls, moves = {"ink": 1.5, "kinds.4.9": -2.25}, {0: 0.5, 2: -1.0}
    assert pulls_of_text(text_of_amounts(pulls), [*pulls]) == pulls
    # One's own that is no longer there takes none of the others with it.
    assert pulls_of_text(text_of_amounts(pulls), ["ink"]) == {"ink": 1.5}
    assert text_of_amounts(moves, first=1) == "1:0.5,3:-1"
    assert moves_of_text(text_of_amounts(moves, first=1), 3) == moves


@pytest.mark.parametrize("text", ["", "10", "-1", "nan", "=", "=1,2", "=a,b,c", "mean "])
def test_a_beginning_that_makes_no_sense_is_refused(text):
    with pytest.raises(LinkError):
        begin_of_text(text, 3, 10)


BAD = ["ink", "ink:", "ink:x", "ink:nan", "ink:5", "slant:1", ",", ":1", "ink:٣"]


@pytest.mark.parametrize("text", BAD)
def test_amounts_that_make_no_sense_are_refused(text):
    with pytest.raises(LinkError):
        pulls_of_text(text, ["ink"])
    with pytest.raises(LinkError):
        moves_of_text(text.replace("ink", "1").replace("slant", "4"), 3)


def test_pulls_and_moves_add_up():
    numbers = CodeNumbers(np.zeros(2), np.array([2.0, 10.0]), np.zeros(2))
    held = Held(None, (1.0, 1.0), {"a": 2.0, "b": -1.0, "gone": 3.0}, {1: 0.5})
    vectors = {"a": np.array([1, 0], "f4"), "b": np.array([1, 1], "f4")}
    code = code_in_hand(held, np.array(held.code), numbers, vectors)
    np.testing.assert_allclose(code, [1 + 2 - 1, 1 - 1 + 5])
