"""Losses of a trained autoencoder, in the units the field and the sources use."""

import numpy as np

from aeviz.data.dataset import ImageDataset, scaled
from aeviz.data.picture_shape import PictureShape
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.preset import Preset

# Images go through the network in blocks, so that a wide layer needs megabytes, not gigabytes.
_BLOCK = 2_000
# The training loss is measured on as many images as the test loss: enough to compare the two.
_TRAINING_SAMPLE = 10_000
_NOISE_SEED = 20_061


def measure(autoencoder: Autoencoder, preset: Preset, dataset: ImageDataset) -> dict[str, float]:
    """Measure the losses on train (its first 10,000 images), validation and test images.

    For each split: `_mse` per pixel on [0, 1]. For test also `_rmse`; with a sigmoid read-out
    `_bce`, summed over values, in nats; for a VAE `_kl` and their sum `_elbo_loss`, the expectation
    of the BCE taken with one sample an image (seeded); with noise in the recipe `_noisy_mse` and
    `_noisy_rmse`, noisy input against clean picture, at the recipe's full noise.
    """
    out: dict[str, float] = {}
    splits = {
        "train": (dataset.train_images[:_TRAINING_SAMPLE], dataset.train_labels),
        "validation": (dataset.validation_images, dataset.validation_labels),
        "test": (dataset.test_images, dataset.test_labels),
    }
    for name, (images, labels) in splits.items():
        losses = _losses(autoencoder, preset, dataset.shape, images, labels)
        out |= {f"{name}_{k}": v for k, v in losses.items()}
    out["test_rmse"] = float(np.sqrt(out["test_mse"]))
    if "test_noisy_mse" in out:
        out["test_noisy_rmse"] = float(np.sqrt(out["test_noisy_mse"]))
    return out


def masked(
    images: np.ndarray, shape: PictureShape, share: float, random: np.random.Generator
) -> np.ndarray:
    """Set each pixel of (n, values) images to 0, all its channels, with probability `share`."""
    kept = random.random((len(images), shape.pixels), dtype=np.float32) >= share
    return np.where(kept.repeat(shape.channels, axis=1), images, 0)


def bce(images: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return (n,) binary cross-entropy summed over values, in nats; clip as in source 3."""
    ink = np.log(np.clip(drawn, 1e-10, 1.0))
    paper = np.log(np.clip(1.0 - drawn, 1e-10, 1.0))
    return -(images * ink + (1.0 - images) * paper).sum(axis=1)


def _losses(
    autoencoder: Autoencoder,
    preset: Preset,
    shape: PictureShape,
    images: np.ndarray,
    labels: np.ndarray | None,
) -> dict[str, float]:
    """The losses by name."""
    random = np.random.default_rng(_NOISE_SEED)
    sums: dict[str, float] = {}

    def add(name: str, values: np.ndarray) -> None:
        sums[name] = sums.get(name, 0.0) + float(values.astype(np.float64).sum())

    for start in range(0, len(images), _BLOCK):
        clean = scaled(images[start : start + _BLOCK])
        told = None if labels is None else labels[start : start + _BLOCK]
        drawn = autoencoder.reconstruct(clean, told)
        add("mse", np.square(drawn - clean).mean(axis=1))
        if preset.output_activation == "sigmoid":
            add("bce", bce(clean, drawn))
        if preset.variational:
            mean, log_variance = autoencoder.encode_distribution(clean, told)
            spread = random.standard_normal(mean.shape, dtype=np.float32)
            sampled = autoencoder.decode(mean + np.exp(0.5 * log_variance) * spread, told)
            kl = 0.5 * (np.exp(log_variance) + mean**2 - 1.0 - log_variance).sum(axis=1)
            add("kl", kl)
            add("elbo_loss", bce(clean, sampled) + kl)
        if preset.noise:
            noisy = masked(clean, shape, preset.noise, random)
            drawn = autoencoder.reconstruct(noisy, told)
            add("noisy_mse", np.square(drawn - clean).mean(axis=1))
    return {name: total / len(images) for name, total in sums.items()}
