"""The benchmark that measures the gallery again: what it lets pass and what it does not."""

from dataclasses import replace

import pytest

from aeviz.checkpoints.store import save_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.evaluation.baselines import measure_baselines
from aeviz.evaluation.losses import measure
from tests.benchmarks import compression
from tests.support.made_up_models import made_up_dataset, made_up_model


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A network on the small digits with its true figures, in a gallery of its own."""
    monkeypatch.setattr(compression, "PRETRAINED", tmp_path)
    digits = load_dataset("digits")
    made = made_up_model("made-up", made_up_dataset(8, tests=5, name="digits"), codes=False)
    figures = measure(made.autoencoder, made.preset, digits) | measure_baselines(digits, 2)
    return replace(made, figures=figures | {"seconds": 3.0, "steps": 1.0})


def test_true_figures_match(model, tmp_path, capsys):
    save_checkpoint(model, tmp_path)
    assert compression.main([]) == 0
    said = capsys.readouterr().out
    (line,) = (line for line in said.splitlines() if line.startswith("made-up"))
    assert line.endswith("matches") and f"{model.figures['test_mse']:.2f}" in line
    assert said.count("published, source 5") == 6 and "All that is stored matches." in said


@pytest.mark.parametrize("name", ["test_mse", "validation_mse", "train_mse"])
def test_a_figure_that_is_half_a_percent_off_does_not(model, tmp_path, capsys, name):
    wrong = model.figures | {name: model.figures[name] * 1.005}
    save_checkpoint(replace(model, figures=wrong), tmp_path)
    assert compression.main([]) == 1
    said = capsys.readouterr().out
    assert "DOES NOT MATCH" in said and f"made-up: {name} is stored as" in said


@pytest.mark.parametrize("name", ["pca_test_mse", "pca_validation_mse", "test_rmse"])
def test_nor_does_a_floor(model, name):
    digits = load_dataset("digits")
    again = compression.measured(model, digits)
    assert compression.differences(model.figures, again) == []
    (wrong,) = compression.differences(model.figures | {name: 0.5}, again)
    assert name in wrong


def test_a_figure_nobody_can_measure_is_pointed_out(model):
    again = compression.measured(model, load_dataset("digits"))
    (wrong,) = compression.differences(model.figures | {"test_magic": 1.0}, again)
    assert "nothing measures it" in wrong


def test_an_older_file_with_fewer_figures_matches(model, tmp_path):
    fewer = {k: v for k, v in model.figures.items() if "train" not in k}
    save_checkpoint(replace(model, figures=fewer), tmp_path)
    assert compression.main(["made-up"]) == 0


def test_what_has_no_weights_is_unverified(model, capsys):
    assert compression.check(replace(model, autoencoder=None)) == []
    assert "unverified: no weights" in capsys.readouterr().out


def test_a_file_that_does_not_open_and_a_gallery_with_nothing_in_it_fail(model, tmp_path, capsys):
    assert compression.main([]) == 1
    (tmp_path / "broken.safetensors").write_bytes(b"nonsense")
    assert compression.main([]) == 1
    assert "broken" in capsys.readouterr().out
