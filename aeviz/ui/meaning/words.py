"""What the page "Meaning" says: how far a direction can be trusted, and what is refused."""

from aeviz.latent.attributes import ATTRIBUTES
from aeviz.latent.trust import Trust

# An attribute that goes along by less than this, in its own standard deviations, is not noticed.
_NOTICED = 0.75
# Directions of other pictures that agree by less, as a mean cosine, are another direction.
_AGREES = 0.9
# Groups of fewer pictures say more of these than of what they have in common.
_FEW_PICTURES = 10


def trust_words(trust: Trust, agreement: float, thing: str) -> str:
    """Return how far to trust a direction, in a few sentences.

    agreement: see `Direction`. thing: what one of the pictures is called.
    """
    words = [f"{_followed(trust)} (rank correlation {trust.rank:.2f} over held-out pictures)."]
    if trust.kept is not None:
        words.append(
            f"Pulled to either end, {100 * trust.kept:.0f} of 100 {thing}s stay what they were."
        )
    elif trust.untold:
        words.append(f"Whether a {thing} stays what it was, these codes do not tell.")
    if along := _going_along(trust):
        words.append(f"As it grows, other things change too: {', '.join(along)}.")
    if agreement < _AGREES:
        words.append("Measured on other pictures, the direction would be another one.")
    return " ".join(words)


def _followed(trust: Trust) -> str:
    if trust.rank >= 0.95:
        return "What is drawn follows the slider almost always"
    if trust.works or trust.rank >= 0.8:
        return "What is drawn follows the slider most of the time"
    if trust.rank >= 0.4:
        return "What is drawn follows the slider only loosely"
    return "What is drawn does not follow the slider"


def arrival_words(less: str, more: str, share: float) -> str:
    """Return how far to trust the way from one kind of picture to another.

    share: of held-out pictures that arrive among codes of the other kind.
    """
    return (
        f"The difference of the mean codes of {less} and {more}. Of 100 held-out pictures of "
        f"{less} that are pulled as far as the two are apart, {100 * share:.0f} come to lie among "
        f"codes of {more}."
    )


def difference_words(counts: tuple[int, int], trust: Trust, agreement: float, thing: str) -> str:
    """Return how far to trust the difference of two groups of pictures.

    Args:
        counts: how many pictures each group had.
        trust: what it does to held-out pictures.
        agreement: as in `trust_words`.
        thing: what one of the pictures is called.
    """
    first, second = (f"{n:,} {thing}{'' if n == 1 else 's'}" for n in counts)
    words = [f"The difference of the mean codes of {first} and {second}."]
    if trust.kept is not None:
        words.append(
            f"Pulled to either end, {100 * trust.kept:.0f} of 100 {thing}s stay what they were."
        )
    if along := _going_along(trust):
        words.append(f"As it grows, pictures become: {', '.join(along)}.")
    else:
        words.append("Nothing that is measured here changes much along it.")
    if min(counts) < _FEW_PICTURES:
        words.append(f"Of so few {thing}s, chance has a say in it: more make it surer.")
    elif agreement < _AGREES:
        words.append("Of other pictures of the same groups, it would be another direction.")
    return " ".join(words)


def _going_along(trust: Trust) -> list[str]:
    """What changes along a direction so much that it is noticed, the most first."""
    return [
        ATTRIBUTES[name].more if far > 0 else ATTRIBUTES[name].less
        for name, far in sorted(trust.others.items(), key=lambda one: -abs(one[1]))
        if abs(far) >= _NOTICED
    ]


def sentence(latent_dim: int) -> str:
    """Return what the page shows and what to do with the hand."""
    rows = "The row is the only number" if latent_dim == 1 else "Each row is one number"
    return (
        f"{rows} of the code, from low to high: point along it and see what it does. The sliders "
        "change the picture by what can be measured on it, such as how bold it is."
    )


TOO_LONG = (
    "The code of this model has {count:,} numbers, too many for a row each: choose a model whose "
    "code has at most {most}."
)
NO_CODES = (
    "This model keeps too few codes to measure anything on: train its recipe again, or choose "
    "another model."
)
