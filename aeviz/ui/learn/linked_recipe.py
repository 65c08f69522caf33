"""The recipes to choose from on the page "Watch it learn", the one of a link's model among them."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace

from aeviz.checkpoints.store import list_checkpoints
from aeviz.data.catalog import find_source
from aeviz.data.sources import DATASETS
from aeviz.errors import UserError
from aeviz.networks.limits import check_preset
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS
from aeviz.text.names import plain_name
from aeviz.training.resume import parent_name
from aeviz.training.runs import TrainingRun
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.shell import state
from aeviz.ui.shell.arrival import ARRIVED, ARRIVES

PAGE = "learn"
# The pictures of a link that names none.
USUAL_DATASET = "mnist"
_LONGEST_SUMMARY = 200


@dataclass(frozen=True)
class LinkedRecipe:
    """The recipe of a stored model for another run."""

    model: str
    preset: Preset
    dataset: str
    seed: int
    before: str | None  # the model its own training went on with, "" for none, None for one gone

    def goes_on_with(self, recipe: str, dataset: str) -> str:
        """Which model a training of this recipe on these pictures goes on with, "" for none."""
        same = (recipe, dataset) == (self.preset.name, self.dataset)
        return (self.before or "") if same else ""


def linked_recipe() -> LinkedRecipe | None:
    """Return the recipe of the model that the address asks for with `like`; None for none.

    A visitor who has just arrived by such a link, or by one to a stored model, no longer watches a
    run.
    """
    name = state.linked_text("like")
    if state.chosen(ARRIVES) and state.linked_text("model"):
        state.watch_run(None)
    state.choose(ARRIVES, "")
    if name is None:
        state.choose(ARRIVED, "")
        return None
    try:
        found = _of_model(name)
    except UserError as error:
        state.notes().warning(f"The recipe of that model cannot be used here. {error}")
        state.link(like=None)
        return None
    if state.chosen(ARRIVED) != name:
        state.watch_run(None)
        state.choose(ARRIVED, name)
    state.notes().markdown(f":gray[{_note_on(found)}]")
    return found


def _note_on(found: LinkedRecipe) -> str:
    usual = (
        "The recipe of a stored model, with its pictures and its seed: train it as it is, or "
        "change it under Advanced."
    )
    if found.before == "":
        return usual
    if found.before is None:
        return (
            f"{usual} Its training went on with an earlier model that is no longer here, so this "
            "one begins from the seed and gives another network."
        )
    return (
        f"{usual} Its training went on with an earlier model, and so does this one: the layers "
        "have to stay as they are."
    )


def follows(run: TrainingRun) -> bool:
    """Whether a newcomer is to see this run, which is under way.

    Not where their link asks for another recipe, other pictures or a finished run.
    """
    if any(state.linked_text(name) for name in ("like", "model", "beside", "at")):
        return False
    recipe, data = state.linked_text("recipe"), state.linked_text("data")
    if recipe is None:
        return data in (None, run.dataset)
    return (recipe, data or USUAL_DATASET) == (run.preset.name, run.dataset)


def recipes(like: LinkedRecipe | None, run: TrainingRun | None) -> dict[str, Preset]:
    """Every recipe there is to choose from, by name.

    They are PRESETS, a link's, that of the watched run, and that of the stored model a link opens.
    """
    out = dict(PRESETS)
    if like is not None:
        out[like.preset.name] = like.preset
    if run is not None:
        out.setdefault(run.preset.name, run.preset)
    asked = state.linked_text("recipe") or _recipe_of(state.linked_text("model"))
    if asked and asked not in out:
        # A sweep's models have recipes of their own: their film is shown under that name.
        row = next((row for row in list_checkpoints() if row.preset == asked), None)
        with suppress(UserError):
            if row:
                out[asked] = _of_model(row.name).preset
    return out


def usual_recipe(names: Collection[str], like: LinkedRecipe | None) -> str:
    """Return the recipe that the link's model has; the first where it names none."""
    opened = _recipe_of(state.linked_text("model"))
    return next(
        (name for name in (like.preset.name if like else "", opened) if name and name in names),
        [*names][0],
    )


def _recipe_of(model: str | None) -> str | None:
    rows = (row for row in list_checkpoints() if row.name == model and not row.problem)
    return next((row.preset for row in rows), None)


def _of_model(name: str) -> LinkedRecipe:
    model = catalog_cache.checkpoint(name)
    preset = replace(
        model.preset,
        title=plain_name(model.preset.title),
        summary=plain_name(model.preset.summary, longest=_LONGEST_SUMMARY),
    )
    known = find_source(model.dataset) or DATASETS["mnist"]
    check_preset(preset, known.shape, images=known.n_train)
    return LinkedRecipe(name, preset, model.dataset, model.seed, parent_name(model))
