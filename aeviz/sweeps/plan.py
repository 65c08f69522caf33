"""Sweeps: many models that differ in a few settings, described before any of them is trained."""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from itertools import product

from aeviz.data.catalog import find_source
from aeviz.data.picture_shape import PictureShape
from aeviz.data.sources import DATASETS, DatasetSource
from aeviz.errors import UserError
from aeviz.networks.costs import estimated_seconds
from aeviz.networks.limits import PresetError, check_preset
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS
from aeviz.networks.size_rule import SIZES, preset_for
from aeviz.text.names import plain_name
from aeviz.text.numbers import count, duration_in_days

# To be raised when the same recipe would no longer come out as the same model: all are made again.
SWEEP_VERSION = 1
# More rows than this no table or chart shows legibly.
MOST_MODELS = 100
# What runs longer than a day needs a larger machine than the one that shows this page.
MOST_SECONDS = 24 * 3600.0


class SweepError(UserError):
    """A sweep that cannot be run, in one sentence."""


@dataclass(frozen=True)
class Grid:
    """Every combination of the settings it lists, each trained by the same recipe."""

    base: Preset  # all that is not listed here
    steps: int  # of each model
    code_sizes: tuple[int, ...]  # latent dimensions
    encoders: tuple[tuple[int, ...], ...]  # hidden widths, () for none; decoders mirror them
    noise: tuple[float, ...] = (0.0,)  # shares of pixels blacked out
    l2: tuple[float, ...] = (0.0,)  # penalties on the weights
    betas: tuple[float, ...] = ()  # weights of a VAE's KL term; () for the recipe's own


@dataclass(frozen=True)
class Sweep:
    """One grid or several on one data set, each with every seed."""

    title: str
    grids: tuple[Grid, ...]
    dataset: str = "mnist"
    seeds: tuple[int, ...] = (0,)
    summary: str = ""


@dataclass(frozen=True)
class SweepModel:
    """One model of a sweep: all that is needed to train it, here or elsewhere."""

    dataset: str
    preset: Preset
    seed: int

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex, of all that decides what comes out; titles and summaries don't."""
        recipe = self.preset.to_dict()
        for words in ("title", "summary", "source", "not_given"):
            del recipe[words]
        made_from = [SWEEP_VERSION, self.dataset, recipe, self.seed]
        return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()

    @property
    def key(self) -> str:
        """The name of its checkpoint: the same whenever and wherever it is trained."""
        return f"{self.preset.name}-{self.fingerprint[:10]}"

    @property
    def shape(self) -> PictureShape:
        """Of a picture of its data set."""
        return _source(self.dataset).shape

    @property
    def label(self) -> str:
        """In a line of its own: "784-1000-100-1000-784, 40 % noise, L2 1e-06, seed 1"."""
        preset = self.preset
        words = ["-".join(preset.layer_names(self.shape))]
        if preset.noise:
            words.append(f"{preset.noise:.0%} noise".replace("%", " %"))
        if preset.l2:
            words.append(f"L2 {preset.l2:g}")
        if preset.variational and preset.kl_weight != 1:
            words.append(f"beta {preset.kl_weight:g}")
        if self.seed:
            words.append(f"seed {self.seed}")
        return ", ".join(words)


def models_of(sweep: Sweep) -> tuple[SweepModel, ...]:
    """Return the models in the order they are trained; one that two grids name comes once."""
    found: dict[str, SweepModel] = {}
    for grid, seed in product(sweep.grids, sweep.seeds):
        betas = grid.betas or (grid.base.kl_weight,)
        settings = product(grid.encoders, grid.code_sizes, grid.noise, grid.l2, betas)
        for encoder, code_size, noise, l2, beta in settings:
            preset = replace(_preset(grid, encoder, code_size, noise, l2), kl_weight=float(beta))
            model = SweepModel(sweep.dataset, preset, seed)
            found.setdefault(model.fingerprint, model)
    return tuple(found.values())


def _preset(grid: Grid, encoder: tuple[int, ...], code_size: int, noise: float, l2: float):
    base = grid.base
    # "stacked-100" becomes "stacked-32", "vae-2d" "vae-32".
    family = re.sub(r"-\d+d?$", "", base.name)
    title = re.sub(r" \d+-number", "", base.title).split(", ")[0]
    return replace(
        base,
        name=f"{family}-{code_size}",
        title=f"{title}, {count(code_size)}",
        summary=f"One of a sweep: each picture must pass through {count(code_size)}.",
        encoder=encoder,
        latent_dim=code_size,
        decoder=encoder[::-1],
        noise=float(noise),
        l2=float(l2),
        steps=grid.steps,
        not_given=(),
        published=None,
    )


