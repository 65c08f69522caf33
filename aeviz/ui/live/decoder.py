"""What the browser is told of one model, so that it can decode any place of the model's map."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aeviz.data.picture_shape import PictureShape
from aeviz.latent.plane import LatentPlane
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.half_precision import half
from aeviz.networks.layers import ACTIVATIONS, Layer
from aeviz.ui.shell.packed import check_shapes, packed

# Packed models kept for the next viewer, a few megabytes each: the two of a comparison and the two
# before them.
PACKED_MODELS = 4


@dataclass(frozen=True, eq=False)
class Decoder:
    """A model and its map, for the browser: N test codes of K numbers.

    key: changes whenever anything else here does; two decoders are the same if their keys are.
    points: (N, 2) float, the codes on the map. labels: (N,) uint8, indices into `names`, or None.
    codes: (N, K) float, or None where K is above 64; nearest digits then count on the map.
    plane: point (x, y) is the code centre + x * axes[0] + y * axes[1].
    base: (K,) float, the mean code. shown: two numbers of the code to draw instead of the plane;
    the others are then those of `base`.
    shape: of a picture.
    pixels: (M, values) uint8, the first M test pictures, or None where they are not here.
    far: a point further than this (on the map) from every point is far from every code.
    thing: what to call one of the pictures, "digit" or "picture".
    """

    key: str
    autoencoder: Autoencoder
    shape: PictureShape
    points: np.ndarray
    labels: np.ndarray | None
    names: tuple[str, ...]
    codes: np.ndarray | None
    plane: LatentPlane
    base: np.ndarray
    far: float
    shown: tuple[int, int] | None = None
    pixels: np.ndarray | None = None
    thing: str = "digit"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decoder) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=PACKED_MODELS)
def packed_model(decoder: Decoder) -> bytes:
    """Return a decoder as bytes, for live/forward.js.

    Weights and codes are float16, which loses nothing for models stored that way.

    Raises:
        ValueError: the arrays do not fit each other.
    """
    check(decoder)
    model = decoder.autoencoder
    return packed(
        {
            "key": decoder.key,
            "side": int(decoder.shape.side),
            "channels": int(decoder.shape.channels),
            "variational": bool(model.variational),
            "names": [str(name) for name in decoder.names],
            "thing": decoder.thing,
            "shown": None if decoder.shown is None else [int(axis) for axis in decoder.shown],
            "far": max(float(decoder.far), np.finfo(np.float32).tiny.item()),
            "encoder": [_layer(layer) for layer in model.encoder],
            "decoder": [_layer(layer) for layer in model.decoder],
            "points": np.asarray(decoder.points, np.float32),
            "labels": None if decoder.labels is None else np.asarray(decoder.labels, np.uint8),
            "codes": None if decoder.codes is None else half(decoder.codes),
            "images": None if decoder.pixels is None else np.asarray(decoder.pixels, np.uint8),
            "base": np.asarray(decoder.base, np.float32),
            "centre": np.asarray(decoder.plane.centre, np.float32),
            "axes": np.asarray(decoder.plane.axes, np.float32),
        }
    )


def check(decoder: Decoder) -> None:
    """Raise ValueError, naming the array, where the shapes of a decoder do not fit each other."""
    count, latent_dim = len(decoder.points), decoder.autoencoder.latent_dim
    values = decoder.shape.values
    images = None if decoder.pixels is None else (len(decoder.pixels), values)
    wanted = [
        ("points", decoder.points, (count, 2)),
        ("labels", decoder.labels, (count,)),
        ("codes", decoder.codes, (count, latent_dim)),
        ("plane's centre", decoder.plane.centre, (latent_dim,)),
        ("plane's axes", decoder.plane.axes, (2, latent_dim)),
        ("base", decoder.base, (latent_dim,)),
        ("pixels", decoder.pixels, images),
    ]
    check_shapes("A decoder", wanted)
    if count == 0:
        raise ValueError("A map needs at least one point.")
    if decoder.autoencoder.values != values:
        raise ValueError(f"This model does not draw pictures of {decoder.shape.words}.")


def _layer(layer: Layer) -> dict[str, object]:
    if layer.activation not in ACTIVATIONS:
        raise ValueError(f"The browser does not know the activation {layer.activation}.")
    plan = layer.plan
    return {
        "inputs": plan.inputs,
        "units": plan.units,
        "told": plan.told,
        "activation": plan.activation,
        "sides": plan.sides,
        "kernel": half(layer.kernel),
        "bias": half(layer.bias),
    }
