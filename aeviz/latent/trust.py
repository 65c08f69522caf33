"""How far to trust a direction: what it does to pictures that it was not made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aeviz.data.picture_shape import PictureShape
from aeviz.latent.attributes import Attribute, measured
from aeviz.latent.directions import Direction
from aeviz.networks.autoencoder import Autoencoder

# How far a direction is pulled to see what it does, in spreads of the codes: nearly as far as codes
# lie.
PULLS = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)
# Held-out pictures that are pulled, each to two ends: shares of them are then right to .04.
TRIED = 100
# As many nearest codes tell a label.
_NEIGHBOURS = 5
# Where the nearest codes know fewer labels than this, they cannot tell whether one has changed.
_LEAST_TOLD = 0.6
# A direction does what its name says where slider and attribute agree this far (Spearman's rank
# correlation) and the label stays in so many cases.
TRUSTED_RANK, TRUSTED_KEPT = 0.8, 0.8
# Where labels cannot tell, another attribute that goes along this far, in its own standard
# deviations, says that the picture has become another: in codes of two numbers it is 2.3 and more,
# in the coloured shapes' 1.1 at most.
_TRUSTED_ALONG = 2.0


@dataclass(frozen=True)
class Trust:
    """What a direction does to held-out pictures.

    curve: (3, len(PULLS)), of the attribute at each pull the tenth, fiftieth and ninetieth of a
    hundred pictures, less what each has unpulled. rank: the mean over pictures of Spearman's rank
    correlation between pull and attribute. kept: the share of pulls to either end that leave the
    label, by the nearest codes, as it was; None without labels, or where these codes do not know
    them (untold). others: by name, how far each other attribute goes along between the ends, in its
    own standard deviations, mean over pictures.
    """

    curve: np.ndarray = field(repr=False)
    rank: float
    kept: float | None
    untold: bool
    others: dict[str, float]

    @property
    def works(self) -> bool:
        """Whether the direction does what its name says and leaves a picture what it is."""
        if self.untold and max(map(abs, self.others.values()), default=0) > _TRUSTED_ALONG:
            return False
        return self.rank >= TRUSTED_RANK and (self.kept is None or self.kept >= TRUSTED_KEPT)


def trust_of(
    autoencoder: Autoencoder,
    shape: PictureShape,
    direction: Direction,
    attribute: Attribute | None,
    *,
    others: Sequence[Attribute] = (),
    codes: np.ndarray,
    labels: np.ndarray | None = None,
    known: tuple[np.ndarray, np.ndarray] | None = None,
) -> Trust:
    """Pull held-out pictures along a direction and measure what the decoder then draws.

    Args:
        autoencoder: The model.
        shape: Of its pictures.
        direction: The direction.
        attribute: What it is to change; None for what nobody measures, whose curve and rank are 0.
        others: Attributes that are measured too.
        codes: (n, latent_dim), of the held-out pictures.
        labels: (n,) uint8, theirs; None without.
        known: Codes (m, latent_dim) and labels (m,) of other pictures; None without.
    """
    pulls = np.array(PULLS)
    moved = (codes[:, None] + pulls[:, None] * direction.vector).astype(np.float32)
    told = None if labels is None else labels.repeat(len(pulls))
    drawn = autoencoder.decode(moved.reshape(-1, codes.shape[1]), told)

    def of(one: Attribute) -> np.ndarray:
        values = measured(one, drawn, shape).reshape(len(codes), len(pulls))
        return values[np.isfinite(values).all(axis=1)]

    values = np.zeros((0, len(pulls))) if attribute is None else of(attribute)
    start = values[:, [PULLS.index(0.0)]]
    labelled = labels is not None and known is not None
    kept = _kept(moved, labels, *known) if labelled else None
    return Trust(
        np.percentile(values - start, [10, 50, 90], axis=0)
        if len(values)
        else np.zeros((3, len(pulls))),
        rank_correlation(values),
        kept,
        labelled and kept is None,
        {one.name: _along(of(one)) for one in others if one is not attribute},
    )


def rank_correlation(values: np.ndarray) -> float:
    """Return the mean of Spearman's rank correlations of each row with its places; 0 for no rows.

    values: (n, m) float, no NaN. A row of which all are equal counts as 0; equal values share the
    mean of their ranks.
    """
    if not len(values):
        return 0.0
    below = (values[:, None, :] < values[:, :, None]).sum(axis=2)
    equal = (values[:, None, :] == values[:, :, None]).sum(axis=2)
    ranks = below + (equal - 1) / 2
    ranks -= ranks.mean(axis=1, keepdims=True)
    places = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    spread = np.sqrt((ranks**2).sum(axis=1) * (places**2).sum())
    return float(np.mean(ranks @ places / np.where(spread > 0, spread, 1)))


def _kept(
    moved: np.ndarray, own: np.ndarray, known: np.ndarray, labels: np.ndarray
) -> float | None:
    """The share of pulls to either end that leave a label as it was, where it was known at all.

    moved: (n, len(PULLS), latent_dim). own: (n,) the pictures' labels.
    """
    told = nearest_labels(moved[:, PULLS.index(0.0)], known, labels) == own
    if told.mean() < _LEAST_TOLD:
        return None
    ends = [nearest_labels(moved[told, end], known, labels) for end in (0, -1)]
    return float(np.mean([end == own[told] for end in ends]))


def nearest_labels(codes: np.ndarray, known: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the most common label among the nearest known codes, the smaller of two as common.

    codes: (n, latent_dim). known: (m, latent_dim), labels: (m,) uint8, theirs; m at least 1.
    """
    k = min(_NEIGHBOURS, len(known))
    known = known.astype(np.float32)
    far = np.square(known).sum(axis=1) - 2 * (codes.astype(np.float32) @ known.T)
    near = labels[np.argpartition(far, k - 1, axis=1)[:, :k]]
    votes = (near[:, :, None] == near[:, None, :]).sum(axis=2)
    # Among those with most votes, the smallest label.
    return np.where(votes == votes.max(axis=1, keepdims=True), near, 255).min(axis=1)


def _along(values: np.ndarray) -> float:
    """How far an attribute goes from end to end, in standard deviations of what it is unpulled."""
    if len(values) < 2:
        return 0.0
    spread = values[:, PULLS.index(0.0)].std()
    return float((values[:, -1] - values[:, 0]).mean() / spread) if spread > 0 else 0.0