def sweep_seconds(sweep: Sweep) -> float:
    """Estimate the seconds all models take on this machine, one after the other."""
    return sum(estimated_seconds(m.preset, m.shape) for m in models_of(sweep))


def check_sweep(sweep: Sweep, *, workers: int = 1) -> None:
    """Raise SweepError with one sentence if it cannot be run.

    workers: how many models train at the same time, each on a machine like this one.
    """
    data = _source(sweep.dataset)
    if not sweep.grids:
        raise SweepError("There is nothing in this sweep to train: choose at least one code size.")
    _each(sweep.seeds, "seed", least=0)
    for grid in sweep.grids:
        _check_grid(grid, sweep.dataset)
    total = sum(_combinations(grid) for grid in sweep.grids) * len(sweep.seeds)
    if total > MOST_MODELS:
        raise SweepError(
            f"These settings make {total:,} models and a table holds {MOST_MODELS}: leave out some "
            "code sizes, stacks, noise levels, penalties or seeds."
        )
    for model in models_of(sweep):
        try:
            check_preset(model.preset, model.shape, images=data.n_train, kinds=data.n_classes)
        except PresetError as error:
            raise SweepError(f"{model.label}: {error}") from error
    seconds = sweep_seconds(sweep) / max(1, workers)
    if seconds > MOST_SECONDS:
        raise SweepError(
            f"This sweep would take about {duration_in_days(seconds)}: choose fewer steps, "
            "narrower layers or fewer models, to stay within a day."
        )


def _source(dataset: str) -> DatasetSource:
    found = find_source(dataset)
    if found is None:
        raise SweepError(
            f"There is no data set {_quoted(dataset, longest=100)}: choose one of "
            f"{', '.join(DATASETS)}."
        )
    return found


def _check_grid(grid: Grid, dataset: str) -> None:
    shape = _source(dataset).shape
    _each(grid.code_sizes, "code size", least=1)
    if max(grid.code_sizes) > shape.values:
        raise SweepError(
            f"A code of {max(grid.code_sizes):,} numbers is more than the {shape.size_words} of "
            f"a picture and compresses nothing: choose 1 up to {shape.values:,}."
        )
    _each(grid.encoders, "stack of hidden layers")
    for encoder in grid.encoders:
        if any(isinstance(width, bool) or not isinstance(width, int) for width in encoder):
            raise SweepError("The width of a hidden layer should be a whole number, such as 1000.")
    _each(grid.noise, "noise level")
    _each(grid.l2, "L2 penalty")
    if grid.betas:
        _each(grid.betas, "beta")


def _each(values: tuple, what: str, *, least: int | None = None) -> None:
    """Some, each once, and with `least` whole numbers from there on."""
    if not values:
        raise SweepError(f"There is no {what} to train: write at least one.")
    if least is not None:
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int):
                raise SweepError(f"A {what} should be a whole number, not {_quoted(str(value))}.")
            if value < least:
                raise SweepError(f"A {what} of {value:,} is not possible: choose {least} or more.")
    seen = set()
    for value in values:
        if value in seen:
            raise SweepError(f"The {what} {_text(value)} is there twice: write each once.")
        seen.add(value)


def _quoted(text: str, longest: int = 20) -> str:
    return f"'{plain_name(text, longest=longest)}'"


def _text(value) -> str:
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _combinations(grid: Grid) -> int:
    levels = len(grid.noise) * len(grid.l2) * max(1, len(grid.betas))
    return len(grid.code_sizes) * len(grid.encoders) * levels


# --- what people write ---------------------------------------------------------------------------


def parse_whole_numbers(text: str, what: str = "code size") -> tuple[int, ...]:
    """Read "784, 500 300" as (784, 500, 300); raise SweepError for anything else."""
    return tuple(_number(word, what) for word in _words(text))


