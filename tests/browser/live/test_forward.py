"""The forward pass in JavaScript against NumPy and Keras."""

import base64

import numpy as np
import pytest

from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.data.picture_shape import PictureShape
from aeviz.gallery.recipes import GALLERY, WITHOUT_WEIGHTS
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.half_precision import in_half_precision
from aeviz.networks.layers import ACTIVATIONS
from aeviz.networks.preset import Preset
from tests.support.server import ROOT

UI_SCRIPTS = [ROOT / "aeviz" / "ui" / name for name in ("shell/component.js", "live/forward.js")]


@pytest.fixture(scope="module")
def forward_page(browser):
    page = browser.new_page()
    for script in UI_SCRIPTS:
        page.add_script_tag(path=script)
    yield page
    page.close()


def in_browser(page, autoencoder, shape, codes, images, labels=None):
    """(decoded codes, what the encoder gives for the images, log-variances or None) from JS.

    labels: of the images and codes, for a network that is told them.
    """
    decoded, means, log_variances = page.evaluate(
        """([base64, codes, images, labels]) => {
            const model = decodeNetwork(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
            const kind = (i) => labels?.[i];
            const encoded = images.map((image, i) =>
                encodeWith(model, Float32Array.from(image), kind(i)));
            return [codes.map((code, i) =>
                    [...forward(model.decoder, Float32Array.from(code), kind(i))]),
                encoded.map(({ mean }) => [...mean]),
                encoded.map(({ logVariance }) => logVariance && [...logVariance])];
        }""",
        [
            packed_text(autoencoder, shape, codes),
            codes.tolist(),
            images.tolist(),
            None if labels is None else labels.tolist(),
        ],
    )
    log_variances = None if log_variances[0] is None else np.array(log_variances)
    return np.array(decoded), np.array(means), log_variances


def packed_text(autoencoder, shape, codes):
    """A network as the browser is handed it, in base64."""
    from aeviz.latent.plane import latent_plane
    from aeviz.ui.live.decoder import Decoder, packed_model

    points = np.zeros((1, 2))
    decoder = Decoder(
        key=str(id(autoencoder)),
        autoencoder=autoencoder,
        shape=shape,
        points=points,
        labels=None,
        names=(),
        codes=None,
        plane=latent_plane(codes),
        base=codes.mean(axis=0),
        far=1.0,
    )
    return base64.b64encode(packed_model(decoder)).decode()


def keras_models(preset, shape, autoencoder):
    """(encoder, decoder) of Keras, built as training builds them, with the same weights."""
    from aeviz.training.keras_models import build_model

    models = build_model(preset, shape, seed=0)
    for model, layers in zip(models, (autoencoder.encoder, autoencoder.decoder), strict=True):
        model.set_weights([weights for one in layers for weights in (one.kernel, one.bias)])
    return models


# Odd sides lose a row and a column on the way back; colour has three channels.
NETWORKS = {
    "dense": (PictureShape(8), {"encoder": (40, 20), "decoder": (20, 40)}),
    "dense, colour": (PictureShape(5, 3), {"encoder": (40,), "decoder": (40,)}),
    "convolutions": (PictureShape(28), {"convolutions": (4, 6), "encoder": (20,), "decoder": ()}),
    "odd sides, colour": (PictureShape(19, 3), {"convolutions": (5, 4, 3), "decoder": (9,)}),
    "told": (PictureShape(8), {"encoder": (40, 20), "decoder": (), "labels": 4}),
    "told, convolutions": (PictureShape(9), {"convolutions": (4,), "encoder": (9,), "labels": 3}),
}


