"""Every field of a checkpoint comes back from its file exactly."""

import os
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save

from aeviz.checkpoints.checkpoint import OptimizerState, to_bytes
from aeviz.checkpoints.history import HistoryView
from aeviz.checkpoints.store import list_checkpoints, load_checkpoint, save_checkpoint
from aeviz.networks.autoencoder import Layer
from aeviz.storage import tensors as storage_tensors
from tests.support.checkpoint_files import (
    PIXELS,
    PLAIN,
    PROBES,
    TESTED,
    VARIATIONAL,
    assert_same,
    checkpoint,
    made_up_test_codes,
    parts_of,
    refused,
    rewritten,
)


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("preset", [PLAIN, VARIATIONAL], ids=lambda p: p.name)
def test_what_is_saved_comes_back_exactly(tmp_path, preset, labels, weights):
    made = checkpoint(preset, labels=labels, weights=weights)
    path = save_checkpoint(made, tmp_path)
    assert path == tmp_path / f"{made.name}.safetensors"
    assert_same(load_checkpoint(path), made)
    assert os.listdir(tmp_path) == [path.name]


def test_a_model_without_a_history_comes_back(tmp_path):
    made = checkpoint(shots=0)
    back = load_checkpoint(save_checkpoint(made, tmp_path))
    assert back.history == HistoryView()
    assert_same(back.autoencoder, made.autoencoder)


def test_the_loaded_model_computes_the_same(tmp_path):
    made = checkpoint(VARIATIONAL)
    back = load_checkpoint(save_checkpoint(made, tmp_path))
    images = np.random.default_rng(0).random((3, PIXELS), dtype=np.float32)
    np.testing.assert_array_equal(
        back.autoencoder.reconstruct(images), made.autoencoder.reconstruct(images)
    )


def test_source_2s_own_picture_has_no_index_among_the_validation_images(tmp_path):
    made = replace(checkpoint(), probe_indices=np.arange(PROBES - 1, dtype=np.int32))
    assert_same(load_checkpoint(save_checkpoint(made, tmp_path)), made)


def test_a_model_without_test_codes_comes_back(tmp_path):
    made = replace(checkpoint(), test_codes=None, fingerprint="")
    assert_same(load_checkpoint(save_checkpoint(made, tmp_path)), made)


def test_of_codes_above_64_numbers_only_the_points_are_kept(tmp_path):
    made = checkpoint(replace(PLAIN, latent_dim=65))
    assert made.test_codes.codes is None
    path = save_checkpoint(made, tmp_path)
    assert_same(load_checkpoint(path), made)
    codes = np.zeros((TESTED, 65), np.float16)
    assert "test.codes" in refused(rewritten(path, tensors={"test.codes": codes}))
    assert load_checkpoint(
        save_checkpoint(checkpoint(replace(PLAIN, latent_dim=64)), tmp_path)
    ).test_codes.codes.shape == (TESTED, 64)


def test_a_single_picture_has_no_neighbours_to_agree_with(tmp_path):
    test = made_up_test_codes(3)
    one = replace(test, points=test.points[:1], codes=test.codes[:1], errors=test.errors[:1])
    one = replace(one, labels=test.labels[:1], agreement=())
    made = replace(checkpoint(), test_codes=one)
    assert_same(load_checkpoint(save_checkpoint(made, tmp_path)), made)


def with_weights(made, change):
    """The checkpoint with `change` done to every kernel and bias."""
    parts = {
        part: tuple(
            Layer(change(x.kernel), change(x.bias), x.activation)
            for x in getattr(made.autoencoder, part)
        )
        for part in ("encoder", "decoder")
    }
    return replace(made, autoencoder=replace(made.autoencoder, **parts))


def rounded(weights):
    return weights.astype(np.float16).astype(np.float32)


WEIGHTS = ("encoder.0.kernel", "encoder.0.bias", "decoder.1.kernel", "decoder.1.bias")


def test_weights_that_fit_in_two_bytes_take_two(tmp_path):
    made = with_weights(checkpoint(), rounded)
    path = save_checkpoint(made, tmp_path)
    _, tensors = parts_of(path)
    assert {tensors[name].dtype for name in WEIGHTS} == {np.dtype(np.float16)}
    assert_same(load_checkpoint(path), made)  # in float32, as they were
    assert len(to_bytes(made)) < len(to_bytes(checkpoint()))


