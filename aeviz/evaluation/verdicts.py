"""Numbers into words: what a loss means, measured against baselines and references.

Every word stands for a measured comparison, never an adjective chosen by hand: the mean image, PCA
with as many numbers, the source's printed figure, the run's own best.
"""

import math

import numpy as np

from aeviz.checkpoints.history import Snapshot
from aeviz.evaluation.baselines import EQUAL_WITHIN, MNIST_MEAN_IMAGE
from aeviz.evaluation.published import SOURCE_4, SOURCE_5, printed_by
from aeviz.networks.preset import Preset
from aeviz.text.numbers import LEAST_IN_A_TABLE, count, rounded, times

# Less than this share of the mean image's error removed: the pictures still all look alike.
_FOG = 0.08
# A number of a code below this share of the largest is paper in the picture of the code.
_BLANK = 0.01
# A held-out two-number VAE and keras.io's convolutional one, total loss in nats per image.
VAE_REFERENCES = ((153.8, "a hobby VAE of this kind"), (147.0, "keras.io's convolutional VAE"))


def sentence(
    preset: Preset,
    snapshot: Snapshot,
    *,
    floor: float | None,
    final: float | None,
    mnist: bool,
    going: bool = False,
) -> str:
    """Say what to make of a run at one snapshot, **bold** number first.

    floor: PCA's MSE for this code size. final: the MSE the run ends with, once known. mnist:
    whether MNIST's mean image is the yardstick for a start. going: whether the run goes on now.
    """
    mse = snapshot.mse
    if not math.isfinite(mse):
        if not math.isfinite(snapshot.loss.train_loss):
            return "The first pictures come from random weights."
        words = f"**Training loss {rounded(snapshot.loss.train_loss)}.**"
        return f"{words} Watch the pictures change." if going else words
    words = [_number(preset, snapshot), _looks(snapshot, floor, mnist)]
    if floor:
        words.append(_against_pca(mse, floor, preset.numbers_kept))
    words.append(_in_use(preset, snapshot))
    if final is not None and mse > final * EQUAL_WITHIN:
        words.append(f"This run ends at {rounded(final)}.")
    return " ".join(w for w in words if w)


def _number(preset: Preset, snapshot: Snapshot) -> str:
    if preset.variational:
        parts = dict(snapshot.loss.parts)
        return (
            f"**Loss {rounded(snapshot.loss.validation_loss)}** (redrawing "
            f"{rounded(parts['reconstruction'])}, keeping the map in order "
            f"{rounded(parts['KL'])}); "
            f"error {rounded(snapshot.mse)} a pixel on validation pictures."
        )
    return f"**Error {rounded(snapshot.mse)}** on validation pictures."


def _looks(snapshot: Snapshot, floor: float | None, mnist: bool) -> str:
    mse = snapshot.mse
    if mnist and mse > MNIST_MEAN_IMAGE * (1 - _FOG):
        return "Grey fog: no better than one blurred average for every digit."
    if not floor or mse <= floor * EQUAL_WITHIN:
        return ""
    # What tells the pictures apart is small beside what each still lacks.
    drawn = snapshot.reconstructions.astype(np.float32) / 255
    if len(drawn) > 1 and drawn.var(axis=0).mean() < _FOG * mse:
        return "Grey fog: every picture is redrawn as nearly the same blur."
    return "Shapes appear."


def _in_use(preset: Preset, snapshot: Snapshot) -> str:
    # Only where the code is overcomplete or has a price.
    overcomplete = preset.latent_dim > snapshot.reconstructions.shape[1]
    if not (overcomplete or preset.code_l1) or not snapshot.codes.size:
        return ""
    sizes = np.abs(snapshot.codes.astype(np.float32))
    busy = (sizes > _BLANK * sizes.max()).sum(axis=1).mean()
    return f"A picture uses {busy:.0f} of the {count(preset.latent_dim)} of its code."


def _against_pca(mse: float, floor: float, numbers: int) -> str:
    pca = f"Plain PCA with {count(numbers)} gets {rounded(floor)}"
    if mse > floor * EQUAL_WITHIN:
        return f"{pca}, still better than this network."
    if mse * EQUAL_WITHIN > floor:
        return f"{pca}: as good."
    if not mse:
        return f"{pca}; this network loses nothing."
    return f"{pca}: {times(floor / mse)} times the error of this network."


def kept_words(best_step: int, last: Snapshot, figures: dict[str, float]) -> str:
    """Say which weights of a run are kept, "" where they are as good as its last.

    best_step: the step of the kept ones, whose figures are `figures`. last: how the run ended.
    """
    best = figures.get("validation_mse", math.nan)
    if best_step >= last.step or not last.mse > best * EQUAL_WITHIN:
        return ""
    return (
        f"The weights of step {best_step:,} redrew the validation pictures best, with an error of "
        f"{rounded(best)}: they are the ones that are kept and that the other pages show."
    )


def outcome(preset: Preset, figures: dict[str, float], *, mnist: bool = True) -> list[str]:
    """Compare a finished run with its references on test images, one sentence each.

    mnist: whether it was trained on MNIST, which the references from elsewhere are for.
    """
    out = []
    mse, floor = figures.get("test_mse"), figures.get("pca_test_mse")
    if mse is None:
        return out
    out.append(f"On test images it has never seen, the error is {rounded(mse)} a pixel.")
    if preset.variational and "test_elbo_loss" in figures:
        total = figures["test_elbo_loss"]
        fair = VAE_REFERENCES if mnist and preset.numbers_kept == 2 else ()
        beaten = [f"{name} ({value:.0f})" for value, name in fair if total < value]
        line = f"Redrawing and KL together cost {total:.1f} nats"
        out.append(f"{line}, less than {' and '.join(beaten)}." if beaten else f"{line}.")
    elif floor:
        out.append(_against_pca(mse, floor, preset.numbers_kept))
    if "test_noisy_rmse" in figures:
        printed = printed_by(SOURCE_4, preset) if mnist else None
        line = (
            f"Root mean square error: {figures['test_rmse']:.3f} on clean pictures, "
            f"{figures['test_noisy_rmse']:.3f} with {preset.noise:.0%} of the pixels blacked out"
        )
        out.append(
            f"{line}; {SOURCE_4} printed {printed.test_rmse:.3f}." if printed else f"{line}."
        )
    printed = printed_by(SOURCE_5, preset) if mnist and preset.source == 5 else None
    if printed and (theirs := printed.validation_mse):
        ours = figures["validation_mse"]
        line = (
            f"On the validation images it is {rounded(ours)}; {SOURCE_5} printed {rounded(theirs)}"
        )
        more = f", {times(theirs / ours)} times as much" if 0 < ours < theirs else ""
        out.append(f"{line}{more}.")
    gap = mse / figures["train_mse"] if figures.get("train_mse") else 1
    # Of errors that nobody could see, none is worse than the other.
    if gap > 1.1 and mse > LEAST_IN_A_TABLE:
        out.append(f"It is {times(gap)} times worse on new pictures than on those it learned from.")
    return out
