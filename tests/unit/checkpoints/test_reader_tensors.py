"""The reader refuses tensors that are missing, of another form, or impossible."""

from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints import checkpoint as checkpoints_checkpoint
from aeviz.checkpoints import codes_reader, store
from aeviz.checkpoints import reader as checkpoints_reader
from aeviz.checkpoints.checkpoint import to_bytes
from aeviz.checkpoints.store import load_checkpoint, save_checkpoint
from tests.support.checkpoint_files import (
    POINTS,
    PROBES,
    TESTED,
    VARIATIONAL,
    WITHOUT_CODING,
    assert_same,
    checkpoint,
    parts_of,
    refused,
    rewritten,
)


def test_a_forgery_that_changes_nothing_is_fine(saved):
    # So that the refusals below are about what they change.
    assert_same(load_checkpoint(rewritten(saved)), checkpoint())


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    "tensor",
    [
        "encoder.0.kernel",
        "decoder.1.bias",
        "snapshots.codes",
        "snapshots.map_points",
        "snapshots.weights.0",
        "snapshots.seconds",
        "film.spans",
        "test.points",
        "test.codes",
        "test.errors",
        "test.centre",
        "test.axes",
    ],
)
def test_weights_that_are_not_numbers_are_refused(saved, tensor, value):
    array = parts_of(saved)[1][tensor]
    array.flat[-1] = value
    assert tensor in refused(rewritten(saved, tensors={tensor: array}))


TENSORS = sorted(checkpoints_checkpoint.tensors_of(checkpoint()))


@pytest.mark.parametrize("tensor", TENSORS)
def test_a_tensor_that_is_missing_is_named(saved, tensor):
    changed = rewritten(saved, tensors={tensor: None})
    if tensor in ("probe_labels", "map_labels"):
        assert getattr(load_checkpoint(changed), tensor) is None  # images may have no labels
    elif tensor == "test.labels":
        assert "classes" in refused(changed)  # how they agree is told all the same
    else:
        assert tensor in refused(changed)


@pytest.mark.parametrize("tensor", TENSORS)
def test_a_tensor_of_another_shape_is_refused(saved, tensor):
    array = parts_of(saved)[1][tensor]
    grown = np.concatenate([array, array[:1]])
    flat = array.reshape(-1, 1, 1, 1)
    if tensor in ("losses", "coding.points", "coding.beginnings"):
        grown = np.column_stack([array, array[:, 0]])  # one more row is one more record
    for changed in (grown, flat):
        refused(rewritten(saved, tensors={tensor: changed}))


@pytest.mark.parametrize("tensor", TENSORS)
def test_a_tensor_of_another_kind_is_refused(saved, tensor):
    array = parts_of(saved)[1][tensor]
    other = np.float32 if array.dtype.kind in "iu" else np.int32
    assert tensor in refused(rewritten(saved, tensors={tensor: np.zeros(array.shape, other)}))


@pytest.mark.parametrize("tensor", [t for t in TENSORS if t.startswith(("encoder", "test"))])
def test_a_tensor_of_another_width_is_refused(saved, tensor):
    """So wide that what is beyond float32 would only become infinite later."""
    array = parts_of(saved)[1][tensor]
    wide = np.zeros(array.shape, np.float64 if array.dtype.kind == "f" else np.uint16)
    assert tensor in refused(rewritten(saved, tensors={tensor: wide}))


def test_test_codes_of_no_pictures_or_with_errors_below_0_are_refused(saved):
    _, tensors = parts_of(saved)
    per_picture = ("test.points", "test.codes", "test.errors", "test.labels")
    none = {name: tensors[name][:0] for name in per_picture}
    assert "redrawn" in refused(rewritten(saved, tensors=none, about={"agreement": []}))
    saved.write_bytes(to_bytes(checkpoint()))
    errors = tensors["test.errors"] - np.float16(1)
    assert "redrawn" in refused(rewritten(saved, tensors={"test.errors": errors}))


