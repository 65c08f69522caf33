"""Differences of a visitor's own in the address: of two kinds by their labels, others as numbers.

"4>9 name" is from the kind of label 4 to that of 9, whatever the model. "~1a2b.~.3.8.95 name" is of
one model only: a mark of it, the way in half precision (base64), how many pictures each group had,
and a hundred times the agreement.
"""

import base64
import binascii
import zlib
from dataclasses import dataclass

import numpy as np

from aeviz.latent.differences import LONGEST_TITLE, MOST_OWN, Difference
from aeviz.text.names import plain_name
from aeviz.ui.meaning.held import KINDS
from aeviz.ui.shell.address import LinkError

_NUMBERS = "~"
# Words at the ends of a difference whose groups were picked by hand.
LESS, MORE = "less", "more"


@dataclass(frozen=True)
class OfKinds:
    """From the kind of one label to that of another. title: its owner's, "" for the kinds'."""

    less: int
    more: int
    title: str = ""

    @property
    def name(self) -> str:
        """Its name in the address."""
        return f"{KINDS}{self.less}.{self.more}"


@dataclass(frozen=True)
class CodeOf:
    """A model as an address knows it.

    mark: what tells one training of it from another. latent_dim: numbers of its code. kinds: how
    many labels there are, 0 for none.
    """

    mark: str
    latent_dim: int
    kinds: int


def mark_of(created: str) -> str:
    """Return the mark of a training that ended then, four letters."""
    return f"{zlib.crc32(created.encode()) & 0xFFFF:04x}"


def text_of_differences(own: tuple[OfKinds | Difference, ...], mark: str) -> str:
    """Return differences for the address, joined by semicolons. mark: the model's."""
    return ";".join(f"{_ways(one, mark)} {one.title}".rstrip() for one in own)


def _ways(one: OfKinds | Difference, mark: str) -> str:
    if isinstance(one, OfKinds):
        return f"{one.less}>{one.more}"
    way = np.array(one.way, np.float16).tobytes()
    numbers = [*one.counts, round(100 * one.agreement)]
    code = base64.urlsafe_b64encode(way).decode().rstrip("=")
    return f"{_NUMBERS}{mark}.{code}.{'.'.join(map(str, numbers))}"


def differences_of_text(text: str, of: CodeOf) -> tuple[OfKinds | Difference, ...]:
    """The inverse of `text_of_differences`. Raises LinkError for what makes no sense."""
    out: dict[str, OfKinds | Difference] = {}
    for word in text.split(";"):
        ways, _, title = word.partition(" ")
        title = plain_name(title, longest=LONGEST_TITLE)
        read = _of_numbers if ways.startswith(_NUMBERS) else _of_kinds
        one = read(ways, title, of)
        out[one.name] = one
    return tuple(out.values())[:MOST_OWN]


def _of_kinds(ways: str, title: str, of: CodeOf) -> OfKinds:
    labels = ways.split(">")
    fine = all(one.isascii() and one.isdecimal() and len(one) < 4 for one in labels)
    if not fine or len(labels) != 2 or max(map(int, labels)) >= of.kinds:
        raise LinkError("The link has a difference of kinds that these pictures do not have.")
    return OfKinds(int(labels[0]), int(labels[1]), title)


def _of_numbers(ways: str, title: str, of: CodeOf) -> Difference:
    try:
        mark, code, *numbers = ways[1:].split(".")
        data = base64.b64decode(code + "=" * (-len(code) % 4), "-_", validate=True)
        way = np.frombuffer(data, np.float16).astype(float)
        less, more, agreement = (int(n) for n in numbers if len(n) < 8)
        whole = all(n.isascii() for n in numbers) and min(less, more) > 0
        fine = whole and len(way) == of.latent_dim and bool(np.isfinite(way).all())
    except (ValueError, binascii.Error):
        fine = False
    if not fine or abs(agreement) > 100:
        raise LinkError("The link has a difference that cannot be read.")
    if mark != of.mark:
        raise LinkError(
            "The link's difference is of another training of this model, and means nothing here."
        )
    return Difference(title, tuple(way.tolist()), LESS, MORE, (less, more), agreement / 100)
