"""The one HTML page that the server hands out, with the project's style sheets in it.

Streamlit builds everything else in the browser, and what a script adds by `st.html` takes effect
only when that part of it has been fetched: on a busy machine three seconds after the first words
stand there, and everything then moves. In the page itself the sheets are there before any word is.
"""

from collections.abc import Iterable
from functools import cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aeviz.ui.shell.component import read

_SHEETS = (
    "shell/style.css",
    "shell/rooms.css",
    "shell/terms.css",
    "pictures/network.css",
    "pictures/rows.css",
    "learn/page.css",
    "learn/skeleton.css",
    "compression/page.css",
    "own_pictures/page.css",
    "models/page.css",
    "tour/page.css",
)

# In the body, so that these rules come after Streamlit's own, which go into the head.
_ROOT = b'<div id="root">'
# What would make the answer shorter, older or empty than the page that is changed here.
_UNWANTED = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
# They describe the page as it is on disk.
_UNTRUE = {b"content-length", b"etag", b"last-modified", b"accept-ranges"}


def styled(app: ASGIApp) -> ASGIApp:
    """Return the application with the project's style sheets in the page that it serves.

    A middleware, for `st.App`. Only what a browser asks for as a page is touched; the server
    answers any address of a page with the same one.
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if not _asks_for_a_page(scope):
            await app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def send_styled(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(
                message["headers"], b"content-type"
            ):
                start = message
                return
            if start is None:
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            page = _with_sheets(body)
            kept = [pair for pair in start["headers"] if pair[0].lower() not in _UNTRUE]
            length = (b"content-length", str(len(page)).encode())
            await send(dict(start) | {"headers": [*kept, length]})
            await send({"type": "http.response.body", "body": page})

        asked = [pair for pair in scope["headers"] if pair[0].lower() not in _UNWANTED]
        await app(dict(scope) | {"headers": asked}, receive, send_styled)

    return call


def _asks_for_a_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return _is_html(scope["headers"], b"accept")


def _is_html(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bool:
    """Return whether the header of this name speaks of HTML."""
    return any(key.lower() == name and b"text/html" in value for key, value in headers)


def _with_sheets(page: bytes) -> bytes:
    """Return an HTML page with the sheets in it and the project's title until the first page's."""
    page = page.replace(b"<title>Streamlit</title>", b"<title>aeviz</title>")
    return page.replace(_ROOT, _style() + _ROOT, 1)


@cache
def _style() -> bytes:
    return f"<style>{read(*_SHEETS)}</style>".encode()
