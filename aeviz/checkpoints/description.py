"""The JSON description in a checkpoint file: its recipe, figures and words, checked.

Nothing in it is believed. Every function here raises one of NONSENSE for what is not possible.
"""

import math
import re
from dataclasses import replace

from aeviz.checkpoints.checkpoint import LONGEST_NOTE, moment
from aeviz.data.limits import LARGEST_SIDE
from aeviz.data.picture_shape import COLOUR, GREY, PictureShape
from aeviz.networks.limits import MOST_STEPS_BEFORE
from aeviz.networks.preset import Preset
from aeviz.networks.settings import LONGEST_RUN
from aeviz.text.names import plain_name, plain_text

# Of all runs that went on from one another, the last of which began before MOST_STEPS_BEFORE.
_MOST_STEPS = MOST_STEPS_BEFORE + LONGEST_RUN
# The initial weights and the draws take a seed of 31 bits.
_SEEDS = 2**31
# A hundred years: longer than anybody waits, short enough to be said in words.
_MOST_SECONDS = 100 * 365 * 86_400
# Rounded, an uninformative code's KL term may come out a hair below 0.
_BELOW_ZERO = ("_kl", "_elbo_loss")
# What this program calls a model, and what a model may be called that a person copied here.
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
FOUND_NAME = re.compile(NAME.pattern, re.IGNORECASE | re.ASCII)
# Leaves room for when it was trained and four letters more.
_LONGEST_RECIPE_NAME = 70


# The fields new in format 4, as files of earlier formats mean them.
_BEFORE_4 = {
    "weights": True,
    "title": "",
    "note": "",
    "optimizer_step": None,
    "continued_from": "",
    "steps_before": 0,
}


def format_4_fields(about: dict) -> dict:
    """The fields new in format 4, or what files of earlier formats mean."""
    if about["schema"] < 4:
        return _BEFORE_4
    own = {key: about[key] for key in _BEFORE_4}
    # Cleaned here as well as where they were written: another version, or someone else, wrote them.
    own["title"] = plain_name(_string(own["title"]))
    own["note"] = plain_text(_string(own["note"]), longest=LONGEST_NOTE)
    counts = [own["steps_before"]]
    if own["optimizer_step"] is not None:
        counts.append(own["optimizer_step"])
    if not (
        type(own["weights"]) is bool
        and (own["continued_from"] == "" or FOUND_NAME.fullmatch(own["continued_from"]))
        and all(type(count) is int and 0 <= count <= _MOST_STEPS for count in counts)
    ):
        raise ValueError("what its owner says of it")
    return own


def shared_fields(about: dict) -> dict:
    """The fields that Checkpoint and ListedCheckpoint have in common, by name."""
    own = format_4_fields(about)
    return {
        "dataset": plain_name(str(about["dataset"]), longest=100),
        "seed": _counted(about["seed"], _SEEDS - 1, "its seed"),
        "best_step": _counted(about["best_step"], LONGEST_RUN, "its best step"),
        "created": _created(about),
        "given_title": own["title"],
        "note": own["note"],
        "continued_from": own["continued_from"],
        "steps_before": own["steps_before"],
    }


def shape_of(about: dict) -> PictureShape:
    """The shape of its pictures. Before format 5 all were grey."""
    side, channels = about["side"], about["channels"] if about["schema"] >= 5 else GREY
    if not (type(side) is int and 1 <= side <= LARGEST_SIDE and channels in (GREY, COLOUR)):
        raise ValueError("how large its pictures are")
    return PictureShape(side, int(channels))


def _string(value) -> str:
    if type(value) is not str:
        raise ValueError("what its owner says of it")
    return value


def _created(about: dict) -> str:
    created = plain_name(str(about["created"]))
    return created if moment(created) else ""


def _counted(number, most: int, what: str) -> int:
    if type(number) is not int or not 0 <= number <= most:
        raise ValueError(what)
    return number


def figures_of(about: dict, preset: Preset) -> dict[str, float]:
    """The figures by name, each in its range or NaN.

    Those that only make sense beside another are left out where that is missing.
    """
    figures = {}
    for name, value in about["figures"].items():
        if type(value) not in (int, float) and value != "NaN":
            raise ValueError("its figures")
        number = float(value)
        most = {"steps": LONGEST_RUN, "seconds": _MOST_SECONDS}.get(name, math.inf)
        least = -1.0 if name.endswith(_BELOW_ZERO) else 0.0
        if math.isinf(number) or number < least or number > most:
            raise ValueError("its figures")
        figures[name] = number
    if "test_rmse" not in figures:
        figures.pop("test_noisy_rmse", None)
    # Source 5 printed its losses on the validation images, and is held against those.
    if preset.source == 5 and "test_mse" in figures and "validation_mse" not in figures:
        raise ValueError("its figures")
    return figures


def recipe_of(about: dict) -> Preset:
    """The recipe, its words made harmless."""
    preset = Preset.from_dict(about["preset"])
    # The name of what is trained with it begins so.
    if not NAME.fullmatch(preset.name) or len(preset.name) > _LONGEST_RECIPE_NAME:
        raise ValueError("its recipe's name")
    return replace(
        preset,
        title=plain_name(preset.title, longest=100) or plain_name(preset.name),
        summary=plain_name(preset.summary, longest=300),
        not_given=tuple(
            (plain_name(what), plain_name(chosen, longest=200)) for what, chosen in preset.not_given
        ),
    )
