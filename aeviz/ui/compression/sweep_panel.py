"""The sweep panel: choose many models at once, see what they cost, train them, watch them come."""

import html
from dataclasses import dataclass, replace

import streamlit as st

from aeviz.checkpoints.checkpoint import CheckpointError
from aeviz.checkpoints.store import find_checkpoint
from aeviz.data.catalog import all_sources, find_source
from aeviz.data.limits import LARGEST_SIDE
from aeviz.networks.costs import estimated_seconds
from aeviz.networks.limits import fitted, fitted_note
from aeviz.networks.preset import Preset
from aeviz.networks.recipes import PRESETS
from aeviz.networks.settings import LONGEST_RUN
from aeviz.read_only import is_read_only
from aeviz.sweeps import plan as sweeps_plan
from aeviz.sweeps.dask_executor import scheduler_address
from aeviz.sweeps.runs import ModelStatus, SweepRun, SweepStatus, finished
from aeviz.text.numbers import duration_in_days, rounded
from aeviz.ui.catalog import registries
from aeviz.ui.catalog.dataset_titles import dataset_titles
from aeviz.ui.compression import cache, choices
from aeviz.ui.compression.choices import PAGE, USUAL_DATASET
from aeviz.ui.shell import state
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.controls import refusal_shown
from aeviz.ui.shell.hidden_controls import is_hidden
from aeviz.ui.shell.visitor import visitor

# A viewer's progress is at most this old, in seconds.
POLL_SECONDS = 0.5
OWN = "own"
_RUN = "sweep.run"
# In place of a sweep's id: the choices for one's own, while somebody else's is under way.
_NEXT = "next"
# What a sweep of one's own starts from; activations, rate and schedule are theirs.
BASES: dict[str, Preset] = {"stacked": sweeps_plan.STACKED, "denoising": sweeps_plan.DENOISING} | {
    name: replace(PRESETS[name], published=None)
    for name in ("karpathy-2d", "deep-2d", "linear-100", "vae-2d")
}
_BASE_TITLES = {"stacked": "Stacked (source 5)", "denoising": "Denoising (source 4)"}
# What is chosen for a sweep of one's own: in the address as "sweep.base".
_OWN_FIELDS = ("base", "sizes", "stacks", "noise", "l2", "steps")
# What one's own sweep is filled in with: source 5's table, which takes minutes.
_OWN_STEPS = 3_000


@dataclass(frozen=True, eq=False)
class Watched:
    """The sweep on this page, and where it stood before the page read which models there are."""

    run: SweepRun
    status: SweepStatus


def watched() -> Watched | None:
    """Return this visitor's sweep until they close it, else one under way; None while they choose.

    To be asked before the models are read: whatever comes after that is news.
    """
    registry, chosen = registries.sweep_registry(), state.chosen(_RUN) or ""
    run = registry.get(chosen) or registry.current(visitor())
    if run is None or chosen == _NEXT and not _is_mine(run):
        return None
    return Watched(run, run.status())


def new_rows(sweep: Watched | None) -> tuple[str, ...]:
    """Return the names of the models that this visitor's sweep has trained so far."""
    if sweep is None or not _is_mine(sweep.run):
        return ()
    return tuple(model.name for model in sweep.status.models if model.state == "finished")


def _is_mine(run: SweepRun) -> bool:
    return run.owner in ("", visitor())


