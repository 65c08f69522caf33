"""Differences that somebody has named: how far apart two groups of pictures are in the code.

They are kept as plain values, with a model or in an address, and checked when they come back.
"""

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aeviz.latent.directions import Direction, DirectionError, along
from aeviz.latent.test_codes import LARGEST_KEPT_CODE
from aeviz.text.names import plain_name

# More of one model nobody finds their way among.
MOST_OWN = 6
LONGEST_TITLE = 40
# How the names of differences begin.
OWN = "own."
# Beyond this no code lies, and no number of half precision.
_FURTHEST = 65_000.0
_MOST_PICTURES = 1_000_000


@dataclass(frozen=True)
class Difference:
    """From one group of pictures to another.

    title: its owner's name for it. way: (latent_dim,), the second group's mean code less the
    first's. less, more: what lies at either end, in a few words. counts: how many pictures each
    group had. agreement: as that of a `Direction`.
    """

    title: str
    way: tuple[float, ...]
    less: str
    more: str
    counts: tuple[int, int]
    agreement: float

    @property
    def name(self) -> str:
        """A name of its own, the same wherever it is kept."""
        told = json.dumps([self.title, [f"{v:.4g}" for v in self.way]])
        return f"{OWN}{zlib.crc32(told.encode()):08x}"

    def direction(self, codes: np.ndarray) -> Direction:
        """Return it as a direction in a model's codes, (n, latent_dim). Raises DirectionError."""
        if codes.shape[1] != len(self.way):
            raise DirectionError(f"{self.title} is of a code of {len(self.way)} numbers.")
        return along(np.array(self.way), codes, self.agreement)

    def apart(self, direction: Direction) -> float:
        """How far the groups are apart, as a pull along the direction."""
        return float(np.linalg.norm(self.way) / np.linalg.norm(direction.vector))

    def plain(self) -> dict:
        """Return plain values for JSON."""
        way = [float(f"{value:.6g}") for value in self.way]
        about = {"title": self.title, "way": way, "less": self.less, "more": self.more}
        return about | {"counts": list(self.counts), "agreement": round(self.agreement, 3)}


def difference_of_plain(value: object) -> Difference:
    """The inverse of `Difference.plain`. Raises ValueError for anything else."""
    if not isinstance(value, Mapping):
        raise ValueError("its differences")
    way, counts = value.get("way"), value.get("counts")
    agreement = value.get("agreement")
    words = [value.get(key) for key in ("title", "less", "more")]
    fine = (
        isinstance(way, list)
        and 0 < len(way) <= LARGEST_KEPT_CODE
        and all(_number(v, _FURTHEST) for v in way)
        and isinstance(counts, list)
        and len(counts) == 2
        and all(type(n) is int and 0 < n <= _MOST_PICTURES for n in counts)
        and _number(agreement, 1.0)
        and all(isinstance(word, str) for word in words)
    )
    if not fine or agreement is None:
        raise ValueError("its differences")
    title, less, more = (plain_name(str(word), longest=LONGEST_TITLE) for word in words)
    both = (counts[0], counts[1])
    return Difference(title, tuple(map(float, way)), less, more, both, float(agreement))


def differences_of_plain(values: object) -> tuple[Difference, ...]:
    """Return at most MOST_OWN differences of as many plain values. Raises ValueError."""
    if not isinstance(values, list) or len(values) > MOST_OWN:
        raise ValueError("its differences")
    return tuple(map(difference_of_plain, values))


def _number(value: object, most: float) -> bool:
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    return fine and math.isfinite(value) and abs(value) <= most