@pytest.mark.parametrize("odd", [1 + 2**-11, 65_520.0, 2.0**-26], ids=["digits", "large", "small"])
def test_one_weight_that_does_not_fit_keeps_all_of_them_whole(tmp_path, odd):
    made = with_weights(checkpoint(), rounded)
    bias = made.autoencoder.decoder[-1].bias
    bias[-1] = odd
    path = save_checkpoint(made, tmp_path)
    _, tensors = parts_of(path)
    assert {tensors[name].dtype for name in WEIGHTS} == {np.dtype(np.float32)}
    assert_same(load_checkpoint(path), made)


def test_the_checksum_covers_weights_of_two_bytes_as_they_are_stored(tmp_path):
    path = save_checkpoint(with_weights(checkpoint(), rounded), tmp_path)
    with safe_open(path, framework="numpy") as file:
        metadata, tensors = file.metadata(), {n: file.get_tensor(n) for n in file.keys()}  # noqa: SIM118
    assert metadata["checksum"] == storage_tensors.checksum(metadata["aeviz"], tensors)
    tensors["encoder.0.kernel"] = tensors["encoder.0.kernel"].astype(np.float32)
    path.write_bytes(save(tensors, metadata=metadata))
    assert "checksum" in refused(path)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adadelta"])
def test_the_state_of_every_optimiser_comes_back(tmp_path, optimizer):
    made = checkpoint(replace(PLAIN, optimizer=optimizer), optimizer=optimizer != "sgd")
    if optimizer == "sgd":
        made = replace(made, optimizer=OptimizerState(40))
    path = save_checkpoint(made, tmp_path)
    assert_same(load_checkpoint(path), made)
    (row,) = list_checkpoints(tmp_path)
    assert row.optimizer_kept


@pytest.mark.parametrize("preset", [PLAIN, VARIATIONAL], ids=lambda p: p.name)
def test_a_model_without_its_weights_comes_back(tmp_path, preset):
    made = replace(checkpoint(preset), autoencoder=None, optimizer=None)
    path = save_checkpoint(made, tmp_path)
    assert not [name for name in parts_of(path)[1] if name.startswith(("encoder", "decoder"))]
    assert_same(load_checkpoint(path), made)
    (row,) = list_checkpoints(tmp_path)
    assert not row.has_weights and not row.problem


def test_a_film_comes_back_byte_for_byte(tmp_path):
    made = checkpoint()
    back = load_checkpoint(save_checkpoint(made, tmp_path))
    assert [s.frame for s in back.history.snapshots] == [s.frame for s in made.history.snapshots]


def test_a_model_without_a_film_comes_back(tmp_path):
    made = checkpoint(film=False)
    path = save_checkpoint(made, tmp_path)
    assert_same(load_checkpoint(path), made)
    assert parts_of(path)[0]["film_cells"] is None


def test_bytes_are_a_safetensors_file_others_can_read(tmp_path):
    made = checkpoint()
    path = tmp_path / "x.safetensors"
    path.write_bytes(to_bytes(made))
    _, tensors = parts_of(path)
    np.testing.assert_array_equal(tensors["encoder.0.kernel"], made.autoencoder.encoder[0].kernel)
    np.testing.assert_array_equal(tensors["losses"][:, 0], made.history.step)


def arrays_of(value):
    """Every array reachable from a checkpoint."""
    if isinstance(value, np.ndarray):
        yield value
    elif hasattr(value, "__dataclass_fields__"):
        for field in fields(value):
            yield from arrays_of(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from arrays_of(item)


def test_nothing_returned_can_be_written_to(saved):
    before = saved.read_bytes()
    back = load_checkpoint(saved)
    arrays = list(arrays_of(back))
    assert len(arrays) > 30
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(FrozenInstanceError):
        back.seed = 1
    del arrays, back
    assert saved.read_bytes() == before


def test_a_file_can_be_replaced_while_its_arrays_are_in_use(saved):
    back = load_checkpoint(saved)
    kernel = back.autoencoder.encoder[0].kernel.copy()
    saved.write_bytes(b"\0" * saved.stat().st_size)
    np.testing.assert_array_equal(back.autoencoder.encoder[0].kernel, kernel)


def test_title_is_for_people():
    assert checkpoint().title == f"{PLAIN.title}, 2026-01-02 03:04"
