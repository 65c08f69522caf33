"""The largest model file that the reader lets in: as much of everything as it allows."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from PIL import Image

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.history import MOST_RECORDS, HistoryView, Losses, Snapshot
from aeviz.checkpoints.view_bytes import MOST_FILM_BYTES, film_bytes
from aeviz.data.picture_shape import PictureShape
from aeviz.latent.frames import FILM_CELLS, Frame
from aeviz.latent.grid import Span
from aeviz.latent.plane import LatentPlane
from aeviz.latent.test_codes import LARGEST_KEPT_CODE, MOST_IMAGES, TestCodes
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer
from aeviz.networks.limits import MOST_WEIGHTS
from aeviz.networks.recipes import PRESETS

SIDE, CODE, MOMENTS, PROBES = 28, LARGEST_KEPT_CODE, 500, 50
PIXELS = SIDE * SIDE


def largest_model(name: str) -> Checkpoint:
    """A model that nobody trained: a film of noise, random losses, random weights."""
    random = np.random.default_rng(0)
    width = (MOST_WEIGHTS - CODE - PIXELS) // (2 * (PIXELS + CODE + 1))
    preset = replace(
        PRESETS["karpathy-2d"], encoder=(width,), latent_dim=CODE, decoder=(width,), published=None
    )

    def halves(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape, np.float32) / shape[0] ** 0.5).astype(np.float16)

    def layers(sizes: tuple[int, ...], end: str) -> tuple[Layer, ...]:
        return tuple(
            Layer(halves(a, b).astype(np.float32), np.zeros(b, np.float32), activation)
            for a, b, activation in zip(sizes, sizes[1:], ("tanh", end), strict=False)
        )

    network = Autoencoder(
        layers((PIXELS, width, CODE), preset.code_activation),
        layers((CODE, width, PIXELS), preset.output_activation),
    )
    rows = np.column_stack([np.arange(MOST_RECORDS), random.random((MOST_RECORDS, 2))])
    losses = Losses(rows)
    film = film_bytes(PictureShape(SIDE), latent_dim=CODE, points=0)
    room = MOST_FILM_BYTES - MOMENTS * film
    points = room // (4 * MOMENTS)
    shots = tuple(
        Snapshot(
            step=record,
            seconds=float(i),
            loss=losses[record],
            reconstructions=random.integers(0, 256, (PROBES, PIXELS), dtype=np.uint8),
            codes=halves(PROBES, CODE),
            map_points=halves(points, 2),
            mse=0.1,
            frame=Frame(Span(-1, 1, -1, 1), FILM_CELLS, _noise(random)),
        )
        for i, record in enumerate(range(0, MOST_RECORDS, MOST_RECORDS // MOMENTS))
    )
    plane = LatentPlane(np.zeros(CODE, np.float32), np.eye(2, CODE, dtype=np.float32))
    codes = halves(MOST_IMAGES, CODE)
    return Checkpoint(
        name=name,
        preset=preset,
        dataset="mnist",
        seed=0,
        autoencoder=network,
        history=HistoryView(losses, shots, shots[-1]),
        best_step=shots[-1].step,
        created="2026-01-02T03:04:05+00:00",
        shape=PictureShape(SIDE),
        probe_indices=np.arange(PROBES, dtype=np.int32),
        probe_labels=(np.arange(PROBES) % 10).astype(np.uint8),
        map_labels=(np.arange(points) % 10).astype(np.uint8),
        figures={"test_mse": 0.1, "validation_mse": 0.1, "train_mse": 0.1, "steps": 1e5},
        test_codes=TestCodes(
            points=codes[:, :2].copy(),
            codes=codes,
            errors=np.full(MOST_IMAGES, 0.1, np.float16),
            labels=(np.arange(MOST_IMAGES) % 10).astype(np.uint8),
            plane=plane,
        ),
    )


def _noise(random: np.random.Generator) -> bytes:
    out, side = io.BytesIO(), FILM_CELLS * SIDE
    noise = Image.fromarray(random.integers(0, 256, (side, side), dtype=np.uint8))
    noise.save(out, format="JPEG", quality=50)
    return out.getvalue()
