"""Checkpoints with random weights, their files, and files forged from them."""

import functools
import io
import json
import zlib
from dataclasses import fields, replace

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import save

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError, OptimizerState
from aeviz.checkpoints.history import HistoryView, Losses, LossRecord, Snapshot
from aeviz.checkpoints.store import load_checkpoint
from aeviz.coding.rates import BeginningPoint, Coding, RatePoint
from aeviz.coding.transform import CodeTransform
from aeviz.data.picture_shape import PictureShape
from aeviz.latent.frames import Frame
from aeviz.latent.grid import Span
from aeviz.latent.plane import LatentPlane
from aeviz.latent.test_codes import Agreement, TestCodes
from aeviz.networks.autoencoder import Autoencoder
from aeviz.networks.recipes import PRESETS
from aeviz.storage import tensors as storage_tensors

PIXELS, SIDE, PROBES, POINTS, TESTED, CELLS = 64, 8, 6, 9, 7, 5
PLAIN = replace(PRESETS["karpathy-2d"], encoder=(5,), decoder=(5,), latent_dim=3, published=None)
VARIATIONAL = replace(
    PRESETS["vae-2d"].published, encoder=(7, 5), decoder=(5,), latent_dim=2, published=None
)


def stack(random, plans):
    return tuple(
        plan.with_weights(
            random.normal(size=plan.kernel_shape).astype(np.float32),
            random.normal(size=plan.units).astype(np.float32),
        )
        for plan in plans
    )


def made_up_test_codes(latent_dim, *, labels=True):
    """Of classes 3, 5 and 8, the last of which has no neighbours of another class."""
    random = np.random.default_rng(3)
    rows = (Agreement(3, 0.5, 5, 0.5), Agreement(5, 0.7, 3, 0.2), Agreement(8, 1.0, None, 0.0))
    return TestCodes(
        points=random.normal(size=(TESTED, 2)).astype(np.float16),
        codes=random.normal(size=(TESTED, latent_dim)).astype(np.float16)
        if latent_dim <= 64
        else None,
        errors=random.random(TESTED).astype(np.float16),
        labels=np.array([3, 5, 8, 8, 5, 3, 3], dtype=np.uint8) if labels else None,
        plane=LatentPlane(
            random.normal(size=latent_dim).astype(np.float32),
            random.normal(size=(2, latent_dim)).astype(np.float32),
        ),
        agreement=rows if labels else (),
    )


def jpeg(random, width=CELLS * SIDE, height=CELLS * SIDE, mode="L", **how):
    out = io.BytesIO()
    noise = random.integers(0, 256, (height, width, len(mode)), dtype=np.uint8)
    Image.fromarray(noise.squeeze()).save(out, format="JPEG", **how)
    return out.getvalue()


def made_up_frame(random):
    left, bottom = random.normal(size=2).tolist()
    return Frame(Span(left, left + 1.5, bottom, bottom + 2.5), CELLS, jpeg(random))


def losses_of(records):
    """Loss records as a history has them."""
    return functools.reduce(Losses.followed_by, records, Losses())


def checkpoint(
    preset=PLAIN,
    *,
    name="karpathy-2d-made-by-hand",
    labels=True,
    weights=True,
    shots=4,
    film=True,
    optimizer=True,
):
    """A model with random weights and a made-up history; nothing was trained.

    optimizer: with the state of an optimiser that keeps two numbers of each weight.
    """
    random = np.random.default_rng(7)
    encoder, decoder = (stack(random, plans) for plans in preset.layers(PictureShape(SIDE)))
    autoencoder = Autoencoder(encoder, decoder, variational=preset.variational)
    flat = [
        w
        for layer in (*autoencoder.encoder, *autoencoder.decoder)
        for w in (layer.kernel, layer.bias)
    ]
    losses, snapshots = [], []
    for i in range(2 * shots):
        at_mark = i % 2 == 0  # every other record is a live glance
        parts = (("reconstruction", 3.0 / (i + 1)), ("KL", 0.1 * i)) if preset.variational else ()
        record = LossRecord(
            step=10 * i,
            train_loss=float("nan") if i == 0 else 1.0 / i,
            validation_loss=1.1 / (i + 1) if at_mark else float("nan"),
            parts=parts if at_mark else (),
        )
        losses.append(record)
        if at_mark:
            snapshots.append(
                Snapshot(
                    step=10 * i,
                    seconds=0.1 * i,
                    loss=record,
                    reconstructions=random.integers(0, 256, (PROBES, PIXELS), dtype=np.uint8),
                    codes=random.normal(size=(PROBES, preset.latent_dim)).astype(np.float16),
                    map_points=random.normal(size=(POINTS, 2)).astype(np.float16),
                    mse=0.5 / (i + 1),
                    weights=tuple(w.astype(np.float16) for w in flat) if weights else None,
                    frame=made_up_frame(random) if film else None,
                )
            )
    return Checkpoint(
        name=name,
        preset=preset,
        dataset="digits",
        seed=11,
        autoencoder=autoencoder,
        history=HistoryView(
            losses_of(losses), tuple(snapshots), snapshots[-1] if snapshots else None
        ),
        best_step=40,
        created="2026-01-02T03:04:05+00:00",
        shape=PictureShape(SIDE),
        probe_indices=np.arange(PROBES, dtype=np.int32),
        probe_labels=np.arange(PROBES, dtype=np.uint8) if labels else None,
        map_labels=np.arange(POINTS, dtype=np.uint8) if labels else None,
        figures={"test_mse": 0.0379, "seconds": 38.0, "test_kl": float("nan")},
        notice="Stopped by hand at step 60 of 100.",
        test_codes=made_up_test_codes(preset.latent_dim, labels=labels),
        fingerprint="0123abcd",
        note='Better than the last one.\nTry a wider code: 3 < 5 & "so on".',
        optimizer=made_up_state(flat) if optimizer else None,
        continued_from="karpathy-2d-before",
        steps_before=1_200,
        coding=made_up_coding(preset.latent_dim),
    )


