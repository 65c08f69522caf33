"""What a person may put right in uploaded pictures: the reading that is meant, the kinds' names."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from aeviz.data.own.pictures import OwnPictures, Wishes, renamed
from aeviz.ui.own_pictures.views import pictures_html
from aeviz.ui.shell.choice import Choice

# Pictures of another reading: enough to tell which is right, in one row.
_SHOWN = 7
_LONGEST_KIND = 40


def choice(name: str, of: str = "") -> Choice:
    """Return a choice in the panel, which is not in the address."""
    return Choice("own", name, of, linked=False)


def other_ways(
    pictures: OwnPictures, wishes: Wishes, read: Callable[[Wishes], OwnPictures]
) -> None:
    """Draw how else the upload could be meant, a few pictures each, with a button to take it so.

    read: reads the same upload with other wishes.
    """
    for way, words in enumerate(pictures.readings):
        if way != pictures.reading:
            other = read(replace(wishes, reading=way))
            _other_way(words, other.images, "reading", str(way))
    if pictures.light_ground and wishes.inverted is None:
        words = "dark and light swapped"
        other = "no" if pictures.inverted else "yes"
        _other_way(words, 255 - pictures.images[:_SHOWN], "negative", other)


def _other_way(words: str, images: np.ndarray, name: str, value: str) -> None:
    st.caption("Or is this right?")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(pictures_html(images[:_SHOWN], None, (), f"The same upload, {words}"))
        st.button(
            f"Read it so: {words}",
            key=f"own.take.{name}{value}",
            on_click=choice(name).show,
            args=(value,),
        )


def with_kinds_named(pictures: OwnPictures, upload: str) -> OwnPictures:
    """Draw a field for each kind's name, and return the pictures with these names.

    upload: What the names belong to.
    """
    if pictures.labels is None:
        return pictures
    names = list(pictures.class_names)
    with st.expander("Rename the kinds"):
        st.caption("Kinds of the same name become one.")
        with st.container(horizontal=True):
            for label in np.unique(pictures.labels).tolist():
                names[label] = choice(f"kind{label}", f"{upload}.{names[label]}").text(
                    f"Kind {label}", names[label], max_chars=_LONGEST_KIND, width=160
                )
    return renamed(pictures, tuple(names))
