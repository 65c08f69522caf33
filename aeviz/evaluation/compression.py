"""What compression costs: one row of figures for each trained model, and the same in words.

All of it comes from what a checkpoint stores, so the table needs no data set and no TensorFlow.
"""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.history import Snapshot
from aeviz.data import shapes
from aeviz.data.catalog import find_source
from aeviz.evaluation.baselines import EQUAL_WITHIN, MNIST_PCA, known_pca_mse
from aeviz.latent.factors import told_of_shapes
from aeviz.networks.quantised import BYTES_8BIT, BYTES_FLOAT32
from aeviz.text.names import plain_cell
from aeviz.text.numbers import count, rounded, times
from aeviz.thinning import telling_points

# The mean squared error of rounding a pixel to one of 256 greys: what loses less than this loses
# nothing that a byte a pixel could show.
LOSSLESS_MSE = (1 / 255) ** 2 / 12
# Points of a curve as small as a line of a table, and as a chart: about one a pixel.
_SMALL_CURVE, _LARGE_CURVE = 100, 400


@dataclass(frozen=True)
class Row:
    """One trained model, or one published result. None where a figure is not known.

    Losses are mean squared errors per pixel on [0, 1], with the best weights; `_8bit` with the code
    stored in 8 bits, `pca_` of PCA with as many numbers on the same images.
    """

    name: str  # of the checkpoint; of a published row, a name of its own
    title: str  # its owner's, else its recipe's
    dataset: str
    recipe: str
    layers: str  # widths, as "784-1000-100-1000-784"
    code_size: int
    values: int  # in a picture, of all channels: its bytes
    train_mse: float | None = None
    validation_mse: float | None = None
    test_mse: float | None = None
    test_mse_8bit: float | None = None
    pca_validation_mse: float | None = None
    pca_test_mse: float | None = None
    best_step: int | None = None
    best_epoch: float | None = None  # passes over the training images at best_step
    steps: int | None = None  # taken in all
    seconds: float | None = None  # for all of them
    parameters: int | None = None
    noise: float = 0.0
    l2: float = 0.0
    beta: float | None = None  # weight of the KL term, of a variational network
    test_kl: float | None = None  # nats that a code tells of a test picture
    information_gap: float | None = None  # on the coloured shapes, see `aeviz.latent.factors`
    seed: int | None = None
    created: str = ""
    validation_curve: tuple[float, ...] = ()  # validation MSE over the training
    weights: bool = True  # whether the model can be run without training it again
    published: str = ""  # where it was printed, "" for ours
    note: str = ""
    recipe_title: str = ""  # "" for a published row
    own: bool = False  # whether the visitor's own, not the gallery's

    @property
    def ratio(self) -> float:
        """Values in a picture for each number of its code; under 1 for an overcomplete code."""
        return self.values / self.code_size

    @property
    def ratio_float32(self) -> float:
        """Bytes of a uint8 picture for each byte of its code in float32."""
        return self.values / (BYTES_FLOAT32 * self.code_size)

    @property
    def ratio_8bit(self) -> float:
        """Bytes of a uint8 picture for each byte of its code in 8 bits."""
        return self.values / (BYTES_8BIT * self.code_size)

    @property
    def split(self) -> str:
        """The images its headline loss is of: "test", or "validation" where only that is known."""
        return "validation" if self.test_mse is None else "test"

    @property
    def mse(self) -> float | None:
        """The headline loss, on the images that `split` names."""
        return self.loss(self.split)

    @property
    def pca_mse(self) -> float | None:
        """PCA's loss on the images that `split` names."""
        return self.pca_validation_mse if self.split == "validation" else self.pca_test_mse

    @property
    def test_rmse(self) -> float | None:
        """Root mean squared error on test images: source 4's unit."""
        return None if self.test_mse is None else math.sqrt(self.test_mse)

    @property
    def test_psnr(self) -> float | None:
        """Peak signal-to-noise ratio on test images in decibels: 10 log10(1 / MSE), peak 1."""
        return -10 * math.log10(self.test_mse) if self.test_mse else None

    @property
    def times_better_than_pca(self) -> float | None:
        """PCA's loss for each of this model's: above 1 better, below 1 worse than PCA.

        None where PCA loses nothing that shows: every loss would be infinitely many times that.
        """
        if not self.mse or self.pca_mse is None or self.pca_mse < LOSSLESS_MSE:
            return None
        return self.pca_mse / self.mse

    @property
    def overfitting_gap(self) -> float | None:
        """Validation MSE less training MSE, both with the best weights; negative for none."""
        if self.validation_mse is None or self.train_mse is None:
            return None
        return self.validation_mse - self.train_mse

    @property
    def cost_of_8_bits(self) -> float | None:
        """Loss with the code in 8 bits for each of that in float32, on test images: 1 for none."""
        if not self.test_mse or self.test_mse_8bit is None:
            return None
        return self.test_mse_8bit / self.test_mse

    def loss(self, split: str) -> float | None:
        """MSE on "train", "validation" or "test" images."""
        return getattr(self, f"{split}_mse")


