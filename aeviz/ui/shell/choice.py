"""A visitor's choice on a page: its widget, its place in the address, its memory.

A choice begins as the visitor left it or, at first, as a link says. A link's value that makes no
sense is told in one sentence, and the nearest sensible value is taken. What is usual stays out of
the address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from aeviz.errors import UserError
from aeviz.ui.shell import state
from aeviz.ui.shell.address import LONGEST, LinkError, one_of, some_of, switched, whole_number

# In place of what a choice belongs to: what this page last put into the address.
_WRITTEN = "\n"


@dataclass(frozen=True)
class Choice:
    """A choice that is remembered and, unless it is the usual one, in the address.

    Attributes:
        page: The page it is on; another page may have a choice of the same name.
        name: The query parameter.
        of: What it is chosen for, such as a model; "" for the page.
        linked: False for a choice that is remembered, but never in the address.
    """

    page: str
    name: str
    of: str = ""
    linked: bool = True

    def select(
        self,
        label: str,
        options: Mapping[str, str],
        usual: str | None = None,
        *,
        what: str,
        place: Any = st,
        start: str | None = None,
        bare: str | None = None,
        anew: object = "",
        **look: Any,
    ) -> str:
        """Draw a select box, and return the name of an option; "" for no choice.

        Args:
            label: Its label.
            options: Name -> words.
            usual: The usual option; None for the first, "" for none.
            what: The kind of thing the options are, for the sentence on a wrong link.
            place: Where to draw it.
            start: As for `draw`.
            bare: As for `draw`.
            anew: Another value has the box begin anew, with what is remembered.
            look: Arguments of `st.selectbox`.
        """
        names = list(options)

        def widget(begun: str, key: str) -> str:
            chosen = place.selectbox(
                label,
                names,
                index=names.index(begun) if begun in options else None,
                format_func=options.__getitem__,
                key=f"{key}.{anew}",
                **look,
            )
            return chosen or ""

        usual = names[0] if usual is None else usual
        return self.draw(usual, one_of(options, what), widget, start=start, bare=bare)

    def segmented(
        self, label: str, options: Mapping[str, str], *, what: str, start: str | None = None
    ) -> str:
        """Draw a row of options without its label, and return the name of one; as `select`."""

        def widget(begun: str, key: str) -> str:
            return st.segmented_control(
                label,
                list(options),
                default=begun,
                format_func=options.__getitem__,
                required=True,
                label_visibility="collapsed",
                key=key,
            )

        return self.draw(next(iter(options)), one_of(options, what), widget, start=start)

    def several(
        self,
        label: str,
        options: Mapping[str, str],
        usual: Sequence[str],
        *,
        what: str,
        none: str,
        **look: Any,
    ) -> tuple[str, ...]:
        """Draw a box for several options, and return their names; as `select`.

        none: what the address says for no option.
        """

        def widget(begun: Sequence[str], key: str) -> tuple[str, ...]:
            # What is usual may change with what is shown.
            key = f"{key}.{'.'.join(usual)}"
            words = options.__getitem__
            kept = st.multiselect(label, list(options), begun, words, key=key, **look)
            return tuple(name for name in options if name in kept)

        read = some_of(options, what, none=none)
        return self.draw(usual, read, widget, lambda names: ",".join(names) or none)

    def number(
        self, label: str, low: int, high: int, usual: int, *, what: str, place: Any, **look: Any
    ) -> int:
        """Draw a field for a whole number, and return it; as `select`.

        Links have it from `low` to `high`; the field itself only with `min_value`, `max_value`.
        """
        return self.draw(
            usual,
            whole_number(low, high, what),
            lambda begun, key: int(place.number_input(label, value=begun, key=key, **look)),
        )

    def text(
        self,
        label: str,
        usual: str = "",
        read: Callable[[str], str] = str,
        *,
        place: Any = st,
        **look: Any,
    ) -> str:
        """Draw a text field, and return its text; as `select` and `draw`."""
        return self.draw(
            usual, read, lambda begun, key: place.text_input(label, begun, key=key, **look)
        )

    def toggle(self, label: str, **look: Any) -> bool:
        """Draw a switch, in the address while it is on."""
        return self.draw(
            False,
            switched,
            lambda begun, key: st.toggle(label, begun, key=key, **look),
            lambda on: "1" if on else "",
        )

    def expander(self, label: str) -> ExpanderContainer:
        """Draw an expander, in the address while it is open."""
        # Any non-empty value opens it.
        opened = self.begin(False, bool)
        made = st.expander(label, opened, key=self.key, on_change="rerun")
        self.keep("open" if made.open else "")
        return made

    def draw(
        self,
        usual: Any,
        read: Callable[[str], Any],
        widget: Callable[[Any, str], Any] = lambda begun, key: begun,
        write: Callable[[Any], str] = str,
        *,
        start: Any = None,
        bare: str | None = None,
        shown: bool = True,
    ) -> Any:
        """Begin as the address says, draw any widget, and write its value into the address.

        Args:
            usual: The usual value.
            read: Makes a value of its text; raises UserError.
            widget: Draws a widget, given the value to begin with and a key, and returns its value.
                Without one, what is chosen is in a component.
            write: The inverse of `read`.
            start: The value to begin with, whatever the address says: where the viewer has just
                moved a component.
            bare: The text that a bare address stands for; None for that of `usual`.
            shown: As for `keep`.
        """
        value = widget(self.begin(usual, read) if start is None else start, self.key)
        self.keep(write(value), write(usual) if bare is None else bare, shown=shown)
        return value

    def begin(self, usual: Any, read: Callable[[str], Any]) -> Any:
        """Return the value to begin with; as `draw`. Says what is wrong with a link's value."""
        from_link = self.is_news
        text = state.linked_text(self.name) if from_link else self.kept
        if not text:
            return usual
        try:
            if len(text) > LONGEST:
                raise LinkError("The link has a value that is too long to be one of ours.")
            return read(text)
        except UserError as error:
            nearest = getattr(error, "nearest", None)
            if from_link:
                then = " The page shows its usual choice instead." if nearest is None else ""
                state.notes().warning(f"{error}{then}")
            return usual if nearest is None else nearest

    def keep(self, text: str, usual: str = "", *, shown: bool = True) -> None:
        """Remember a choice, and put it into the address unless it is the usual one.

        shown: False for one that has nothing to do with what is on the page now: only remembered.
        """
        text = "" if text == usual else text
        self.choose(text)
        if self.linked:
            text = text if shown else ""
            state.choose(self._memory(_WRITTEN), text)
            state.link(**{self.name: text or None})

    def choose(self, text: str) -> None:
        """Choose for the visitor; the address follows when the choice is drawn next."""
        state.choose(self._memory(self.of), text)

    def show(self, text: str) -> None:
        """Choose for the visitor; the widget is drawn anew with it.

        A choice that is in the address is made for whatever it is chosen for.
        """
        if self.linked:
            state.link(**{self.name: text})
        else:
            self.choose(text)
        state.restart(self._memory(""))

    @property
    def kept(self) -> str:
        """The text last kept; "" for the usual choice."""
        return state.chosen(self._memory(self.of)) or ""

    @property
    def is_news(self) -> bool:
        """Whether the address has a value that this page did not write: one from a link."""
        # What the browser says while a part of a page is drawn may be older than what was written;
        # whoever opens a link has all of the page drawn.
        if state.is_part_of_page():
            return False
        linked = state.linked_text(self.name) if self.linked else None
        return linked is not None and linked != state.chosen(self._memory(_WRITTEN))

    @property
    def key(self) -> str:
        """The key of the widget. It begins with the name (see `hidden_controls`)."""
        return state.key(f"{self.name}.{self.page}.{self.of}", self._memory(""))

    def _memory(self, of: str) -> str:
        return f"{self.page}.{self.name}.{of}"


def opened_with(element: str, of: str, text: str, *, moved: bool) -> str:
    """Return the value to draw an uncontrolled component with.

    It stays constant while the user moves it (`moved`, since it was drawn), to avoid a redraw.

    Args:
        element: The component.
        of: What it shows; another thing is drawn anew.
        text: Its value now.
        moved: Whether the user has moved it.
    """
    name = f"opened.{element}"
    before, _, opened = (state.chosen(name) or "").rpartition("\n")
    if moved and before == of:
        return opened
    state.choose(name, f"{of}\n{text}")
    return text
