"""What to call a data set, also one whose pictures are no longer here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aeviz.data.catalog import find_source
from aeviz.data.sources import OWN
from aeviz.text.names import plain_name


def dataset_title(name: str) -> str:
    """The data set's name for people; "" for one that is not here and cannot be fetched."""
    source = find_source(name)
    return "" if source is None else source.title


def dataset_words(name: str) -> str:
    """The data set's name for people, also of one that is not here any more."""
    title = dataset_title(name)
    if title:
        return title
    # "own-red-leaves-1a2b3c4d": what its owner once called it, as far as the name tells.
    words = name.removeprefix(OWN).rpartition("-")[0] if name.startswith(OWN) else name
    return f"{plain_name(words.replace('-', ' ')) or 'pictures'} (no longer here)"


def dataset_titles(names: Iterable[str]) -> dict[str, str]:
    """Name -> title, all different: a select box tells its options apart by what they read."""
    titles = {name: dataset_words(name) for name in names}
    often = Counter(titles.values())
    return {
        name: title if often[title] == 1 else f"{title} ({plain_name(name)})"
        for name, title in titles.items()
    }
