"""The latent plane against scikit-learn's PCA and SciPy's Procrustes."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from sklearn.decomposition import PCA

from aeviz.latent.plane import PLANE_SAMPLE, LatentPlane, far_distance, latent_plane


def codes(n=300, dim=10, seed=0):
    """Correlated codes away from the origin, whose main directions are well apart."""
    random = np.random.default_rng(seed)
    stretched = random.normal(size=(n, dim)) * 2.0 ** -np.arange(dim)
    turn = np.linalg.qr(random.normal(size=(dim, dim)))[0]
    return (stretched @ turn + random.normal(size=dim)).astype(np.float32)


@pytest.mark.parametrize("dim", [3, 10, 100])
def test_the_plane_is_pcas_up_to_sign(dim):
    x = codes(dim=dim)
    plane, pca = latent_plane(x), PCA(2).fit(x.astype(np.float64))
    np.testing.assert_allclose(plane.centre, pca.mean_, atol=1e-5)
    for axis, component in zip(plane.axes, pca.components_, strict=True):
        assert abs(axis @ component) == pytest.approx(1, abs=1e-5)
    ours, theirs = plane.project(x), pca.transform(x)
    signs = np.sign((ours * theirs).sum(axis=0))
    np.testing.assert_allclose(ours * signs, theirs, atol=1e-4)


def test_only_the_first_codes_decide_where_the_plane_lies():
    x = codes(n=PLANE_SAMPLE + 100)
    far = x.copy()
    far[PLANE_SAMPLE:] += 100
    np.testing.assert_array_equal(latent_plane(x).axes, latent_plane(far).axes)


@pytest.mark.parametrize("dim", [2, 3, 10, 100])
def test_axes_are_orthonormal(dim):
    plane = latent_plane(codes(dim=dim), like=latent_plane(codes(dim=dim, seed=1)))
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-9)


@pytest.mark.parametrize("dim", [2, 3, 10, 100])
def test_a_point_lifted_and_projected_is_itself(dim):
    plane = latent_plane(codes(dim=dim))
    points = np.random.default_rng(1).normal(size=(50, 2)).astype(np.float32)
    lifted = plane.lift(points)
    assert lifted.shape == (50, dim)
    assert lifted.dtype == plane.project(lifted).dtype == np.float32
    np.testing.assert_allclose(plane.project(lifted), points, atol=1e-5)


def test_lifting_a_projection_gives_the_nearest_point_of_the_plane():
    x = codes()
    plane, pca = latent_plane(x), PCA(2).fit(x.astype(np.float64))
    nearest = pca.inverse_transform(pca.transform(x))
    np.testing.assert_allclose(plane.lift(plane.project(x)), nearest, atol=1e-4)


def test_codes_of_two_numbers_are_drawn_as_they_are():
    x = codes(dim=2)
    plane = latent_plane(x, like=LatentPlane(np.ones(2), -np.eye(2)))
    np.testing.assert_array_equal(plane.project(x), x)
    np.testing.assert_array_equal(plane.lift(x), x)


def test_a_single_number_lies_along_the_first_axis():
    x = codes(dim=1)
    plane = latent_plane(x)
    np.testing.assert_array_equal(plane.project(x), np.column_stack([x, np.zeros(len(x))]))
    np.testing.assert_array_equal(plane.lift(plane.project(x)), x)
    assert plane.lift(np.ones((4, 2))).shape == (4, 1)


@pytest.mark.parametrize("signs", [(1, 1), (-1, 1), (1, -1), (-1, -1)], ids=str)
def test_mirrored_codes_do_not_flip_the_film(signs):
    x = codes(dim=5).astype(np.float64)
    before = latent_plane(x)
    # The same picture with the two main directions turned round.
    mirror = np.eye(5)
    for axis, sign in zip(before.axes, signs, strict=True):
        if sign < 0:
            mirror = mirror @ (np.eye(5) - 2 * np.outer(axis, axis))
    mirrored = (x - before.centre) @ mirror + before.centre
    after = latent_plane(mirrored, like=before)
    # Seen from the plane before, the mirrored points are mirrored; they are drawn where they are.
    np.testing.assert_allclose(after.project(mirrored), before.project(mirrored), atol=1e-5)


def test_the_same_codes_drawn_again_stay_where_they_are():
    x = codes()
    plane = latent_plane(x)
    turned = LatentPlane(plane.centre, np.array([[0.6, 0.8], [0.8, -0.6]]) @ plane.axes)
    np.testing.assert_allclose(
        latent_plane(x, like=turned).project(x), turned.project(x), atol=1e-5
    )


def test_the_turn_is_procrustes():
    first, second = codes(seed=0), codes(seed=0)
    second = second + np.random.default_rng(9).normal(0, 0.3, second.shape)
    before, alone = latent_plane(first), latent_plane(second)
    now = alone.project(second).astype(np.float64)
    turn, _ = orthogonal_procrustes(now, before.project(second).astype(np.float64))
    aligned = latent_plane(second, like=before).project(second)
    np.testing.assert_allclose(aligned, now @ turn, atol=1e-4)


def test_codes_that_collapsed_to_one_point_still_have_a_plane():
    plane = latent_plane(np.full((300, 10), 0.25, np.float32))
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(plane.project(np.full((3, 10), 0.25)), 0, atol=1e-6)


def test_half_precision_codes_are_welcome():
    x = codes(dim=10)
    plane = latent_plane(x.astype(np.float16))
    expected = PCA(2).fit(x.astype(np.float16).astype(np.float64))
    assert abs(plane.axes[0] @ expected.components_[0]) == pytest.approx(1, abs=1e-5)
    assert plane.project(x.astype(np.float16)).dtype == np.float32


def test_huge_codes_do_not_overflow():
    # A saturated decoder can keep the loss small while the codes run away.
    x = codes(dim=5).astype(np.float64) * 1e25
    plane = latent_plane(x.astype(np.float32), like=latent_plane(x))
    small = latent_plane(x * 1e-25)
    points = plane.project(x) / 1e25
    signs = np.sign((points * small.project(x * 1e-25)).sum(axis=0))
    np.testing.assert_allclose(points * signs, small.project(x * 1e-25), atol=1e-4)


@pytest.mark.parametrize("dim", [3, 10, 100, 400])
def test_a_plane_found_from_the_one_before_is_still_the_widest(dim):
    random = np.random.default_rng(dim)
    codes = random.normal(size=(400, dim)) / np.sqrt(np.arange(1, dim + 1))
    before = LatentPlane(np.zeros(dim), np.linalg.qr(random.normal(size=(dim, 2)))[0].T)
    plane = latent_plane(codes, like=before)
    best = PCA(2).fit(codes).explained_variance_.sum()
    along = np.var(codes @ plane.axes.T, axis=0, ddof=1).sum()
    assert along == pytest.approx(best, rel=1e-3)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)


# --- far from every code ---


def test_far_is_twice_the_spacing_of_an_even_grid():
    grid = np.stack(np.meshgrid(np.arange(20), np.arange(20)), -1).reshape(-1, 2) * 0.5
    assert far_distance(grid) == pytest.approx(1.0)


@pytest.mark.parametrize("points", [np.zeros((1, 2)), np.ones((50, 2))])
def test_far_is_never_nothing(points):
    assert far_distance(points) > 0
