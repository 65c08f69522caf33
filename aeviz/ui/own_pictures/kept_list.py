"""The own pictures that are kept: what they are, another name, delete and bring back."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from aeviz.data.own.reader import KeptPictures
from aeviz.data.own.store import (
    PICTURES,
    list_deleted,
    list_pictures,
    rename_pictures,
)
from aeviz.errors import UserError
from aeviz.storage.user_folder import TRASH_DAYS
from aeviz.text.names import LONGEST_NAME
from aeviz.ui.shell import state
from aeviz.ui.shell.controls import refusal_shown

# More rows than this scroll, in so many pixels.
_MOST_ROWS, _HEIGHT = 4, 250


def kept_list(*, writable: bool) -> None:
    """One row for each data set of own pictures. writable: with what changes them."""
    kept = list_pictures()
    if writable and _put_bad_aside(kept):
        kept = list_pictures()
    st.markdown("**Kept here**" if kept else ":gray[No pictures are kept here yet.]")
    with st.container(height=_HEIGHT if len(kept) > _MOST_ROWS else "content", border=False):
        for one in kept:
            _row(one, writable)
    if writable:
        _deleted()


def _put_bad_aside(kept: list[KeptPictures]) -> bool:
    """Move what cannot be opened out of the way of the others; whether there was any."""
    said = []
    for one in kept:
        if one.problem and one.path.parent == PICTURES.folder:
            try:
                said.append(PICTURES.set_aside(one.name))
            except UserError:
                pass  # It stays where it is, and what is wrong with it stands in its row.
    for sentence in filter(None, said):
        st.warning(sentence)
    return any(said)


def _row(one: KeptPictures, writable: bool) -> None:
    if writable and state.chosen("own.renaming") == one.name:
        _rename_form(one)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{one.title}  \n:gray[{_about(one)}]", width="stretch")
        if not writable:
            return
        if not one.problem:
            st.button(
                "Rename",
                type="tertiary",
                key=f"own.rename.{one.name}",
                on_click=state.choose,
                args=("own.renaming", one.name),
            )
        # The page's own list of data sets changes with it.
        if st.button("Delete", type="tertiary", key=f"own.delete.{one.name}"):
            _try(lambda: _delete(one))


def _about(one: KeptPictures) -> str:
    if one.problem:
        return one.problem
    words = [f"{one.count:,} pictures, {one.shape.words}"]
    if one.class_names:
        words.append(f"{len(one.class_names)} kinds")
    return ", ".join(words)


def _rename_form(one: KeptPictures) -> None:
    with st.form(f"own.form.{one.name}", border=False):
        title = st.text_input("Name", one.title, max_chars=LONGEST_NAME)
        with st.container(horizontal=True):
            save = st.form_submit_button("Save the name")
            cancel = st.form_submit_button("Cancel", type="tertiary")
    if save:
        _try(lambda: _rename(one, title))
    elif cancel:
        state.choose("own.renaming", "")
        st.rerun(scope="fragment")


def _deleted() -> None:
    """What this visitor deleted last, and below it all else in the trash."""
    others = []
    for one in list_deleted():
        if one.name == state.chosen("own.deleted"):
            words = (
                f":gray[{one.title} can be brought back for {TRASH_DAYS} days; models trained on "
                "them stay.]"
            )
            _bring_back(one, words, "Undo delete", key="own.undo")
        else:
            others.append(one)
    if others:
        _trash(others)


def _trash(deleted: list[KeptPictures]) -> None:
    """Each to be brought back, also after a reload and by somebody else."""
    words = f"{len(deleted)} deleted, kept for {TRASH_DAYS} days"
    height = _HEIGHT if len(deleted) > _MOST_ROWS else "content"
    with (
        st.expander(words, key=f"own.trash.{state.generation()}"),
        st.container(height=height, border=False),
    ):
        for one in deleted:
            words = f"{one.title}  \n:gray[{_about(one)}]"
            _bring_back(one, words, "Bring back", type="tertiary", key=f"own.back.{one.name}")


def _bring_back(one: KeptPictures, words: str, label: str, **look: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(words, width="stretch")
        if st.button(label, **look):
            _try(lambda: PICTURES.restore(one.name))


def _delete(one: KeptPictures) -> None:
    PICTURES.delete(one.name)
    state.choose("own.deleted", one.name)


def _rename(one: KeptPictures, title: str) -> None:
    rename_pictures(one.name, title)
    state.choose("own.renaming", "")


def _try(change: Callable[[], object]) -> None:
    with refusal_shown():
        change()
        st.rerun()
