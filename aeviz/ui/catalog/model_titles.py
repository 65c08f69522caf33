"""Titles of models, for all pages: the user's own, or the recipe and what tells it from others.

Titles may come from strangers' files: whoever puts them into HTML escapes them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.store import ListedCheckpoint
from aeviz.evaluation.compression import Row
from aeviz.gallery.recipes import GALLERY
from aeviz.networks.recipes import variant_of
from aeviz.text.names import plain_name
from aeviz.text.numbers import count, rounded
from aeviz.ui.catalog.dataset_titles import all_different, dataset_words
from aeviz.ui.shell.visitor import clock_time

AS_PUBLISHED = "as published"
STOPPED_EARLY = "stopped early"


def title_of(row: ListedCheckpoint) -> str:
    """Return the title of a model by itself: its owner's, or its recipe's."""
    if row.problem:
        return f"{plain_name(row.name)} (cannot be read)"
    return row.given_title or _with_variant(row.title, row.variant)


def short_title(row: ListedCheckpoint) -> str:
    """Return the title for a narrow column beside one with the size of the code."""
    if row.given_title or row.problem:
        return ", ".join([title_of(row), *_early(row)])
    bare = without_code_size(row.title, row.latent_dim)
    if row.variant == AS_PUBLISHED or row.stopped_early:
        # What every model's title says makes room for what tells this one from its twin.
        bare = bare.replace(" autoencoder", "", 1)
    return ", ".join([_with_variant(bare, row.variant), *_early(row)])


def without_code_size(title: str, size: int) -> str:
    """Return a recipe's title without the size of its code, in either spelling."""
    return re.sub(rf"(, {re.escape(count(size))}| {size}-number)\b", "", title, count=1)


def _with_variant(title: str, variant: str) -> str:
    return f"{title}, {variant}" if variant == AS_PUBLISHED else title


# --- to choose from ------------------------------------------------------------------------------


def picker_titles(rows: Iterable[ListedCheckpoint]) -> dict[str, str]:
    """Return titles by name, all different. See `picker_title`."""
    return all_different({row.name: picker_title(row) for row in rows})


def picker_title(row: ListedCheckpoint) -> str:
    """Return a title with the data set and, for a model of one's own, when it was trained."""
    words = [title_of(row)]
    if row.problem:
        return words[0]
    if row.own and row.variant == "changed" and not row.given_title:
        words.append(row.variant)
    if row.dataset != "mnist":
        words.append(dataset_words(row.dataset))
    words += _early(row)
    if not row.given_title:
        words += _when(row)
    return ", ".join(words)


def run_titles(rows: Iterable[ListedCheckpoint], *, recipe: bool = False) -> dict[str, str]:
    """Return titles by name, all different. See `run_title`."""
    return all_different({row.name: run_title(row, recipe=recipe) for row in rows})


def run_title(row: ListedCheckpoint, *, recipe: bool = False) -> str:
    """Return when a run was and its error on test pictures; with `recipe` also which recipe."""
    variant = row.variant if row.own else _known_variant(row.name, row.variant)
    words = [row.given_title or variant]
    if recipe and not row.given_title:
        words.insert(0, row.title)
    words += _early(row)
    words += _when(row) if row.own else ["came with aeviz"]
    return ", ".join([*words, f"test error {rounded(row.test_mse)}"])


def _known_variant(name: str, variant: str) -> str:
    # What comes with aeviz for the small digits was tuned for them: no visitor changed it.
    return "tuned" if name in GALLERY and variant == "changed" else variant


def _early(row: ListedCheckpoint) -> list[str]:
    return [STOPPED_EARLY] if row.stopped_early else []


def _when(row: ListedCheckpoint) -> list[str]:
    there = clock_time(row.created) if row.own else None
    return [] if there is None else [f"{there:%d %b %H:%M}"]


# --- one that is open, and the rows of the page "Compression" ------------------------------------


def opened_title(checkpoint: Checkpoint) -> str:
    """Return the title of an open model, for a film or a map."""
    preset = checkpoint.preset
    variant = _known_variant(checkpoint.name, variant_of(preset))
    return checkpoint.given_title or f"{preset.title}, {variant}"


def row_titles(rows: Mapping[str, tuple[Row, str]]) -> dict[str, str]:
    """Return titles of rows of figures by name, made different with as few words as possible.

    rows: each with its variant, "" where that does not matter.
    """
    out = {name: _row_title(row) for name, (row, _) in rows.items()}
    for words_of in (
        lambda row, variant: variant,
        lambda row, variant: row.layers,
        lambda row, variant: _settings(row),
        lambda row, variant: plain_name(row.name, longest=100),
    ):
        often = Counter(out.values())
        for name, (row, variant) in rows.items():
            words = words_of(row, variant)
            if often[out[name]] > 1 and words:
                out[name] = f"{out[name]}, {words}"
    return out


def short_row_title(row: Row, title: str) -> str:
    """Return a row's title without the size of its code, which stands beside it."""
    if row.title != (row.recipe_title or row.title):  # its owner's
        return title
    return without_code_size(title, row.code_size)


def _row_title(row: Row) -> str:
    if not row.published:
        return row.title
    # A published row's own title tells it from the others of its source.
    own = row.title.removeprefix(f"{row.code_size} numbers, ").lower()
    return f"{row.published.capitalize()} {AS_PUBLISHED}, {count(row.code_size)}, {own}"


def _settings(row: Row) -> str:
    words = [f"{row.noise:.0%} noise".replace("%", " %")] if row.noise else []
    words += [f"L2 {row.l2:g}"] if row.l2 else []
    return ", ".join([*words, *([f"seed {row.seed}"] if row.seed else [])])
