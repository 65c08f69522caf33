"""What an ordinary client may send, and what it must not come to."""

import socket
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus

from tests.benchmarks.served import memory_mb
from tests.support.protocol_client import visitor
from tests.support.server import ROOT, served

APP = ROOT / "streamlit_app.py"
# As on a busy machine: importing pandas takes a while, and half of it is there meanwhile.
SLOW_PANDAS = """
import importlib.abc, sys, time
class Slow(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.startswith("pandas."):
            time.sleep(0.02)
sys.meta_path.insert(0, Slow())
"""


@pytest.fixture(scope="module")
def internet():
    """A stand-in for all of it: a web server's proxy, and who connected to it."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def answer():
            while True:
                try:
                    connection, _ = proxy.accept()
                except OSError:
                    return
                asked.append(connection.recv(1_000))
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{proxy.getsockname()[1]}", asked


@pytest.fixture(scope="module")
def showing(tmp_path_factory, internet):
    """A public showing that has just begun."""
    environment = {"AEVIZ_READ_ONLY": "1"}
    environment |= dict.fromkeys(("http_proxy", "https_proxy"), internet[0])
    environment |= {"no_proxy": "", "NO_PROXY": ""}
    with served(APP, tmp_path_factory.mktemp("showing"), **environment) as server:
        yield server


def answer(server, path, method="GET", body=None, **headers):
    url = f"{server.url}{path}"
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(url, body, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=30) as got:
            return got.status, got.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def test_nothing_is_uploaded_in_a_public_showing_before_any_page_either(showing):
    """Nor an empty file, whose name alone fills the memory."""
    for body in (b"x" * 1_000, b""):
        status, sentence = answer(showing, "/_stcore/upload_file/session/file", "PUT", body)
        assert status == 403 and "Nothing can be uploaded" in sentence


@pytest.mark.parametrize(
    "path",
    ["/", "/latent", "/_stcore/health", "/_stcore/host-config", "/static/x.js", "/media/x.png"],
)
def test_it_answers_to_no_foreign_name(showing, path):
    status, sentence = answer(showing, path, Host="evil.example")
    assert status == 403 and "does not answer to that name" in sentence
    assert answer(showing, path, Host="localhost:1")[0] in (200, 404)


@pytest.mark.parametrize(
    "headers", [{"name": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}]
)
def test_a_page_from_elsewhere_gets_no_connection_and_stalls_nobody(showing, internet, headers):
    begun = time.monotonic()
    with pytest.raises(InvalidStatus) as refused, visitor(showing.url, **headers):
        pass
    assert refused.value.response.status_code == 403
    headers.pop("name", "")
    assert answer(showing, "/_stcore/host-config", **headers)[0] == 200
    assert time.monotonic() - begun < 1
    assert internet[1] == []


def test_no_visitor_has_streamlit_write_files(tmp_path):
    """The server as README starts it, with nothing said of a screen."""
    with served(APP, tmp_path) as server, visitor(server.url) as client:
        client.open("models")
        before = {path for path in tmp_path.rglob("*") if path.name != "streamlit.log"}
        message = BackMsg()
        message.backend_operation_request.session_id = client.session
        message.backend_operation_request.dismiss_skills_nudge.SetInParent()
        said = client.ask(message, "backend_operation_response").backend_operation_response
        assert "not available" in said.error_msg
        assert {path for path in tmp_path.rglob("*") if path.name != "streamlit.log"} == before


def test_no_page_stumbles_over_what_another_has_half_imported(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(SLOW_PANDAS)
    pages = ["models", "latent", "compression", ""]
    with served(APP, tmp_path) as server:

        def visit(page):
            with visitor(server.url) as client:
                client.open(page)
                return client.errors()

        with ThreadPoolExecutor(len(pages)) as visitors:
            assert list(visitors.map(visit, pages)) == [[]] * len(pages)
        assert "Traceback" not in server.log_path.read_text()


def test_whoever_reads_nothing_has_no_pages_wait_for_them_in_memory(showing):
    """Ten megabytes in so short a while, when each answer that was asked for waited."""
    with visitor(showing.url) as client:
        for _ in range(3):
            client.open("latent")
        page, before = client.size(), memory_mb(showing.pid)
        client.ask_and_not_listen(80, every=0.3)
        assert memory_mb(showing.pid) - before < 5 * page / 1e6
