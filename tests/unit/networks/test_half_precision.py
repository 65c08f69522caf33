"""Rounding to float16 against IEEE 754's own numbers: 11 significant bits, 65,504 at most."""

import numpy as np
import pytest

from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.half_precision import fits_half_precision, half, in_half_precision
from aeviz.networks.layers import Layer


def network(*weights):
    kernel = np.array([weights], dtype=np.float32)
    return Autoencoder((Layer(kernel, kernel[0].copy(), "tanh"),), (Layer(kernel.T, kernel[0]),))


def test_numbers_are_rounded_to_the_nearest_and_held_at_the_ends():
    numbers = np.array([1 + 2**-10, 1 + 2**-12, 2.0**-24, 65_519, 65_520, 1e30, -1e30, np.inf])
    ends = [65_504, 65_504, 65_504, -65_504, 65_504]
    for kind in (np.float32, np.float64):
        rounded = half(numbers.astype(kind))
        assert rounded.dtype == np.float16
        np.testing.assert_array_equal(rounded, [1 + 2**-10, 1, 2.0**-24, *ends])


def test_a_rounded_network_is_held_in_float32_and_fits():
    model = network(0.1, 1 / 3, 1e6)
    rounded = in_half_precision(model)
    assert not fits_half_precision(model) and fits_half_precision(rounded)
    kernel = rounded.encoder[0].kernel
    assert kernel.dtype == np.float32 and rounded.encoder[0].activation == "tanh"
    np.testing.assert_array_equal(kernel, [[0.0999755859375, 0.333251953125, 65_504]])


def test_shortened_weights_keep_so_many_digits():
    """The digits of the binary numbers are the oracle."""
    model = network(*(float.fromhex(x) for x in ("0x1.f8p0", "-0x1.0cp-3", "0x1.04p5", "0x0p0")))
    kernel = in_half_precision(model, 4).encoder[0].kernel
    told = ["0x1.0p1", "-0x1.1p-3", "0x1.0p5", "0x0p0"]  # halves go to the even one
    np.testing.assert_array_equal(kernel, [[float.fromhex(x) for x in told]])
    assert fits_half_precision(in_half_precision(network(1e30, -7e4, 1e-7), 5))


@pytest.mark.parametrize("number", [0.1, 2_049.0, 65_505.0, 2.0**-25, np.nan])
def test_one_number_that_needs_more_does_not_fit(number):
    assert fits_half_precision(network(0.5, -2_048.0, 65_504.0, 2.0**-24))
    assert not fits_half_precision(network(0.5, number))
