"""Files of formats 1 to 5, made by the program when it wrote them, open and are listed."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open

from aeviz.checkpoints.history import HistoryView
from aeviz.checkpoints.store import list_checkpoints, load_checkpoint, save_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.half_precision import in_half_precision
from tests.support.checkpoint_files import assert_same, parts_of

# Made by the program when it wrote format 1: vae-2d with layers of four, five steps on the digits.
FORMAT_1 = Path(__file__).with_name("format-1.safetensors")


def test_a_file_of_format_1_opens():
    back = load_checkpoint(FORMAT_1)
    about, tensors = parts_of(FORMAT_1)
    assert about["schema"] == 1 and "agreement" not in about
    assert (back.test_codes, back.fingerprint) == (None, "")
    assert (back.name, back.dataset, back.preset.name) == ("format-1", "digits", "vae-2d")
    assert [s.step for s in back.history.snapshots] == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(back.probe_labels, tensors["probe_labels"])
    x = images = scaled(load_dataset("digits").test_images).astype(np.float64)
    for part, count in (("encoder", 2), ("decoder", 2)):
        for i in range(count):
            x = x @ tensors[f"{part}.{i}.kernel"] + tensors[f"{part}.{i}.bias"]
            if i < count - 1:
                x = np.where(x > 0, x, np.expm1(x))
        x = x[:, :2] if part == "encoder" else 1 / (1 + np.exp(-x))
    mse = np.square(x - images).mean()
    assert back.figures["test_mse"] == pytest.approx(mse, rel=1e-5)
    np.testing.assert_allclose(
        back.autoencoder.reconstruct(images.astype(np.float32)), x, atol=1e-5
    )


# Made by the program when it wrote format 2: the same model, with what it makes of the test digits.
FORMAT_2 = Path(__file__).with_name("format-2.safetensors")


def test_a_file_of_format_2_opens():
    back, before = load_checkpoint(FORMAT_2), load_checkpoint(FORMAT_1)
    about, tensors = parts_of(FORMAT_2)
    assert about["schema"] == 2 and "film_cells" not in about
    assert back.fingerprint == "0123abcd"
    np.testing.assert_array_equal(back.test_codes.points, tensors["test.points"])
    assert len(back.test_codes.agreement) == 10
    assert all(s.frame is None for s in back.history.snapshots)
    assert_same(replace(back, name="format-1", test_codes=None, fingerprint=""), before)


# Made by the program when it wrote format 3: the same model, with the manifold at every snapshot.
FORMAT_3 = Path(__file__).with_name("format-3.safetensors")


def test_a_file_of_format_3_opens():
    back, before = load_checkpoint(FORMAT_3), load_checkpoint(FORMAT_2)
    about, tensors = parts_of(FORMAT_3)
    assert about["schema"] == 3 and about["film_cells"] == 16
    assert not {"weights", "title", "note", "optimizer_step"} & about.keys()
    assert (back.given_title, back.note, back.optimizer) == ("", "", None)
    assert (back.continued_from, back.steps_before) == ("", 0)
    shots = back.history.snapshots
    ends = tensors["film.ends"]
    assert b"".join(s.frame.picture for s in shots) == tensors["film.pictures"].tobytes()
    for snapshot, start, end in zip(shots, [0, *ends], ends, strict=False):
        assert len(snapshot.frame.picture) == end - start
        with Image.open(io.BytesIO(snapshot.frame.picture)) as picture:
            assert picture.size == (128, 128)  # 16 cells of 8 pixels
    bare = tuple(replace(s, frame=None) for s in shots)
    history = HistoryView(back.history.losses, bare, bare[-1])
    assert_same(replace(back, name="format-2", history=history), before)


# Made by the program when it wrote format 4: the same model, with its owner's words and an
# optimiser's state.
FORMAT_4 = Path(__file__).with_name("format-4.safetensors")


def test_a_file_of_format_4_opens():
    back, before = load_checkpoint(FORMAT_4), load_checkpoint(FORMAT_3)
    about, tensors = parts_of(FORMAT_4)
    assert about["schema"] == 4 and not {"channels", "packed"} & about.keys()
    assert "convolutions" not in about["preset"]
    assert (back.given_title, back.note, back.shape) == ("Mine", "A note.", PictureShape(8))
    assert back.optimizer.step == 5
    for i, slot in enumerate(back.optimizer.slots):
        np.testing.assert_array_equal(slot, tensors[f"optimizer.{i}"])
    bare = replace(back, name="format-3", given_title="", note="", optimizer=None)
    assert_same(bare, before)


# Made by the program when it wrote format 5: the same model with its weights in half precision,
# which it packs, and without the optimiser's state.
FORMAT_5 = Path(__file__).with_name("format-5.safetensors")


def test_a_file_of_format_5_opens():
    back, before = load_checkpoint(FORMAT_5), load_checkpoint(FORMAT_4)
    with safe_open(FORMAT_5, framework="numpy") as file:
        about = json.loads(file.metadata()["aeviz"])
        assert file.get_tensor("encoder.0.kernel").dtype == np.uint8
    assert about["schema"] == 5 and "coding" not in about
    assert back.coding is None
    halves = in_half_precision(before.network)
    assert_same(replace(back, name="format-4"), replace(before, autoencoder=halves, optimizer=None))


EARLIER = [FORMAT_1, FORMAT_2, FORMAT_3, FORMAT_4, FORMAT_5]


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_a_file_of_an_earlier_format_saved_again_is_one_of_the_newest(tmp_path, path):
    old = load_checkpoint(path)
    path = save_checkpoint(old, tmp_path)
    assert parts_of(path)[0]["schema"] == 6
    assert_same(load_checkpoint(path), old)


@pytest.mark.parametrize("path", EARLIER, ids=lambda path: path.stem)
def test_a_file_of_an_earlier_format_is_listed_with_all_there_is(tmp_path, path):
    (tmp_path / path.name).write_bytes(path.read_bytes())
    (row,) = list_checkpoints(tmp_path)
    owners = {FORMAT_4: ("Mine", "A note.", True), FORMAT_5: ("Mine", "A note.", False)}
    assert (row.problem, row.continued_from, row.has_weights) == ("", "", True)
    assert (row.given_title, row.note, row.optimizer_kept) == owners.get(path, ("", "", False))
    assert (row.layer_sizes, row.latent_dim) == ((64, 4, 2, 4, 64), 2)
    assert (row.shape.side, row.seed, row.steps, row.bytes) == (8, 0, 5, path.stat().st_size)
