"""Small models with random weights, for tests that need a file and no training."""

from dataclasses import replace

import numpy as np

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.history import HistoryView, Losses, LossRecord, Snapshot
from aeviz.data.dataset import ImageDataset
from aeviz.latent.frames import manifold_frame
from aeviz.latent.plane import LatentPlane
from aeviz.latent.test_codes import test_codes
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.layers import Layer
from aeviz.networks.recipes import PRESETS


def made_up_dataset(side=28, *, tests=300, labels=True, name="mnist", colour=False) -> ImageDataset:
    """Random pictures: two to train on, two to validate, `tests` to test; classes take turns."""
    random = np.random.default_rng(1)
    images = random.integers(
        0, 256, (4 + tests, *(side, side, 3)[: 3 if colour else 2]), dtype=np.uint8
    )
    kinds = (np.arange(4 + tests) % 10).astype(np.uint8) if labels else None
    return ImageDataset(name, "Made up", images, kinds, 2, 2, tests)


def made_up_model(
    name,
    dataset: ImageDataset,
    *,
    latent_dim=2,
    codes=True,
    snapshots=False,
    film=False,
    variational=False,
    told=0,
    seed=0,
) -> Checkpoint:
    """A network of two layers with random weights, as a finished model of karpathy-2d's name.

    codes: with test codes, as files have them now. snapshots: one, with 40 points on its map. film:
    the snapshot has its manifold. variational: as a variational autoencoder. told: how many kinds
    it can be told.
    """
    random = np.random.default_rng(seed)

    def layer(inputs, units, activation):
        kernel = random.normal(size=(inputs + told, units)) / np.sqrt(inputs)
        bias = random.normal(size=units) / 10
        return Layer(kernel.astype(np.float32), bias.astype(np.float32), activation, told=told)

    recipe = PRESETS["vae-2d" if variational else "karpathy-2d"]
    plain = {"encoder": (), "decoder": (), "published": None}
    preset = replace(recipe, latent_dim=latent_dim, labels=told, **plain)
    autoencoder = Autoencoder(
        (layer(dataset.shape.values, latent_dim * (2 if variational else 1), "linear"),),
        (layer(latent_dim, dataset.shape.values, "sigmoid"),),
        variational,
    )
    history = HistoryView()
    if snapshots:
        record = LossRecord(1, 0.1, 0.1)
        points = random.normal(size=(40, 2)).astype(np.float16)
        plane = LatentPlane(np.zeros(latent_dim), np.eye(2, latent_dim))
        shot = Snapshot(
            step=1,
            seconds=0.0,
            loss=record,
            reconstructions=np.zeros((5, dataset.shape.values), np.uint8),
            codes=random.normal(size=(5, latent_dim)).astype(np.float16),
            map_points=points,
            frame=manifold_frame(autoencoder, dataset.shape, plane, points, preset)
            if film
            else None,
        )
        history = HistoryView(Losses().followed_by(record), (shot,), shot)
    return Checkpoint(
        name=name,
        preset=preset,
        dataset=dataset.name,
        seed=seed,
        autoencoder=autoencoder,
        history=history,
        best_step=1,
        created="2026-01-02T03:04:05+00:00",
        shape=dataset.shape,
        probe_indices=np.arange(5, dtype=np.int32) if snapshots else np.zeros(0, np.int32),
        map_labels=(np.arange(40) % 10).astype(np.uint8) if snapshots else None,
        test_codes=test_codes(autoencoder, dataset) if codes else None,
    )
