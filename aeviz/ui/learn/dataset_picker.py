"""The choice of data set at the head of "Watch it learn". It lives in the address."""

from aeviz.checkpoints.store import list_checkpoints
from aeviz.data.catalog import all_sources
from aeviz.training.runs import TrainingRun
from aeviz.ui.catalog.dataset_titles import dataset_titles
from aeviz.ui.learn.linked_recipe import PAGE, USUAL_DATASET, LinkedRecipe
from aeviz.ui.shell import state
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.style import wide


def dataset_choice(like: LinkedRecipe | None) -> Choice:
    """Return the choice of a data set, to begin as `like` has it."""
    return Choice(PAGE, "data", like.model if like else "")


def dataset_picker(run: TrainingRun | None, like: LinkedRecipe | None) -> str:
    """Draw the picker and return the name of a data set, perhaps of one that is no longer here.

    It begins with the pictures of the run that is watched, or of the model whose recipe a link
    asks for.
    """
    models = {row.name: row.dataset for row in list_checkpoints() if not row.problem}
    # Pictures that are gone stay in the list as long as there are models of them to look at.
    names = [*all_sources()]
    names += sorted({dataset for dataset in models.values() if dataset not in names})
    opened = like.dataset if like else models.get(state.linked_text("model") or "")
    return dataset_choice(like).select(
        "Pictures",
        dataset_titles(names),
        opened if opened in names else USUAL_DATASET,
        what="set of pictures",
        start=(run.dataset if run.dataset in names else USUAL_DATASET) if run else None,
        bare="" if like else USUAL_DATASET,
        on_change=state.watch_run,
        args=(None,),
        width=wide(190),
    )
