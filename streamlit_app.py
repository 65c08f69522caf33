"""aeviz: autoencoders made visible. Run with `streamlit run streamlit_app.py`."""

import streamlit as st
from streamlit.config import set_option

from aeviz.read_only import is_read_only
from aeviz.ui.style import apply_style, icon
from aeviz.ui.terms import glossary
from aeviz.ui.tour_bar import entry, tour_bar

if is_read_only():
    # Without this Streamlit's own address for uploads would go on filling the memory with files
    # that no page asks for. It looks at this limit, in megabytes, at every one.
    set_option("server.maxUploadSize", 0)

st.set_page_config(page_title="aeviz", page_icon=icon(), layout="wide")
apply_style()

page = st.navigation(
    [
        st.Page("aeviz/pages/learn.py", title="Watch it learn", default=True),
        st.Page("aeviz/pages/latent.py", title="Latent space", url_path="latent"),
        st.Page("aeviz/pages/manifold.py", title="Manifold", url_path="manifold"),
        st.Page("aeviz/pages/compression.py", title="Compression", url_path="compression"),
        st.Page("aeviz/pages/models.py", title="Models", url_path="models"),
        st.Page("aeviz/pages/tour.py", title=entry(), url_path="tour"),
    ],
    position="top",
)
tour_bar(page)
page.run()
glossary()
