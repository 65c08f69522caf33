"""Numbers as people type them and read them back."""

import pytest

from aeviz.text.numbers import number_of_text, text_of_number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0,002", 0.002),
        ("0.002", 0.002),
        (",5", 0.5),
        ("-0,5", -0.5),
        (" 1 000,5 ", 1000.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1,000,000", 1e6),
        ("1e-3", 0.001),
        ("1,5E-3", 0.0015),
        ("7", 7.0),
    ],
)
def test_a_comma_and_a_point_are_both_read(typed, meant):
    assert number_of_text(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "fast", "1,2,3", "1,23,456", "1.2.3,4", "nan", "inf", "1e999", "0x10", "--1", "٣"]
)
def test_what_is_no_number_is_none(typed):
    assert number_of_text(typed) is None


@pytest.mark.parametrize(
    ("number", "read"),
    [(0.002, "0.002"), (1.0, "1"), (0.0, "0"), (1e-07, "0.0000001"), (1234.5, "1234.5")],
)
def test_a_number_is_read_back_without_an_exponent(number, read):
    assert text_of_number(number) == read


@pytest.mark.parametrize("number", [0.1 + 0.2, 1e-7, 5e-324, 1.7e308, -2.5, 123456789.125])
def test_nothing_of_a_number_is_lost(number):
    assert number_of_text(text_of_number(number)) == number