@dataclass(frozen=True)
class Column:
    """A column of the table."""

    label: str
    meaning: str
    format: str = ""  # of a figure; "" for text


# In the table's order, by the name of a Row's field or property.
COLUMNS: dict[str, Column] = {
    "title": Column("Model", "Its name, or the recipe it was trained by"),
    "code_size": Column("Code", "Numbers in the code of a picture", ",d"),
    "ratio": Column("Ratio", "Values of a picture for each number of the code", ".2f"),
    "validation_mse": Column("Validation MSE", "Mean squared error a pixel, validation", ".2g"),
    "test_mse": Column("Test MSE", "Mean squared error a pixel, test images", ".2g"),
    "times_better_than_pca": Column(
        "PCA loses",
        "Test images: PCA's loss of the same size over this one's, above 1 is better",
        ".2f",
    ),
    "validation_curve": Column("Curve", "Validation MSE from the first step to the last"),
    "ratio_float32": Column("Ratio, 32-bit", "Bytes of a picture a byte of float32 code", ".2f"),
    "ratio_8bit": Column("Ratio, 8-bit", "Bytes of a picture a byte of 8-bit code", ".2f"),
    "test_mse_8bit": Column("Test MSE, 8-bit", "Test MSE with the code stored in 8 bits", ".2g"),
    "train_mse": Column("Training MSE", "On the first 10,000 training images", ".2g"),
    "test_rmse": Column("Test RMSE", "Root of the test MSE", ".3f"),
    "test_psnr": Column("Test PSNR", "Peak signal-to-noise ratio, decibels", ".1f"),
    "overfitting_gap": Column("Gap", "Validation MSE less training MSE", ".2g"),
    "best_epoch": Column("Best epoch", "Passes over the training images at the best step", ".1f"),
    "steps": Column("Steps", "Training steps taken", ",d"),
    "seconds": Column("Seconds", "From the first step to the last", ".0f"),
    "parameters": Column("Weights", "Weights and biases of the network", ",d"),
    "layers": Column("Layers", "Numbers in each layer, from picture to picture"),
    "noise": Column("Noise", "Share of the pixels blacked out in training", "g"),
    "l2": Column("L2", "Penalty on the weights", "g"),
    "beta": Column("Beta", "Weight of the KL term of a variational network", "g"),
    "test_kl": Column("KL", "Nats that a code tells of a test picture", ".1f"),
    "information_gap": Column(
        "Information gap", "1 where each property of the shapes has a number of its own", ".2f"
    ),
    "seed": Column("Seed", "What its first weights were drawn by", "d"),
    "dataset": Column("Pictures", "The data set"),
    "recipe": Column("Recipe", "The recipe's name"),
    "published": Column("Published", "Where a figure was printed, if it is not ours"),
    "note": Column("Note", "What to know about it"),
}


_TOLD = "One number of its code is what kind of picture it is, which the network is told."

# A file from before 8-bit codes were measured has none of them.
_FIGURES = "train_mse validation_mse test_mse test_mse_8bit pca_validation_mse seconds".split()


