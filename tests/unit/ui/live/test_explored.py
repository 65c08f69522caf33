"""A stored model made ready for the map: which codes it shows, its walks."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageSequence
from streamlit import config

from aeviz.checkpoints.history import HistoryView
from aeviz.data.dataset import scaled
from aeviz.drawing.ink import THEMES
from aeviz.networks.limits import MOST_WEIGHTS
from aeviz.ui.live.decoder import packed_model
from aeviz.ui.live.explored import (
    FIRST,
    SENT_BYTES,
    Look,
    decoder_of,
    explored,
    walk_gif,
)
from aeviz.ui.live.map_figure import figure_of
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


def test_the_browser_is_given_as_many_megabytes_of_large_pictures_as_of_mnist():
    large = made_up_dataset(side=64, tests=700)
    decoder = decoder_of(explored(made_up_model("large", large), large))
    assert 2e6 < decoder.pixels.nbytes <= 3_000 * 784
    np.testing.assert_array_equal(decoder.pixels, large.test_images[: len(decoder.pixels)])


def test_the_largest_network_there_may_be_fits_in_a_message():
    # Beside its weights go the test pictures and 10,000 codes of 64 numbers, two bytes each, with
    # a place on the map of eight bytes.
    largest = 2 * MOST_WEIGHTS + SENT_BYTES + 10_000 * (2 * 64 + 8 + 1)
    assert largest < 1e6 * config.get_option("server.maxMessageSize")


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
