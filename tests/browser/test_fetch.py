"""A download that a page offers: how far it is, and one press that ends it."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import opener_of
from tests.support.server import ROOT, served

BYTES = 11_490_434  # of MNIST
READY = 60_000


@pytest.fixture
def slow_server():
    """An address that hands out something as long as MNIST, for a minute; who broke off."""
    broken_off = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.send_header("Content-Length", str(BYTES))
            self.end_headers()

        def do_GET(self):
            self.do_HEAD()
            try:
                for _ in range(600):
                    self.wfile.write(bytes(BYTES // 700))
                    time.sleep(0.1)
            except OSError:
                broken_off.set()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", broken_off
    server.shutdown()


def test_one_press_ends_a_download_and_leaves_nothing(browser, slow_server, tmp_path):
    url, broken_off = slow_server
    (tmp_path / "sitecustomize.py").write_text(
        f"import aeviz.data.download\naeviz.data.download.DOWNLOAD_URL = {url!r}\n"
    )
    with served(ROOT / "streamlit_app.py", tmp_path, AEVIZ_DATA_DIR="") as app:
        with opener_of(browser, app) as open_page:
            page = open_page("/models?model=vae-2d")
            page.get_by_role("button", name="Fetch MNIST").click()
            bar = page.get_by_test_id("stProgress")
            expect(bar).to_contain_text("left", timeout=READY)
            # As long as a finger takes.
            page.get_by_role("button", name="Cancel").click(delay=150)
            expect(bar).to_have_count(0, timeout=READY)
            expect(page.get_by_role("button", name="Fetch MNIST")).to_be_enabled(timeout=READY)
            assert broken_off.wait(30)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and "mnist" in path.name]
