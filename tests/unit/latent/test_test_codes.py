"""Test codes against arithmetic in float64, neighbours counted by hand, and NumPy's own SVD."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import ImageDataset, scaled
from aeviz.latent.test_codes import Agreement, agreement, test_codes
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer

ROOT = Path(__file__).resolve().parents[3]
test_codes.__test__ = False  # Not a test, whatever pytest makes of its name.


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def network(latent_dim, *, pixels=64, variational=False, scale=0.3, seed=5):
    """pixels - 12 tanh - code - pixels sigmoid, with random weights."""
    random = np.random.default_rng(seed)

    def layer(inputs, units, activation):
        kernel = random.normal(size=(inputs, units)) * scale
        return Layer(
            kernel.astype(np.float32), random.normal(size=units).astype(np.float32), activation
        )

    return Autoencoder(
        (layer(pixels, 12, "tanh"), layer(12, latent_dim * (1 + variational), "linear")),
        (layer(latent_dim, pixels, "sigmoid"),),
        variational,
    )


def by_hand(model, images):
    """Codes and errors in float64."""
    x = images.astype(np.float64) / 255
    first, last, out = *model.encoder, *model.decoder
    codes = np.tanh(x @ first.kernel + first.bias) @ last.kernel + last.bias
    codes = codes[:, : model.latent_dim]
    drawn = 1 / (1 + np.exp(-(codes @ out.kernel + out.bias)))
    return codes, np.square(drawn - x).mean(axis=1)


def agreement_by_hand(codes, labels):
    """(label, share, confused with, its share) of each class, from all distances in float64."""
    x = codes.astype(np.float64)
    distances = np.square(x[:, None, :] - x[None, :, :]).sum(axis=-1)
    np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1)[:, :11]
    tenth, eleventh = np.take_along_axis(distances, near[:, 9:], axis=1).T
    assert (eleventh - tenth > 1e-9 * eleventh).all()  # else more than one answer would be right
    near = near[:, :10]
    found = []
    for label in sorted(set(labels.tolist())):
        seen = Counter()
        for row in np.flatnonzero(labels == label):
            seen.update(labels[near[row]].tolist())
        total = sum(seen.values())
        same = seen.pop(label, 0) / total
        other = min(seen, key=lambda x: (-seen[x], x), default=None)
        found.append((label, same, other, seen[other] / total))
    return found


def assert_agrees(found, expected):
    assert len(found) == len(expected) > 0
    for a, (label, share, other, other_share) in zip(found, expected, strict=True):
        assert (a.label, a.confused_with) == (label, other)
        assert a.share == pytest.approx(share) and a.confused_share == pytest.approx(other_share)


# --- codes, errors, points -------------------------------------------------------------------


@pytest.mark.parametrize("variational", [False, True])
@pytest.mark.parametrize("latent_dim", [1, 2, 3, 10, 64, 65, 130])
def test_codes_and_errors_are_those_of_the_test_images_in_their_order(
    digits, latent_dim, variational
):
    model = network(latent_dim, variational=variational)
    found = test_codes(model, digits)
    codes, errors = by_hand(model, digits.test_images)
    assert len(codes) == 300
    if latent_dim <= 64:
        assert found.codes.dtype == np.float16
        np.testing.assert_allclose(found.codes, codes, rtol=2e-3, atol=1e-3)
    else:
        assert found.codes is None
    assert found.errors.dtype == np.float16 and found.errors.shape == (300,)
    np.testing.assert_allclose(found.errors, errors, rtol=2e-3)
    np.testing.assert_array_equal(found.labels, digits.test_labels)
    assert found.labels.dtype == np.uint8 and found.labels.base is None
    assert found.points.shape == (300, 2) and found.points.dtype == np.float16


def test_codes_of_two_numbers_are_their_own_points(digits):
    found = test_codes(network(2), digits)
    np.testing.assert_array_equal(found.points, found.codes)
    np.testing.assert_array_equal(found.plane.centre, [0, 0])
    np.testing.assert_array_equal(found.plane.axes, [[1, 0], [0, 1]])
    assert found.plane.axes.dtype == found.plane.centre.dtype == np.float32


def test_codes_of_one_number_lie_along_the_first_axis(digits):
    found = test_codes(network(1), digits)
    np.testing.assert_array_equal(found.points[:, 0], found.codes[:, 0])
    assert (found.points[:, 1] == 0).all()
    np.testing.assert_array_equal(found.plane.lift(found.points), found.codes)


@pytest.mark.parametrize("latent_dim", [3, 10, 64, 100])
def test_the_plane_of_larger_codes_is_that_of_pca_over_all_of_them(digits, latent_dim):
    model = network(latent_dim)
    found = test_codes(model, digits)
    codes = model.encode(scaled(digits.test_images)).astype(np.float16).astype(np.float64)
    _, _, axes = np.linalg.svd(codes - codes.mean(axis=0), full_matrices=False)
    pca = PCA(2, svd_solver="full").fit(codes)
    plane = found.plane
    assert plane.centre.dtype == plane.axes.dtype == np.float32
    np.testing.assert_allclose(plane.centre, codes.mean(axis=0), atol=1e-5)
    for axis, component, theirs in zip(plane.axes, axes, pca.components_, strict=False):
        assert abs(axis @ component) == pytest.approx(1, abs=1e-5)
        assert abs(axis @ theirs) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-5)
    signs = np.sign((plane.axes * pca.components_).sum(axis=1))
    expected = pca.transform(codes) * signs
    np.testing.assert_allclose(found.points, expected, rtol=1e-3, atol=2e-3)


def test_the_same_model_gives_the_same_plane_again(digits):
    for latent_dim in (10, 300):  # 300: by random projections
        first, second = (test_codes(network(latent_dim), digits).plane for _ in "ab")
        np.testing.assert_array_equal(first.axes, second.axes)


def many(count, *, seed=0):
    """`count` test images of four pixels, besides one to train on and one to validate."""
    random = np.random.default_rng(seed)
    return ImageDataset(
        name="many",
        title="Many",
        images=random.integers(0, 256, (count + 2, 2, 2), dtype=np.uint8),
        labels=random.integers(0, 3, count + 2).astype(np.uint8),
        n_train=1,
        n_validation=1,
        n_test=count,
    )


def test_a_large_collection_is_shown_by_its_first_ten_thousand():
    images, model = many(10_050), network(3, pixels=4)
    found = test_codes(model, images)
    codes, errors = by_hand(model, images.test_images[:10_000])
    assert len(found.codes) == len(found.points) == len(found.errors) == 10_000
    np.testing.assert_allclose(found.codes, codes, rtol=2e-3, atol=1e-3)  # block after block
    np.testing.assert_allclose(found.errors, errors, rtol=2e-3)
    np.testing.assert_array_equal(found.labels, images.test_labels[:10_000])


def test_codes_above_64_numbers_leave_two_thousand_points():
    images = many(2_050)
    found = test_codes(network(65, pixels=4), images)
    assert found.codes is None
    assert len(found.points) == len(found.errors) == len(found.labels) == 2_000
    assert found.plane.centre.shape == (65,) and found.plane.axes.shape == (2, 65)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("latent_dim", [2, 5])
def test_a_handful_of_test_images_is_enough(count, latent_dim):
    found = test_codes(network(latent_dim, pixels=4), many(count))
    assert len(found.points) == count and np.isfinite(found.points).all()
    assert len(found.agreement) == (len(set(found.labels.tolist())) if count > 1 else 0)


def test_images_without_labels_have_codes_and_no_agreement(digits):
    found = test_codes(network(2), replace(digits, labels=None))
    assert found.labels is None and found.agreement == ()
    np.testing.assert_array_equal(found.points, test_codes(network(2), digits).points)


@pytest.mark.parametrize("latent_dim", [2, 10])
def test_a_network_that_gives_every_image_the_same_code_has_a_map(digits, latent_dim):
    model = network(latent_dim)
    flat = replace(
        model, encoder=tuple(replace(x, kernel=np.zeros_like(x.kernel)) for x in model.encoder)
    )
    found = test_codes(flat, digits)
    assert (found.points == found.points[0]).all()
    np.testing.assert_allclose(found.plane.axes @ found.plane.axes.T, np.eye(2), atol=1e-6)
    for a in found.agreement:
        assert 0 <= a.share + a.confused_share <= 1


def test_codes_beyond_half_precision_are_held_at_its_ends(digits):
    model = network(2)
    last = model.encoder[-1]
    huge = replace(
        model, encoder=(model.encoder[0], replace(last, kernel=last.kernel * np.float32(1e8)))
    )
    found = test_codes(huge, digits)
    assert np.isfinite(found.codes).all() and np.abs(found.codes).max() == 65_504


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_numbers_that_overflow_are_an_error(digits, part):
    model = network(2)
    layers = getattr(model, part)
    last = replace(layers[-1], kernel=np.full_like(layers[-1].kernel, 3e38), activation="linear")
    with pytest.raises(FloatingPointError):
        test_codes(replace(model, **{part: (*layers[:-1], last)}), digits)


# --- agreement -------------------------------------------------------------------------------


@pytest.mark.parametrize("latent_dim", [2, 10, 64, 100])
def test_agreement_is_counted_over_the_ten_nearest_stored_codes(digits, latent_dim):
    model = network(latent_dim)
    codes = model.encode(scaled(digits.test_images)).astype(np.float16)
    if latent_dim == 2:  # rounded to half precision, some of these are equally far away
        codes = codes + np.random.default_rng(0).uniform(0, 1e-4, codes.shape)
        found = agreement(codes.astype(np.float32), digits.test_labels)
        codes = codes.astype(np.float32)
    else:
        found = test_codes(model, digits).agreement
    assert_agrees(found, agreement_by_hand(codes, digits.test_labels))
    assert {type(a.label) for a in found} == {int} and {type(a.share) for a in found} == {float}


def test_agreement_is_that_of_scikit_learns_tree(digits):
    """A search of another kind than the one in use, and one that counts a code as its own first."""
    codes = np.random.default_rng(1).normal(size=(1_200, 4)).astype(np.float32)
    labels = np.random.default_rng(2).integers(0, 10, 1_200).astype(np.uint8)
    near = NearestNeighbors(n_neighbors=11, algorithm="kd_tree").fit(codes).kneighbors(codes)[1]
    assert (near[:, 0] == np.arange(1_200)).all()
    same = labels[near[:, 1:]] == labels[:, None]
    for a in agreement(codes, labels):
        assert a.share == pytest.approx(same[labels == a.label].mean())


def clusters(*labels_and_places):
    """Eleven codes close together at each place on a line, far from the other places."""
    codes = [np.linspace(x, x + 1, 11) for _, x in labels_and_places]
    labels = np.repeat([label for label, _ in labels_and_places], 11).astype(np.uint8)
    return np.concatenate(codes).astype(np.float32)[:, None], labels


def test_classes_that_keep_apart_agree_wholly_and_are_confused_with_none():
    found = agreement(*clusters((0, 0), (7, 100), (255, 200)))
    assert found == tuple(Agreement(label, 1.0, None, 0.0) for label in (0, 7, 255))


def test_a_class_spread_among_others_agrees_not_at_all():
    codes, labels = clusters((1, 0), (2, 100), (3, 200))
    labels[[5, 16, 27]] = 9  # one in the middle of each: its neighbours are all of one other class
    found = {a.label: a for a in agreement(codes, labels)}
    assert found[9].share == 0.0
    assert found[9].confused_with == 1  # of three that are equally frequent the smallest
    assert found[9].confused_share == pytest.approx(1 / 3)
    for label in (1, 2, 3):  # each has the other nine of its class, and the stranger
        assert found[label] == Agreement(label, 0.9, 9, 0.1)


def test_fewer_codes_than_neighbours_agree_over_those_there_are():
    codes = np.array([[0.0], [1.0], [10.0]], np.float32)
    found = agreement(codes, np.array([4, 4, 6], np.uint8))
    assert found == (Agreement(4, 0.5, 6, 0.5), Agreement(6, 0.0, 4, 1.0))
    assert agreement(codes[:1], np.array([4], np.uint8)) == ()


def test_opening_and_exploring_a_model_does_not_load_scikit_learn():
    script = (
        "import sys\n"
        "import numpy\n"
        "from aeviz.checkpoints.store import list_checkpoints, load_checkpoint, PRETRAINED\n"
        "rows = list_checkpoints(PRETRAINED)\n"
        "for row in rows:\n"
        "    model = load_checkpoint(row.path).autoencoder\n"
        "    if row.has_weights:\n"
        "        told = numpy.zeros(1, int)\n"
        "        picture = numpy.zeros((1, model.values), 'float32')\n"
        "        model.decode(model.encode(picture, told), told)\n"
        "assert rows and not {'sklearn', 'tensorflow', 'scipy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)
