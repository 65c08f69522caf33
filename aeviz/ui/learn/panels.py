"""The parts of the page "Watch it learn": train button, film (live or replayed), downloads."""

from functools import partial

import streamlit as st

from aeviz.checkpoints.checkpoint import CheckpointError, to_bytes
from aeviz.data.catalog import find_source
from aeviz.data.class_names import class_names, thing
from aeviz.data.sources import DatasetSource
from aeviz.errors import UserError
from aeviz.evaluation.verdicts import kept_words, outcome
from aeviz.networks.preset import Preset
from aeviz.read_only import is_read_only
from aeviz.text.names import plain_name
from aeviz.training.resume import parent_name
from aeviz.training.runs import RunRegistry, TrainingRun
from aeviz.ui.catalog import cache as catalog_cache
from aeviz.ui.catalog.model_titles import opened_title
from aeviz.ui.catalog.training_pictures import fetch_offer, is_gone, local_pictures, missing_words
from aeviz.ui.film import of_run
from aeviz.ui.film.moments import keep_moment, opening_frame
from aeviz.ui.film.of_run import Shown, film_gif, losses_csv, make_film, stored
from aeviz.ui.film.replay import replay
from aeviz.ui.learn import film_choices, run_controls
from aeviz.ui.learn.film_choices import Seen
from aeviz.ui.learn.linked_recipe import PAGE
from aeviz.ui.learn.skeleton import film_skeleton
from aeviz.ui.own_pictures.views import pictures_html
from aeviz.ui.pictures.network import network_html
from aeviz.ui.shell import state
from aeviz.ui.shell.controls import download, refusal_shown
from aeviz.ui.shell.hidden_controls import is_hidden
from aeviz.ui.shell.pages import TOUR, script
from aeviz.ui.shell.terms import explained
from aeviz.ui.shell.visitor import visitor

# A viewer's picture is at most this old, in seconds: the promise is four times a second.
POLL_SECONDS = 0.22


def what_it_is() -> None:
    """Say what an autoencoder is, with a link to the tour; not to whoever is on it."""
    if state.lasting(TOUR) or is_hidden(TOUR):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="what"):
        st.markdown(
            "An autoencoder squeezes each picture into a few numbers and draws it again from those "
            "alone.",
            width="content",
        )
        st.page_link(script(TOUR), label="Take the tour", width="content")


def recipe_sentence(recipe: Preset, dataset: str, estimate: str, *, live: bool) -> str:
    """Return what the page shows and how to use it.

    estimate: training time, "" for unknown. live: whether it trains already.
    """
    summary = recipe.summary
    if is_hidden("train") or live:
        return summary
    if not estimate:
        return f"{summary} {missing_words(dataset)}: you can watch it, and train no other."
    return (
        f"{summary} Press Train and watch the {thing(dataset)}s appear out of grey fog; it takes "
        f"about {estimate}."
    )


def train_button(
    registry: RunRegistry,
    source: DatasetSource | None,
    preset: Preset,
    seed: int,
    problem: str,
    estimate: str,
    *,
    continue_from: str = "",
    primary: bool = True,
) -> None:
    """Draw the train button, which starts a run; an invalid recipe gives an error message.

    `source` is None where the pictures are not on this machine, `problem` says why the recipe
    cannot be trained, and `continue_from` names the model whose training continues ("" for none).
    """
    if is_hidden("train"):
        return
    before = registry.current()
    why = f"About {estimate} on this machine." if source else "The pictures are no longer here."
    if before is not None:
        whose = "A training of yours" if before.owner == visitor() else "Somebody's training"
        why += f" {whose} is under way; another waits in line for it."
    if is_read_only():
        why = "Training is switched off in this public showing."
    pressed = st.button(
        "Train",
        type="primary" if primary else "secondary",
        key="train",
        width="stretch",
        disabled=bool(problem) or source is None or is_read_only(),
        help=why,
    )
    if pressed and source:
        try:
            run_id = registry.start(
                source.name, preset, seed, owner=visitor(), continue_from=continue_from
            )
            state.watch_run(run_id)
        except UserError as error:
            st.toast(str(error), icon=":material/error:", duration="long")
            st.error(str(error))
        else:
            film_choices.newest_run(preset.name, source.name)
            st.rerun()


