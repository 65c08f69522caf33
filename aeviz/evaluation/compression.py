"""What compression costs: one row of figures for each trained model.

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
from aeviz.coding.rates import USUAL, BeginningPoint, Coding, RatePoint
from aeviz.data import shapes
from aeviz.data.catalog import find_source
from aeviz.evaluation.baselines import MNIST_PCA, known_pca_mse
from aeviz.latent.factors import told_of_shapes
from aeviz.text.names import plain_cell
from aeviz.thinning import telling_points

# The mean squared error of rounding a pixel to one of 256 greys: what loses less than this loses
# nothing that a byte a pixel could show.
LOSSLESS_MSE = (1 / 255) ** 2 / 12
# A number of a code as networks compute with it.
BYTES_FLOAT32 = 4
# Points of a curve as small as a line of a table, and as a chart: about one a pixel.
_SMALL_CURVE, _LARGE_CURVE = 100, 400


@dataclass(frozen=True)
class Row:
    """One trained model, or one published result. None where a figure is not known.

    Losses are mean squared errors per pixel on [0, 1], with the best weights; `pca_` of PCA with as
    many numbers on the same images.
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
    pixels: int | None = None  # in a picture
    rates: tuple[RatePoint, ...] = ()  # of the code as bytes, from the finest step on
    decoder_bytes: int | None = None  # what whoever opens those bytes needs
    beginnings: tuple[BeginningPoint, ...] = ()  # of a code whose numbers come in order

    @property
    def ratio(self) -> float:
        """Values in a picture for each number of its code; under 1 for an overcomplete code."""
        return self.values / self.code_size

    @property
    def ratio_float32(self) -> float:
        """Bytes of a uint8 picture for each byte of its code in float32."""
        return self.values / (BYTES_FLOAT32 * self.code_size)

    @property
    def coded(self) -> RatePoint | None:
        """What its code takes as bytes where rounding it adds a seventh to the error."""
        return self.rates[min(USUAL, len(self.rates) - 1)] if self.rates else None

    @property
    def coded_bytes(self) -> float | None:
        """Bytes a picture, all that is kept of it."""
        return None if self.coded is None else self.coded.bytes

    @property
    def coded_bits(self) -> float | None:
        """Bits for each pixel."""
        return 8 * self.coded.bytes / self.pixels if self.coded and self.pixels else None

    @property
    def coded_mse(self) -> float | None:
        """The error on test images of what comes back of those bytes."""
        return None if self.coded is None else self.coded.mse

    @property
    def coded_psnr(self) -> float | None:
        """The same in decibels."""
        return None if self.coded is None else self.coded.psnr

    @property
    def coded_ssim(self) -> float | None:
        """Structural similarity to the test images of what comes back of those bytes."""
        return None if self.coded is None else self.coded.ssim

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
    def cost_of_bytes(self) -> float | None:
        """Loss of what comes back of its bytes for each of the network's own: 1 for none."""
        return self.coded.mse / self.test_mse if self.test_mse and self.coded else None

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
    "coded_bytes": Column("Bytes", "Of a test picture's code, rounded and packed", ".1f"),
    "coded_bits": Column("Bits a pixel", "The same bytes, shared out over the pixels", ".3f"),
    "coded_mse": Column("MSE of bytes", "Test MSE of what comes back of those bytes", ".2g"),
    "coded_psnr": Column("PSNR of bytes", "The same in decibels", ".1f"),
    "coded_ssim": Column("SSIM of bytes", "How alike in structure, 1 for the same", ".3f"),
    "decoder_bytes": Column("Decoder", "Bytes that whoever opens those codes needs", ",d"),
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

_FIGURES = "train_mse validation_mse test_mse pca_validation_mse seconds".split()


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
        pixels=shape.pixels,
        **measured,
        **_coded(checkpoint.coding),
    )


def _coded(coding: Coding | None) -> dict[str, Any]:
    if coding is None:
        return {}
    return {
        "rates": coding.points,
        "decoder_bytes": coding.decoder_bytes,
        "beginnings": coding.beginnings,
    }


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
