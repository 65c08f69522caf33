"""Codes as bytes: what comes back, what it costs, and everything that is no such file."""

import struct
import time
import zlib

import numpy as np
import pytest

from aeviz.coding.code_bytes import MOST_BYTES, CodeBytesError, read_codes, write_codes
from aeviz.coding.transform import CodeTransform

SIZE, COUNT, STEP = 6, 500, 0.25
RANDOM = np.random.default_rng(6)
FORWARD = np.linalg.qr(RANDOM.normal(size=(SIZE, SIZE)))[0] * 2.0
CODES = (RANDOM.normal(size=(COUNT, SIZE)) * np.geomspace(8, 0.5, SIZE) + 3).astype(np.float32)
SPREADS = ((CODES - 3) @ FORWARD).std(axis=0)
TRANSFORM = CodeTransform(*(a.astype(np.float32) for a in (np.full(SIZE, 3.0), FORWARD, SPREADS)))
LABELS = RANDOM.integers(0, 10, COUNT)
DATA = write_codes(CODES, TRANSFORM, STEP)


def forged(rest, version=1, kinds=0):
    """Bytes with a checksum that fits."""
    return struct.pack("<4sBBI", b"aevc", version, kinds, zlib.crc32(rest)) + rest


def refusal(data, kinds=0):
    with pytest.raises(CodeBytesError) as caught:
        read_codes(data, TRANSFORM, kinds)
    sentence = str(caught.value)
    assert 20 < len(sentence) < 200 and sentence.endswith(".") and "\n" not in sentence
    return sentence


def test_codes_come_back_to_half_a_step():
    back, labels = read_codes(DATA, TRANSFORM)
    assert labels is None
    off = TRANSFORM.apply(back) - TRANSFORM.apply(CODES)
    assert np.abs(off).max() <= STEP / 2 * 1.001
    # Rounding to a step loses a twelfth of its square (Bennett 1948).
    assert np.square(off).mean() == pytest.approx(STEP**2 / 12, rel=0.05)


def test_labels_come_along():
    data = write_codes(CODES, TRANSFORM, STEP, LABELS, 10)
    np.testing.assert_array_equal(read_codes(data, TRANSFORM, 10)[1], LABELS)
    assert "other kinds" in refusal(data)
    assert "other kinds" in refusal(DATA, 10)


def test_half_the_step_takes_a_bit_more_a_number():
    bits = [8 * len(write_codes(CODES, TRANSFORM, step)) / CODES.size for step in (0.1, 0.05)]
    assert bits[1] - bits[0] == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("count", [0, 1])
def test_few_pictures_take_few_bytes(count):
    data = write_codes(CODES[:count], TRANSFORM, STEP)
    assert len(data) <= 20 + 4 * 4
    assert read_codes(data, TRANSFORM)[0].shape == (count, SIZE)


@pytest.mark.parametrize("codes", [CODES * 1e9, CODES * np.nan, np.full((1, SIZE), np.inf)])
def test_codes_that_reach_too_far_are_refused(codes):
    with pytest.raises(CodeBytesError, match="larger one"):
        write_codes(codes, TRANSFORM, STEP)


def test_too_many_are_refused_before_anything_is_done():
    many = np.broadcast_to(np.float32(0), (10**7, SIZE))
    with pytest.raises(CodeBytesError, match="too many"):
        write_codes(many, TRANSFORM, STEP)
    begun = time.perf_counter()
    claims = forged(struct.pack("<IHf", 2**32 - 1, SIZE, STEP) + DATA[20:])
    assert "damaged" in refusal(claims)
    assert time.perf_counter() - begun < 0.1
    assert "MB" in refusal(bytes(MOST_BYTES + 1))


@pytest.mark.parametrize(
    "data",
    [b"", b"aev", b"aevc", b"PK\3\4" + bytes(40), DATA[:19], DATA[:-4], DATA + b"\1", bytes(100)],
)
def test_what_is_no_such_file_is_refused(data):
    refusal(data)


def test_another_networks_codes_are_refused():
    other = CodeTransform(np.zeros(2), np.eye(2), np.ones(2))
    with pytest.raises(CodeBytesError, match="6 numbers, and this network's have 2"):
        read_codes(DATA, other)


@pytest.mark.parametrize("step", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_step_is_refused(step):
    refusal(forged(struct.pack("<IHf", COUNT, SIZE, step) + DATA[20:]))


def test_a_transform_that_cannot_be_undone_is_told():
    singular = CodeTransform(np.zeros(SIZE), np.zeros((SIZE, SIZE)), SPREADS)
    with pytest.raises(CodeBytesError, match="fresh copy"):
        read_codes(DATA, singular)


def test_two_thousand_damaged_files():
    """Cut, longer, with changed bytes, with and without a checksum that fits them."""
    random, refused, begun = np.random.default_rng(8), 0, time.perf_counter()
    for i in range(2_000):
        data = bytearray(DATA)
        for _ in range(random.integers(1, 6)):
            data[random.integers(len(data))] = random.integers(256)
        cut = random.integers(0, len(data) + 1) if i % 3 == 0 else len(data)
        data = bytes(data[:cut]) + (random.bytes(random.integers(0, 40)) if i % 5 == 0 else b"")
        if i % 2 and len(data) > 20:
            data = forged(data[10:], kinds=data[5])
        try:
            back, _ = read_codes(data, TRANSFORM)
        except CodeBytesError as error:
            refused += 1
            assert str(error).endswith(".")
        else:  # with a checksum of its own, other codes: as many as it says, and bounded
            assert back.shape[1] == SIZE and back.nbytes <= 40_000_000
    assert refused >= 1_000
    assert time.perf_counter() - begun < 60
