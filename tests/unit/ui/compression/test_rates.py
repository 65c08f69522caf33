"""What the page says of bytes: curves by hand, sentences word for word."""

import csv
import io

import numpy as np
import pytest

from aeviz.coding.rates import RatePoint
from aeviz.data.catalog import load_dataset
from aeviz.data.picture_shape import PictureShape
from aeviz.evaluation.compression import Row
from aeviz.evaluation.rate_distortion import Curve, StoredCurves
from aeviz.ui.compression.rates import (
    chart_in_words,
    crossing_sentence,
    decoder_sentence,
    lines_of,
    measured_curves,
    picks_of,
    rates_of,
    sentence,
    to_csv,
)
from aeviz.ui.pictures.watched import Compared


def point(size, mse, alone=None):
    return RatePoint(1.0, size, mse, 0.9, alone)


def model(name, *points, decoder=480_000):
    row = Row(name, name, "mnist", "r", "", 10, 784, rates=points, decoder_bytes=decoder)
    return Compared(row)


MODELS = (
    model("small", point(7, 0.0105, 36), point(4, 0.02, 32)),
    model("large", point(14, 0.005, 48), point(60, 0.0008, 90)),
    model("old"),
)
CODECS = StoredCurves(
    2_500,
    (
        Curve("pca", "PCA", (point(10, 0.05), point(100, 0.0005))),
        Curve("jpeg", "JPEG", (point(40, 0.0105), point(65, 0.005), point(300, 0.0001))),
        Curve("avif", "AVIF", (point(33, 0.005), point(50, 0.0008), point(90, 0.0001))),
        Curve("png", "PNG", (point(160, 0.0),)),
    ),
    (Curve("jpeg", "JPEG", (point(366, 0.0105), point(400, 0.0008))),),
)
RATES = rates_of("mnist", MODELS, CODECS, apart=False)


def test_the_networks_curve_is_the_best_of_all_models():
    assert [(p.bytes, p.mse) for p in RATES.network.points] == [
        (4, 0.02),
        (7, 0.0105),
        (14, 0.005),
        (60, 0.0008),
    ]
    assert RATES.network.sources == ("small", "small", "large", "large")
    assert RATES.pictures == 2_500
    assert RATES.decoders == {"small": 480_000, "large": 480_000}


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (0, "At this error a digit takes 4 bytes here; no codec gets this small."),
        (1, "At this error a digit takes 7 bytes here, 40 as JPEG."),
        (2, "At this error a digit takes 14 bytes here, 33 as AVIF, 65 as JPEG."),
        (
            3,
            "At this error a digit takes 60 bytes here, 50 as AVIF, 150 as JPEG: AVIF does better.",
        ),
    ],
)
def test_what_a_digit_takes_at_the_same_error(at, said):
    # JPEG at .0008: between 65 and 300 bytes as a power, 65 (300 / 65)^(ln 6.25 / ln 50) = 133.
    expected = said.replace("150", "133")
    assert sentence(RATES, at) == expected


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (0, "Its decoder takes 480 kB."),
        # 480,000 / (33 - 14) = 25,263.
        (2, "Its decoder takes 480 kB: beside AVIF it is worth it from 25,000 digits on."),
        (
            3,
            "Its decoder takes 480 kB, which nothing pays for here: AVIF needs none and takes "
            "fewer bytes.",
        ),
    ],
)
def test_from_when_on_a_decoder_is_paid_for(at, said):
    assert decoder_sentence(RATES, at) == said


def test_where_a_codec_overtakes():
    # In logarithms the network falls from 14 to 60 and AVIF from 33 to 50 over the same errors:
    # equal where 14 (60/14)^t = 33 (50/33)^t, t = .825, at .005 (.0008/.005)^.825 = .0011.
    assert crossing_sentence(RATES) == (
        "Below an error of 0.0011 AVIF takes fewer bytes than any network here."
    )
    assert crossing_sentence(rates_of("mnist", MODELS, None, apart=False)) == ""


def test_alone_each_code_is_a_file_of_its_own():
    apart = rates_of("mnist", MODELS, CODECS, apart=True)
    assert [p.bytes for p in apart.network.points] == [32, 36, 48, 90]
    assert apart.pictures == 1
    assert sentence(apart, 1) == "At this error a digit takes 36 bytes here, 366 as JPEG."


def test_lines_and_words_of_the_chart():
    lines = {line.name: line for line in lines_of(RATES)}
    assert list(lines) == ["pca", "jpeg", "avif", "png", "network"]
    assert lines["network"].places[2] == (14, 0.005, "network:2")
    assert "AVIF from 33 bytes at 0.0050 to 90 bytes at 0.00010" in chart_in_words(RATES)


def test_every_point_is_in_the_table():
    rows = list(csv.DictReader(io.StringIO(to_csv(RATES, PictureShape(28)))))
    assert len(rows) == 4 + 2 + 3 + 3 + 1
    ours = rows[2]
    assert (ours["method"], ours["model"], ours["bytes"]) == ("networks", "large", "14")
    assert float(ours["bits_a_pixel"]) == pytest.approx(8 * 14 / 784, rel=1e-4)
    assert float(ours["psnr"]) == pytest.approx(-10 * np.log10(0.005), rel=1e-4)
    assert rows[-1]["psnr"] == "" and rows[-1]["mse"] == "0"


def test_there_is_one_picture_of_each_class_to_choose():
    labels = np.array([3, 3, 1, 0, 2, 1, 4], np.uint8)
    np.testing.assert_array_equal(labels[picks_of(labels, 7)], [0, 1, 1, 2, 3, 3, 4])
    assert len(picks_of(None, 4)) == 4 and len(picks_of(None, 400)) == 10


def test_a_data_set_without_curves_is_measured():
    digits, told = load_dataset("digits"), []
    found = measured_curves(digits, lambda share, what: told.append((share, what)), apart=False)
    assert [curve.name for curve in found.tiled][:2] == ["pca", "jpeg"]
    assert found.pictures == len(digits.test_images)
    png = next(curve for curve in found.tiled if curve.name == "png")
    assert png.lossless and 10 < png.points[0].bytes < 64
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] < 1
    apart = measured_curves(digits, lambda *_: None, apart=True)
    assert apart.tiled == () and [c.name for c in apart.alone] == [c.name for c in found.tiled]
    together = {curve.name: curve.points[0].bytes for curve in found.tiled}
    assert all(c.points[0].bytes > together[c.name] + 10 for c in apart.alone)
