"""Half precision: two bytes a number, for what is stored and drawn rather than trained."""

from dataclasses import replace

import numpy as np

from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer

# Of float16, after the first.
BITS = 10


def half(array: np.ndarray) -> np.ndarray:
    """float16, with what is beyond its range held at its ends rather than made infinite."""
    limit = np.finfo(np.float16).max
    return np.clip(array, -limit, limit).astype(np.float16)


def in_fewer_digits(numbers: np.ndarray, bits: int) -> np.ndarray:
    """float16 with so many binary digits after the first, at most BITS.

    What is rounded away is zeros, which a packed file does not pay for.
    """
    fraction, exponent = np.frexp(numbers)  # the first digit is the first behind the point
    return half(np.ldexp(np.rint(np.ldexp(fraction, bits + 1)), exponent - bits - 1))


def in_half_precision(autoencoder: Autoencoder, bits: int = BITS) -> Autoencoder:
    """The same network with every weight rounded to float16 (held as float32).

    bits: how many binary digits a weight keeps after its first, see `in_fewer_digits`.
    """

    def short(weights: np.ndarray) -> np.ndarray:
        return in_fewer_digits(weights, bits).astype(np.float32)

    def rounded(layer: Layer) -> Layer:
        return replace(layer, kernel=short(layer.kernel), bias=half(layer.bias).astype(np.float32))

    encoder, decoder = (tuple(map(rounded, x)) for x in (autoencoder.encoder, autoencoder.decoder))
    return Autoencoder(encoder, decoder, autoencoder.variational)


def fits_half_precision(autoencoder: Autoencoder) -> bool:
    """Whether float16 holds every weight exactly, so that storing two bytes loses nothing."""
    return all(
        np.array_equal(half(weights), weights)
        for layer in (*autoencoder.encoder, *autoencoder.decoder)
        for weights in (layer.kernel, layer.bias)
    )
