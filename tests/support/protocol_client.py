"""An ordinary client that is no browser: it speaks Streamlit's protocol, and costs little."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.util import calc_hash
from websockets.sync.client import ClientConnection, connect

PAGE_SECONDS = 120


@dataclass
class ProtocolClient:
    """One visitor. page: the messages of the last run of a page, as the server sent them."""

    socket: ClientConnection
    page: list[ForwardMsg] = field(default_factory=list)

    def open(self, page: str = "", query: str = "") -> list[ForwardMsg]:
        """Open a page by its path in the address, "" for the first; return its messages."""
        self._at = {"page_script_hash": calc_hash(page) if page else "", "query_string": query}
        return self._run(WidgetStates())

    def press(self, label: str) -> list[ForwardMsg]:
        """Press the button with this label on the page that is open."""
        buttons = [e.button for e in self.elements() if e.HasField("button")]
        wanted = next(button for button in buttons if button.label == label)
        return self._run(WidgetStates(widgets=[WidgetState(id=wanted.id, trigger_value=True)]))

    def ask(self, message: BackMsg, answer: str) -> ForwardMsg:
        """Send any message of the protocol; return the next one of the kind `answer`."""
        self.socket.send(message.SerializeToString())
        return self._next(answer)

    def ask_and_not_listen(self, times: int, *, every: float) -> None:
        """Ask for the page that is open so many times, every so many seconds; read no answer."""
        for _ in range(times):
            message = BackMsg()
            message.rerun_script.page_script_hash = self._at["page_script_hash"]
            self.socket.send(message.SerializeToString())
            time.sleep(every)

    def elements(self) -> Iterator:
        """Yield the elements of the page that is open."""
        for message in self.page:
            if message.HasField("delta") and message.delta.HasField("new_element"):
                yield message.delta.new_element

    def errors(self) -> list[str]:
        """Return what the page that is open says of faults of the program."""
        return [e.exception.message for e in self.elements() if e.HasField("exception")]

    @property
    def session(self) -> str:
        """The server's name for this visit."""
        begun = (m.new_session for m in self.page if m.HasField("new_session"))
        return next(begun).initialize.session_id

    def size(self) -> int:
        """Return the bytes of the page that is open."""
        return sum(message.ByteSize() for message in self.page)

    def _run(self, states: WidgetStates) -> list[ForwardMsg]:
        message = BackMsg()
        message.rerun_script.widget_states.CopyFrom(states)
        for name, value in self._at.items():
            setattr(message.rerun_script, name, value)
        self.socket.send(message.SerializeToString())
        self.page = []
        self._next("script_finished")
        return self.page

    def _next(self, kind: str) -> ForwardMsg:
        while True:
            received = ForwardMsg.FromString(bytes(self.socket.recv(timeout=PAGE_SECONDS)))
            self.page.append(received)
            if received.HasField(kind):
                return received


@contextmanager
def visitor(url: str, *, name: str | None = None, **headers: str) -> Iterator[ProtocolClient]:
    """Connect to a served dashboard.

    name: the one that the client takes the server for, its own by default. headers: more than the
    usual ones.
    """
    place = urlsplit(url)
    reached = socket.create_connection((place.hostname, place.port))
    with connect(
        f"ws://{name or place.hostname}:{place.port}/_stcore/stream",
        sock=reached,
        subprotocols=["streamlit"],
        additional_headers=headers,
        max_size=None,
    ) as connected:
        yield ProtocolClient(connected)
