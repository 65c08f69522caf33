"""Downloads, from a server on this machine."""

import hashlib
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from aeviz.data import download
from aeviz.data.catalog import find_local, is_available, load_dataset
from aeviz.data.dataset import DatasetError, DatasetMissing
from aeviz.data.sources import DATASETS
from tests.support.dataset_files import (
    IMAGES,
    LABELS,
    TEST_IMAGES,
    TEST_LABELS,
    assert_sentence,
    files_under,
    write_files,
    write_npz,
)


def test_a_name_look_up_that_hangs_is_not_waited_for(data_dir, monkeypatch):
    release = threading.Event()

    def hang(*args, **kwargs):
        release.wait(20)
        raise OSError("no network")

    monkeypatch.setattr("socket.getaddrinfo", hang)
    monkeypatch.setattr(download, "ANSWER_SECONDS", 0.3)
    start = time.monotonic()
    with pytest.raises(DatasetMissing, match="no connection"):
        load_dataset("mnist")
    assert time.monotonic() - start < 3
    release.set()


class Server:
    """Serves `files` by name; `behave` says how: ok, short, unsized, wrong, endless, silent or a
    status code. `asked` lists the GET requests."""

    def __init__(self):
        self.files, self.behaviour, self.asked = {}, {}, []
        self.sent = 0  # by "endless", past the file itself
        self.quit = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self):
                self.send_response(200)
                self.end_headers()

            def do_GET(self):
                name = self.path.strip("/")
                server.asked.append(name)
                server.answer(self, name)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, request, name):
        how = self.behaviour.get(name, "ok")
        if isinstance(how, int):
            request.send_error(how)
            return
        if how == "silent":
            self.quit.wait(20)
            return
        content = self.files[name]
        if how == "wrong":
            content = content[:-1] + bytes([content[-1] ^ 1])
        request.send_response(200)
        if how not in ("unsized", "endless"):
            request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if how in ("short", "unsized"):
            content = content[: len(content) // 2]
        try:
            request.wfile.write(content)
            while how == "endless" and not self.quit.is_set():
                self.sent += request.wfile.write(bytes(1 << 16))
        except ConnectionError:
            pass

    def close(self):
        self.quit.set()
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server(data_dir, monkeypatch):
    server = Server()
    monkeypatch.setattr(download, "DOWNLOAD_URL", server.url)
    yield server
    server.close()


def serve(server, monkeypatch, name, files):
    """Serves `files` as the data set `name`, with their own hashes expected of them."""
    server.files = files
    expected = tuple(
        replace(
            remote,
            hash=f"sha256:{hashlib.sha256(files[remote.name]).hexdigest()}",
            bytes=len(files[remote.name]),
        )
        for remote in DATASETS[name].files
    )
    monkeypatch.setitem(DATASETS, name, replace(DATASETS[name], files=expected))


def test_a_download_of_mnist(server, monkeypatch, data_dir, mnist_bytes, mnist):
    serve(server, monkeypatch, "mnist", {"mnist.npz": mnist_bytes})
    shares, threads = [], set()

    def progress(share):
        shares.append(share)
        threads.add(threading.current_thread())

    data = load_dataset("mnist", progress=progress)
    np.testing.assert_array_equal(data.images, mnist.images)
    assert len(shares) > 50 and shares == sorted(shares)
    assert 0 < shares[0] < 0.05 and shares[-1] == 1
    assert threads == {threading.current_thread()}  # Streamlit calls work in that thread only
    assert files_under(data_dir) == [data_dir / "mnist.npz"]
    assert (data_dir / "mnist.npz").read_bytes() == mnist_bytes

    load_dataset("mnist", progress=pytest.fail)
    assert server.asked == ["mnist.npz"]


@pytest.mark.parametrize("named", [None, "no/such/folder"])
def test_a_download_without_a_usable_folder_goes_to_the_cache(
    server, monkeypatch, tmp_path, members, named
):
    if named is None:
        monkeypatch.delenv("AEVIZ_DATA_DIR")
    else:
        monkeypatch.setenv("AEVIZ_DATA_DIR", str(tmp_path / named))
    write_npz(tmp_path / "served.npz", members)
    serve(server, monkeypatch, "mnist", {"mnist.npz": (tmp_path / "served.npz").read_bytes()})
    load_dataset("mnist")
    assert find_local("mnist") == tmp_path / "cache" / "mnist.npz"
    assert not (tmp_path / "no").exists()
    load_dataset("mnist")
    assert server.asked == ["mnist.npz"]


def test_the_real_hash_is_expected(server, data_dir):
    """Without a changed registry, a server on the way can't slip in a file of its own."""
    server.files = {"mnist.npz": b"not the file Keras uses" * 1000}
    with pytest.raises(DatasetMissing, match="hash"):
        load_dataset("mnist")
    assert files_under(data_dir) == []


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("short", "broke off"),
        ("unsized", "hash"),
        ("wrong", "hash"),
        ("endless", "more than the file has"),
        ("silent", "no connection"),
        (404, "404 Not Found"),
        (503, "503 Service Unavailable"),
    ],
    ids=str,
)
def test_a_failed_download_leaves_nothing(server, monkeypatch, tmp_path, behaviour, reason):
    monkeypatch.setattr(download, "STALL_SECONDS", 0.5)
    serve(server, monkeypatch, "mnist", {"mnist.npz": bytes(300_000)})
    server.behaviour = {"mnist.npz": behaviour}
    with pytest.raises(DatasetMissing) as caught:
        load_dataset("mnist")
    assert_sentence(caught.value, "MNIST is not on this computer", reason, "digits")
    assert files_under(tmp_path) == []
    assert not is_available("mnist")
    assert server.sent < 50_000_000  # what the sockets buffer, not what the disk holds


