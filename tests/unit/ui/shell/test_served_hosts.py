"""Whom the server answers, by the names and origins that a browser sends."""

import asyncio
import socket

import pytest
from streamlit import config

from aeviz.ui.shell.served_hosts import HOSTS, guarded


def asked(host, *, origin=None, arrived="127.0.0.1", kind="http", method="GET"):
    """The status of an answer, and the origin that the application is told, "" for none."""
    pairs = {"host": host, "origin": origin}
    headers = [(k.encode(), v.encode("latin-1")) for k, v in pairs.items() if v is not None]
    scope = {"type": kind, "headers": headers, "server": (arrived, 8501)}
    if kind == "http":
        scope |= {"method": method, "path": "/"}
    told, sent = [], []

    async def app(scope, receive, send):
        told.append(dict(scope["headers"]).get(b"origin", b"").decode())
        await send({"type": f"{kind}.response.start", "status": 200})

    async def send(message):
        sent.append(message)

    asyncio.run(guarded(app)(scope, None, send))
    if kind == "websocket":  # closed before it was accepted: a browser sees 403
        return 403 if sent[0]["type"] == "websocket.close" else 200, *told
    return sent[0]["status"], *told


@pytest.fixture
def bound(monkeypatch):
    before = config.get_option("server.address")
    yield lambda address: config.set_option("server.address", address)
    config.set_option("server.address", before)


KINDS = pytest.mark.parametrize("kind", ["http", "websocket"])


@KINDS
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8501", 200),
        ("localhost.:8501", 200),
        ("127.0.0.1:8501", 200),
        ("[::1]:8501", 200),
        ("evil.example", 403),
        ("localhost.evil.example:8501", 403),
        ("127.0.0.1.evil.example", 403),
        ("192.168.1.20:8501", 403),
        ("localhost@evil.example", 403),
        ("evil.example/localhost", 403),
        ("localhost:port", 403),
        ("[::1", 403),
        ("", 403),
        (None, 403),
    ],
)
def test_bound_to_this_computer_it_answers_to_its_three_names(bound, kind, host, status):
    bound("127.0.0.1")
    assert asked(host, kind=kind)[0] == status


@pytest.mark.parametrize("address", ["0.0.0.0", "::", None, "192.168.1.20"])
@pytest.mark.parametrize(
    ("host", "arrived", "status"),
    [
        ("localhost:8501", "127.0.0.1", 200),
        ("192.168.1.20:8501", "192.168.1.20", 200),
        ("192.168.1.20:8501", "::ffff:192.168.1.20", 200),
        ("[fe80::1]:8501", "fe80::1%eth0", 200),
        ("192.168.1.21:8501", "192.168.1.20", 403),
        ("evil.example:8501", "192.168.1.20", 403),
        (f"{socket.gethostname()}:8501", "192.168.1.20", 200),
    ],
)
def test_bound_to_a_network_it_answers_to_where_it_was_reached(
    bound, address, host, arrived, status
):
    bound(address)
    assert asked(host, arrived=arrived)[0] == status


@KINDS
def test_further_names_are_named(bound, monkeypatch, kind):
    bound("127.0.0.1")
    monkeypatch.setenv(HOSTS, "aeviz.example.org, *.streamlit.app")
    names = ["aeviz.example.org", "AEVIZ.example.org:443", "mine.streamlit.app"]
    assert [asked(name, kind=kind)[0] for name in names] == [200] * 3
    for name in ("example.org", "x.aeviz.example.org", "streamlit.app", "evilstreamlit.app"):
        assert asked(name, kind=kind)[0] == 403
    monkeypatch.setenv(HOSTS, "*")
    assert asked("anything.example", kind=kind)[0] == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://localhost:9999", "http://[", "localhost:8501/x"],
)
def test_another_page_may_not_speak_to_it(bound, origin):
    """Nor does Streamlit hear of it, which would ask the internet who this computer is."""
    bound("127.0.0.1")
    host = "localhost:8501"
    assert asked(host, origin=origin, kind="websocket") == (403,)
    for method in ("POST", "PUT", "DELETE"):
        assert asked(host, origin=origin, method=method) == (403,)
    assert asked(host, origin=origin) == (200, "")


@pytest.mark.parametrize(
    ("host", "origin", "told"),
    [
        ("localhost:8501", "http://localhost:8501", "http://localhost:8501"),
        ("127.0.0.1:8501", "http://localhost:8501", ""),
        ("127.0.0.1:8501", "https://aeviz.example.org", ""),
    ],
)
def test_pages_of_its_own_may(bound, monkeypatch, host, origin, told):
    """Behind a web server that does not hand the name on, too."""
    bound("127.0.0.1")
    monkeypatch.setenv(HOSTS, "aeviz.example.org")
    for asks in ({"kind": "websocket"}, {"method": "PUT"}, {"method": "GET"}):
        assert asked(host, origin=origin, **asks) == (200, told)
