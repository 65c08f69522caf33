"""A card beside the dot under the pointer on a chart, drawn in the browser, and the dot clicked."""

from collections.abc import Mapping
from dataclasses import dataclass

from aeviz.ui.shell.component import declare


@dataclass(frozen=True)
class CardEvents:
    """What the visitor did last, each None until it happens.

    clicked: the number of a click, growing from one to the next, and the dot's name. theme: "light"
    or "dark", where the browser shows the page in another than the page said.
    """

    clicked: tuple[int, str] | None = None
    theme: str | None = None


def loss_cards(
    cards: Mapping[str, Mapping[str, object]], *, chart: str, key: str, theme: str
) -> CardEvents:
    """Show a card for the dot that the pointer is on; no pointer move comes back here.

    Args:
        cards: by the name a dot carries in its `customdata`: "title", "lines" (a list of text) and
            "picture" (an address, or "").
        chart: the key of the st.container that holds the chart.
        key: the component's own.
        theme: what the pictures are drawn in.
    """
    return card_events(_component({"cards": dict(cards), "chart": chart, "theme": theme}, key=key))


def card_events(state: Mapping[str, object]) -> CardEvents:
    """Return the component's state, checked: it comes from a browser, so it may be anything."""
    clicked, theme = state.get("clicked"), state.get("theme")
    number = name = None
    if isinstance(clicked, Mapping):
        number, name = clicked.get("n"), clicked.get("name")
    good = isinstance(number, int | float) and 0 <= number < 2**53 and isinstance(name, str)
    known = isinstance(theme, str) and theme in ("light", "dark")
    return CardEvents((int(number), name) if good else None, theme if known else None)


_component = declare(
    "aeviz_loss_cards",
    ("shell/component.js", "shell/colours.js", "compression/loss_cards.js"),
    html='<span class="cards" hidden></span>',
    sends=("clicked", "theme"),
)
