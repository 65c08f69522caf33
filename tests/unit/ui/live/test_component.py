"""What the browser is handed, and what is believed of what it sends back."""

import dataclasses
import json
import math

import numpy as np
import pytest

from aeviz.data.picture_shape import PictureShape
from aeviz.latent.plane import LatentPlane
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.half_precision import in_half_precision
from aeviz.networks.layers import Layer
from aeviz.ui.live.decoder import Decoder, packed_model
from aeviz.ui.live.events import LiveEvents, Pin, Pinned, Unpinned, Viewed, events
from aeviz.ui.shell.packed import packed

SIDE, LATENT_DIM, POINTS = 4, 3, 20


def layer(random, inputs, units, activation="linear"):
    kernel = random.normal(size=(inputs, units)).astype(np.float32)
    return Layer(kernel, random.normal(size=units).astype(np.float32), activation)


@pytest.fixture
def decoder():
    random = np.random.default_rng(0)
    pixels = SIDE * SIDE
    return Decoder(
        key="a model",
        autoencoder=Autoencoder(
            (layer(random, pixels, 2 * LATENT_DIM),),
            (layer(random, LATENT_DIM, 5, "elu"), layer(random, 5, pixels, "sigmoid")),
            variational=True,
        ),
        shape=PictureShape(SIDE),
        points=random.normal(size=(POINTS, 2)).astype(np.float32),
        labels=random.integers(0, 10, POINTS, dtype=np.uint8),
        names=tuple("0123456789"),
        codes=random.normal(size=(POINTS, LATENT_DIM)),
        plane=LatentPlane(np.zeros(LATENT_DIM), np.eye(2, LATENT_DIM)),
        base=np.zeros(LATENT_DIM),
        pixels=random.integers(0, 256, (7, pixels), dtype=np.uint8),
        far=0.5,
    )


def unpacked(data):
    """The inverse of `packed`, from its description."""
    start = 4 + int.from_bytes(data[:4], "little")

    def read(value):
        if "array" not in value:
            return value
        place = data[start + value["at"] :][: value["size"]]
        return np.frombuffer(place, "<" + value["array"])

    return json.loads(data[4:start], object_hook=read)


def test_everything_arrives(decoder):
    told = unpacked(packed_model(decoder))
    rounded = in_half_precision(decoder.autoencoder)
    for part in ("encoder", "decoder"):
        for sent, layer in zip(told[part], getattr(rounded, part), strict=True):
            assert sent["activation"] == layer.activation
            shape = sent["inputs"], sent["units"]
            np.testing.assert_array_equal(sent["kernel"].reshape(shape), layer.kernel)
            np.testing.assert_array_equal(sent["bias"], layer.bias)
    np.testing.assert_array_equal(told["points"].reshape(-1, 2), decoder.points)
    np.testing.assert_array_equal(told["labels"], decoder.labels)
    np.testing.assert_array_equal(told["images"].reshape(7, -1), decoder.pixels)
    np.testing.assert_allclose(told["codes"].reshape(POINTS, -1), decoder.codes, rtol=1e-3)
    np.testing.assert_array_equal(told["axes"].reshape(2, -1), decoder.plane.axes)
    assert told["key"] == "a model" and told["side"] == SIDE and told["variational"]
    assert told["names"] == list("0123456789") and told["far"] == 0.5 and told["shown"] is None


def test_what_is_not_known_is_left_out(decoder):
    bare = dataclasses.replace(decoder, key="bare", labels=None, codes=None, pixels=None)
    told = unpacked(packed_model(bare))
    assert {told[name] for name in ("labels", "codes", "images")} == {None}


def test_arrays_arrive_wherever_they_stand():
    big = np.arange(6, dtype=">i4").reshape(2, 3)
    told = unpacked(packed({"a": [1, {"b": big[:, ::2]}], "c": np.array([], np.float16), "d": "é"}))
    assert told["a"][1]["b"].tolist() == [0, 2, 3, 5] and told["a"][0] == 1
    assert told["c"].dtype == np.float16 and not len(told["c"]) and told["d"] == "é"
    with pytest.raises(TypeError):
        packed({"a": {1, 2}})


def test_weights_beyond_half_precision_stay_finite(decoder):
    (first, *rest) = decoder.autoencoder.encoder
    wild = Layer(first.kernel * 1e9, first.bias, first.activation)
    autoencoder = dataclasses.replace(decoder.autoencoder, encoder=(wild, *rest))
    changed = dataclasses.replace(decoder, key="wild", autoencoder=autoencoder)
    assert np.isfinite(unpacked(packed_model(changed))["encoder"][0]["kernel"]).all()


