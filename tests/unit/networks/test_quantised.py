"""Codes in 8 bits against NumPy's own rounding and the error that evenly spaced levels make."""

import numpy as np
import pytest

from aeviz.networks.quantised import CodeRange, code_range, dequantise, quantise, through_8_bits

CODES = np.random.default_rng(0).normal(2, 3, (4_000, 7)).astype(np.float32)


def test_the_range_is_that_of_each_number():
    limits = code_range(CODES)
    np.testing.assert_array_equal(limits.low, [min(column) for column in CODES.T])
    np.testing.assert_array_equal(limits.high, [max(column) for column in CODES.T])
    assert limits.finite


def test_two_ranges_joined_cover_both():
    joined = code_range(CODES[:2_000]).joined(code_range(CODES[2_000:]))
    whole = code_range(CODES)
    np.testing.assert_array_equal(joined.low, whole.low)
    np.testing.assert_array_equal(joined.high, whole.high)


def test_a_level_is_the_nearest_of_256():
    limits = code_range(CODES)
    levels = quantise(CODES, limits)
    assert levels.dtype == np.uint8 and levels.shape == CODES.shape
    for i in range(7):
        grid = np.linspace(limits.low[i], limits.high[i], 256)
        nearest = np.abs(CODES[:, i, None].astype(float) - grid).argmin(axis=1)
        np.testing.assert_array_equal(levels[:, i], nearest)


def test_what_comes_back_is_half_a_step_off_at_most():
    limits = code_range(CODES)
    back = through_8_bits(CODES, limits)
    assert back.dtype == np.float32
    step = (limits.high - limits.low) / 255
    off = np.abs(back - CODES)
    assert (off <= step / 2 * 1.001).all()
    # An error spread evenly over a step has a mean square of step^2 / 12.
    np.testing.assert_allclose(np.square(off).mean(axis=0), step**2 / 12, rtol=0.1)


def test_the_ends_come_back_as_they_were():
    limits = code_range(CODES)
    ends = np.stack([limits.low, limits.high])
    np.testing.assert_array_equal(quantise(ends, limits), [[0] * 7, [255] * 7])
    np.testing.assert_allclose(through_8_bits(ends, limits), ends, rtol=1e-6)


def test_what_lies_beyond_the_range_is_held_at_its_ends():
    limits = CodeRange(np.zeros(2, np.float32), np.ones(2, np.float32))
    codes = np.array([[-5, 2], [1e30, -1e30]], np.float32)
    np.testing.assert_array_equal(through_8_bits(codes, limits), [[0, 1], [1, 0]])


def test_a_number_that_never_changes_comes_back_exactly():
    codes = np.full((10, 3), 0.123, np.float32)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(through_8_bits(codes, code_range(codes)), codes)


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1e30])
def test_any_scale_of_codes_will_do(scale):
    codes = CODES * np.float32(scale)
    back = dequantise(quantise(codes, code_range(codes)), code_range(codes))
    np.testing.assert_allclose(back, codes, atol=scale * 0.06)


def test_a_range_with_no_number_in_it_is_told():
    codes = CODES.copy()
    codes[3, 2] = np.nan
    assert not code_range(codes).finite
    codes[3, 2] = np.inf
    assert not code_range(codes).finite
