"""A stored model made ready for the map: which codes it shows, its pins, its walks."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageSequence

from aeviz.checkpoints.history import HistoryView
from aeviz.data.dataset import scaled
from aeviz.drawing.ink import THEMES
from aeviz.ui.live.decoder import packed_model
from aeviz.ui.live.events import Pin
from aeviz.ui.live.explored import (
    FIRST,
    MOST_PINS,
    Look,
    add_pin,
    decoder_of,
    explored,
    figure_of,
    kept_pin,
    pin_at,
    pin_details,
    pin_of_row,
    pins_of_text,
    placed_pins,
    text_of_pins,
    walk_gif,
)
from tests.support.made_up_models import made_up_dataset, made_up_model
from tests.unit.ui.conftest import DATA

# --- which codes ---


def test_a_model_shows_the_codes_in_its_file(flat):
    assert flat.codes is flat.checkpoint.test_codes and not flat.notice
    np.testing.assert_array_equal(flat.images, DATA.test_images)


def test_without_its_pictures_it_shows_them_all_the_same():
    model = explored(made_up_model("alone", DATA), None)
    assert len(model.codes.points) == 300 and model.images is None and not model.notice


def test_a_file_without_codes_gets_them_from_its_pictures():
    checkpoint = made_up_model("older", DATA, codes=False)
    model = explored(checkpoint, DATA)
    codes = checkpoint.autoencoder.encode(scaled(DATA.test_images))
    np.testing.assert_allclose(model.codes.points, codes, atol=0.01)
    assert model.has_errors and not model.notice


@pytest.mark.parametrize(("latent_dim", "shown"), [(2, 40), (5, 5)])
def test_without_either_it_shows_what_a_snapshot_kept(latent_dim, shown):
    checkpoint = made_up_model("old", DATA, latent_dim=latent_dim, codes=False, snapshots=True)
    model = explored(checkpoint, None)
    assert len(model.codes.points) == shown and f" {shown} codes" in model.notice
    assert not model.has_errors and model.images is None
    packed_model(decoder_of(model))


def test_with_nothing_at_all_there_is_no_map():
    assert explored(made_up_model("bare", DATA, codes=False), None) is None


def test_pictures_of_another_size_are_not_its_own():
    model = explored(made_up_model("flat", DATA), made_up_dataset(side=4))
    assert model.images is None


def test_of_several_snapshots_the_one_of_the_weights_counts():
    checkpoint = made_up_model("old", DATA, codes=False, snapshots=True)
    (shot,) = checkpoint.history.snapshots
    later = replace(shot, step=9, map_points=shot.map_points + np.float16(1))
    history = HistoryView(checkpoint.history.losses, (shot, later), later)
    model = explored(replace(checkpoint, history=history, best_step=8), None)
    np.testing.assert_array_equal(model.codes.points, later.map_points)


def test_codes_of_one_number_lie_in_lanes_that_the_decoder_ignores():
    model = explored(made_up_model("thin", DATA, latent_dim=1), DATA)
    points = model.points(None)
    np.testing.assert_array_equal(points[:, 0], model.codes.points[:, 0])
    heights = {label: set(points[model.codes.labels == label, 1]) for label in range(10)}
    assert all(len(h) == 1 for h in heights.values())
    assert len(set.union(*heights.values())) == 10
    np.testing.assert_array_equal(
        model.codes.plane.lift(points), model.codes.codes.astype(np.float32)
    )


# --- map and decoder ---


def test_the_first_thousand_are_the_first_in_the_same_view():
    data = made_up_dataset(side=4, tests=FIRST + 200)
    model = explored(made_up_model("many", data), data)
    all_of_them, first = (figure_of(model, Look(first=f)) for f in (False, True))
    shown = np.concatenate([trace.customdata for trace in first.data])
    assert sorted(shown) == list(range(FIRST))
    assert first.layout.xaxis == all_of_them.layout.xaxis
    assert first.layout.yaxis == all_of_them.layout.yaxis


def test_two_numbers_of_the_code_are_drawn_as_they_are(deep):
    np.testing.assert_array_equal(deep.points((3, 1)), deep.codes.codes[:, [3, 1]])
    decoder = decoder_of(deep, (3, 1))
    assert decoder.shown == (3, 1)
    np.testing.assert_allclose(decoder.base, deep.codes.codes.astype(np.float64).mean(0), rtol=1e-3)


def test_a_decoder_is_known_by_its_key(flat, deep):
    keys = {decoder_of(deep).key, decoder_of(deep, (0, 1)).key, decoder_of(flat).key}
    keys.add(decoder_of(explored(flat.checkpoint, None)).key)
    assert len(keys) == 4
    assert decoder_of(flat).key == decoder_of(explored(flat.checkpoint, DATA)).key


# --- pins ---


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
    monkeypatch.setattr("aeviz.ui.live.explored.SENT_IMAGES", 10)
    free, sent, late = pin_details(
        flat, (pin_at(flat, 0, 0), pin_of_row(flat, 3), pin_of_row(flat, 30))
    )
    assert free == {} and "original" not in sent
    assert late["original"].tolist() == DATA.test_images[30].tolist()
    picture = scaled(DATA.test_images[30:31])
    error = np.square(flat.checkpoint.autoencoder.reconstruct(picture) - picture).mean()
    assert late["error"] == pytest.approx(error, rel=1e-2)


# --- walks ---


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_walk_is_a_gif_of_what_the_decoder_draws(flat, theme):
    codes = np.array([[0, 0], [1, 0], [1, 1]], dtype=np.float32)
    picture = Image.open(io.BytesIO(walk_gif(flat, codes, 0.25, theme)))
    frames = [np.asarray(f.convert("RGB"), float) for f in ImageSequence.Iterator(picture)]
    assert picture.info["duration"] == 250 and picture.info["loop"] == 0
    assert len(frames) == 3 and min(picture.size) >= 280
    paper, ink = (np.array(colour) for colour in (THEMES[theme].paper, THEMES[theme].ink))
    factor = picture.size[0] // DATA.side
    drawn = flat.checkpoint.autoencoder.decode(codes)
    for frame, amount in zip(frames, drawn, strict=True):
        middle = frame[factor // 2 :: factor, factor // 2 :: factor]
        share = amount.reshape(DATA.side, DATA.side, 1)
        np.testing.assert_allclose(middle, paper + share * (ink - paper), atol=2)