def test_a_model_is_packed_once(decoder):
    again = dataclasses.replace(decoder, points=decoder.points.copy())
    assert packed_model(decoder) is packed_model(again)
    assert packed_model(dataclasses.replace(decoder, key="another")) is not packed_model(decoder)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("points", np.zeros((POINTS, 3))),
        ("points", np.zeros((0, 2))),
        ("labels", np.zeros(POINTS - 1, np.uint8)),
        ("codes", np.zeros((POINTS, LATENT_DIM + 1))),
        ("base", np.zeros(2)),
        ("pixels", np.zeros((7, 5), np.uint8)),
        ("shape", PictureShape(SIDE + 1)),
        ("plane", LatentPlane(np.zeros(2), np.eye(2))),
    ],
)
def test_arrays_that_do_not_fit_are_named(decoder, name, value):
    with pytest.raises(ValueError):
        packed_model(dataclasses.replace(decoder, key=f"bad {name}", **{name: value}))


# --- what comes back ---------------------------------------------------------------------------

CODE = [0.5, -1.0, 2.0]


def test_what_a_viewer_does_comes_back(decoder):
    state = {
        "pinned": {"n": 7, "x": 0.5, "y": -1, "code": CODE, "row": 3},
        "drawn": {"n": 8, "x": 0.5, "y": -1.0, "code": CODE},
        "unpinned": {"n": 9, "index": None},
        "walk": {"n": 10, "codes": [CODE, CODE], "delay_ms": 100},
        "tab": "draw",
        "view": {"n": 11, "ends": [-1, 2.5, 0, 1]},
        "theme": "dark",
    }
    told = events(state, decoder)
    assert told.pinned == Pinned(7, Pin((0.5, -1.0, 2.0), 0.5, -1.0, 3))
    assert told.drawn == Pinned(8, Pin((0.5, -1.0, 2.0), 0.5, -1.0, None))
    assert told.unpinned == Unpinned(9, None) and told.tab == "draw"
    assert told.theme == "dark"
    assert told.view == Viewed(11, (-1.0, 2.5, 0.0, 1.0))
    assert events({"view": {"n": 12, "ends": None}}, decoder).view == Viewed(12, None)
    assert told.walk.n == 10 and told.walk.delay_ms == 100
    np.testing.assert_array_equal(told.walk.codes, np.array([CODE, CODE], np.float32))
    assert events({"unpinned": {"n": 9.0, "index": 2.0}}, decoder).unpinned == Unpinned(9, 2)


GOOD_PIN = {"n": 1, "x": 0.0, "y": 0.0, "code": CODE, "row": None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": None},
        {"n": -1},
        {"n": 1.5},
        {"n": math.inf},
        {"x": math.nan},
        {"y": "0"},
        {"x": True},
        {"x": 1e9},
        {"code": None},
        {"code": CODE[:2]},
        {"code": [1, 2, math.inf]},
        {"code": [1, 2, None]},
        {"code": "abc"},
        {"row": POINTS},
        {"row": -1},
        {"row": "0"},
        {"row": []},
    ],
    ids=str,
)
def test_a_pin_that_makes_no_sense_is_none(decoder, wrong):
    state = {"pinned": {**GOOD_PIN, **wrong}, "drawn": {**GOOD_PIN, **wrong}}
    assert events(state, decoder) == LiveEvents()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"pinned": 3, "unpinned": [], "drawn": "x", "walk": True, "tab": 5},
        {"unpinned": {"index": 1}},
        {"unpinned": {"n": 1, "index": -1}},
        {"unpinned": {"n": 1, "index": "all"}},
        {"walk": {"n": 1, "codes": [], "delay_ms": 100}},
        {"walk": {"n": 1, "codes": [CODE] * 100_000, "delay_ms": 100}},
        {"walk": {"n": 1, "codes": [CODE[:1]], "delay_ms": 100}},
        {"walk": {"n": 1, "codes": [CODE], "delay_ms": None}},
        {"tab": ["pins"], "theme": "pink"},
        {"theme": ["dark"]},
        {"view": {"ends": None}},
        {"view": {"n": 1, "ends": [0, 1, 0]}},
        {"view": {"n": 1, "ends": [1, 0, 0, 1]}},
        {"view": {"n": 1, "ends": [0, 1, 0, None]}},
        {"view": {"n": 1, "ends": [0, math.inf, 0, 1]}},
        {"view": {"n": 1, "ends": "0,1,0,1"}},
    ],
    ids=lambda state: str(state)[:60],
)
def test_nonsense_from_a_browser_is_no_event(decoder, state):
    assert events(state, decoder) == LiveEvents()
