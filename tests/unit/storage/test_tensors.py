"""Packed tensors: what comes out is what went in, NumPy being the oracle, and never more."""

import zlib

import numpy as np
import pytest

from aeviz.storage.tensors import packed, unpacked, unpacked_bytes


@pytest.mark.parametrize("kind", [np.uint8, np.float16])
@pytest.mark.parametrize("shape", [(0,), (7,), (3, 5), (2, 3, 4)])
def test_an_array_comes_back_as_it_was(kind, shape):
    rng = np.random.default_rng(0)
    array = (rng.normal(size=shape) * 50).clip(0).astype(kind)
    squeezed, about = packed(array)
    again = unpacked(squeezed, *about)
    assert again.dtype == kind and unpacked_bytes(*about) == array.nbytes
    np.testing.assert_array_equal(again, array)


def test_one_that_is_seen_from_aside_comes_back_too():
    array = np.arange(24, dtype=np.float16).reshape(4, 6).T[::2]
    np.testing.assert_array_equal(unpacked(packed(array)[0], *packed(array)[1]), array)


def test_weights_with_few_digits_take_less():
    """Gaussian weights with five digits after the first: about nine bits each, of sixteen."""
    weights = np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    fraction, exponent = np.frexp(weights)
    short = np.ldexp(np.rint(fraction * 64) / 64, exponent).astype(np.float16)
    assert packed(short)[0].nbytes < 0.65 * short.nbytes


def test_files_from_before_have_float16_as_it_is():
    array = np.linspace(-3, 3, 40, dtype=np.float16).reshape(8, 5)
    old = np.frombuffer(zlib.compress(array.tobytes()), np.uint8)
    np.testing.assert_array_equal(unpacked(old, "<f2", [8, 5]), array)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("<f4", [2]), ("|O", [2]), ("", [2]), ("<f2", [-1]), ("<f2", [2.0]), ("<f2", [True])],
)
def test_what_cannot_have_been_packed_is_refused(kind, shape):
    squeezed, _ = packed(np.zeros(2, np.float16))
    with pytest.raises(ValueError, match="packed"):
        unpacked(squeezed, kind, shape)


@pytest.mark.parametrize("shape", [[99], [101], [10, 9], []])
def test_bytes_that_are_not_exactly_that_array_are_refused(shape):
    squeezed, (kind, _) = packed(np.zeros(100, np.float16))
    with pytest.raises(ValueError, match="packed"):
        unpacked(squeezed, kind, shape)


def test_damaged_bytes_are_refused():
    squeezed, about = packed(np.arange(50, dtype=np.float16))
    for bad in (squeezed[:-3], np.append(squeezed, np.uint8(0)), squeezed[2:]):
        with pytest.raises(ValueError, match="packed"):
            unpacked(bad, *about)
