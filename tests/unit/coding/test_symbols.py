"""Numbers through the entropy coder: all come back, at the length that information theory says."""

import numpy as np
import pytest
from scipy.stats import norm

from aeviz.coding.symbols import LARGEST, NotCoded, read_symbols, write_symbols

SPREADS = np.array([0.05, 0.5, 1.0, 7.0, 300.0])


def drawn(count=4_000, spreads=SPREADS):
    random = np.random.default_rng(1)
    return np.rint(random.normal(size=(count, len(spreads))) * spreads).astype(np.int32)


def test_what_is_written_is_read():
    levels, labels = drawn(), np.random.default_rng(2).integers(0, 10, 4_000)
    back, none = read_symbols(write_symbols(levels, SPREADS), len(levels), SPREADS)
    np.testing.assert_array_equal(back, levels)
    assert none is None
    data = write_symbols(levels, SPREADS, labels, 10)
    back, told = read_symbols(data, len(levels), SPREADS, 10)
    np.testing.assert_array_equal(back, levels)
    np.testing.assert_array_equal(told, labels)


def test_the_furthest_numbers_are_read_too():
    levels = np.array([[-LARGEST, LARGEST], [LARGEST, 0]], dtype=np.int32)
    back, _ = read_symbols(write_symbols(levels, np.ones(2)), 2, np.ones(2))
    np.testing.assert_array_equal(back, levels)


@pytest.mark.parametrize("spread", [0.3, 1.0, 7.0, 300.0])
def test_it_takes_as_many_bits_as_the_entropy_of_a_rounded_normal_distribution(spread):
    levels = drawn(20_000, np.array([spread]))
    reach = np.arange(-6 * int(spread + 1), 6 * int(spread + 1) + 1)
    shares = norm.cdf(reach + 0.5, 0, spread) - norm.cdf(reach - 0.5, 0, spread)
    entropy = -(shares[shares > 0] * np.log2(shares[shares > 0])).sum()
    bits = 8 * len(write_symbols(levels, np.array([spread]))) / len(levels)
    assert bits == pytest.approx(entropy, rel=0.02)


def test_a_label_takes_the_logarithm_of_how_many_kinds_there_are():
    levels, labels = np.zeros((8_000, 1), np.int32), np.random.default_rng(3).integers(0, 10, 8_000)
    with_labels = write_symbols(levels, np.ones(1), labels, 10)
    bits = 8 * (len(with_labels) - len(write_symbols(levels, np.ones(1)))) / 8_000
    assert bits == pytest.approx(np.log2(10), rel=0.01)


@pytest.mark.parametrize("change", ["cut", "longer", "odd", "nothing", "fewer numbers"])
def test_other_bytes_are_noticed(change):
    levels = drawn(200)
    data = write_symbols(levels, SPREADS)
    data = {
        "cut": data[:-8],
        "longer": data + b"\1\2\3\4",
        "odd": data[:-1],
        "nothing": b"\0\0\0\0",
        "fewer numbers": data,
    }[change]
    count = 150 if change == "fewer numbers" else 200
    try:
        back, _ = read_symbols(data, count, SPREADS)
    except NotCoded:
        return
    # A coder cannot tell all: what comes back is then other numbers, within their bounds.
    assert (
        change in ("cut", "longer")
        and not np.array_equal(back, levels)
        and np.abs(back).max() <= LARGEST
    )