def row_of(checkpoint: Checkpoint) -> Row:
    """Return the row of a trained model."""
    preset, shape = checkpoint.preset, checkpoint.shape
    figures = {k: v for k, v in checkpoint.figures.items() if math.isfinite(v)}
    measured: dict[str, Any] = {name: figures.get(name) for name in _FIGURES}
    pca_test = figures.get("pca_test_mse", known_pca_mse(checkpoint.dataset, preset.numbers_kept))
    known = find_source(checkpoint.dataset)
    epoch = checkpoint.best_step * preset.batch_size / known.n_train if known else None
    steps = figures.get("steps")
    return Row(
        name=checkpoint.name,
        title=checkpoint.given_title or preset.title,
        dataset=checkpoint.dataset,
        recipe=preset.name,
        layers="-".join(preset.layer_names(shape)),
        code_size=preset.numbers_kept,
        values=shape.values,
        pca_test_mse=pca_test,
        best_step=checkpoint.best_step,
        best_epoch=epoch,
        steps=None if steps is None else int(steps),
        parameters=preset.parameter_count(shape),
        noise=preset.noise,
        l2=preset.l2,
        beta=preset.kl_weight if preset.variational else None,
        test_kl=figures.get("test_kl") if preset.variational else None,
        information_gap=_information_gap(checkpoint),
        seed=checkpoint.seed,
        created=checkpoint.created,
        validation_curve=_validation_curve(checkpoint),
        weights=checkpoint.autoencoder is not None,
        note=checkpoint.notice or (_TOLD if preset.labels else ""),
        recipe_title=preset.title,
        **measured,
    )


def _information_gap(checkpoint: Checkpoint) -> float | None:
    test = checkpoint.test_codes
    known = checkpoint.dataset == "shapes" and test is not None and test.codes is not None
    if not known or len(test.codes) != shapes.N_TEST:
        return None
    return told_of_shapes(test.codes).gap


def _validation_curve(checkpoint: Checkpoint) -> tuple[float, ...]:
    # In MSE whatever the recipe's own loss, so that all rows are in one unit.
    history = checkpoint.history
    if checkpoint.preset.loss == "mse":  # a file may keep fewer snapshots than losses
        curve = history.val_loss
    else:
        curve = np.array([shot.mse for shot in history.snapshots])
    curve = curve[np.isfinite(curve)]
    return tuple(curve[telling_points(np.arange(len(curve)), curve, _SMALL_CURVE)].tolist())


def best_snapshot(checkpoint: Checkpoint) -> Snapshot | None:
    """Return the snapshot whose weights were kept; its pictures need no weights and no data set."""
    shots = checkpoint.history.snapshots
    at_best = [shot for shot in shots if shot.step == checkpoint.best_step]
    return at_best[0] if at_best else (shots[-1] if shots else None)


@dataclass(frozen=True)
class Curves:
    """A model's losses, (n,) float each, NaN where not measured, in the recipe's unit."""

    steps: np.ndarray
    epochs: np.ndarray | None  # passes over the training images; None if their number is unknown
    training: np.ndarray  # the mean since the step before
    validation: np.ndarray
    best_step: int  # from there on a rising validation loss means overfitting
    unit: str  # "MSE", or "nats"


def curves(checkpoint: Checkpoint) -> Curves:
    """Return the losses of a stored model, of a long run those that can be seen."""
    history, preset = checkpoint.history, checkpoint.preset
    known = find_source(checkpoint.dataset)
    steps, training, validation = history.step, history.train_loss, history.val_loss
    keep = [np.array([0, np.abs(steps - checkpoint.best_step).argmin()])]
    for curve in (training, validation):
        measured = np.flatnonzero(np.isfinite(curve))
        keep.append(measured[telling_points(steps[measured], curve[measured], _LARGE_CURVE)])
    keep = np.unique(np.concatenate(keep))
    steps = steps[keep]
    return Curves(
        steps=steps,
        epochs=steps * preset.batch_size / known.n_train if known else None,
        training=training[keep],
        validation=validation[keep],
        best_step=checkpoint.best_step,
        unit="MSE" if preset.loss == "mse" else "nats",
    )


