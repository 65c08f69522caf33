"""Cache of uploaded pictures that are not kept yet, of all visitors."""

import streamlit as st

from aeviz.ui.own_pictures.drafts import Drafts


@st.cache_resource(show_spinner=False)
def drafts() -> Drafts:
    """Return the one collection of drafts of this process."""
    return Drafts()