def offer_to_watch(registry: RunRegistry, run: TrainingRun | None) -> None:
    """Offer to watch a training under way other than `run`, the visitor's own first."""
    if is_hidden("train"):
        return
    me, going = visitor(), registry.under_way()
    if run in going:
        return
    mine = [one for one in going if one.owner == me]
    other = next(iter([*mine, *going]), None)
    if other is None:
        return
    whose = "A training of yours" if mine else "Somebody else's training"
    with st.container(horizontal=True, vertical_alignment="center", key="watch_offer"):
        title = plain_name(other.preset.title)
        st.markdown(f":gray[{whose} is under way: {title}.]", width="content")
        st.button(
            "Watch it",
            type="tertiary",
            key="watch_it",
            on_click=state.turn_to_run,
            args=(other.id,),
        )


def lost_notes(registry: RunRegistry) -> None:
    """Say which trainings of this visitor ended with the program, until they have read it."""
    for number, note in enumerate(registry.lost(visitor())):
        with st.container(horizontal=True, vertical_alignment="center", key=f"lost.{number}"):
            st.warning(f"aeviz was started anew while {note.title} was being trained: it is lost.")
            st.button(
                "Close", key=f"lost.{number}.close", on_click=registry.forget_lost, args=(note,)
            )


def _film_key() -> str:
    """The element's: the live film turns into the replayed one, and starting over begins anew."""
    return f"film.{state.generation()}"


def stage(
    registry: RunRegistry,
    run: TrainingRun | None,
    preset: Preset,
    source: DatasetSource | None,
    choice: Seen,
    *,
    live: bool,
) -> Shown | None:
    """Draw the film, live while a run trains and replayed otherwise; return what is replayed.

    Without a run of the recipe, the pictures and the network are drawn. `live` is whether the run
    was under way when the page began: it may have ended since, and the choices are drawn for what
    it was.
    """
    if run and live:
        st.fragment(_live_stage, run_every=POLL_SECONDS)(registry, run, choice)
        return None
    _offer_unsaved(registry, run)
    shown = _finished(run, choice)
    if shown is None or not shown.view.snapshots:
        if source:
            _before_any_run(preset, source)
        return None
    dataset = local_pictures(shown.dataset)
    film = make_film(shown, dataset, choice.pictures, draw=choice.draw)
    second = _beside(shown, choice, len(film.reconstructions[0]))
    key = _film_key()
    frame = opening_frame(PAGE, shown.key, film.key, film.steps, key=key)
    stopped = replay(
        film,
        key=key,
        second=second,
        show_errors=choice.errors,
        frame=frame,
        # Who has just watched it learn need not see it at once again.
        autoplay=frame is None and run is None,
    )
    keep_moment(PAGE, shown.key, film.steps, stopped, opened=frame)
    if dataset is None:
        if choice.pictures in ("worst", "best"):
            st.caption(
                "Which are redrawn worst or best can only be told with the original pictures."
            )
        fetch_offer(shown.dataset)
    return shown


def _offer_unsaved(registry: RunRegistry, run: TrainingRun | None) -> None:
    """Draw the visitor's models that could not be saved, with two ways to keep each."""
    me = visitor()
    for one in registry.unsaved():
        model = one.checkpoint
        if model is None or (one is not run and one.owner not in ("", me)):
            continue
        st.error(one.sentence if one is run else f"{opened_title(model)}: {one.sentence}")
        with st.container(horizontal=True, key=f"unsaved.{one.id}"):
            st.button("Save again", key=f"save_again.{one.id}", on_click=one.save)
            download(
                "Download",
                f"{model.name}.safetensors",
                partial(to_bytes, model),
                f"download.{one.id}",
                "The model as a file, to upload on the page Models once there is room.",
            )


def _before_any_run(preset: Preset, source: DatasetSource) -> None:
    st.markdown(
        ":gray[There is no run of this recipe on these pictures yet. Press Train to watch one from "
        "its first step.]"
    )
    dataset = local_pictures(source.name)
    if dataset is not None:
        images = dataset.images[: dataset.n_train]
        labels, names = dataset.train_labels, class_names(source.name)
        st.html(pictures_html(images, labels, names, "Some of the pictures to learn from"))
    st.html(network_html(preset, source.shape))


