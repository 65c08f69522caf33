"""Who is looking, so that only the one who started a training can stop it; and by which clock."""

import hashlib
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aeviz.checkpoints.checkpoint import moment
from aeviz.training.runs import NAMELESS

# Streamlit gives each browser a secret of its own against forged requests: version, mask, the
# secret under that mask, time. The mask changes with every page that is opened, the secret doesn't.
_COOKIE = "_streamlit_xsrf"
_MASKED = re.compile(r"2\|([0-9a-f]{8})\|([0-9a-f]{32})\|\d+")


def visitor() -> str:
    """Return a name for the browser: the same in all its tabs and after a reload.

    It is a hash, of no use in place of the cookie it is made from. A browser without cookies has a
    name for each tab, until that is reloaded.
    """
    # As text: in a page that is tested without a browser, the cookies are a stand-in.
    secret = _secret(str(st.context.cookies.get(_COOKIE)))
    name = hashlib.sha256(f"visitor {secret or session()}".encode()).hexdigest()[:16]
    return name if secret else f"{NAMELESS}{name}"


def session() -> str:
    """Return a name for this tab, until it is reloaded or away for long."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def is_connected(name: str) -> bool:
    """Return whether a tab of this name (see `session`) is open now."""
    return runtime.exists() and runtime.get_instance().is_active_session(name)


def clock_time(created: str) -> datetime | None:
    """Return a file's own time by the browser's clock; see `moment`."""
    try:
        zone = ZoneInfo(st.context.timezone or "")
    except (ValueError, LookupError, OSError):  # a browser may send anything
        zone = None
    return moment(created, zone)


def _secret(cookie: str) -> str:
    """Return what the cookie keeps under its mask, in hex; "" for anything else."""
    match = _MASKED.fullmatch(cookie.strip('"'))
    if not match:
        return ""
    mask, hidden = map(bytes.fromhex, match.groups())
    return bytes(b ^ mask[i % len(mask)] for i, b in enumerate(hidden)).hex()
