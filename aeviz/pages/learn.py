"""Watch it learn: train an autoencoder, see the digits come into focus, scrub through what was."""

from __future__ import annotations

import streamlit as st

from aeviz.datasets import DATASETS
from aeviz.limits import PresetError, estimated_seconds
from aeviz.presets import PRESETS
from aeviz.ui import learn_panels, resources, state
from aeviz.ui.recipe import recipe
from aeviz.verdicts import duration

registry = resources.run_registry()
current = registry.current()
run = registry.get(state.watched_run(current.id if current else None) or "")
if run:
    state.watch_run(run.id)  # a visitor who returns stays with the run that is under way
generation = state.generation()

head, picture, settings, advanced = (st.container() for _ in range(4))

with head:
    title, choose, train = st.columns([6, 2.6, 1.2], vertical_alignment="bottom")
names = list(PRESETS)
name = choose.selectbox(
    "Recipe",
    names,
    index=names.index(run.preset.name if run else state.linked("recipe", names, names[0])),
    format_func=lambda n: PRESETS[n].title,
    key=f"recipe.{generation}",
    on_change=state.watch_run,
    args=(None,),
)
state.link(recipe=name)
if run and run.preset.name != name:
    run = None
with advanced, st.expander("Advanced: every setting of this recipe", key=f"advanced.{generation}"):
    data, seeds, cost = st.columns([2, 1, 2], vertical_alignment="bottom")
    dataset = data.selectbox(
        "Pictures",
        list(DATASETS),
        format_func=lambda n: DATASETS[n].title,
        key=f"dataset.{generation}",
    )
    seed = seeds.number_input(
        "Seed",
        0,
        2**31 - 1,
        0,
        key=f"seed.{generation}",
        help="The same seed, recipe and pictures give the same start and the same curve.",
    )
    problem = ""
    try:
        preset = recipe(name)
    except PresetError as error:
        preset, problem = PRESETS[name], str(error)
    pixels = DATASETS[dataset].side ** 2
    estimate = duration(estimated_seconds(preset, pixels))
    cost.markdown(f":gray[About {estimate} on this machine.]")

with title:
    st.title("Watch it learn", anchor=False)
    st.markdown(
        f":gray[{PRESETS[name].summary} Press Train and watch the digits appear out of grey fog; "
        f"it takes about {estimate}.]"
    )
with train:
    learn_panels.train_button(registry, dataset, preset, int(seed), problem, estimate)

live = run is not None and not registry.status(run).over
with settings:
    choice = learn_panels.picture_choice(name, run, live=live)
with picture:
    if problem:
        st.error(problem)
    shown = learn_panels.stage(registry, run, preset, pixels, choice)
with settings:
    learn_panels.keep_row(registry, shown, choice)