def test_test_codes_the_description_does_not_know_of_are_refused(saved):
    assert "test.axes" in refused(rewritten(saved, about={"agreement": None}))
    saved.write_bytes(to_bytes(checkpoint(film=False, optimizer=False)))
    older = {"schema": 1}
    assert "test.axes" in refused(rewritten(saved, about=older, tensors=WITHOUT_CODING))
    saved.write_bytes(to_bytes(checkpoint()))
    older = {"schema": 3}
    assert "optimizer.0" in refused(rewritten(saved, about=older, tensors=WITHOUT_CODING))
    saved.write_bytes(to_bytes(checkpoint()))
    assert "coding.beginnings" in refused(rewritten(saved, about={"coding": None}))


def test_a_tensor_too_many_is_refused(saved):
    extra = np.zeros((3, 3), np.float32)
    assert "encoder.9.kernel" in refused(rewritten(saved, tensors={"encoder.9.kernel": extra}))


def test_weights_are_there_or_not_as_the_description_says(tmp_path):
    path = save_checkpoint(checkpoint(), tmp_path)
    assert "decoder.0.bias" in refused(rewritten(path, about={"weights": False}))
    path = save_checkpoint(replace(checkpoint(), autoencoder=None), tmp_path)
    assert "encoder.0.kernel" in refused(rewritten(path, about={"weights": True}))


def test_a_state_of_another_optimiser_is_refused(saved):
    preset = parts_of(saved)[0]["preset"]
    assert "optimizer.0" in refused(
        rewritten(saved, about={"preset": preset | {"optimizer": "sgd"}})
    )
    saved.write_bytes(to_bytes(checkpoint()))
    assert "optimizer" in refused(
        rewritten(saved, about={"preset": preset | {"optimizer": "x" * 99}})
    )
    saved.write_bytes(to_bytes(checkpoint()))
    assert "optimizer.0" in refused(rewritten(saved, about={"optimizer_step": None}))


