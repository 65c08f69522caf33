"""What a trained model makes of the test images: the map of codes that a page opens with.

Worked out once, at the end of training, and stored with the model: opening one needs no data set,
no TensorFlow and no scikit-learn.
"""

from dataclasses import dataclass, field

import numpy as np

from aeviz.data.dataset import ImageDataset, scaled
from aeviz.latent.plane import LatentPlane
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.half_precision import BITS, half, in_fewer_digits

# Codes up to this size are kept whole: 10,000 of them are 1.3 MB. Larger ones leave their points on
# the plane, of fewer images: where the code is large, so is the network, and the file.
LARGEST_KEPT_CODE = 64
IMAGES_OF_LARGER_CODES = 2_000
# All of MNIST's test images; a limit for collections that have more.
MOST_IMAGES = 10_000
# As in source 1's claims: "the ten nearest".
NEIGHBOURS = 10
# Images go through the network in blocks, so that a wide layer needs megabytes, not gigabytes.
_BLOCK = 2_000


@dataclass(frozen=True)
class Agreement:
    """How far a class keeps to itself among its codes' NEIGHBOURS nearest others.

    Distances are taken over all numbers of the code, not on the plane.
    """

    label: int
    share: float  # of the neighbours, those with the same label, 0 to 1
    confused_with: int | None  # the most frequent other label, the smaller of two equal ones
    confused_share: float  # that label's share, 0 to 1


@dataclass(frozen=True)
class TestCodes:
    """The codes of the first N test images, in their order, as float16 except for the plane."""

    __test__ = False  # Not a test, whatever pytest makes of its name.

    points: np.ndarray = field(repr=False)  # (N, 2), the codes on `plane`
    # (N, latent_dim), a VAE's means; None where latent_dim is above LARGEST_KEPT_CODE.
    codes: np.ndarray | None = field(repr=False)
    errors: np.ndarray = field(repr=False)  # (N,), MSE per pixel of each reconstruction
    labels: np.ndarray | None = field(repr=False)  # (N,) uint8
    # float32; for codes of one or two numbers the code itself, else two principal components.
    plane: LatentPlane = field(repr=False)
    agreement: tuple[Agreement, ...] = ()  # one for each class in `labels`, in their order


def test_codes(autoencoder: Autoencoder, dataset: ImageDataset, bits: int = BITS) -> TestCodes:
    """Encode and reconstruct the test images: MOST_IMAGES, or IMAGES_OF_LARGER_CODES.

    bits: how many binary digits a number of a code keeps after its first.

    Raises FloatingPointError when the network's numbers overflow on one of them.
    """
    keeps_codes = autoencoder.latent_dim <= LARGEST_KEPT_CODE
    count = MOST_IMAGES if keeps_codes else IMAGES_OF_LARGER_CODES
    images, labels = dataset.test_images[:count], dataset.test_labels
    labels = None if labels is None else labels[:count].copy()
    codes, errors = _codes_and_errors(autoencoder, images, labels)
    if not (np.isfinite(codes).all() and np.isfinite(errors).all()):
        raise FloatingPointError("The network's numbers overflow on the test images.")
    # What follows is made from what is stored, so that it can be checked from the file.
    stored = in_fewer_digits(codes, bits)
    codes = stored.astype(np.float32)
    plane = _plane(codes)
    return TestCodes(
        points=half(plane.project(codes)),
        codes=stored if keeps_codes else None,
        errors=half(errors),
        labels=labels,
        plane=plane,
        agreement=() if labels is None else agreement(codes, labels),
    )


def agreement(codes: np.ndarray, labels: np.ndarray) -> tuple[Agreement, ...]:
    """Compare (N, latent_dim) float32 codes with their (N,) uint8 labels, class by class.

    Empty for a single code, which has no neighbours.
    """
    # Imported here: scikit-learn costs 85 MB, and nobody who only looks at models needs it.
    from sklearn.neighbors import NearestNeighbors

    count = min(NEIGHBOURS, len(codes) - 1)
    if count < 1:
        return ()
    # "brute" takes 0.3 s for 10,000 codes of any size up to 64; a tree is slower from ten numbers.
    search = NearestNeighbors(n_neighbors=count, algorithm="brute").fit(codes)
    near = labels[search.kneighbors(return_distance=False)]
    found = []
    for label in np.unique(labels).tolist():
        shares = np.bincount(near[labels == label].ravel()) / near[labels == label].size
        same = float(shares[label]) if label < len(shares) else 0.0
        shares[label : label + 1] = 0
        other = int(shares.argmax())
        most = float(shares[other])
        found.append(Agreement(label, same, other if most else None, most))
    return tuple(found)


def _codes_and_errors(autoencoder: Autoencoder, images: np.ndarray, labels: np.ndarray | None):
    codes, errors = [], []
    for start in range(0, len(images), _BLOCK):
        clean = scaled(images[start : start + _BLOCK])
        told = None if labels is None else labels[start : start + _BLOCK]
        codes.append(autoencoder.encode(clean, told))
        errors.append(np.square(autoencoder.decode(codes[-1], told) - clean).mean(axis=1))
    return np.concatenate(codes), np.concatenate(errors)


def _plane(codes: np.ndarray) -> LatentPlane:
    """All codes count here, not only some as in `latent_plane`, which draws films as they run."""
    dim = codes.shape[1]
    centre, axes = np.zeros(dim), np.eye(2, dim)
    if dim > 2 and len(codes) > 1:
        from sklearn.decomposition import PCA

        # Codes that collapsed to one point have a variance of 0, by which their share is divided.
        with np.errstate(invalid="ignore"):
            # A wide code's directions are found by random projections: always the same ones.
            pca = PCA(2, random_state=0).fit(codes.astype(np.float64))
        centre, axes = pca.mean_, pca.components_
    return LatentPlane(centre.astype(np.float32), axes.astype(np.float32))
