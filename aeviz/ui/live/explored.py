"""A stored model made ready for the page "Latent space": its codes, its decoder, its map."""

import hashlib
from dataclasses import astuple, dataclass

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.data.class_names import DIGITS, class_names, thing
from aeviz.data.dataset import ImageDataset, to_bytes
from aeviz.drawing.ink import THEMES, enlarged, gif
from aeviz.drawing.map_charts import MAP_TOP, dot_size, equal_units, map_view
from aeviz.latent.grid import Span
from aeviz.latent.plane import LatentPlane, far_distance, latent_plane
from aeviz.latent.test_codes import TestCodes, test_codes
from aeviz.networks.autoencoder import Autoencoder
from aeviz.ui.live.component import EarlyMap
from aeviz.ui.live.decoder import Decoder

# As in source 1, which shows this many test digits.
FIRST = 1_000
# Bytes of test images the browser is given, to show without asking the server: 3,000 of MNIST's.
# All 10,000 would take the server 80 MB more for each model that is looked at.
SENT_BYTES = 3_000 * 784
# Pixels along the edge of a walk's GIF, at least.
_GIF_SIDE = 280


@dataclass(frozen=True)
class Explored:
    """A model with the codes to show.

    codes: of its test pictures; `errors` are NaN where nobody measured them. names: what the labels
    0, 1, 2 ... stand for. images: (N, values) uint8, the test pictures themselves in the same
    order, or None where they are not here. notice: a sentence where there are fewer codes than one
    would expect, else "".
    """

    checkpoint: Checkpoint
    codes: TestCodes
    names: tuple[str, ...]
    images: np.ndarray | None
    notice: str = ""

    @property
    def latent_dim(self) -> int:
        """How many numbers a code has."""
        return self.checkpoint.preset.latent_dim

    @property
    def sent_images(self) -> int:
        """How many of the test pictures the browser is given, the first ones."""
        if self.images is None:
            return 0
        return min(len(self.images), SENT_BYTES // self.checkpoint.shape.values)

    @property
    def has_errors(self) -> bool:
        """Whether each picture's error is known."""
        return bool(np.isfinite(self.codes.errors).all())

    def points(self, axes: tuple[int, int] | None) -> np.ndarray:
        """(N, 2) float32: the codes on their plane, or two of their numbers.

        Codes of one number lie in lanes, class above class: on one line they would cover each
        other. Their height means nothing, and the decoder takes no notice of it.
        """
        if self.latent_dim == 1:
            return _lanes(self.codes.points[:, 0].astype(np.float32), self.codes.labels)
        if axes is None or self.codes.codes is None:
            return self.codes.points.astype(np.float32)
        return self.codes.codes[:, list(axes)].astype(np.float32)

    @property
    def mean_code(self) -> np.ndarray:
        """(latent_dim,) float32; where no codes are kept, the centre of their plane."""
        if self.codes.codes is None:
            return self.codes.plane.centre.astype(np.float32)
        return self.codes.codes.astype(np.float32).mean(axis=0)

    @property
    def first_kind(self) -> int | None:
        """What a network that is told what it draws is told at first; None for any other.

        It is what the first test picture shows.
        """
        if not self.checkpoint.preset.labels:
            return None
        return 0 if self.codes.labels is None else int(self.codes.labels[0])

    def network(self, kind: int | None = None) -> Autoencoder:
        """Return the network; one that is told what it draws, as one that always draws this kind.

        kind: None for `first_kind`.
        """
        network = self.checkpoint.network
        first = self.first_kind
        return network if first is None else network.of_kind(first if kind is None else kind)

    def code(self, row: int) -> np.ndarray:
        """(latent_dim,) float32: the code of a test picture, or its place on the plane."""
        if self.codes.codes is not None:
            return self.codes.codes[row].astype(np.float32)
        return self.codes.plane.lift(self.codes.points[row][None].astype(np.float32))[0]


def _lanes(numbers: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
    if labels is None:
        labels = np.arange(len(numbers)) % len(DIGITS)
    low, high = np.percentile(numbers, [1, 99])
    step = (high - low) / 20 or 1.0  # a map half as high as wide
    return np.column_stack([numbers, (labels - labels.mean()) * step]).astype(np.float32)


def explored(checkpoint: Checkpoint, dataset: ImageDataset | None) -> Explored | None:
    """Return a model with the codes to show; None where there are none at all.

    They are those in its file, else those of its data set, where that is on this machine, else the
    last snapshot's.
    """
    if dataset is not None and dataset.shape != checkpoint.shape:
        dataset = None
    codes, notice = checkpoint.test_codes, ""
    if codes is None and dataset is not None and checkpoint.network.knows(dataset.test_labels):
        try:
            codes = test_codes(checkpoint.network, dataset)
        except FloatingPointError:
            return None
    own = codes is not None
    if codes is None:
        codes = _snapshot_codes(checkpoint)
        if codes is None or not checkpoint.network.knows(codes.labels):
            return None
        notice = (
            "The file of this model is from an earlier version and its pictures are not on this "
            f"machine: it keeps only {len(codes.points):,} codes."
        )
    images = dataset.test_images[: len(codes.points)] if own and dataset is not None else None
    return Explored(checkpoint, codes, class_names(checkpoint.dataset), images, notice)


def _snapshot_codes(checkpoint: Checkpoint) -> TestCodes | None:
    """What a file without test codes keeps of the moment its weights are from."""
    shots = checkpoint.history.snapshots
    if not shots:
        return None
    last = min(shots, key=lambda s: abs(s.step - checkpoint.best_step))
    if checkpoint.preset.latent_dim == 2:
        codes, labels = last.map_points, checkpoint.map_labels
    else:  # The plane those points lie on is not kept, so the watched pictures' codes must do.
        codes, labels = last.codes, checkpoint.probe_labels
    plane = latent_plane(codes)
    plane = LatentPlane(plane.centre.astype(np.float32), plane.axes.astype(np.float32))
    points = plane.project(codes.astype(np.float32)).astype(np.float16)
    return TestCodes(points, codes, np.full(len(codes), np.nan, np.float16), labels, plane)


# --- the map -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """How a map is drawn.

    first: only the first FIRST codes. colour: "class", "error", "one" or an attribute's name.
    axes: two numbers of the code, or None for the plane. view: the part to show at first; None for
    all but a few strays.
    """

    first: bool = False
    colour: str = "class"
    axes: tuple[int, int] | None = None
    view: Span | None = None


def early_map(model: Explored, look: Look, scale: float = 1.0) -> EarlyMap:
    """Return the same map, for a picture of it until the chart is there.

    scale: how large the page's text is.
    """
    points = model.points(look.axes)
    view, count = map_view(points), FIRST if look.first else len(points)
    return EarlyMap(
        view=astuple(look.view or view),
        equal=equal_units(view),
        top=round(MAP_TOP * scale),
        dot=dot_size(count) * scale,
        coloured=look.colour == "class",
        count=count,
    )


# --- what the browser is handed ----------------------------------------------------------------


def decoder_of(
    model: Explored,
    axes: tuple[int, int] | None = None,
    base: tuple[float, ...] | None = None,
) -> Decoder:
    """Return what the decoder in the browser needs.

    Args:
        model: the model.
        axes: two numbers of the code, or None for the plane.
        base: the code whose numbers all others then have; None for the mean.
    """
    checkpoint, codes = model.checkpoint, model.codes
    points = model.points(axes)
    where = "plane" if axes is None else f"{axes[0]}-{axes[1]}"
    if base is not None:
        where += "-" + hashlib.sha256(repr(base).encode()).hexdigest()[:16]
    return Decoder(
        key=f"{checkpoint.name}:{checkpoint.created}:{where}:{len(points)}:{model.sent_images}",
        autoencoder=checkpoint.network,
        shape=checkpoint.shape,
        points=points,
        labels=codes.labels,
        names=model.names,
        codes=codes.codes,
        plane=codes.plane,
        shown=axes,
        base=model.mean_code if base is None else np.array(base, dtype=np.float32),
        pixels=None if model.images is None else model.images[: model.sent_images],
        far=far_distance(points),
        thing=thing(checkpoint.dataset),
    )


def walk_gif(
    model: Explored, codes: np.ndarray, seconds: float, theme: str, kind: int | None = None
) -> bytes:
    """Return a walk as an endless GIF: (n, latent_dim) codes, each shown so many seconds.

    kind: what all are drawn as, by a network that is told it.
    """
    shape = model.checkpoint.shape
    drawn = to_bytes(model.network(kind).decode(np.asarray(codes, dtype=np.float32)))
    factor = max(1, -(-_GIF_SIDE // shape.side))
    frames = [enlarged(picture, factor) for picture in shape.pictures(drawn)]
    return gif(frames, THEMES[theme], [seconds] * len(frames))
