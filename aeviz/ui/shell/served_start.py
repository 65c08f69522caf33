"""What happens once, when the server begins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Thread

import streamlit as st


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Have the process ready for its first visitor. The `lifespan` of `st.App`."""
    # The first page imports it too, and waits for what is left of it: all of it would be half a
    # second, while the browser still fetches what Streamlit's own page is made of.
    Thread(target=import_module, args=("pandas",), name="imports", daemon=True).start()
    yield
