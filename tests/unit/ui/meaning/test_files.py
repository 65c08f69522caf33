"""Rows as files: Pillow opens them, and their pictures are what the decoder draws."""

import io

import numpy as np
import pytest
from PIL import Image

from aeviz.data.dataset import to_bytes
from aeviz.latent.traversals import REACH, STEPS, code_numbers
from aeviz.ui.live.explored import explored
from aeviz.ui.meaning.files import rows_gif, rows_png
from tests.support.made_up_models import made_up_dataset, made_up_model


@pytest.fixture(params=[False, True], ids=["grey", "colour"])
def model(request):
    dataset = made_up_dataset(28, colour=request.param)
    return explored(made_up_model("m", dataset, latent_dim=3), dataset)


@pytest.fixture
def numbers(model):
    return code_numbers(model.checkpoint.network, model.codes.codes, None)


def drawn_by(model):
    return model.checkpoint.network, model.checkpoint.shape


def test_the_sheet_has_a_row_for_each_number_in_their_order(model, numbers):
    code = model.code(5)
    sheet = Image.open(io.BytesIO(rows_png(*drawn_by(model), code, numbers, "light")))
    pixels = np.asarray(sheet.convert("RGB" if model.checkpoint.shape.coloured else "L"))
    pitch, scale = 30, 2  # a picture and the gap beside it; pixels are doubled
    assert pixels.shape[:2] == (scale * (3 * pitch - 2), scale * (STEPS * pitch - 2))
    for row, k in enumerate(range(3)):
        codes = np.tile(code, (STEPS, 1))
        codes[:, k] += np.linspace(-REACH, REACH, STEPS) * numbers.spread[k]
        drawn = model.checkpoint.shape.pictures(to_bytes(model.checkpoint.network.decode(codes)))
        for column, picture in enumerate(drawn):
            y, x = scale * pitch * row, scale * pitch * column
            seen = pixels[y : y + 56 : 2, x : x + 56 : 2].astype(float)
            if model.checkpoint.shape.coloured:
                np.testing.assert_array_equal(seen, picture)
            else:  # ink on paper: more is darker
                assert np.corrcoef(seen.ravel(), picture.ravel())[0, 1] < -0.999


def test_the_gif_goes_there_and_back(model, numbers):
    film = Image.open(io.BytesIO(rows_gif(*drawn_by(model), model.mean_code, numbers, "dark")))
    assert film.format == "GIF" and film.n_frames == 46 and film.info["loop"] == 0
    assert film.size == (2 * (3 * 30 - 2), 56)
