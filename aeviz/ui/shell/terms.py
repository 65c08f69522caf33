"""Sentences whose glossary terms show their meaning when hovered, tapped or focused."""

from html import escape

import streamlit as st

from aeviz.text.glossary import TERMS, pieces
from aeviz.ui.shell import state


def explained(text: str, *, dim: bool = True) -> None:
    """Draw sentences in which each term of the glossary opens its meaning.

    text: plain text, escaped here. dim: in dimmed ink.
    """
    kind = "explained dim" if dim else "explained"
    st.html(f'<p class="{kind}">{explained_html(text)}</p>')


def explained_html(text: str) -> str:
    """Return `text` as HTML with the meanings in it; style.css shows them when asked for."""
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
    """Draw the glossary with its formulas at the foot of a page, closed at first."""
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
