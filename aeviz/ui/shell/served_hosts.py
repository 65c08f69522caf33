"""Whom the server answers: requests to a name of its own, from its own pages.

A page anywhere on the web may have its name resolved to this computer and then read the dashboard
as if it were its own ("DNS rebinding"). What gives it away is the name, which the browser sends.
"""

import os
import socket
from functools import cache
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.config import get_option

# Names besides the computer's own, with commas between them; "*.example.org" for all below one.
HOSTS = "AEVIZ_HOSTS"
_THIS_COMPUTER = frozenset({"localhost", "127.0.0.1", "::1"})
_READS = ("GET", "HEAD", "OPTIONS")


def guarded(app: ASGIApp) -> ASGIApp:
    """Return the application, closed to requests for other names and from other pages.

    A middleware, for `st.App`. What another page asks for by reading alone is answered without
    leave for that page to see it, as a browser then sees to.
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = _split(headers.get("host", "")), headers.get("origin")
        if not host or not _is_own(host, scope):
            await _refuse(f"This dashboard does not answer to that name. {_ADVICE}", scope, send)
            return
        own = origin is None or _is_own_page(_split(origin), host, scope)
        if not own and scope.get("method") not in _READS:
            await _refuse("This dashboard does not answer to other pages.", scope, send)
            return
        if not own or (origin and urlsplit(origin).netloc != headers["host"]):
            # Streamlit would ask the internet for this computer's address, to compare with it.
            kept = [pair for pair in scope["headers"] if pair[0] != b"origin"]
            scope = dict(scope) | {"headers": kept}
        await app(scope, receive, send)

    return call


_ADVICE = (
    f"On its own computer open it as localhost; for other names start it with {HOSTS}=that.name."
)


def _split(address: str) -> SplitResult | None:
    """Return the parts of "name:port" or of an origin; None if it is neither."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        _ = parts.port
    except ValueError:
        return None
    odd = parts.path or parts.query or parts.fragment or parts.username is not None
    return None if odd or not parts.hostname else parts


def _is_own(parts: SplitResult, scope: Scope) -> bool:
    name = (parts.hostname or "").rstrip(".")
    if name in _THIS_COMPUTER or _is_named(name):
        return True
    if get_option("server.address") in _THIS_COMPUTER:
        return False
    # The address at which this very request arrived.
    arrived = str((scope.get("server") or ("",))[0]).removeprefix("::ffff:").split("%")[0]
    return name == arrived or name in _names()


def _is_own_page(parts: SplitResult | None, host: SplitResult, scope: Scope) -> bool:
    """Return whether a page of this origin is one that this server has handed out."""
    if parts is None:
        return False
    # Behind a web server the name is the only thing that is the same.
    return _is_named(parts.hostname or "") or (parts.port == host.port and _is_own(parts, scope))


def _is_named(name: str) -> bool:
    # Read each time: Streamlit's clouds set it after the server has begun.
    for pattern in os.environ.get(HOSTS, "").lower().split(","):
        pattern = pattern.strip()
        if pattern == "*" or (pattern and name == pattern):
            return True
        if pattern.startswith("*.") and name.endswith(pattern[1:]):
            return True
    return False


@cache
def _names() -> frozenset[str]:
    """Return what this computer is called in its network."""
    name = socket.gethostname().lower()
    return frozenset({name, f"{name.split('.')[0]}.local"})


async def _refuse(sentence: str, scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": sentence[:120]})
        return

    async def nothing() -> dict:
        return {"type": "http.disconnect"}

    await PlainTextResponse(sentence, 403)(scope, nothing, send)
