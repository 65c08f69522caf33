"""aeviz: autoencoders made visible. Run with `streamlit run streamlit_app.py`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from aeviz.ui.shell.served_hosts import guarded
from aeviz.ui.shell.served_limits import bounded
from aeviz.ui.shell.served_page import styled
from aeviz.ui.shell.served_start import lifespan

app = st.App(
    Path(__file__).parent / "aeviz" / "ui" / "dashboard.py",
    lifespan=lifespan,
    middleware=[Middleware(guarded), Middleware(bounded), Middleware(styled)],
)
