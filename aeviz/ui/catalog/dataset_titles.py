"""Titles of data sets, also of those whose pictures are no longer here."""

from collections import Counter
from collections.abc import Iterable, Mapping

from aeviz.data.catalog import find_source
from aeviz.data.sources import OWN
from aeviz.text.names import plain_name


def dataset_title(name: str) -> str:
    """Return the title; "" for a data set that is not here and cannot be fetched."""
    source = find_source(name)
    return "" if source is None else source.title


def dataset_words(name: str) -> str:
    """Return the title, also of a data set that is not here any more."""
    title = dataset_title(name)
    if title:
        return title
    # "own-red-leaves-1a2b3c4d": what its owner once called it, as far as the name tells.
    words = name.removeprefix(OWN).rpartition("-")[0] if name.startswith(OWN) else name
    return f"{plain_name(words.replace('-', ' ')) or 'pictures'} (no longer here)"


def dataset_titles(names: Iterable[str]) -> dict[str, str]:
    """Return titles by name, all different."""
    return all_different({name: dataset_words(name) for name in names})


def all_different(titles: Mapping[str, str]) -> dict[str, str]:
    """Put the name behind equal titles: a select box tells its options apart by their text."""
    often = Counter(titles.values())
    return {
        name: title if often[title] == 1 else f"{title} ({plain_name(name, longest=200)})"
        for name, title in titles.items()
    }
