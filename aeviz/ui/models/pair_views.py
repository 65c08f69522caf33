"""Two models compared: the same pictures by both, a table of figures, and a verdict."""

import html
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.data.class_names import is_handwritten, thing
from aeviz.data.dataset import ImageDataset, scaled, to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.baselines import EQUAL_WITHIN
from aeviz.evaluation.compression import LOSSLESS_MSE, Row, row_of
from aeviz.evaluation.compression_words import versus_pca
from aeviz.text.numbers import count, duration, rounded, times
from aeviz.ui.catalog.dataset_titles import dataset_words
from aeviz.ui.models.views import facts_html
from aeviz.ui.pictures.rows import differences, row_html, rows_html
from aeviz.ui.pictures.watched import compared, originals_of, shared_probes

# What the two are called where there is no room for their titles.
A, B = "A", "B"
# Up to this factor a number sounds more exact than it is.
_LITTLE = 1.15
# Pictures in a row.
_PICTURES = 10
CHOICES = {"each": "One of each", "differ": "Where they differ most"}
SCALE = (
    "In the error rows blank is exact, orange is half off, red is ink in place of paper or paper "
    "in place of ink: one scale for both."
)


# --- the same pictures ---------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SamePictures:
    """Pictures that neither model was trained on, as each of two models redraws them.

    Attributes:
        originals: (n, values) uint8, or None where they are not on this machine.
        drawn: (n, values) uint8 of each model.
        shape: of a picture.
        about: which pictures these are, a sentence.
    """

    originals: np.ndarray | None = field(repr=False)
    drawn: tuple[np.ndarray, ...] = field(repr=False)
    shape: PictureShape
    about: str

    @property
    def errors(self) -> tuple[np.ndarray, ...] | None:
        """Each model's mean squared errors, (n,) on [0, 1]; None without originals."""
        if self.originals is None:
            return None
        right = scaled(self.originals)
        return tuple(np.square(scaled(drawn) - right).mean(axis=1) for drawn in self.drawn)


def offers_extremes(pair: tuple[Checkpoint, Checkpoint], dataset: ImageDataset | None) -> bool:
    """Return whether the pictures on which two models differ most are known."""
    return _from_test(pair, dataset) and all(one.test_codes is not None for one in pair)


def same_pictures(
    pair: tuple[Checkpoint, Checkpoint], dataset: ImageDataset | None, choice: str
) -> SamePictures | None:
    """Return pictures that both models redraw; None where there are none.

    Args:
        pair: the two models.
        dataset: what both were trained on, for test pictures; None where it is not on this machine,
            for the probes that both files keep.
        choice: a name in CHOICES.
    """
    if pair[0].dataset != pair[1].dataset or pair[0].shape != pair[1].shape:
        return None
    if dataset is not None and _from_test(pair, dataset):
        which = _test_rows(pair, dataset, choice)
        originals = dataset.test_images[which]
        clean = scaled(originals)
        told = None if dataset.test_labels is None else dataset.test_labels[which]
        drawn = tuple(to_bytes(one.network.reconstruct(clean, told)) for one in pair)
        return SamePictures(originals, drawn, pair[0].shape, "Test pictures neither has ever seen.")
    return _watched(pair, dataset)


def _from_test(pair, dataset: ImageDataset | None) -> bool:
    fits = dataset is not None and all(dataset.shape == one.shape for one in pair)
    return fits and all(
        one.autoencoder is not None and one.autoencoder.knows(dataset.test_labels) for one in pair
    )


def _test_rows(pair, dataset: ImageDataset, choice: str) -> np.ndarray:
    if choice == "differ" and offers_extremes(pair, dataset):
        errors = [one.test_codes.errors.astype(np.float32) for one in pair if one.test_codes]
        many = min(*map(len, errors), dataset.n_test)
        apart = np.abs(errors[0][:many] - errors[1][:many])
        return np.argsort(-apart, kind="stable")[:_PICTURES]
    labels = dataset.test_labels
    if labels is None:
        return np.arange(min(_PICTURES, dataset.n_test))
    return np.array([np.flatnonzero(labels == c)[0] for c in np.unique(labels)])[:_PICTURES]


def _watched(pair, dataset: ImageDataset | None) -> SamePictures | None:
    some = [compared(one) for one in pair]
    if any(one.reconstructions is None for one in some):
        return None
    places = shared_probes(some)
    if not len(places[0]):
        return None
    drawn = tuple(
        kept[at]
        for one, at in zip(some, places, strict=True)
        if (kept := one.reconstructions) is not None
    )
    originals = originals_of(some[0], dataset)
    if originals is not None:
        originals = originals[places[0]]
    about = "Pictures neither was trained on."
    noisy = [name for name, one in zip((A, B), pair, strict=True) if one.preset.noise]
    if noisy:
        about += f" {' and '.join(noisy)} saw them with some of their pixels blacked out."
    return SamePictures(originals, drawn, pair[0].shape, about)


def pictures_html(same: SamePictures) -> str:
    """Return rows of pictures: originals, those of A and B, and the errors of each."""
    rows, shape, errors = [], same.shape, same.errors
    if same.originals is not None:
        rows.append(row_html("Original", same.originals, shape))
    rows += [row_html(name, one, shape) for name, one in zip((A, B), same.drawn, strict=True)]
    if errors is not None and same.originals is not None:
        for i, name in enumerate((A, B)):
            off = differences(same.drawn[i], same.originals, shape)
            about = f"{rounded(float(errors[i].mean()))} on these {len(errors[i])}"
            rows.append(row_html(f"Error of {name}", off, shape, about=about, errors=True))
    return rows_html(rows)