def test_what_progress_raises_ends_the_download(server, monkeypatch, tmp_path):
    serve(server, monkeypatch, "mnist", {"mnist.npz": bytes(300_000)})
    stopped = ValueError("stopped by the caller")

    def progress(share):
        raise stopped

    with pytest.raises(ValueError) as caught:
        load_dataset("mnist", progress=progress)
    assert caught.value is stopped
    assert files_under(tmp_path) == []


def test_whoever_leaves_while_it_is_fetched_leaves_nothing_behind(server, monkeypatch, tmp_path):
    """As a page does that is drawn anew: with an exception that is none of the usual ones."""
    serve(server, monkeypatch, "mnist", {"mnist.npz": bytes(300_000)})

    class DrawnAnew(BaseException):
        pass

    def progress(share):
        raise DrawnAnew

    with pytest.raises(DrawnAnew):
        load_dataset("mnist", progress=progress)
    assert files_under(tmp_path) == []


def test_how_long_it_still_takes_is_told_once_its_pace_is_known(monkeypatch):
    now = 100.0
    monkeypatch.setattr("aeviz.data.download.time.monotonic", lambda: now)
    fetching = download.Fetching()
    now = 101.0
    assert fetching.words(0.2) == "Fetching the pictures: 20%."
    now = 104.0
    assert fetching.words(0.25) == "Fetching the pictures: 25%, about 12 s left."
    assert fetching.words(1.0) == "Fetching the pictures: 100%."
    assert fetching.words(0.0) == "Fetching the pictures: 0%."


def test_a_folder_that_cannot_be_written_to(server, monkeypatch, data_dir, tmp_path):
    serve(server, monkeypatch, "mnist", {"mnist.npz": bytes(1000)})
    (tmp_path / "a file").write_bytes(b"")
    monkeypatch.delenv("AEVIZ_DATA_DIR")
    monkeypatch.setattr(download, "cache_folder", lambda: tmp_path / "a file" / "cache")
    with pytest.raises(DatasetMissing) as caught:
        load_dataset("mnist")
    assert_sentence(caught.value, tmp_path / "a file" / "cache", "can't be written to")


def test_a_download_of_fashion_mnist_goes_on_where_it_broke_off(
    server, monkeypatch, data_dir, fashion_files, stand_in
):
    serve(server, monkeypatch, "fashion_mnist", fashion_files)
    server.behaviour = {TEST_IMAGES: 404}
    with pytest.raises(DatasetMissing, match=TEST_IMAGES):
        load_dataset("fashion_mnist")
    folder = data_dir / "fashion-mnist"
    assert files_under(data_dir) == [folder / IMAGES, folder / LABELS]
    assert not is_available("fashion_mnist")

    server.behaviour, server.asked = {}, []
    shares = []
    data = load_dataset("fashion_mnist", progress=shares.append)
    assert server.asked == [TEST_IMAGES, TEST_LABELS]
    assert shares == sorted(shares) and shares[-1] == 1
    np.testing.assert_array_equal(data.test_labels, stand_in["y_test"])
    assert {path.name: path.read_bytes() for path in files_under(data_dir)} == fashion_files


def test_a_download_replaces_no_file_that_is_there(server, monkeypatch, data_dir, fashion_files):
    """Someone's own copy, with another hash, is not the download's to overwrite."""
    serve(server, monkeypatch, "fashion_mnist", fashion_files)
    own = fashion_files[IMAGES][:1000]
    write_files(data_dir / "fashion-mnist", {IMAGES: own})
    with pytest.raises(DatasetError, match="damaged or incomplete"):
        load_dataset("fashion_mnist")
    assert (data_dir / "fashion-mnist" / IMAGES).read_bytes() == own
