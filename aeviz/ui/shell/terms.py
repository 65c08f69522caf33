"""Sentences on a page whose hard words explain themselves when pointed at, tapped or tabbed to."""

from __future__ import annotations

from html import escape

import streamlit as st

from aeviz.text.glossary import TERMS, pieces
from aeviz.ui.shell import state


def explained(text: str, *, dim: bool = True) -> None:
    """Draw sentences in which each term of the glossary opens its meaning.

    text: plain, no markup of any kind; what strangers named may be in it. dim: in dimmed ink.
    """
    kind = "explained dim" if dim else "explained"
    st.html(f'<p class="{kind}">{explained_html(text)}</p>')


def explained_html(text: str) -> str:
    """`text` as HTML. The meanings stand in it, seen by a screen reader and, when asked for, by
    the others; style.css shows and hides them.
    """
    return "".join(_piece(words, term) for words, term in pieces(text))


def _piece(words: str, term: str | None) -> str:
    if term is None:
        return escape(words)
    meaning = escape(TERMS[term].meaning)
    return (
        f'<span class="term" tabindex="0">{escape(words)}<span class="meaning"> ({meaning}) '
        "</span></span>"
    )


def glossary() -> None:
    """Every word of the glossary with its formula, at the foot of a page, closed at first."""
    words = st.expander(
        "What the words mean, and the formulas",
        key=f"glossary.{state.generation()}",
        on_change="rerun",
    )
    if not words.open:
        return
    with words:
        for term in TERMS.values():
            said, formula = st.columns([1.3, 1], gap="medium", vertical_alignment="center")
            name = term.spoken[0]
            said.markdown(f"**{name[0].upper()}{name[1:]}.** {term.meaning}")
            if term.formula:
                formula.latex(term.formula)
                formula.caption(term.where)
