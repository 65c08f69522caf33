"""What the numbers of a code do, against direct decoding and a sampled KL."""

from dataclasses import replace

import numpy as np
import pytest

from aeviz.checkpoints.store import PRETRAINED, load_checkpoint
from aeviz.data.catalog import load_dataset
from aeviz.latent.traversals import REACH, code_numbers


@pytest.fixture(scope="module")
def vae():
    checkpoint = load_checkpoint(PRETRAINED / "digits-vae-2d.safetensors")
    digits = load_dataset("digits")
    codes = checkpoint.network.encode(digits.test_images / np.float32(255))
    return checkpoint.network, codes, digits.test_images


def test_change_is_how_far_the_ends_of_a_row_are_apart(vae):
    network, codes, images = vae
    found = code_numbers(network, codes, images)
    np.testing.assert_allclose(found.spread, codes.std(axis=0), rtol=1e-5)
    for k in range(2):
        ends = np.tile(codes.mean(axis=0), (2, 1))
        ends[:, k] += REACH * codes.std(axis=0)[k] * np.array([-1, 1])
        low, high = network.decode(ends)
        assert found.change[k] == pytest.approx(np.sqrt(np.mean((high - low) ** 2)), rel=1e-4)
    assert found.order == sorted(range(2), key=lambda k: -found.change[k])


def test_kl_is_what_sampling_says(vae):
    """The mean of log q(z|x) - log p(z) over samples of q, number by number."""
    network, codes, images = vae
    found = code_numbers(network, codes, images)
    mean, log_variance = network.encode_distribution(images / np.float32(255))
    rng = np.random.default_rng(0)
    total = np.zeros(2)
    for _ in range(200):
        noise = rng.normal(size=mean.shape)
        z = mean + np.exp(log_variance / 2) * noise
        total += (-0.5 * noise**2 - log_variance / 2 + 0.5 * z**2).mean(axis=0)
    assert found.kl is not None
    np.testing.assert_allclose(found.kl, total / 200, rtol=0.02)
    assert found.given_up == []


def test_numbers_that_tell_nothing_are_given_up(vae):
    network, codes, images = vae
    deaf = np.zeros_like(network.encoder[-1].kernel)
    last = network.encoder[-1]
    deaf[:, 0], deaf[:, 2] = last.kernel[:, 0], last.kernel[:, 2]
    bias = np.array([last.bias[0], 0, last.bias[2], 0], np.float32)
    last = replace(last, kernel=deaf, bias=bias)
    changed = replace(network, encoder=(*network.encoder[:-1], last))
    found = code_numbers(changed, codes, images)
    assert found.kl is not None and found.kl[1] == pytest.approx(0, abs=1e-6)
    assert found.given_up == [1]


def test_without_pictures_or_without_clouds_no_kl_is_told(vae):
    network, codes, images = vae
    assert code_numbers(network, codes, None).kl is None
    plain = load_checkpoint(PRETRAINED / "digits-karpathy-2d.safetensors").network
    found = code_numbers(plain, codes, images)
    assert found.kl is None and found.given_up == []
