"""The parts of the page "Latent space": map, picture under the pointer, neighbours by class."""

from dataclasses import replace

import streamlit as st

from aeviz.data.class_names import DIGITS, is_handwritten
from aeviz.drawing.map_charts import class_name
from aeviz.latent.test_codes import Agreement
from aeviz.text.numbers import count
from aeviz.ui.latent import choices
from aeviz.ui.latent.choices import LIVE, PAGE, VIEW, MapChoices
from aeviz.ui.live import cache as live_cache
from aeviz.ui.live.component import MapChart, live_decoder
from aeviz.ui.live.events import events
from aeviz.ui.live.explored import Explored, early_map
from aeviz.ui.live.explorer import live_explorer
from aeviz.ui.shell import state
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.controls import chart
from aeviz.ui.shell.style import wide


def map_sentence(model: Explored) -> str:
    """Return what the page shows and how to use it."""
    dots = "a handwritten digit" if is_handwritten(model.checkpoint.dataset) else "a picture"
    size = {1: "one number", 2: "two numbers"}.get(model.latent_dim, count(model.latent_dim))
    view = "" if model.latent_dim <= 2 else ", seen on their flattest plane"
    if model.checkpoint.preset.labels:
        return (
            f"This network is told what each picture shows, so its code of {size}{view} is left "
            "for the style alone. Point anywhere, and choose what is drawn in that hand."
        )
    return (
        f"Every dot is {dots} squeezed into a code of {size}{view}. Point anywhere, "
        "even between the dots: the decoder draws what belongs there."
    )


def map_chart(model: Explored, shown: MapChoices, key: str) -> None:
    """Draw the map; its legend, zoom and pan are Plotly's."""
    alt = (
        f"Map of {len(model.codes.points):,} codes. The picture beside it shows what the decoder "
        "makes of any place on it."
    )
    chart(live_cache.latent_figure(model, shown.look), key, alt=alt)
    if shown.show == "pictures":
        # Not in the figure: another one would be drawn from scratch, and its zoom be lost.
        st.html("<style>.st-key-" + key + " .gl-container { opacity: 0.2; }</style>")


@st.fragment
def explorer(model: Explored, shown: MapChoices, chart: str) -> None:
    """Draw the picture under the pointer, pins, walks and drawing, which run in the browser.

    A fragment: a pin, a walk or a zoom runs this again and leaves the map alone.
    """
    drawn = MapChart(chart, shown.show, early=early_map(model, shown.look, state.text_scale()))
    happened = live_explorer(model, shown.look.axes, drawn, key=LIVE)
    choices.follow_zoom(model, shown.look, happened.view)


def beside_map(model: Explored, shown: MapChoices, chart: str, *, view: str = VIEW) -> None:
    """Draw one of two maps side by side, with only the picture under the pointer.

    view: VIEW, or VIEW_BESIDE for the second.
    """
    live = f"{LIVE}.{chart}"
    part = choices.opening_view(model, None, name=view, live=live)
    shown = replace(shown, look=replace(shown.look, view=part))
    with st.container(horizontal=True, key=f"pair.{chart}"):
        map_chart(model, shown, chart)
        with st.container(width=wide(220)):
            _beside_decoder(model, shown, chart, live, view)


@st.fragment
def _beside_decoder(model: Explored, shown: MapChoices, chart: str, live: str, view: str) -> None:
    decoder = live_cache.decoder(model, None)
    happened = events(state.component(live), decoder)
    live_decoder(
        decoder,
        MapChart(chart, shown.show, early=early_map(model, shown.look, state.text_scale())),
        key=live,
        told=model.first_kind,
    )
    choices.follow_zoom(model, shown.look, happened.view, name=view, live=live)


def agreement_panel(model: Explored) -> None:
    """Draw source 1's claims in numbers: how far each class keeps to itself among the codes."""
    # Of a network that is told the classes, the codes have no need to keep them apart.
    if not model.codes.agreement or model.checkpoint.preset.labels:
        return
    digits = is_handwritten(model.checkpoint.dataset)
    what = "digits" if digits else "pictures"
    # The table is built when it is opened: it costs pandas, 80 MB of memory.
    claims = Choice(PAGE, "agreement").expander(f"Which {what} lie apart, and which overlap?")
    if not claims.open:
        return
    same, others = "Of its ten nearest codes, the same", "Of its ten nearest codes, those"
    bar = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
    rows, names = model.codes.agreement, model.names
    confused = [a.confused_with for a in rows]
    table = {
        "Digit" if names == DIGITS else "Kind": [class_name(a.label, names) for a in rows],
        same: [100 * a.share for a in rows],
        "Most confused with": ["none" if c is None else class_name(c, names) for c in confused],
        others: [100 * a.confused_share for a in rows],
    }
    with claims:
        st.markdown(agreement_sentence(rows, names, digits=digits))
        st.dataframe(
            table, column_config={same: bar, others: bar}, hide_index=True, width="stretch"
        )


def agreement_sentence(rows: tuple[Agreement, ...], names: tuple[str, ...], *, digits: bool) -> str:
    """Return what the table means, for the class that overlaps most.

    digits: whether they are handwritten digits, about which source 1 makes a claim.
    """
    worst = min(rows, key=lambda a: a.share)
    one = class_name(worst.label, names)
    many = f"{one}s" if digits else "of that kind"
    words = f"Of the ten nearest codes around a {one}, {worst.share:.0%} are {many}"
    if worst.confused_with is not None:
        other = class_name(worst.confused_with, names)
        most = 2 * worst.confused_share > 1 - worst.share
        words += "; most of the others are " if most else "; the others are most often "
        words += f"{other}s" if digits else other
    claim = " Source 1 says that 0, 1 and 6 lie apart, and that 4 and 9, 3 and 8 overlap."
    return f"{words}.{claim if digits else ''}"
