"""Baselines: the errors of plain PCA and of the mean image, which a network has to beat."""

from weakref import WeakKeyDictionary

import numpy as np

from aeviz.data.dataset import ImageDataset, scaled

# MNIST test MSE per pixel of PCA fitted on all 60,000 training images, for code sizes that come up
# most; lets a page draw PCA's line at once, without fitting anything.
MNIST_PCA = {
    2: 0.05567,
    5: 0.04453,
    10: 0.03407,
    20: 0.02354,
    32: 0.01683,
    50: 0.01149,
    64: 0.00905,
    100: 0.00562,
    200: 0.00223,
    300: 0.00091,
    500: 0.00005,
}
MNIST_MEAN_IMAGE = 0.06747

# Within this factor two losses are called equal, "as good as PCA": closer than seeds differ.
EQUAL_WITHIN = 1.03

# Where pictures have more values, finding all their axes takes half a minute and few are asked for:
# those are found by random projections, in seconds. Colour pictures of 32 pixels a side have 3,072.
_MOST_VALUES = 1_000
# Of so many axes for each value, finding all of them is as quick.
_MANY_AXES = 1 / 8
# Training images to fit on, as float32: all 45,000 of CIFAR-10's.
_FIT_BYTES = 600_000_000

# As long as the data set itself is in memory, which this must not keep there.
_AXES: WeakKeyDictionary[ImageDataset, tuple[np.ndarray, np.ndarray]] = WeakKeyDictionary()


def principal_axes(dataset: ImageDataset, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the training images and at least `count` of their principal axes."""
    known = _AXES.get(dataset)
    if known is None or len(known[1]) < count:
        # Imported here: scikit-learn costs 85 MB and a second.
        from sklearn.decomposition import PCA

        values = dataset.shape.values
        images = scaled(dataset.train_images[: _FIT_BYTES // (4 * values)])
        if values > _MOST_VALUES and count < _MANY_AXES * values:
            count = min(count, len(images))
            pca = PCA(count, svd_solver="randomized", copy=False, random_state=0)
        else:
            pca = PCA(svd_solver="covariance_eigh")
        pca.fit(images)
        _AXES[dataset] = known = pca.mean_, pca.components_
    return known


def measure_baselines(dataset: ImageDataset, latent_dim: int) -> dict[str, float]:
    """Measure the MSE per pixel of PCA with `latent_dim` components and of the mean image.

    Both are fitted on the training images. A code as large as the picture loses nothing: 0.

    Returns:
        pca_validation_mse, pca_test_mse and mean_test_mse.
    """
    values = dataset.shape.values
    mean, axes = principal_axes(dataset, min(latent_dim, values))
    axes = axes[: min(latent_dim, values)]
    out = {}
    for split in ("validation", "test"):
        centred = scaled(getattr(dataset, f"{split}_images")) - mean
        # What PCA loses is what is left outside the span of its axes. Of all of them that is 0, but
        # not to the last digit.
        left = np.square(centred).sum() - np.square(centred @ axes.T).sum()
        lost = max(0.0, float(left) / centred.size)
        out[f"pca_{split}_mse"] = 0.0 if latent_dim >= values else lost
        if split == "test":
            out["mean_test_mse"] = float(np.square(centred).mean())
    return out


def known_pca_mse(dataset: str, latent_dim: int) -> float | None:
    """Return PCA's test MSE for this code size where it is known without fitting."""
    return MNIST_PCA.get(latent_dim) if dataset == "mnist" else None