def parse_stacks(text: str) -> tuple[tuple[int, ...], ...]:
    """Read "1000, 512-128, none" as ((1000,), (512, 128), ()): hidden widths, pixels to code."""
    return tuple(
        () if word == "none" else tuple(_number(n, "hidden width") for n in word.split("-"))
        for word in _words(text.lower())
    )


def parse_levels(text: str, what: str) -> tuple[float, ...]:
    """Read "0, 0.4" as (0.0, 0.4), for noise levels and penalties; "40%" is 0.4."""
    levels = []
    for word in _words(text):
        try:
            levels.append(float(word.removesuffix("%")) / (100 if word.endswith("%") else 1))
        except ValueError:
            raise SweepError(f"{_quoted(word)} is no {what}: write numbers like 0, 0.4.") from None
    return tuple(levels)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", text) if word]


def _number(word: str, what: str) -> int:
    # At most nine digits: no limit here is near that, and int() is slow for thousands of them.
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", word):
        raise SweepError(f"{_quoted(word)} is no {what}: write whole numbers like 100, 50, 10.")
    return int(word)


# --- ready-made ----------------------------------------------------------------------------------

# Source 5's shape with its own linear read-out, and a rate and schedule that get there in a
# minute instead of 45.
STACKED = replace(PRESETS["stacked-100"], output_activation="linear", published=None)
# Hidden layers of 10,000 want a lower rate, as each width has its own in source 5. After 150 steps
# the validation MSE is .013 at this rate, .026 at .001 and .021 at .0001; 1,000 wide it is .013 at
# .001 and .024 at this rate.
WIDE_STACKED = replace(STACKED, learning_rate=3e-4)
DENOISING = replace(PRESETS["denoising-10"], published=None)
COLOURED = PRESETS["colour-vae"]

SOURCE_5_SIZES = (784, 500, 300, 200, 100)
# Of each model: the five train within five minutes on two cores, and each is well past source 5.
SOURCE_5_STEPS = 2_500

SWEEPS: dict[str, Sweep] = {
    "source-5": Sweep(
        title="Source 5: five code sizes",
        summary="784-1000-L-1000-784 with codes of L = 784 to 100 numbers.",
        grids=(Grid(STACKED, SOURCE_5_STEPS, SOURCE_5_SIZES, ((1_000,),)),),
    ),
    "sized": Sweep(
        title="Made to size: the gallery's twelve",
        summary="One rule from the size of the code to the network, codes of 784 numbers to one.",
        grids=tuple(
            Grid(preset, preset.steps, (preset.latent_dim,), (preset.encoder,))
            for preset in map(preset_for, SIZES)
        ),
    ),
    "capacity": Sweep(
        title="Source 5: hidden layers of 1,000 against 10,000",
        summary="The same code of 100 numbers, ten times the width on either side of it.",
        grids=(
            Grid(STACKED, 1_000, (100,), ((1_000,),)),
            Grid(WIDE_STACKED, 1_000, (100,), ((10_000,),)),
        ),
    ),
    "source-4": Sweep(
        title="Source 4: its six networks",
        summary="From no hidden layer to two, without noise and with it, down to a code of one.",
        grids=(
            Grid(DENOISING, 5_000, (10,), ((), (128,), (128, 128))),
            Grid(DENOISING, 5_000, (10,), ((128, 128),), noise=(0.3,)),
            Grid(DENOISING, 5_000, (10, 1), ((512, 128),), noise=(0.4,)),
        ),
    ),
    "code-size": Sweep(
        title="Source 4: how many numbers are enough?",
        summary="784-512-128-L with 40 % noise, codes of 1 to 64 numbers.",
        grids=(Grid(DENOISING, 5_000, (1, 2, 4, 8, 10, 16, 32, 64), ((512, 128),), noise=(0.4,)),),
    ),
    "l2": Sweep(
        title="L2 on or off",
        summary="Source 5's network with 300 and 100 numbers, without a penalty and with two.",
        grids=(Grid(STACKED, SOURCE_5_STEPS, (300, 100), ((1_000,),), l2=(0.0, 1e-7, 1e-6)),),
    ),
    "beta": Sweep(
        title="Coloured shapes: what beta buys and costs",
        summary="Six numbers, whose KL term weighs 1, 4 and 10: the information gap grows, and the "
        "pictures get worse.",
        dataset="shapes",
        grids=(Grid(COLOURED, 3_000, (6,), (COLOURED.encoder,), betas=(1, 4, 10)),),
    ),
}
