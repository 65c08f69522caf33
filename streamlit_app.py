"""aeviz: autoencoders made visible. Run with `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from aeviz.ui.shell.served_page import styled

app = st.App(
    Path(__file__).parent / "aeviz" / "ui" / "dashboard.py", middleware=[Middleware(styled)]
)
