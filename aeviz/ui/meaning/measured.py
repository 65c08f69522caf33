"""A model made ready for the page "Meaning": its numbers, and its directions with their trust."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aeviz.data.dataset import to_bytes
from aeviz.latent.attributes import Attribute, attributes_of, measured
from aeviz.latent.differences import Difference
from aeviz.latent.directions import Direction, DirectionError, difference_of, direction_of
from aeviz.latent.traversals import CodeNumbers, code_numbers
from aeviz.latent.trust import TRIED, Trust, nearest_labels, trust_of
from aeviz.ui.live.explored import Explored

# Pictures on which attributes are measured: a direction of so many agrees with that of all to .99.
MEASURED = 2_000


@dataclass(frozen=True)
class Named:
    """A direction that has a name. title, less, more: see `Attribute`.

    trust: None for the difference of two groups. apart: how far these are apart, as a pull along
    the direction; 0 for an attribute.
    """

    name: str
    title: str
    less: str
    more: str
    direction: Direction
    trust: Trust | None = None
    apart: float = 0.0


@dataclass(frozen=True)
class Meaning:
    """What there is to know of a model's code.

    refused: by title, why an attribute has no direction.
    """

    numbers: CodeNumbers
    directions: tuple[Named, ...]
    refused: dict[str, str]


def meaning_of(model: Explored, told: Callable[[float, str], None]) -> Meaning:
    """Measure a model.

    Args:
        model: one that keeps its codes.
        told: called with the share that is done, 0 to 1, and what comes next.
    """
    checkpoint, shape = model.checkpoint, model.checkpoint.shape
    codes = _codes(model)
    first = _first(len(codes))
    told(0.0, "the numbers of the code")
    labels = model.codes.labels
    numbers = code_numbers(checkpoint.network, codes, model.images, labels)
    if model.images is not None:
        pictures = model.images[:first]
    else:
        shown = None if labels is None else labels[:first]
        pictures = to_bytes(checkpoint.network.decode(codes[:first], shown))
    asked = attributes_of(shape)
    found: list[Named] = []
    refused: dict[str, str] = {}
    for i, attribute in enumerate(asked):
        told((1 + i) / (1 + len(asked)), attribute.title.lower())
        try:
            direction = direction_of(codes[:first], measured(attribute, pictures, shape))
        except DirectionError as error:
            refused[attribute.title] = str(error)
            continue
        words = attribute.title, attribute.less, attribute.more
        trust = _trusted(model, direction, attribute)
        found.append(Named(attribute.name, *words, direction, trust))
    return Meaning(numbers, tuple(found), refused)


def kinds_difference(model: Explored, less: int, more: int) -> tuple[Direction, float, float]:
    """Return the direction from one kind of picture to another, how far, and how often it arrives.

    Args:
        model: one that keeps codes and labels.
        less: the label it leads away from.
        more: the label it leads to.

    Returns:
        The direction, how far the kinds are apart as a pull along it, and the share of held-out
        pictures of the one kind that, pulled to where codes of the other lie, have mostly
        neighbours of that other kind.

    Raises:
        DirectionError: one of the kinds has no pictures, or they are the same.
    """
    codes, labels = _codes(model), model.codes.labels
    if labels is None:
        raise DirectionError("These pictures have no names by which groups could be made.")
    first = _first(len(codes))
    groups = (codes[:first][labels[:first] == label] for label in (less, more))
    direction = difference_of(codes[:first], *groups)
    start = codes[first:][labels[first:] == less][:TRIED]
    begin, end = (codes[:first][labels[:first] == label].mean(axis=0) for label in (less, more))
    apart = float(np.linalg.norm(end - begin) / np.linalg.norm(direction.vector))
    if not len(start):
        return direction, apart, 0.0
    pull = (end - start.mean(axis=0)) @ direction.vector / np.square(direction.vector).sum()
    arrived = nearest_labels(start + pull * direction.vector, codes[:first], labels[:first])
    return direction, apart, float(np.mean(arrived == more))


def difference_effects(model: Explored, difference: Difference) -> tuple[Direction, Trust]:
    """Return a difference as a direction, and what it does to held-out pictures.

    Raises DirectionError where the model has other codes, or it leads nowhere.
    """
    codes = _codes(model)
    direction = difference.direction(codes[: _first(len(codes))])
    return direction, _trusted(model, direction, None)


def _trusted(model: Explored, direction: Direction, attribute: Attribute | None) -> Trust:
    codes, labels = _codes(model), model.codes.labels
    shape, first = model.checkpoint.shape, _first(len(_codes(model)))
    rows = slice(first, first + TRIED)
    return trust_of(
        model.checkpoint.network,
        shape,
        direction,
        attribute,
        others=attributes_of(shape),
        codes=codes[rows],
        labels=None if labels is None else labels[rows],
        known=None if labels is None else (codes[:first], labels[:first]),
    )


def _codes(model: Explored) -> np.ndarray:
    if model.codes.codes is None:
        raise DirectionError("This model keeps no codes.")
    return model.codes.codes.astype(np.float32)


def _first(count: int) -> int:
    """How many pictures are measured; the rest is held out, half of a small collection."""
    return min(MEASURED, count - min(TRIED, count // 2))
