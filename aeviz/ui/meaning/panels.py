"""The parts of the page "Meaning": what is measured, the stage in the browser, downloads."""

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.data.class_names import thing
from aeviz.latent.directions import FEWEST
from aeviz.latent.test_codes import LARGEST_KEPT_CODE
from aeviz.ui.live import cache as live_cache
from aeviz.ui.live.explored import Explored
from aeviz.ui.live.explorer import pins_of
from aeviz.ui.meaning import cache, factors, files, held, own, words
from aeviz.ui.meaning.component import DROPPED, HELD, OPEN_ROWS, meaning_component
from aeviz.ui.meaning.held import Held
from aeviz.ui.meaning.measured import Meaning
from aeviz.ui.shell import state, theme
from aeviz.ui.shell.address import whole_number
from aeviz.ui.shell.browser_values import count
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.controls import download
from aeviz.ui.shell.rooms import room

PAGE = "meaning"
LIVE = "meaning.live"


def measured(model: Explored, progress: DeltaGenerator) -> Meaning | None:
    """Measure a model; None, after one sentence, where that cannot be.

    progress: where to show how far that is.
    """
    size = model.latent_dim
    if size > LARGEST_KEPT_CODE:
        st.info(words.TOO_LONG.format(count=size, most=LARGEST_KEPT_CODE))
        return None
    if model.codes.codes is None or len(model.codes.codes) < 2 * FEWEST:
        st.info(words.NO_CODES)
        return None
    place = progress.empty()

    def told(share: float, what: str) -> None:
        place.progress(share, f"Measuring: {what}")

    meaning = cache.meaning(model, told)
    place.empty()
    return meaning


@st.fragment
def stage(model: Explored, meaning: Meaning) -> None:
    """Draw the picture in hand with its sliders and rows; a fragment, so a pull runs this alone."""
    rows = min(len(meaning.numbers.order) - len(meaning.numbers.given_up), OPEN_ROWS)
    st.html(f"<style>.st-key-room_meaning_stage {{ --rows: {rows}; }}</style>")
    above, below = room("meaning_stage"), st.container()
    sent = state.component(LIVE)
    notes, dropped = below.container(), _dropped(sent)
    directions = _directions(model, meaning, dropped, notes)
    names = [named.name for named, _, _ in directions]
    hand = _hand(model, sent, names)
    vectors = {named.name: named.direction.vector for named, _, _ in directions}
    code = held.code_in_hand(hand, _begins(model, hand), meaning.numbers, vectors)
    with below:
        for title, why in meaning.refused.items():
            st.caption(f"{title}: {why}")
        mine = sum(named.trust is None for named, _, _ in directions)
        made = own.make_difference(model, code, mine)
    if made:
        directions = _directions(model, meaning, dropped, notes)
    with above:
        meaning_component(
            live_cache.decoder(model, None),
            meaning.numbers,
            directions,
            start=hand,
            pins=pins_of(model),
            key=LIVE,
            made=made,
        )
    with below:
        factors.factors_panel(model)
        _keeping(model, meaning, code, hand.kind)


def _directions(
    model: Explored, meaning: Meaning, dropped: frozenset[str], notes: DeltaGenerator
) -> list[own.Told]:
    """All directions there are, with the words on each; notes: where refusals are said."""
    one = thing(model.checkpoint.dataset)
    measured = [
        (named, words.trust_words(named.trust, named.direction.agreement, one), named.trust.works)
        for named in meaning.directions
        if named.trust is not None
    ]
    notes.empty()
    with notes:
        return [*measured, *own.own_differences(model, dropped)]


def _dropped(sent: dict) -> frozenset[str]:
    """The names of directions that the visitor has just taken away."""
    event = sent.get(DROPPED)
    if not isinstance(event, dict) or not isinstance(event.get("names"), list):
        return frozenset()
    n = count(event.get("n"))
    if n is None or not state.is_new("meaning.dropped", n):
        return frozenset()
    return frozenset(name for name in event["names"] if isinstance(name, str))


def _hand(model: Explored, sent: dict, names: list[str]) -> Held:
    """The picture in hand: as the browser has just said, else as it was left or linked."""
    size, rows = model.latent_dim, len(model.codes.points)
    event, new = sent.get(HELD), None
    event = event if isinstance(event, dict) else {}
    n = count(event.get("n"))
    # It may come late, when another model is shown.
    ours = n is not None and event.get("model") == live_cache.decoder(model, None).key
    # Not only the first time: a run that has seen it may be ended by the next before it is kept.
    if ours and (state.is_new("meaning.held", n) or state.is_part_of_page()):
        new = held.sent_held(event, names, size, rows, model.checkpoint.preset.labels)
    of = model.checkpoint.name
    begin = Choice(PAGE, "at", of).draw(
        Held(),
        lambda text: held.begin_of_text(text, size, rows),
        write=held.text_of_begin,
        start=new,
    )
    pulls = Choice(PAGE, "pull", of).draw(
        {},
        lambda text: held.pulls_of_text(text, names),
        write=held.text_of_amounts,
        start=None if new is None else new.pulls,
    )
    moves = Choice(PAGE, "move", of).draw(
        {},
        lambda text: held.moves_of_text(text, size),
        write=partial(held.text_of_amounts, first=1),
        start=None if new is None else new.moves,
    )
    return Held(begin.row, begin.code, pulls, moves, _kind(model, begin, new))


def _kind(model: Explored, begin: Held, new: Held | None) -> int | None:
    """What the picture in hand is drawn as, in the address where that is not what it shows."""
    kinds, labels = model.checkpoint.preset.labels, model.codes.labels
    if not kinds:
        return None
    shows = None if labels is None or begin.row is None else int(labels[begin.row])
    return Choice(PAGE, "kind", model.checkpoint.name).draw(
        model.first_kind if shows is None else shows,
        whole_number(0, kinds - 1, "kind"),
        start=None if new is None else new.kind,
    )


def _begins(model: Explored, hand: Held) -> np.ndarray:
    if hand.row is not None:
        return model.code(hand.row)
    return model.mean_code if hand.code is None else np.array(hand.code, np.float32)


def _keeping(model: Explored, meaning: Meaning, code: np.ndarray, kind: int | None) -> None:
    """Draw the downloads of the rows round the picture in hand. kind: what it is drawn as."""
    name, seen = f"{model.checkpoint.name}-meaning", theme.page_theme()
    with st.container(horizontal=True, gap="small"):
        rows = model.network(kind), model.checkpoint.shape, code, meaning.numbers, seen
        picture = partial(files.rows_png, *rows)
        download("All rows (PNG)", f"{name}.png", picture, "png", "A row a number, 1 at the top")
        film = partial(files.rows_gif, *rows)
        download(
            "All numbers moving (GIF)", f"{name}.gif", film, "gif", "A picture a number, 1 first"
        )
