"""Watch it learn: train an autoencoder, see the digits come into focus, scrub through what was."""

import streamlit as st

from aeviz.data.catalog import find_source
from aeviz.data.limits import MOST_PICTURES
from aeviz.errors import UserError
from aeviz.networks.costs import estimated_seconds
from aeviz.networks.limits import check_preset
from aeviz.text.numbers import duration
from aeviz.ui.catalog import registries
from aeviz.ui.learn import film_choices, panels
from aeviz.ui.learn.dataset_cards import dataset_cards
from aeviz.ui.learn.dataset_picker import dataset_choice, dataset_picker
from aeviz.ui.learn.linked_recipe import PAGE, follows, linked_recipe, recipes, usual_recipe
from aeviz.ui.learn.recipe_form import recipe_form, smaller_batch_note
from aeviz.ui.own_pictures import panel as own_pictures_panel
from aeviz.ui.shell import state
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.hidden_controls import is_hidden
from aeviz.ui.shell.pages import TOUR
from aeviz.ui.shell.rooms import room
from aeviz.ui.shell.style import wide
from aeviz.ui.shell.terms import explained

# The largest there is a field for; training takes it in 31 bits.
LARGEST_SEED = 2**31 - 1

head, words = room("learn"), room("learn_words")
# A stop of the tour has made this choice, and needs the room.
cards = None if state.lasting(TOUR) or is_hidden("data") else room("data_cards")
notes, own = st.container(), st.container()
picture, settings, advanced = room("film"), st.container(), st.container()
state.set_notes(notes)

registry = registries.run_registry()
with notes:
    panels.lost_notes(registry)
like = linked_recipe()
of = like.model if like else ""
current = registry.current()
under_way = current.id if current and follows(current) else None
run = registry.get(state.watched_run(under_way) or "")
# Whoever comes back stays with the run that is under way; whoever is here already is not taken to
# what somebody else begins.
state.watch_run(run.id if run else None)

with head.container(key="learn_head", horizontal=True, vertical_alignment="bottom"):
    st.title("Watch it learn", anchor=False)
    dataset = dataset_picker(run, like)
    own_open = own_pictures_panel.switch()
    known = recipes(like, run)
    name = Choice(PAGE, "recipe", of).select(
        "Recipe",
        {name: preset.title for name, preset in known.items()},
        usual_recipe(known, like),
        what="recipe",
        start=run.preset.name if run else None,
        bare="",
        on_change=state.watch_run,
        args=(None,),
        width=wide(300),
    )
    train = room("train", width=wide(130))
if run and (run.preset.name, run.dataset) != (name, dataset):
    run = None
live = run is not None and not registry.status(run).over
source = find_source(dataset)
with advanced, Choice(PAGE, "advanced").expander("Advanced: every setting of this recipe"):
    seeds, cost = st.columns([1, 4], vertical_alignment="bottom")
    seed = Choice(PAGE, "seed", of).number(
        "Seed",
        0,
        LARGEST_SEED,
        like.seed if like else 0,
        what="seed",
        place=seeds,
        min_value=0,
        max_value=LARGEST_SEED,
        help="The same seed, recipe and pictures give the same start and the same curve.",
    )
    problem = ""
    try:
        changed = of if like and like.preset.name == name else ""
        images, kinds = (source.n_train, source.n_classes) if source else (MOST_PICTURES, 0)
        preset = recipe_form(known[name], changed, images=images, kinds=kinds)
        if source:
            check_preset(preset, source.shape, images=images, kinds=kinds)
    except UserError as error:
        preset, problem = known[name], str(error)
    estimate = duration(estimated_seconds(preset, source.shape)) if source else ""
    if source:
        cost.markdown(f":gray[About {estimate} on this machine.]")

with words:
    panels.what_it_is()
    explained(panels.recipe_sentence(known[name], dataset, estimate, live=live))
    few = smaller_batch_note(known[name], preset, source.n_train) if source else ""
    if few:
        explained(few)
    panels.offer_to_watch(registry, run)
if cards:
    with cards:
        dataset_cards(dataset_choice(like), dataset)
with train:
    panels.train_button(
        registry,
        source,
        preset,
        seed,
        problem,
        estimate,
        continue_from=like.goes_on_with(name, dataset) if like else "",
        primary=not (own_open or live),
    )
if own_open:
    with own:
        own_pictures_panel.panel()

with settings:
    choice = film_choices.picture_choice(name, dataset, run, live=live)
with picture:
    if problem:
        st.error(problem)
    shown = panels.stage(registry, run, preset, source, choice, live=live)
with settings:
    panels.keep_row(registry, shown, choice)
