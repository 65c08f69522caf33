"""Settings of the panels beside a map: the walk, the masked picture, the sliders; also in a link.

A link's texts are read with LinkError, one sentence, for what makes no sense.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aeviz.ui.shell.address import LinkError
from aeviz.ui.shell.browser_values import count, known, number

# Kinds of walks: round a circle, from pin to pin, through all pins, and back to the first as well.
ROUTES = ("circle", "line", "path", "round")
# Pictures of a walk, as in live/walk.js.
FEWEST_STEPS, MOST_STEPS, USUAL_STEPS = 10, 120, 60
# Different noises that a link can tell apart.
SEEDS = 10_000
# Codes of more numbers have no sliders (live/sliders.js).
MOST_SLIDERS = 64
# Significant figures that tell every float32 from its neighbours.
_FIGURES = 9


@dataclass(frozen=True)
class Route:
    """A walk of `steps` pictures.

    kind: one of ROUTES. place: the picture it is at, start, end: the pins of a line, all from 0 on.
    """

    kind: str = ROUTES[0]
    steps: int = USUAL_STEPS
    place: int = 0
    start: int = 0
    end: int = 1


@dataclass(frozen=True)
class MaskedPicture:
    """A test picture, by its row, with a share of its pixels masked. seed: which ones."""

    percent: int
    row: int
    seed: int


@dataclass(frozen=True)
class PanelSettings:
    """What the panels Walk, Noise and Sliders show; None for their own choice. code: K numbers."""

    route: Route | None = None
    masked: MaskedPicture | None = None
    code: tuple[float, ...] | None = None


# --- what the browser says -----------------------------------------------------------------------


def sent_route(value: object) -> Route | None:
    """A walk as the browser sends it, checked; None for anything else."""
    if not isinstance(value, Mapping) or value.get("kind") not in ROUTES:
        return None
    numbers = known(count(value.get(name)) for name in ("steps", "place", "start", "end"))
    if numbers is None:
        return None
    steps, place, start, end = numbers
    fits = place < steps and FEWEST_STEPS <= steps <= MOST_STEPS
    return Route(value["kind"], steps, place, start, end) if fits else None


def sent_masked(value: object) -> MaskedPicture | None:
    """A masked picture as the browser sends it, checked; None for anything else."""
    if not isinstance(value, Mapping):
        return None
    numbers = known(count(value.get(name)) for name in ("percent", "row", "seed"))
    return None if numbers is None or numbers[0] > 100 else MaskedPicture(*numbers)


def sent_code(value: object, size: int) -> tuple[float, ...] | None:
    """A code of so many numbers as the browser sends it, checked; None for anything else."""
    if not isinstance(value, Mapping) or not isinstance(value.get("code"), list):
        return None
    numbers = known(map(number, value["code"]))
    return None if numbers is None or len(numbers) != size else numbers


# --- in the address ------------------------------------------------------------------------------


def text_of_route(route: Route | None) -> str:
    """Return "circle" or "line,1,3" (pins from 1), with ",pictures,place" where not usual."""
    if route is None:
        return ""
    words = [route.kind]
    if route.kind == "line":
        words += [str(route.start + 1), str(route.end + 1)]
    if route.place or route.steps != USUAL_STEPS:
        words += [str(route.steps), str(route.place + 1)]
    text = ",".join(words)
    return "" if text == ROUTES[0] else text


def route_of_text(text: str) -> Route:
    """The inverse of `text_of_route`."""
    kind, *words = text.split(",")
    if kind not in ROUTES:
        raise LinkError("The link asks for a walk that there is not.")
    ends = [1, 2]
    if kind == "line" and words:
        ends, words = _whole_numbers(words[:2], 2, 2), words[2:]
    given = _whole_numbers(words, 0, 2)
    steps, place = (*given, *(USUAL_STEPS, 1)[len(given) :])
    if not (FEWEST_STEPS <= steps <= MOST_STEPS and 1 <= place <= steps and min(ends) >= 1):
        raise LinkError(
            f"A walk has {FEWEST_STEPS} to {MOST_STEPS} pictures, and pins and pictures are "
            "counted from 1."
        )
    return Route(kind, steps, place - 1, ends[0] - 1, ends[1] - 1)


def text_of_masked(masked: MaskedPicture | None) -> str:
    """Return "percent,row,seed", without zeros at the end."""
    if masked is None:
        return ""
    numbers = [masked.percent, masked.row, masked.seed]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return ",".join(map(str, numbers))


def masked_of_text(text: str, rows: int) -> MaskedPicture:
    """The inverse of `text_of_masked`. rows: how many test pictures there are."""
    percent, row, seed = (*_whole_numbers(text.split(","), 1, 3), 0, 0)[:3]
    if percent > 100 or row >= rows or seed >= SEEDS:
        raise LinkError(
            f"The link hides pixels that cannot be: at most 100 percent, of the pictures 0 to "
            f"{rows - 1:,}."
        )
    return MaskedPicture(percent, row, seed)


def text_of_code(code: tuple[float, ...] | None) -> str:
    """The numbers, joined by commas."""
    return ",".join(f"{value:.{_FIGURES}g}" for value in code or ())


def code_of_text(text: str, size: int) -> tuple[float, ...]:
    """The inverse of `text_of_code` for codes of so many float32 numbers."""
    try:
        numbers = known(number(float(word)) for word in text.split(","))
    except ValueError:
        numbers = None
    if numbers is None or len(numbers) != size or size > MOST_SLIDERS:
        raise LinkError(f"The link's code should be {size:,} numbers for this model.")
    return numbers


def _whole_numbers(words: list[str], fewest: int, most: int) -> list[int]:
    good = all(word.isascii() and word.isdecimal() and len(word) < 9 for word in words)
    if not good or not fewest <= len(words) <= most:
        raise LinkError("The link has numbers that cannot be read.")
    return [int(word) for word in words]
