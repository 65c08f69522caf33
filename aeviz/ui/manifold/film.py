"""The film of a model's manifold over its training: its frames, sentences and GIF."""

from dataclasses import astuple, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from aeviz.checkpoints.checkpoint import Checkpoint
from aeviz.checkpoints.view_bytes import moments_sent
from aeviz.drawing.ink import THEMES, enlarged, gif, inked
from aeviz.latent.frames import Frame, frame_picture, manifold_frame
from aeviz.latent.grid import outer
from aeviz.latent.plane import latent_plane
from aeviz.networks.autoencoder import as_autoencoder
from aeviz.ui.film.mosaic import MosaicFilm
from aeviz.ui.film.of_run import film_seconds, pca_line, sentences, stored

# Pixels along a side that a GIF has at least, for the small pictures of the offline digits.
_GIF_SIDE = 440
# Steps from paper to ink in a GIF: with all 256 it would be three times as large.
_GIF_INKS = 32
# Under the picture of a GIF: how high the line that names the moment is, and its letters.
_LINE, _LETTERS = 30, 17


def film_of(checkpoint: Checkpoint) -> MosaicFilm | None:
    """Return the film of a model's manifold; None where its file keeps nothing to make it from.

    Files of an earlier format have no frames, but those of small networks have the weights of every
    snapshot, to draw the frames from.
    """
    shots = checkpoint.history.snapshots
    if not shots:
        return None
    frames = [s.frame for s in shots if s.frame]
    if len(frames) < len(shots):
        frames = _frames_from_weights(checkpoint)
    if len(frames) < len(shots):
        return None
    sent = moments_sent([len(frame.picture) for frame in frames])
    shots, frames = tuple(shots[i] for i in sent), [frames[i] for i in sent]
    shown, view = stored(checkpoint), checkpoint.history
    return MosaicFilm(
        key=f"{checkpoint.name}:{checkpoint.created}",
        steps=np.array([s.step for s in shots]),
        total_steps=max(shots[-1].step, 1),
        shape=replace(checkpoint.shape, side=frames[0].cells * checkpoint.side),
        pictures=tuple(f.picture for f in frames),
        drawn=np.array([astuple(outer(f.span, f.cells)) for f in frames]),
        loss_steps=view.step,
        train_loss=view.train_loss,
        validation_loss=view.val_loss,
        extra_losses={name: view.part(name) for name in view.part_names},
        floor=pca_line(shown),
        sentences=sentences(shown, shots),
    )


def _frames_from_weights(checkpoint: Checkpoint) -> list[Frame]:
    """Draw the frames of the snapshots up to the first whose weights are not kept."""
    frames, plane = [], None
    for shot in checkpoint.history.snapshots:
        if shot.weights is None:
            break
        weights = [w.astype(np.float32) for w in shot.weights]
        autoencoder = as_autoencoder(checkpoint.preset, checkpoint.shape, weights)
        # Of longer codes the plane that the points lie on is not kept: the watched pictures' codes
        # must do for both.
        codes = shot.codes.astype(np.float32)
        plane = latent_plane(codes, like=plane)
        points = shot.map_points if autoencoder.latent_dim <= 2 else plane.project(codes)
        frames.append(
            manifold_frame(autoencoder, checkpoint.shape, plane, points, checkpoint.preset)
        )
    return frames


def mosaic_gif(film: MosaicFilm, theme: str = "light") -> bytes:
    """Return the film as a GIF that loops, with the step under each frame."""
    times = -(-_GIF_SIDE // film.shape.side)
    font, frames = ImageFont.load_default(_LETTERS), []
    for picture, step in zip(film.pictures, film.steps, strict=True):
        drawn = enlarged(frame_picture(picture, film.shape), times)
        line = Image.new("L", (len(drawn), _LINE), 0)
        words = f"step {step:,} of {film.total_steps:,}"
        ImageDraw.Draw(line).text((6, _LINE // 2), words, 190, font, anchor="lm")
        ink = np.array(line)
        if film.shape.coloured:
            frames.append(np.concatenate([drawn, inked(ink, THEMES[theme])]))
        else:
            frames.append(_few_inks(np.concatenate([drawn, ink])))
    return gif(frames, THEMES[theme], film_seconds(len(frames)))


def _few_inks(ink: np.ndarray) -> np.ndarray:
    most = _GIF_INKS - 1
    levels = np.rint(np.arange(256) / 255 * most) / most * 255
    return np.rint(levels).astype(np.uint8)[ink]