def switch(sweep: Watched | None) -> bool:
    """Draw the button that opens and closes the panel, and return whether it is open.

    It is open by itself while a sweep is under way, so that a visitor who returns finds it. While
    that is somebody else's, the button leads to the choices for one's own.
    """
    if is_hidden("sweep") or is_hidden("train"):
        return False
    is_open = sweep is not None or state.linked_text("sweep") is not None
    under_way = sweep is not None and not sweep.status.over
    if under_way and not _is_mine(sweep.run):
        st.button(
            "New sweep",
            type="primary",
            key=f"sweep.next.{state.generation()}",
            disabled=is_read_only(),
            help="Somebody else's sweep is under way: yours takes turns with it.",
            on_click=_open_next,
        )
        return True
    st.button(
        "Close sweep" if is_open else "New sweep",
        type="secondary" if is_open else "primary",
        key=f"sweep.{is_open}.{state.generation()}",
        disabled=under_way,
        help="A sweep is under way; its rows appear in the table as they come."
        if under_way
        else "Trains many networks one after the other and adds them to the table.",
        on_click=_close if is_open else _open,
    )
    return is_open


def _open() -> None:
    asked = state.linked_text("sweep") or Choice(PAGE, "sweep").kept
    state.link(sweep=asked or next(iter(sweeps_plan.SWEEPS)))


def _open_next() -> None:
    state.choose(_RUN, _NEXT)
    _open()


def _close() -> None:
    state.link(sweep=None)
    _leave_out("data", "seeds", *_OWN_FIELDS)
    state.choose(_RUN, "")


def _leave_out(*fields: str) -> None:
    """Take what is not on the page out of the address."""
    state.link(**{f"sweep.{field}": None for field in fields})


def sweep_panel(sweep: Watched | None) -> None:
    """Draw the sweep under way or just over; without one, the choices for the next."""
    with st.container(border=True, key="sweep_panel"):
        if sweep is None:
            _form()
            return
        state.choose(_RUN, sweep.run.id)
        every = None if sweep.status.over else POLL_SECONDS
        st.fragment(_progress, run_every=every)(sweep.run, sweep.status.done, sweep.status.over)


# --- what to train -------------------------------------------------------------------------------


# A cluster's size is known once it answers: until then, a sweep is not called too long for it.
_MANY = 1_000


def _form() -> None:
    which, data, seeds = st.columns([3, 2, 1.2], vertical_alignment="bottom")
    # At first, what the page shows.
    pictures = dataset_titles(all_sources())
    usual = Choice(PAGE, "data").kept
    dataset = Choice(PAGE, "sweep.data").select(
        "Pictures", pictures, usual if usual in pictures else None, what="sweep", place=data
    )
    source = find_source(dataset)
    values = source.shape.values if source else LARGEST_SIDE**2
    titles = {
        **{name: sweep.title for name, sweep in sweeps_plan.SWEEPS.items()},
        OWN: "One of your own",
    }
    first = next(iter(sweeps_plan.SWEEPS))
    name = Choice(PAGE, "sweep").select(
        "Sweep",
        titles,
        first if _fits(first, values) else OWN,
        what="sweep",
        place=which,
        bare="",  # Also the usual one is in the address: it says that the panel is open.
    )
    seed_text = Choice(PAGE, "sweep.seeds").text(
        "Seeds", "0", place=seeds, help="Each seed trains every model once more: 0, 1, 2."
    )
    grid = _own_grid(values) if name == OWN else _leave_out(*_OWN_FIELDS)
    problem, sweep = "", None
    try:
        sweep = _sweep(name, dataset, seed_text, grid)
        sweeps_plan.check_sweep(sweep, workers=_MANY if scheduler_address() else 1)
    except sweeps_plan.SweepError as error:
        problem = str(error)
        if not _fits(name, values):
            problem += f" Or choose {titles[OWN].lower()} under Sweep."
    words, start = st.columns([5, 1.3], vertical_alignment="center")
    with words:
        if sweep and not problem:
            st.markdown(_before_it_starts(sweep))
        else:
            st.error(problem)
    pressed = start.button(
        "Start",
        type="primary",
        key="sweep.start",
        disabled=bool(problem) or is_read_only(),
        help="Training is switched off in this public showing." if is_read_only() else None,
        width="stretch",
    )
    if sweep and pressed:
        _start(sweep)