def pca_line(rows: Iterable[Row], dataset: str, split: str) -> list[tuple[int, float]]:
    """Return PCA's loss at every code size that is known, (code size, MSE), sizes rising.

    split: "validation" or "test". Left out where PCA loses nothing that shows: a logarithmic axis
    has no place for it.
    """
    known = dict(MNIST_PCA) if (dataset, split) == ("mnist", "test") else {}
    for row in rows:
        floor = row.pca_validation_mse if split == "validation" else row.pca_test_mse
        # What was measured beside a model of ours goes before what was printed.
        if row.dataset == dataset and floor is not None:
            if not row.published or row.code_size not in known:
                known[row.code_size] = floor
    return sorted((size, mse) for size, mse in known.items() if mse >= LOSSLESS_MSE)


def to_csv(rows: Iterable[Row], columns: Iterable[str] = tuple(COLUMNS)) -> str:
    """Write the rows as CSV: column names, figures in full, nothing where one is not known."""
    columns = [name for name in columns if name != "validation_curve"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in columns])
    return out.getvalue()


def _cell(value) -> object:
    if value is None:
        return ""
    return plain_cell(value) if isinstance(value, str) else value


# --- in words ------------------------------------------------------------------------------------


def row_sentence(row: Row) -> str:
    """Say what a model's compression costs, as "100 numbers instead of 784: 7.8 times smaller"."""
    start = f"{count(row.code_size).capitalize()} instead of {row.values:,}: {size(row.ratio)}"
    against = _against_pca(row)
    return f"{start}; {against}." if against else f"{start}."


def size(ratio: float) -> str:
    """Return "7.8 times smaller", "no smaller" or "1.3 times larger"."""
    if ratio == 1:
        return "no smaller"
    word, factor = ("smaller", ratio) if ratio > 1 else ("larger", 1 / ratio)
    return f"hardly {word}" if factor < 1.005 else f"{times(factor)} times {word}"


def _against_pca(row: Row) -> str:
    mse, pca = row.mse, row.pca_mse
    if mse is None:
        return ""
    if pca is None:
        return f"an error of {rounded(mse)} a pixel"
    if pca < LOSSLESS_MSE:
        if mse < LOSSLESS_MSE:
            return "like PCA, it loses nothing that shows"
        greys = times(math.sqrt(mse) * 255)
        return f"PCA loses nothing at this size, this network {greys} of 255 greys a pixel"
    if mse * EQUAL_WITHIN < pca:
        return f"PCA loses {times(pca / mse) if mse else 'infinitely many'} times more"
    if mse > pca * EQUAL_WITHIN:
        return f"PCA does better: this network loses {times(mse / pca)} times more"
    return "PCA loses as much"


def sentence_in_bytes(row: Row) -> str:
    """Say what the code takes on disk, in 8 bits and in float32, and what the 8 bits cost.

    One ratio, that of the sentence above it: a number in 8 bits is a byte, as a pixel is.
    """
    start = (
        f"With 8 bits a number, a picture of {row.values:,} bytes becomes "
        f"{BYTES_8BIT * row.code_size:,} ({size(row.ratio_8bit)})"
    )
    end = f"With 32 bits a number it takes {BYTES_FLOAT32 * row.code_size:,} bytes."
    cost = row.cost_of_8_bits
    if cost is None:
        return f"{start}; what the 8 bits cost was not measured. {end}"
    if cost < EQUAL_WITHIN:
        return f"{start}, which costs nothing worth mentioning. {end}"
    return f"{start}, which makes the error on test images {times(cost)} times as large. {end}"


def versus_pca(row: Row) -> str:
    """Return "3.1 times better than PCA", "as good as PCA", or "" where that is not known."""
    ratio = row.times_better_than_pca
    if ratio is None:
        return ""
    words = better_or_worse(ratio)
    return "as good as PCA" if words == "as good" else f"{words.replace('×', ' times')} than PCA"


def better_or_worse(ratio: float) -> str:
    """Return "as good", "3.1× better" or "1.2× worse"."""
    if 1 / EQUAL_WITHIN < ratio < EQUAL_WITHIN:
        return "as good"
    return f"{times(ratio)}× better" if ratio > 1 else f"{times(1 / ratio)}× worse"