def _finished(run: TrainingRun | None, choice: Seen) -> Shown | None:
    """Return the run that just ended, after its message, or the stored one that was chosen."""
    model = run.checkpoint if run else None
    if run and (model is None or choice.model in (None, model.name)):
        if not run.unsaved:
            say = {"failed": st.error, "finished": st.success}.get(run.state, st.info)
            say(run.outcome)
        if model:
            _open_elsewhere(run)
            return stored(model)
    if choice.model is not None:
        with refusal_shown():
            return stored(catalog_cache.checkpoint(choice.model))
    return None


def _open_elsewhere(run: TrainingRun) -> None:
    """Make the model that this visitor has just trained the choice of the other pages, once."""
    model = run.checkpoint
    if model and run.owner == visitor() and state.chosen("learn.opened") != run.id:
        if not run.unsaved:
            state.choose("learn.opened", run.id)
            state.choose("model", model.name)


def _live_stage(registry: RunRegistry, run: TrainingRun, choice: Seen) -> None:
    status = registry.status(run)
    if status.over:
        st.rerun()
    run.control.look(owner=run.owner == visitor())
    view, dataset = run.history.view(), run.data
    run_controls.run_panel(registry, run, status)
    if view.latest is None or dataset is None:
        st.html(film_skeleton())
        source = find_source(run.dataset)
        if source:
            st.html(network_html(run.preset, source.shape))
        return
    paused = status.state == "paused" and bool(view.snapshots)
    film = make_film(
        of_run.live(run, dataset), dataset, choice.pictures, draw=choice.draw, newest=not paused
    )
    replay(film, key=_film_key(), live=not paused, show_errors=choice.errors)


def _beside(shown: Shown, choice: Seen, pictures: int):
    if choice.beside is None:
        return None
    try:
        other = stored(catalog_cache.checkpoint(choice.beside))
    except CheckpointError as error:
        st.warning(str(error))
        return None
    if other.shape != shown.shape or other.dataset != shown.dataset or not other.view.snapshots:
        st.warning("These two runs were trained on different pictures and cannot run side by side.")
        return None
    film = make_film(other, local_pictures(other.dataset), choice.pictures, draw=choice.draw)
    return film if len(film.reconstructions[0]) == pictures else None


def keep_row(registry: RunRegistry, shown: Shown | None, choice: Seen) -> None:
    """Draw the outcome in words, downloads, the same run again, and start over."""
    if shown:
        said = outcome(shown.preset, shown.figures, mnist=shown.dataset == "mnist")
        if shown.best_step is not None and shown.view.snapshots:
            said = [kept_words(shown.best_step, shown.view.snapshots[-1], shown.figures), *said]
        explained(" ".join(filter(None, said)), dim=False)
    with st.container(horizontal=True, vertical_alignment="center", key="keep"):
        if shown:
            dataset = local_pictures(shown.dataset)
            film = make_film(shown, dataset, choice.pictures, draw=choice.draw)
            about = "The film as an animated picture."
            download("GIF", f"{shown.key}.gif", lambda: film_gif(film), "gif", about)
            losses = partial(losses_csv, shown.view)
            download("CSV of the losses", f"{shown.key}.csv", losses, "csv", None)
            before = None if is_hidden("train") else _began_with(registry, shown)
            if before is not None and st.button(
                "Again from the same weights",
                key="again",
                help="Goes on once more with the earlier model that this run began with."
                if before
                else "Trains this run once more from the same initial weights.",
                disabled=is_gone(shown.dataset) or is_read_only(),
            ):
                _again(registry, shown, before)
        if choice.pictures == film_choices.RANDOM:
            st.button(
                "Another handful",
                key="draw",
                on_click=film_choices.another_handful,
                args=(choice.draw,),
            )
        st.button("Start over", key="start_over", on_click=state.start_over)


def _began_with(registry: RunRegistry, shown: Shown) -> str | None:
    """See `resume.parent_name`; None also for a run whose own model was deleted."""
    unsaved = {m.name: m for run in registry.unsaved() if (m := run.checkpoint)}
    try:
        return parent_name(unsaved.get(shown.key) or catalog_cache.checkpoint(shown.key))
    except CheckpointError:
        return None


def _again(registry: RunRegistry, shown: Shown, before: str) -> None:
    with refusal_shown():
        run_id = registry.start(
            shown.dataset, shown.preset, shown.seed, owner=visitor(), continue_from=before
        )
        state.watch_run(run_id)
        st.rerun()