def _fits(name: str, values: int) -> bool:
    """Whether no code of a ready-made sweep is larger than pictures of so many values."""
    return name == OWN or all(
        max(grid.code_sizes) <= values for grid in sweeps_plan.SWEEPS[name].grids
    )


def _own_grid(values: int) -> dict[str, object]:
    places = dict(zip(_OWN_FIELDS, (*st.columns(3), *st.columns(3)), strict=True))
    bases = {n: _BASE_TITLES.get(n, base.title.split(", ")[0]) for n, base in BASES.items()}

    def text(field: str, label: str, usual: str, help: str) -> str:
        choice = Choice(PAGE, f"sweep.{field}")
        return choice.text(label, usual, place=places[field], help=help)

    return {
        "base": Choice(PAGE, "sweep.base").select(
            "As in",
            bases,
            what="sweep",
            place=places["base"],
            help="Where activations, optimiser and rate come from.",
        ),
        "sizes": text(
            "sizes",
            "Code sizes",
            "100, 32, 10" if values > 100 else "32, 10, 2",
            "How many numbers a picture must fit in.",
        ),
        "stacks": text(
            "stacks",
            "Hidden layers",
            "1000",
            "Widths from picture to code, joined by dashes; commas between stacks: 1000, 512-128, "
            "none. The decoder mirrors them.",
        ),
        "noise": text("noise", "Noise", "0", "Share of pixels blacked out: 0, 40%."),
        "l2": text("l2", "L2 penalty", "0", "On the weights, against overfitting: 0, 1e-6."),
        "steps": Choice(PAGE, "sweep.steps").number(
            "Steps for each model",
            1,
            LONGEST_RUN,
            _OWN_STEPS,
            what="number of steps",
            place=places["steps"],
            step=500,
            help="The budget. More steps, sharper pictures.",
        ),
    }


def _sweep(name: str, dataset: str, seeds: str, own: dict | None) -> sweeps_plan.Sweep:
    """What the choices describe. Raises SweepError for text that cannot be read."""
    numbers = sweeps_plan.parse_whole_numbers(seeds, what="seed")
    if own is None:
        ready = sweeps_plan.SWEEPS[name]
        dataset = ready.dataset if ready.dataset != USUAL_DATASET else dataset
        return _fitted(replace(ready, dataset=dataset, seeds=numbers))
    grid = sweeps_plan.Grid(
        BASES[own["base"]],
        own["steps"],
        sweeps_plan.parse_whole_numbers(own["sizes"]),
        sweeps_plan.parse_stacks(own["stacks"]),
        noise=sweeps_plan.parse_levels(own["noise"], "noise level"),
        l2=sweeps_plan.parse_levels(own["l2"], "L2 penalty"),
    )
    return _fitted(
        sweeps_plan.Sweep("A sweep of your own", (grid,), dataset=dataset, seeds=numbers)
    )


def _fitted(sweep: sweeps_plan.Sweep) -> sweeps_plan.Sweep:
    """With recipes that fit its pictures."""
    source = find_source(sweep.dataset)
    if source is None:
        return sweep
    fits = {"images": source.n_train, "kinds": source.n_classes}
    grids = (replace(g, base=fitted(g.base, **fits)) for g in sweep.grids)
    return replace(sweep, grids=tuple(grids))


def _before_it_starts(sweep: sweeps_plan.Sweep) -> str:
    """How many models, which are there, how long: to be read before Start is pressed."""
    models = sweeps_plan.models_of(sweep)
    there = finished(models)
    missing = [model for model in models if model.fingerprint not in there]
    words = [sweep.summary] if sweep.summary else []
    source = find_source(sweep.dataset)
    if source and any(grid.base.batch_size == source.n_train for grid in sweep.grids):
        words.append(fitted_note(source.n_train))
    total = f"{len(models)} {'model' if len(models) == 1 else 'models'}"
    if not missing:
        words.append(f"**All {total} are there already.**")
    else:
        seconds = sum(estimated_seconds(model.preset, model.shape) for model in missing)
        if there:
            total = f"{len(there)} of {total} are there already; the others take"
        else:
            total += " take" if len(models) > 1 else " takes"
        where = " of one worker's time, on Dask" if scheduler_address() else " on this computer"
        words.append(f"**{total} about {duration_in_days(seconds)}{where}.**")
        if not scheduler_address() and registries.sweep_registry().current():
            words.append("Somebody else's sweep is under way: the two take turns, one model each.")
    return " ".join(words)