# --- figures -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ComparedFigure:
    """One figure of two models as text. better: 0 for A, 1 for B, None for neither."""

    name: str
    texts: tuple[str, ...]
    better: int | None = None


def figures_of(pair: tuple[Checkpoint, Checkpoint]) -> list[ComparedFigure]:
    """Return the figures of two models, without those that are equal and no number."""
    rows = tuple(map(row_of, pair))
    same = rows[0].dataset == rows[1].dataset and rows[0].split == rows[1].split
    loss = "Error on test pictures" if rows[0].split == "test" else "Error on new pictures"
    out = [
        _compared(loss, [row.mse for row in rows], rounded, least=True, judged=same),
        ComparedFigure("Against PCA", tuple(map(_against_pca, rows))),
        _compared(
            "Numbers in the code", [row.code_size for row in rows], "{:,}".format, least=True
        ),
    ]
    shares = [_neighbours(one) for one in pair]
    if None not in shares:
        kind = "digit" if is_handwritten(rows[0].dataset) else "kind"
        name = f"Neighbours of the same {kind}"
        out.append(_compared(name, shares, "{:.0%}".format, judged=same))
    if all(one.preset.variational for one in pair):
        totals = [one.figures.get("test_elbo_loss") for one in pair]
        out.append(_compared("Redrawing and KL, nats", totals, "{:.1f}".format, least=True))
    out += [
        _compared("Weights", [row.parameters for row in rows], "{:,}".format, least=True),
        _compared("Trained in", [row.seconds for row in rows], duration, least=True),
        ComparedFigure("Steps", tuple(map(_steps, rows, pair))),
        ComparedFigure(
            "Layers", tuple("-".join(one.preset.layer_names(one.shape)) for one in pair)
        ),
        ComparedFigure("Pictures", tuple(dataset_words(row.dataset) for row in rows)),
    ]
    # What is the same for both and no figure needs no line.
    return [one for one in out if one.better is not None or one.texts[0] != one.texts[1]]


def _steps(row: Row, one: Checkpoint) -> str:
    before = f", after {one.steps_before:,}" if one.steps_before else ""
    return f"{row.steps:,}{before}" if row.steps else "—"


def _against_pca(row: Row) -> str:
    return versus_pca(row).removesuffix(" than PCA").removesuffix(" as PCA") or "—"


def _compared(
    name: str,
    values: list[float | None],
    write: Callable[[float], str],
    *,
    least: bool = False,
    judged: bool = True,
) -> ComparedFigure:
    """least: whether less is better. judged: whether one can be better at all."""
    texts = tuple("—" if value is None else write(value) for value in values)
    a, b = values
    if not judged or a is None or b is None or texts[0] == texts[1] or _about_equal(a, b):
        return ComparedFigure(name, texts)
    return ComparedFigure(name, texts, int((b < a) == least))


def _neighbours(checkpoint: Checkpoint) -> float | None:
    codes = checkpoint.test_codes
    if codes is None or not codes.agreement:
        return None
    return float(np.mean([one.share for one in codes.agreement]))


def figures_html(figures: list[ComparedFigure]) -> str:
    """Return the figures as an HTML table; the better one is bold and marked "better"."""
    head = "".join(f'<th scope="col">{name}</th>' for name in (A, B))
    rows = [
        (one.name, *(_cell(text, one.better == i) for i, text in enumerate(one.texts)))
        for one in figures
    ]
    return facts_html(rows, f"<thead><tr><td></td>{head}</tr></thead>")


def _cell(text: str, better: bool) -> str:
    words = html.escape(text)
    return f"<b>{words}</b><em>better</em>" if better else words


# --- in words ------------------------------------------------------------------------------------


def pair_sentence(a: Row, b: Row) -> str:
    """Return which of two models redraws better, and with how many numbers, in one sentence."""
    if a.dataset != b.dataset:
        names = [dataset_words(row.dataset) for row in (a, b)]
        return (
            f"A learned {names[0]}, B {names[1]}: what they redraw differs, so their errors cannot "
            "be compared."
        )
    things = f"{thing(a.dataset)}s"
    errors = [error for row in (a, b) if (error := row.loss(a.split)) is not None]
    if len(errors) < 2:
        return f"How well A and B redraw {things} was not measured on the same pictures."
    if max(errors) < LOSSLESS_MSE or _about_equal(*errors):
        return f"A and B redraw {things} equally well{_as_for_numbers(a, b)}."
    better, worse = (a, b) if errors[0] < errors[1] else (b, a)
    name, other = (A, B) if better is a else (B, A)
    # Less than what a byte shows is nothing.
    factor = max(errors) / max(min(errors), LOSSLESS_MSE)
    how = "a little" if factor < _LITTLE else f"{times(factor)} times"
    exact = f"{name} redraws {things} {how} more exactly"
    if better.code_size == worse.code_size:
        return f"{exact}, both with {count(better.code_size)}."
    ratio = better.code_size / worse.code_size
    if ratio < 1:
        return f"{exact} with {times(1 / ratio)} times fewer numbers."
    return f"{exact}, but {other} needs {times(ratio)} times fewer numbers."


def _as_for_numbers(a: Row, b: Row) -> str:
    if a.code_size == b.code_size:
        return f", both with {count(a.code_size)}"
    name = A if a.code_size < b.code_size else B
    ratio = max(a.code_size, b.code_size) / min(a.code_size, b.code_size)
    return f", but {name} needs {times(ratio)} times fewer numbers"


def _about_equal(one: float, other: float) -> bool:
    return max(one, other) <= EQUAL_WITHIN * min(one, other)
