"""What sources 4 and 5 printed, digit by digit."""

import math
from dataclasses import replace

import pytest

from aeviz.evaluation.compression import row_of
from aeviz.evaluation.compression_words import row_sentence
from aeviz.evaluation.published import PUBLISHED
from aeviz.evaluation.verdicts import outcome
from aeviz.networks.recipes import PRESETS
from aeviz.text.numbers import rounded
from tests.support.made_up_models import made_up_dataset, made_up_model

ROWS = {row.name: row for row in PUBLISHED}

# Code size, hidden width, ratio, printed mean validation loss, PCA on the same 5,000 images.
SOURCE_5 = [
    (784, 1_000, 1.000, 0.0002700669, 0.0),
    (500, 1_000, 1.568, 0.00043257896, 0.00005),
    (300, 1_000, 2.613, 0.0017411599, 0.00094),
    (200, 1_000, 3.920, 0.003928103, 0.00225),
    (100, 1_000, 7.840, 0.006935501, 0.00568),
    (100, 10_000, 7.840, 0.0040781773, 0.00568),
]
# Network, noise, printed test loss, which fits a root mean squared error.
SOURCE_4 = [
    ("784-10-784", 0.0, 0.206152),
    ("784-128-10-128-784", 0.0, 0.136408),
    ("784-128-128-10-128-128-784", 0.0, 0.131669),
    ("784-128-128-10-128-128-784", 0.3, 0.130346),
    ("784-512-128-10-128-512-784", 0.4, 0.127140),
    ("784-512-128-1-128-512-784", 0.4, 0.213122),
]


@pytest.mark.parametrize(("code", "hidden", "ratio", "loss", "pca"), SOURCE_5)
def test_source_5_as_printed(code, hidden, ratio, loss, pca):
    (row,) = (
        row
        for row in PUBLISHED
        if row.published == "source 5" and row.layers == f"784-{hidden}-{code}-{hidden}-784"
    )
    assert (row.code_size, row.dataset, row.split) == (code, "mnist", "validation")
    assert row.ratio == pytest.approx(ratio, abs=5e-4)
    assert (row.mse, row.pca_mse) == (loss, pca)
    assert row.test_mse is None and row.test_rmse is None
    assert "mean of the validation loss over all epochs" in row.note


@pytest.mark.parametrize(("layers", "noise", "rmse"), SOURCE_4)
def test_source_4_as_printed_in_the_unit_it_fits(layers, noise, rmse):
    (row,) = (r for r in PUBLISHED if r.layers == layers and r.noise == noise)
    assert row.published == "source 4"
    assert row.test_rmse == pytest.approx(rmse, rel=1e-12)
    assert row.test_psnr == pytest.approx(20 * math.log10(1 / rmse))
    assert f"{rmse:.6f}" in row.note and "root mean squared error" in row.note
    assert row.validation_mse is None


def test_the_ratio_printed_wrong_is_corrected_and_told():
    row = ROWS["source-5-300"]
    assert row.ratio == pytest.approx(784 / 300)
    assert "2.261" in row.note and "2.613" in row.note and "0.0013582223" in row.note
    assert [r for r in PUBLISHED if "2.261" in r.note] == [row]


def test_there_are_twelve_marked_rows_of_models_nobody_can_run():
    assert len(PUBLISHED) == len(ROWS) == len(SOURCE_4) + len(SOURCE_5)
    assert all(row.published and not row.weights for row in PUBLISHED)
    dataset = made_up_dataset(tests=20)
    assert not row_of(made_up_model("ours", dataset)).published


def test_what_runs_are_measured_against_is_what_was_printed():
    for code, hidden, _, loss, _ in SOURCE_5:
        if hidden == 1_000:
            preset = replace(PRESETS["stacked-100"], latent_dim=code)
            words = " ".join(outcome(preset, {"test_mse": 1.0, "validation_mse": 1.0}))
            assert f"source 5 printed {rounded(loss)}." in words


def test_they_are_told_in_words_like_ours():
    assert row_sentence(ROWS["source-5-784"]) == (
        "784 numbers instead of 784: no smaller; PCA loses nothing at this size, this network 4.2 "
        "of 255 greys a pixel."
    )
    assert row_sentence(ROWS["source-5-100"]) == (
        "100 numbers instead of 784: 7.8 times smaller; PCA does better: this network loses 1.2 "
        "times more."
    )
    assert row_sentence(ROWS["source-4-784-512-128-1"]) == (
        "One number instead of 784: 784 times smaller; an error of 0.045 a pixel."
    )