def _start(sweep: sweeps_plan.Sweep) -> None:
    with refusal_shown():
        with st.spinner("Looking for what is there already."):
            run_id = registries.sweep_registry().start(sweep, owner=visitor())
        state.choose(_RUN, run_id)
        choices.show_dataset(sweep.dataset)
        st.rerun()


# --- under way -----------------------------------------------------------------------------------


def _progress(run: SweepRun, drawn: int, was_over: bool) -> None:
    status = run.status()
    if status.done != drawn or status.over != was_over:
        st.rerun()  # the table has a row more, or the page may go back to its choices
    missing = status.over and status.done < status.total
    bar, button = st.columns([5 if missing else 6, 2.2 if missing else 1.2])
    with bar:
        share = status.done / status.total if status.over else status.share
        st.progress(min(1.0, share), f"**{run.sweep.title}** · {_words(status)}")
    with button.container(horizontal=True, horizontal_alignment="right"):
        if missing and st.button("Train the missing", type="primary", key="sweep.rest"):
            _start(run.sweep)
        if not status.over:
            st.button(
                "Cancel",
                key="sweep.cancel",
                on_click=run.cancel,
                args=(visitor(),),
                disabled=status.state == "cancelling" or not _is_mine(run),
                help="What is finished stays; what trains now is dropped."
                if _is_mine(run)
                else "Somebody else started this sweep: only they can cancel it.",
            )
        elif st.button("Another sweep", key="sweep.again"):
            state.choose(_RUN, "")
            _open()
            st.rerun()
    st.html(
        f'<ol class="sweep-models" tabindex="0" aria-label="Models of the sweep">'
        f"{''.join(map(_line, status.models))}</ol>"
    )


def _words(status: SweepStatus) -> str:
    if status.over:
        return status.sentence
    if status.state == "cancelling":
        return "cancelling: what has begun on a worker is finished there"
    words = [f"{status.done} of {status.total} models are there"]
    if status.failed:
        words.append(f"{status.failed} failed")
    if status.place:
        words.append(f"waiting its turn: number {status.place} in line")
    if status.seconds_left is not None:
        words.append(f"about {duration_in_days(status.seconds_left)} left")
    return " · ".join([*words, status.where])


def _line(model: ModelStatus) -> str:
    kinds = {"kept": "there", "finished": "there", "training": "training", "failed": "failed"}
    label, said = html.escape(model.model.label), html.escape(_model_words(model))
    kind = kinds.get(model.state, "")
    return f'<li class="sweep-model {kind}"><b title="{label}">{label}</b><span>{said}</span></li>'


def _model_words(model: ModelStatus) -> str:
    if model.state == "kept":
        return "was there already"
    if model.state == "finished":
        try:
            one = cache.compared(find_checkpoint(model.name))
        except CheckpointError:
            one = None
        if one is None or one.row.mse is None:
            return "done"
        return f"done, {one.row.split} loss {rounded(one.row.mse)}"
    if model.state == "training":
        if model.sentence:
            return model.sentence
        if not model.step:
            return "getting ready"
        speed = f", {model.steps_per_second:,.0f} a second" if model.steps_per_second else ""
        return f"step {model.step:,} of {model.total:,}{speed}"
    if model.state == "failed":
        return model.sentence or "failed"
    return {"queued": "waiting", "cancelled": "cancelled"}[model.state]
