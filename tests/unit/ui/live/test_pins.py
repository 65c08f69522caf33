"""Pins: in a link and back, at their place on every map."""

import numpy as np
import pytest

from aeviz.data.dataset import scaled
from aeviz.ui.live.events import Pin
from aeviz.ui.live.pins import (
    MOST_PINS,
    add_pin,
    kept_pin,
    pin_at,
    pin_details,
    pin_of_row,
    pins_of_text,
    placed_pins,
    text_of_pins,
)
from tests.unit.ui.conftest import DATA


def test_a_link_reopens_its_pins(flat):
    pins = (pin_at(flat, 0.123456, -7.5), pin_of_row(flat, 7), pin_at(flat, 0, 1e-3))
    back = pins_of_text(text_of_pins(pins), flat)
    assert [pin.row for pin in back] == [None, 7, None]
    for before, after in zip(pins, back, strict=True):
        np.testing.assert_allclose([after.x, after.y], [before.x, before.y], rtol=1e-4)
        np.testing.assert_allclose(after.code, before.code, rtol=1e-4)


@pytest.mark.parametrize(
    "text",
    ["", None, ";;;", "1", "1,2,3,4x", "nan,1", "inf,0", "1e300,1e300", "a,b", "0,0,300", "0,0,-1"]
    + ["0,0,1.5", "<script>", "9" * 5_000],
)
def test_a_bad_link_pins_nothing(text, flat):
    assert pins_of_text(text, flat) == ()


def test_what_is_right_in_a_bad_link_counts(flat):
    assert [(p.x, p.y) for p in pins_of_text("x;1,2;3", flat)] == [(1, 2)]


def test_no_pins_leave_no_trace_in_the_address():
    assert text_of_pins(()) is None


def test_the_oldest_pin_goes(flat):
    pins = ()
    for n in range(MOST_PINS + 3):
        pins = add_pin(pins, pin_at(flat, n, 0))
    assert [pin.x for pin in pins] == list(range(3, MOST_PINS + 3))


def test_a_picture_is_pinned_once(flat):
    pins = ()
    for row in (4, 5, 4):
        pins = add_pin(pins, pin_of_row(flat, row))
    assert [pin.row for pin in pins] == [5, 4]


def test_a_pin_keeps_its_code_from_one_view_to_another(deep):
    code = tuple(np.linspace(-1, 1, 5).tolist())
    kept = kept_pin(deep, Pin(code, x=code[2], y=code[4]))
    plane = deep.codes.plane
    away = np.array(code) - plane.centre
    np.testing.assert_allclose([kept.x, kept.y], plane.axes @ away, rtol=1e-4)
    (placed,) = placed_pins((kept,), (2, 4))
    assert placed.code == code and (placed.x, placed.y) == (code[2], code[4])
    assert placed_pins((kept,), None) == (kept,)


def test_a_pinned_picture_has_the_code_the_encoder_gave_it(deep):
    code = deep.checkpoint.autoencoder.encode(scaled(DATA.test_images[9:10]))[0]
    np.testing.assert_allclose(pin_of_row(deep, 9).code, code, atol=0.01)


def test_details_are_those_of_the_picture(flat, monkeypatch):
    monkeypatch.setattr("aeviz.ui.live.explored.SENT_BYTES", 10 * DATA.shape.values)
    free, sent, late = pin_details(
        flat, (pin_at(flat, 0, 0), pin_of_row(flat, 3), pin_of_row(flat, 30))
    )
    assert free == {} and "original" not in sent
    assert late["original"].tolist() == DATA.test_images[30].tolist()
    picture = scaled(DATA.test_images[30:31])
    error = np.square(flat.checkpoint.autoencoder.reconstruct(picture) - picture).mean()
    assert late["error"] == pytest.approx(error, rel=1e-2)
