"""The latent plane: where codes of any size are drawn in two dimensions."""

from dataclasses import dataclass

import numpy as np

# Enough codes to find the two main directions, few enough to do it in milliseconds at any size.
PLANE_SAMPLE = 400
# With two directions to spare and so many rounds, the plane holds as much of the variation as the
# best one where two directions stand out, and 98 % of it for 100 numbers where none does.
_SPARE_DIRECTIONS, _ITERATIONS = 2, 12
# "Far" is twice what all but one code in a hundred have to their nearest neighbour.
_FAR_PERCENT = 99.0
_FAR_TIMES = 2.0
# Enough codes to find that percentile in 0.1 s among 10,000.
_FAR_SAMPLE = 300


@dataclass(frozen=True)
class LatentPlane:
    """A plane through latent space. centre: (latent_dim,), axes: (2, latent_dim) orthonormal."""

    centre: np.ndarray
    axes: np.ndarray

    def project(self, codes: np.ndarray) -> np.ndarray:
        """(n, latent_dim) codes -> (n, 2) float32 points on the plane."""
        return ((codes - self.centre) @ self.axes.T).astype(np.float32)

    def lift(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) points -> (n, latent_dim) float32 codes on the plane."""
        return (points @ self.axes + self.centre).astype(np.float32)


def latent_plane(codes: np.ndarray, like: LatentPlane | None = None) -> LatentPlane:
    """Return the plane to draw (n, latent_dim) float codes on.

    Codes of two numbers are their own plane; a single number lies along the first axis; larger ones
    get their two principal components (of the first PLANE_SAMPLE codes). `like` is the plane drawn
    a moment before: the new one is turned and mirrored within itself to look most like it, so that
    a film does not flip. (The orthogonal Procrustes problem, Schönemann 1966.)
    """
    codes = np.asarray(codes, dtype=np.float64)
    dim = codes.shape[1]
    if dim <= 2:
        return LatentPlane(np.zeros(dim), np.eye(2, dim))
    sample = codes[:PLANE_SAMPLE]
    centre = sample.mean(axis=0)
    if like is None or dim > PLANE_SAMPLE:
        axes = _principal_axes(sample - centre)
    else:
        axes = _axes_from(sample - centre, like.axes)
    if like is not None:
        # Not through `project`: products of huge codes would overflow its float32.
        before, now = (sample - like.centre) @ like.axes.T, (sample - centre) @ axes.T
        u, _, vt = np.linalg.svd(now.T @ before)
        axes = (u @ vt).T @ axes
    return LatentPlane(centre, axes)


def _principal_axes(centred: np.ndarray) -> np.ndarray:
    """(n, d) centred codes -> (2, d) orthonormal: the two directions of most variation."""
    n, dim = centred.shape
    if dim <= n:
        return np.linalg.eigh(centred.T @ centred)[1][:, :-3:-1].T
    # The codes' weights in each direction, turned into the direction itself. Where the codes vary
    # in fewer than two ways, QR completes the pair.
    weights = np.linalg.eigh(centred @ centred.T)[1][:, :-3:-1]
    return np.linalg.qr(centred.T @ weights)[0].T


def _axes_from(centred: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The same from the axes of a moment before, by subspace iteration (Golub & Van Loan, 8.2).

    Products this small run in one thread of the linear algebra library. Its eigenvector routines
    wait for all of theirs at every column: 1 ms alone, but 150 ms while a training keeps the
    processors busy, at every snapshot.
    """
    spare = np.random.default_rng(0).normal(size=(_SPARE_DIRECTIONS, centred.shape[1]))
    basis = np.linalg.qr(np.concatenate([axes, spare]).T)[0]
    for _ in range(_ITERATIONS):
        basis = np.linalg.qr(centred.T @ (centred @ basis))[0]
    turn = np.linalg.eigh((centred @ basis).T @ (centred @ basis))[1][:, :-3:-1]
    return (basis @ turn).T


def far_distance(points: np.ndarray) -> float:
    """Return the distance, above 0, from which on a place is far from all (N, 2) codes.

    The decoder was never asked about such places. Measured on an even sample of the codes.
    """
    points = np.asarray(points, dtype=np.float32)
    sample = np.linspace(0, len(points) - 1, min(_FAR_SAMPLE, len(points))).astype(int)
    nearest = np.empty(len(sample), np.float32)
    for i, row in enumerate(sample):
        distance = np.square(points - points[row]).sum(axis=1)
        distance[row] = np.inf
        nearest[i] = distance.min()
    nearest = np.sqrt(nearest[np.isfinite(nearest)])
    far = _FAR_TIMES * float(np.percentile(nearest, _FAR_PERCENT)) if len(nearest) else 0.0
    return far or 1.0