def test_a_history_longer_than_any_is_refused(tmp_path, monkeypatch):
    reader = checkpoints_reader
    for module, limit, most in (
        (reader, "MOST_RECORDS", 8),
        (reader, "_MOST_SNAPSHOTS", 4),
        (reader, "_MOST_PARTS", 2),
        (reader, "_MOST_PROBES", PROBES),
        (reader, "_MOST_POINTS", POINTS),
        (codes_reader, "MOST_IMAGES", TESTED),
    ):
        path = save_checkpoint(checkpoint(VARIATIONAL), tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(module, limit, most)
            load_checkpoint(path)
            patch.setattr(module, limit, most - 1)
            refused(path)


TOLD = replace(VARIATIONAL, labels=9)


@pytest.mark.parametrize("name", ["test.labels", "probe_labels", "map_labels"])
def test_a_label_that_a_told_network_does_not_know_is_refused(tmp_path, name):
    path = save_checkpoint(checkpoint(TOLD), tmp_path)
    assert load_checkpoint(path).network.kinds == 9
    labels = parts_of(path)[1][name].copy()
    labels[0] = 9
    about = {"agreement": []} if name == "test.labels" else {}
    sentence = refused(rewritten(path, about=about, tensors={name: labels}))
    assert "does not say what its pictures show" in sentence


def test_a_told_network_without_labels_is_refused(tmp_path):
    path = save_checkpoint(checkpoint(TOLD, labels=False), tmp_path)
    assert "does not say what its pictures show" in refused(path)


def test_a_network_that_no_page_could_hand_to_a_browser_is_refused(tmp_path, monkeypatch):
    made = checkpoint()
    path, weights = save_checkpoint(made, tmp_path), made.preset.parameter_count(made.shape)
    monkeypatch.setattr(checkpoints_reader, "MOST_WEIGHTS", weights)
    load_checkpoint(path)
    monkeypatch.setattr(checkpoints_reader, "MOST_WEIGHTS", weights - 1)
    assert "weights" in refused(path) and not store.MODELS.is_damaged(path)
    # Where none are kept, none are sent.
    load_checkpoint(save_checkpoint(replace(made, autoencoder=None), tmp_path))


@pytest.mark.parametrize("parts", [["reconstruction", "x"], ["KL", "reconstruction"], ["KL"] * 2])
def test_a_variational_loss_of_other_parts_is_refused(tmp_path, parts):
    path = save_checkpoint(checkpoint(VARIATIONAL), tmp_path)
    assert "losses are made of" in refused(rewritten(path, about={"parts": parts}))


def test_a_variational_loss_without_parts_is_refused_where_it_would_be_told(tmp_path):
    path = save_checkpoint(checkpoint(VARIATIONAL), tmp_path)
    losses = parts_of(path)[1]["losses"]
    bare = {"about": {"parts": []}, "tensors": {"losses": np.array(losses[:, :3])}}
    assert "losses are made of" in refused(rewritten(path, **bare))
    # A part that is not finite is still a part: a training may end so.
    losses[0, 4] = np.inf
    rewritten(path, about={"parts": ["reconstruction", "KL"]}, tensors={"losses": losses})
    (name, value), (other, lost) = load_checkpoint(path).history.snapshots[0].loss.parts
    assert (name, value, other) == ("reconstruction", 3.0, "KL") and np.isnan(lost)


@pytest.mark.parametrize("record", [-1, 8, 10**6])
def test_snapshots_that_belong_to_no_record_are_refused(saved, record):
    array = parts_of(saved)[1]["snapshots.record"]
    array[0] = record
    refused(rewritten(saved, tensors={"snapshots.record": array}))


@pytest.mark.parametrize("step", [np.nan, np.inf, -1.0, 1e300])
def test_losses_at_no_step_are_refused(saved, step):
    array = parts_of(saved)[1]["losses"]
    array[0, 0] = step
    refused(rewritten(saved, tensors={"losses": array}))


def test_a_model_that_watched_other_pictures_than_it_says_is_refused(saved):
    indices = parts_of(saved)[1]["probe_indices"]
    for wrong in (indices[:-2], indices - 1):
        saved.write_bytes(to_bytes(checkpoint()))
        assert "every picture" in refused(rewritten(saved, tensors={"probe_indices": wrong}))


@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("value", [-2.0, float("inf"), float("nan")])
def test_what_codes_take_as_bytes_has_to_be_possible(saved, column, value):
    points = parts_of(saved)[1]["coding.points"]
    points[1, column] = value
    refused(rewritten(saved, tensors={"coding.points": points}))


@pytest.mark.parametrize("size", [0, -1, 2.5, "many", 10**12, True])
def test_a_decoder_takes_so_many_bytes(saved, size):
    about = {"decoder_bytes": size, "transform": True, "beginnings": True}
    assert "bytes" in refused(rewritten(saved, about={"coding": about}))


def test_no_curve_is_longer_than_a_chart_shows(saved):
    points = np.repeat(parts_of(saved)[1]["coding.points"], 100, axis=0)
    assert "bytes" in refused(rewritten(saved, tensors={"coding.points": points}))
    assert "bytes" in refused(rewritten(saved, tensors={"coding.points": points[:0]}))


@pytest.mark.parametrize("value", [0.0, 1.5, 99.0, -1.0])
def test_no_more_numbers_begin_a_code_than_it_has(saved, value):
    rows = parts_of(saved)[1]["coding.beginnings"]
    rows[0, 0] = value
    assert "first numbers" in refused(rewritten(saved, tensors={"coding.beginnings": rows}))


def test_no_number_spreads_by_less_than_nothing(saved):
    spreads = -parts_of(saved)[1]["coding.spreads"]
    assert "bytes" in refused(rewritten(saved, tensors={"coding.spreads": spreads}))
