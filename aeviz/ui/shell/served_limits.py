"""How much of the server's memory one client may fill, whatever it sends and does not read."""

import asyncio

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aeviz.read_only import is_read_only

_UPLOADS = "/_stcore/upload_file/"


def bounded(app: ASGIApp) -> ASGIApp:
    """Return the application, with bounds that Streamlit has no setting for.

    A middleware, for `st.App`. In a public showing nothing is uploaded, not even an empty file with
    a long name. And a browser is asked for its next wish only once it has taken what it was sent:
    one that reads nothing else has whole pages wait for it in memory, five hundred messages long.
    """

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await app(scope, *_in_turn(receive, send))
        elif scope["type"] == "http" and _is_upload(scope) and is_read_only():
            refusal = PlainTextResponse("Nothing can be uploaded in this public showing.", 403)
            await refusal(scope, receive, send)
        else:
            await app(scope, receive, send)

    return call


def _is_upload(scope: Scope) -> bool:
    return scope["method"] == "PUT" and _UPLOADS in scope["path"]


def _in_turn(receive: Receive, send: Send) -> tuple[Receive, Send]:
    sending = asyncio.Lock()

    async def send_whole(message: Message) -> None:
        async with sending:
            await send(message)

    async def receive_after() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            async with sending:
                pass
        return message

    return receive_after, send_whole
