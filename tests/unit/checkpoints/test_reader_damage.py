"""The reader refuses damaged files, other files and files of another version."""

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save

from aeviz.checkpoints.store import load_checkpoint
from tests.support.checkpoint_files import parts_of, refused, rewritten


def test_one_flipped_bit_anywhere_is_noticed(saved):
    good = saved.read_bytes()
    header_ends = 8 + int.from_bytes(good[:8], "little")
    assert header_ends < len(good)
    random = np.random.default_rng(0)
    places = {*range(8), *range(8, 60), header_ends - 1, header_ends, len(good) - 1}
    places |= set(random.integers(8, header_ends, 250).tolist())
    places |= set(random.integers(header_ends, len(good), 100).tolist())
    sentences = set()
    for place in sorted(places):
        bad = bytearray(good)
        bad[place] ^= 1 << int(random.integers(8))
        saved.write_bytes(bad)
        sentences.add(refused(saved))
    assert any("checksum" in sentence for sentence in sentences)
    saved.write_bytes(good)
    load_checkpoint(saved)


def test_every_bit_of_one_weight_is_covered(saved):
    good = saved.read_bytes()
    start = 8 + int.from_bytes(good[:8], "little")
    for bit in range(32):
        bad = bytearray(good)
        bad[start + bit // 8] ^= 1 << bit % 8
        saved.write_bytes(bad)
        assert "damaged" in refused(saved)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused(saved, share):
    good = saved.read_bytes()
    saved.write_bytes(good[: int(len(good) * share)])
    assert saved.name in refused(saved)


def test_a_file_that_lacks_its_last_byte_or_has_one_more_is_refused(saved):
    good = saved.read_bytes()
    for bad in (good[:-1], good + b"\0"):
        saved.write_bytes(bad)
        assert "not a readable model file" in refused(saved)


@pytest.mark.parametrize(
    "contents",
    [
        b"not a tensor file at all, just words",
        b"PK\x03\x04" + bytes(100),
        b"\x80\x04\x95" + bytes(50),
        bytes(1_000),
        b"\xff" * 1_000,
        (2**62).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"null",
        (60_000).to_bytes(8, "little") + b"[" * 60_000,
        (60_000).to_bytes(8, "little") + b'{"a":' * 12_000,
    ],
    ids=lambda b: repr(b[:12]),
)
def test_other_files_are_refused(tmp_path, contents):
    path = tmp_path / "x.safetensors"
    path.write_bytes(contents)
    assert "x.safetensors" in refused(path)


@pytest.mark.parametrize(
    "metadata", [None, {}, {"format": "pt"}, {"checksum": "0" * 64}, {"aeviz": "{"}], ids=str
)
def test_a_tensor_file_of_somebody_elses_is_refused(tmp_path, metadata):
    path = tmp_path / "theirs.safetensors"
    path.write_bytes(save({"weight": np.zeros((2, 2), np.float32)}, metadata=metadata))
    assert "theirs.safetensors" in refused(path)


def test_a_wrong_checksum_and_a_missing_one_are_refused(saved):
    about, tensors = parts_of(saved)
    text = json.dumps(about)
    for metadata in ({"aeviz": text}, {"aeviz": text, "checksum": "0" * 64}):
        saved.write_bytes(save(tensors, metadata=metadata))
        assert "checksum" in refused(saved)


def test_the_checksum_covers_the_description(saved):
    about, tensors = parts_of(saved)
    with safe_open(saved, framework="numpy") as file:
        checksum = file.metadata()["checksum"]
    about["seed"] += 1
    saved.write_bytes(save(tensors, metadata={"aeviz": json.dumps(about), "checksum": checksum}))
    assert "checksum" in refused(saved)


def test_another_version_is_named(saved):
    assert "another version" in refused(rewritten(saved, about={"schema": 99}))
    assert "another version" in refused(rewritten(saved, about={"schema": 0}))
    assert "another version" in refused(rewritten(saved, about={"schema": [2]}))
    assert "another version" in refused(rewritten(saved, about={"schema": None}))
    assert "another version" in refused(rewritten(saved, about={"schema": "1" * 100_000}))