# What a file of an earlier format does not have.
WITHOUT_CODING = dict.fromkeys(
    f"coding.{n}" for n in ("points", "beginnings", "mean", "forward", "spreads")
)


def made_up_coding(latent_dim):
    """Two points, and a transform that is not orthogonal."""
    random = np.random.default_rng(5)
    forward = np.eye(latent_dim) + np.triu(random.normal(size=(latent_dim, latent_dim)), 1)
    parts = random.normal(size=latent_dim), forward, 1 + random.random(latent_dim)
    points = RatePoint(0.5, 1.25, 0.05, 0.4, 24.0), RatePoint(0.1, 3.5, 0.04, 0.5, 26.5)
    first = (BeginningPoint(1, 0.06, 0.061, 0.5), BeginningPoint(2, 0.05, 0.052, 1.1))
    return Coding(points, 1_234, first, CodeTransform(*(part.astype(np.float32) for part in parts)))


def made_up_state(weights):
    """As if Adam had taken 1,240 steps: two slots of each weight."""
    random = np.random.default_rng(9)
    slots = (random.random(w.shape, dtype=np.float32) for w in weights for _ in range(2))
    return OptimizerState(1_240, tuple(slots))


def assert_same(a, b):
    """Equality in depth: NaN equals NaN, arrays by value, shape and type."""
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif hasattr(a, "__dataclass_fields__"):
        for field in fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name))
    elif isinstance(a, tuple | list):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_same(a[key], b[key])
    else:
        assert a == b or (a != a and b != b)


def refused(path):
    """The one sentence a file is refused with."""
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path)
    return one_sentence(caught.value)


def one_sentence(error):
    sentence = str(error)
    assert isinstance(error, ValueError)
    assert "\n" not in sentence and "Traceback" not in sentence
    assert 20 < len(sentence) < 400 and sentence.endswith("."), sentence
    return sentence


def parts_of(path):
    """Description and tensors of a checkpoint file, by safetensors' own reader, none packed."""
    with safe_open(path, framework="numpy") as file:
        about = json.loads(file.metadata()["aeviz"])
        tensors = {name: np.array(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    for name, (kind, shape) in about.get("packed", {}).items():
        data = zlib.decompress(tensors[name].tobytes())
        if kind.endswith(" by bytes"):  # all first bytes of the numbers, then all second ones
            data = bytes(
                b
                for pair in zip(data[: len(data) // 2], data[len(data) // 2 :], strict=True)
                for b in pair
            )
        tensors[name] = np.frombuffer(data, kind.split()[0]).reshape(shape).copy()
    if "packed" in about:
        about["packed"] = {}  # written again, they are as they are
    return about, tensors


def rewritten(path, *, about=None, tensors=None, raw=None):
    """The file again with changed contents and a checksum that matches them: a forgery."""
    old_about, old_tensors = parts_of(path)
    tensors = {k: v for k, v in (old_tensors | (tensors or {})).items() if v is not None}
    text = raw if raw is not None else json.dumps(old_about | (about or {}))
    metadata = {"aeviz": text, "checksum": storage_tensors.checksum(text, tensors)}
    path.write_bytes(save(tensors, metadata=metadata))
    return path
