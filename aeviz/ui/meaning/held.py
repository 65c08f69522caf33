"""The picture in hand: what it begins as, how it is pulled; from the browser and in the address."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from aeviz.latent import differences
from aeviz.latent.traversals import REACH, CodeNumbers
from aeviz.ui.live.panels import code_of_text, text_of_code
from aeviz.ui.shell.address import LinkError
from aeviz.ui.shell.browser_values import count, known, number

MEAN = "mean"
# How the names of directions begin that lead from one kind to another, and of a visitor's own.
KINDS, OWN = "kinds.", differences.OWN
# Spreads of the codes: twice as far as nearly all codes lie.
FURTHEST = 4.0
# A hundredth of a spread is less than anybody sees.
_DECIMALS = 2


@dataclass(frozen=True)
class Held:
    """The picture in hand.

    row: the test picture it begins as; None for `code`, and where that is None too, for the mean of
    all codes. pulls: by a direction's name, how far it is pulled along it. moves: by a number of
    the code, from 0 on, how far that is moved; both in spreads of the codes. kind: what it is drawn
    as by a model that is told that; None for any other.
    """

    row: int | None = 0
    code: tuple[float, ...] | None = None
    pulls: Mapping[str, float] = field(default_factory=dict)
    moves: Mapping[int, float] = field(default_factory=dict)
    kind: int | None = None


def code_in_hand(
    held: Held, begins: np.ndarray, numbers: CodeNumbers, vectors: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Return the code of a picture in hand, (latent_dim,) float32.

    Args:
        held: The picture.
        begins: (latent_dim,), the code it begins as.
        numbers: The numbers of the code.
        vectors: Directions by name; pulls along others count for nothing.
    """
    code = begins.astype(np.float32).copy()
    for name, pull in held.pulls.items():
        if name in vectors:
            code += np.float32(pull) * vectors[name]
    for k, move in held.moves.items():
        code[k] += np.float32(move) * numbers.spread[k]
    return code


# --- what the browser says -----------------------------------------------------------------------


def sent_held(
    value: object, names: Collection[str], latent_dim: int, rows: int, kinds: int = 0
) -> Held | None:
    """Return a picture in hand as the browser sends it, checked; None for anything else.

    Args:
        value: What came.
        names: Those of the directions there are; pulls along others are left out.
        latent_dim: Numbers of a code.
        rows: How many test pictures there are.
        kinds: What the model can be told.
    """
    if not isinstance(value, Mapping):
        return None
    kind = count(value.get("kind"))
    row, code = value.get("row"), value.get("code")
    pulls = _numbers(value.get("pulls"), str, FURTHEST)
    moves = _numbers(value.get("moves"), lambda text: _below(text, latent_dim), REACH)
    if row is not None:
        row = count(row)
        if row is None or row >= rows:
            return None
    if code is not None:
        code = known(map(number, code)) if isinstance(code, list) else None
        if code is None or len(code) != latent_dim:
            return None
    if pulls is None or moves is None:
        return None
    pulls = {name: pull for name, pull in pulls.items() if name in names}
    told = kind if kind is not None and kind < kinds else None
    return Held(row, None if row is not None else code, pulls, moves, told)


def _numbers(value: object, key: Callable[[str], object], most: float) -> dict | None:
    if not isinstance(value, Mapping) or len(value) > 100:
        return None
    out = {}
    for name, amount in value.items():
        there = key(name) if isinstance(name, str) and len(name) <= 100 else None
        amount = number(amount)
        if there is None or amount is None:
            return None
        if held := round(min(max(amount, -most), most), _DECIMALS):
            out[there] = held
    return out


def _below(text: str, most: int) -> int | None:
    fine = text.isascii() and text.isdecimal() and len(text) < 6 and int(text) < most
    return int(text) if fine else None


# --- in the address ------------------------------------------------------------------------------


def text_of_begin(held: Held) -> str:
    """Return what a picture begins as: a row, "mean", or numbers after "=", for the address."""
    if held.row is not None:
        return str(held.row)
    return MEAN if held.code is None else f"={text_of_code(held.code)}"


def begin_of_text(text: str, latent_dim: int, rows: int) -> Held:
    """The inverse of `text_of_begin`. Raises LinkError."""
    if text == MEAN:
        return Held(None)
    if text.startswith("="):
        return Held(None, code_of_text(text[1:], latent_dim))
    row = _below(text, rows)
    if row is None:
        raise LinkError(f"The link asks for a picture that is not there: 0 to {rows - 1:,} are.")
    return Held(row)


def text_of_amounts(amounts: Mapping, first: int = 0) -> str:
    """Return "name:1.5,other:-2" for the address. first: added to names that are numbers."""
    named = {name + first if isinstance(name, int) else name: v for name, v in amounts.items()}
    return ",".join(f"{name}:{value:g}" for name, value in named.items() if value)


def pulls_of_text(text: str, names: Collection[str]) -> dict[str, float]:
    """Return pulls along directions of these names; the inverse of `text_of_amounts`.

    Those along a visitor's own direction that is no longer there are left out.

    Raises:
        LinkError: Something cannot be read.
    """
    known = _amounts(
        text,
        lambda name: name if name in names or name.startswith((KINDS, OWN)) else None,
        FURTHEST,
    )
    return {name: pull for name, pull in known.items() if name in names}


def moves_of_text(text: str, latent_dim: int) -> dict[int, float]:
    """Return moves of numbers, which are counted from 1 in the text. Raises LinkError."""

    def place(name: str) -> int | None:
        number = _below(name, latent_dim + 1)
        return number - 1 if number else None

    return _amounts(text, place, REACH)


def _amounts(text: str, key: Callable[[str], object], most: float) -> dict:
    out = {}
    for word in text.split(","):
        name, _, amount = word.rpartition(":")
        there = key(name)
        try:
            value = number(float(amount)) if amount.isascii() else None
        except ValueError:
            value = None
        if there is None or value is None or abs(value) > most:
            raise LinkError("The link pulls this picture in a way that cannot be.")
        out[there] = round(value, _DECIMALS)
    return out