@pytest.mark.parametrize("variational", [False, True], ids=["plain", "variational"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("network", NETWORKS)
def test_javascript_numpy_and_keras_agree(forward_page, network, activation, variational):
    shape, layers = NETWORKS[network]
    preset = Preset(
        name="made",
        title="Made",
        summary="",
        latent_dim=3,
        activation=activation,
        output_activation="sigmoid",
        variational=variational,
        **layers,
    )
    rng = np.random.default_rng(4)

    def weighted(plan):
        taken = plan.weights // plan.units
        kernel = half_(rng.normal(0, taken**-0.5, plan.kernel_shape))
        return plan.with_weights(kernel, half_(rng.normal(0, 0.3, plan.units)))

    parts = [tuple(map(weighted, plans)) for plans in preset.layers(shape)]
    autoencoder = Autoencoder(*parts, variational)
    images = rng.random((5, shape.values), dtype=np.float32)
    images[:, : shape.values // 3] = 0  # paper
    codes = rng.normal(size=(5, 3)).astype(np.float32)
    keras_encoder, keras_decoder = keras_models(preset, shape, autoencoder)
    labels, told = labels_and_kinds(preset, 5)
    decoded, means, log_variances = in_browser(
        forward_page, autoencoder, shape, codes, images, labels
    )
    np.testing.assert_allclose(decoded, autoencoder.decode(codes, labels), atol=1e-5)
    np.testing.assert_allclose(decoded, keras_decoder([codes, *told]), atol=1e-4)
    encoded = np.asarray(keras_encoder([images, *told]))
    np.testing.assert_allclose(means, autoencoder.encode(images, labels), atol=1e-5)
    np.testing.assert_allclose(means, encoded[:, :3], atol=1e-4)
    if variational:
        np.testing.assert_allclose(log_variances, encoded[:, 3:], atol=1e-4)
    else:
        assert log_variances is None


def labels_and_kinds(preset, count):
    """Labels for so many pictures, and what Keras takes of them; None and nothing if not told."""
    if not preset.labels:
        return None, []
    labels = (np.arange(count) + 1) % preset.labels
    return labels, [np.eye(preset.labels, dtype=np.float32)[labels]]


def half_(array):
    return array.astype(np.float16).astype(np.float32)


@pytest.mark.parametrize("name", [n for n in GALLERY if n not in WITHOUT_WEIGHTS])
def test_every_model_that_comes_along_agrees(forward_page, name):
    checkpoint = load_checkpoint(PRETRAINED / f"{name}.safetensors")
    autoencoder = in_half_precision(checkpoint.autoencoder)
    images = np.random.default_rng(5).random((2, autoencoder.values), dtype=np.float32)
    labels, told = labels_and_kinds(checkpoint.preset, 2)
    codes = autoencoder.encode(images, labels)
    decoded, means, log_variances = in_browser(
        forward_page, autoencoder, checkpoint.shape, codes, images, labels
    )
    oracle = [
        np.asarray(m([x, *told]))
        for m, x in zip(
            keras_models(checkpoint.preset, checkpoint.shape, autoencoder),
            (images, codes),
            strict=True,
        )
    ]
    numbers = autoencoder.latent_dim
    np.testing.assert_allclose(decoded, autoencoder.decode(codes, labels), atol=1e-4)
    np.testing.assert_allclose(decoded, oracle[1], atol=1e-4)
    np.testing.assert_allclose(means, oracle[0][:, :numbers], atol=1e-4, rtol=1e-5)
    if autoencoder.variational:
        np.testing.assert_allclose(log_variances, oracle[0][:, numbers:], atol=1e-4, rtol=1e-5)


def test_nearest_codes_are_the_nearest(forward_page):
    rng = np.random.default_rng(6)
    table, at = rng.normal(size=(500, 7)).astype(np.float32), rng.normal(size=7)
    found = forward_page.evaluate(
        "([table, at]) => nearestRows(Float32Array.from(table), Float32Array.from(at), 5)",
        [table.ravel().tolist(), at.tolist()],
    )
    distance = np.linalg.norm(table - at.astype(np.float32), axis=1)
    assert [one["row"] for one in found] == np.argsort(distance)[:5].tolist()
    np.testing.assert_allclose([one["distance"] for one in found], np.sort(distance)[:5], rtol=1e-5)


def test_two_numbers_of_a_code_in_place_of_its_plane(forward_page):
    model = "{ shown: [1, 3], base: [9, 8, 7, 6], latentDim: 4 }"
    assert forward_page.evaluate(f"[...liftPoint({model}, 0.5, -2)]") == [9, 0.5, 7, -2]
    assert forward_page.evaluate(f"projectCode({model}, [1, 2, 3, 4])") == [2, 4]


def test_every_half_precision_number_is_read(forward_page):
    table = forward_page.evaluate("[...halfTable()].map((v) => (Number.isFinite(v) ? v : null))")
    exact = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    finite = np.isfinite(exact)
    np.testing.assert_array_equal(np.array(table, dtype=float)[finite], exact[finite])
    assert [v is None for v in table] == (~finite).tolist()
