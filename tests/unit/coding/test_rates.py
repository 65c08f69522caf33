"""What codes take as bytes and lose, measured on pictures, against the network itself."""

from dataclasses import replace

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.decomposition import PCA

from aeviz.coding.code_bytes import read_codes, write_codes
from aeviz.coding.rates import ADDED, USUAL, RatePoint, coding_of
from aeviz.coding.similarity import mean_ssim
from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import scaled, to_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.preset import Preset


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module", params=[0, 10], ids=["plain", "told"])
def network(request, digits):
    """PCA as a network; told what a picture shows, it takes no notice."""
    preset = Preset("p", "p", "p", activation="linear", latent_dim=5, labels=request.param)
    pca = PCA(5).fit(scaled(digits.train_images))
    none = np.zeros((request.param, 5))
    encoder, decoder = (plans[0] for plans in preset.layers(digits.shape))
    to_code = np.concatenate([pca.components_.T, none]).astype(np.float32)
    to_picture = np.concatenate([pca.components_, np.zeros((request.param, 64))])
    begin = (-pca.mean_ @ pca.components_.T).astype(np.float32)
    return Autoencoder(
        (encoder.with_weights(to_code, begin),),
        (decoder.with_weights(to_picture.astype(np.float32), pca.mean_.astype(np.float32)),),
    )


@pytest.fixture(scope="module")
def coding(network, digits):
    return coding_of(network, digits)


def test_there_is_a_point_for_every_share(coding):
    assert len(coding.points) == len(ADDED)
    sizes = [one.bytes for one in coding.points]
    assert sizes == sorted(sizes, reverse=True)
    assert coding.points[USUAL].bytes < coding.points[0].bytes


def test_the_finest_step_adds_what_it_says(coding, network, digits):
    # By Bennett's twelfth of the square of a step, for as long as steps are small.
    images, labels = digits.test_images, digits.test_labels
    drawn = to_bytes(network.reconstruct(scaled(images), labels)).astype(float)
    lost = np.square((drawn - images) / 255).mean()
    for share, one in list(zip(ADDED, coding.points, strict=True))[:3]:
        assert one.mse / lost - 1 == pytest.approx(share, rel=0.2, abs=0.004)


def test_a_point_is_what_its_bytes_decode_to(coding, network, digits):
    one, images, labels = coding.points[3], digits.test_images, digits.test_labels
    codes = network.encode(scaled(images), labels)
    data = write_codes(codes, coding.transform, one.setting, labels, network.kinds)
    assert len(data) / len(images) == one.bytes
    back = to_bytes(network.decode(*read_codes(data, coding.transform, network.kinds)))
    assert np.square((back.astype(float) - images) / 255).mean() == pytest.approx(one.mse, rel=1e-5)
    psnr = peak_signal_noise_ratio(images, back, data_range=255)
    assert one.psnr == pytest.approx(psnr, rel=1e-4)
    assert one.bits_a_pixel(digits.shape) == 8 * one.bytes / 64


def test_the_decoder_takes_at_most_two_bytes_a_weight_and_its_transform(coding, network):
    weights = sum(x.kernel.size + x.bias.size for x in network.decoder)
    assert 5 * 64 < coding.decoder_bytes < 2 * weights + 4 * (5 * 5 + 2 * 5) + 200


@pytest.mark.parametrize("shape", [PictureShape(8), PictureShape(12, 3)], ids=["grey", "colour"])
def test_similarity_is_the_mean_over_pictures(shape):
    random = np.random.default_rng(3)
    one = random.integers(0, 256, (9, shape.values), dtype=np.uint8)
    other = np.clip(one + random.normal(0, 40, one.shape), 0, 255).astype(np.uint8)
    axis = 2 if shape.coloured else None
    each = [
        structural_similarity(a, b, win_size=7, data_range=255, channel_axis=axis)
        for a, b in zip(shape.pictures(one), shape.pictures(other), strict=True)
    ]
    assert mean_ssim(one, other, shape) == pytest.approx(np.mean(each), abs=1e-9)
    assert mean_ssim(one, one, shape) == 1


def test_pictures_that_lose_nothing_have_no_decibels():
    assert RatePoint(1, 1, 0.0, 1.0).psnr is None


def test_a_network_that_says_nothing_has_no_coding(network, digits):
    flat = tuple(replace(x, kernel=x.kernel * 0) for x in network.encoder)
    assert coding_of(replace(network, encoder=flat), digits) is None
    wild = tuple(replace(x, kernel=x.kernel * np.float32(np.nan)) for x in network.encoder)
    assert coding_of(replace(network, encoder=wild), digits) is None


def test_alone_a_code_takes_its_own_words_and_the_header(coding):
    for one in coding.points:
        # 20 bytes of header, and whole words of four bytes.
        assert one.alone >= 24 and one.alone <= 20 + one.bytes + 8


def test_the_first_numbers_of_a_code_in_order(network, digits):
    coding = coding_of(network, digits, in_order=True)
    assert [one.numbers for one in coding.beginnings] == [1, 2, 3, 4]
    images, labels = digits.test_images, digits.test_labels
    codes = network.encode(scaled(images), labels)
    for one in coding.beginnings:
        # PCA's numbers are in order: the first ones are a PCA of so many numbers.
        kept = np.where(np.arange(5) < one.numbers, codes, 0)
        drawn = to_bytes(network.decode(kept, labels))
        expected = np.square((drawn.astype(float) - images) / 255).mean()
        assert one.test_mse == pytest.approx(expected, rel=1e-5)
    errors = [one.validation_mse for one in coding.beginnings]
    sizes = [one.bytes for one in coding.beginnings]
    assert errors == sorted(errors, reverse=True) and sizes == sorted(sizes)
    assert coding_of(network, digits).beginnings == ()
