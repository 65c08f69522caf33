"""The differences that are kept with a model, in a small file beside it in the user's folder.

Beside it, because what comes with aeviz is never written to. A model's own file has them as well
where it was handed on with them; what is kept here then counts.
"""

import json
from dataclasses import replace
from pathlib import Path

from aeviz.checkpoints.checkpoint import Checkpoint, CheckpointError
from aeviz.checkpoints.store import MODELS, is_name
from aeviz.latent.differences import MOST_OWN, Difference, differences_of_plain
from aeviz.read_only import check_writable
from aeviz.storage.places import home
from aeviz.storage.tensors import NONSENSE

# Six differences of 64 numbers each are 5 KB.
_LARGEST_FILE = 100_000


def kept_differences(model: Checkpoint) -> tuple[Difference, ...]:
    """Return those kept with a model here, else those that its file came with.

    Raises:
        CheckpointError: they are of an earlier training of it, or cannot be read.
    """
    place = _place(model)
    try:
        with place.open("rb") as file:
            kept = json.loads(file.read(_LARGEST_FILE))
        if kept["of"] != model.created:
            raise CheckpointError(
                f"The sliders kept with {model.title} are of an earlier training of it and mean "
                "nothing for this one: make them anew."
            )
        return differences_of_plain(kept["differences"])
    except FileNotFoundError:
        return model.differences
    except CheckpointError:
        raise
    except (OSError, *NONSENSE) as error:
        raise CheckpointError(
            f"The sliders kept with {model.title} cannot be read: make them anew."
        ) from error


def keep_difference(model: Checkpoint, one: Difference) -> None:
    """Keep one with a model; another of the same name is replaced.

    Raises:
        CheckpointError: there are MOST_OWN already, or it cannot be written.
        UserError: in a public showing.
    """
    check_writable("Keeping sliders")
    with MODELS.alone("changed"):
        others = tuple(other for other in _kept_or_none(model) if other.name != one.name)
        if len(others) >= MOST_OWN:
            raise CheckpointError(
                f"There are {MOST_OWN} sliders of your own already: remove one first."
            )
        _write(model, (*others, one))


def drop_difference(model: Checkpoint, name: str) -> None:
    """Keep one no longer; raises as `keep_difference`, nothing where there is none of that name."""
    check_writable("Removing sliders")
    with MODELS.alone("changed"):
        kept = _kept_or_none(model)
        if any(one.name == name for one in kept):
            _write(model, tuple(one for one in kept if one.name != name))


def with_differences(model: Checkpoint) -> Checkpoint:
    """Return a model as it is handed on: with what is kept with it here."""
    return replace(model, differences=_kept_or_none(model))


def _kept_or_none(model: Checkpoint) -> tuple[Difference, ...]:
    try:
        return kept_differences(model)
    except CheckpointError:
        return ()


def _write(model: Checkpoint, differences: tuple[Difference, ...]) -> None:
    kept = {"of": model.created, "differences": [one.plain() for one in differences]}
    MODELS.write(_place(model), json.dumps(kept).encode())


def _place(model: Checkpoint) -> Path:
    if not is_name(model.name):
        raise CheckpointError("Only a model that is in the list can keep sliders: save it first.")
    return home() / "differences" / f"{model.name}.json"
