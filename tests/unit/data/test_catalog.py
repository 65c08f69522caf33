"""Data sets against known counts, scikit-learn's own arrays, NumPy's reader and a local server."""

import gzip
import hashlib
import io
import struct
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import FrozenInstanceError, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from aeviz.data import download
from aeviz.data.catalog import find_local, is_available, load_dataset
from aeviz.data.dataset import DatasetError, DatasetMissing, ImageDataset, scaled
from aeviz.data.sources import DATASETS

# ---------------------------------------------------------------------------------------------
# The real MNIST


def test_mnist_split(mnist):
    assert (mnist.n_train, mnist.n_validation, mnist.n_test) == (55_000, 5_000, 10_000)
    assert mnist.train_images.shape == (55_000, 784)
    assert mnist.validation_images.shape == (5_000, 784)
    assert mnist.test_images.shape == (10_000, 784)
    assert (mnist.side, mnist.pixels) == (28, 784)


def test_mnist_known_labels(mnist):
    # The file's y_train begins 5 0 4 1 9 ...; validation is the first 5,000 of it.
    assert mnist.validation_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # Known class counts of the 10,000 and of the 60,000.
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.test_labels).tolist() == counts
    both = np.concatenate([mnist.train_labels, mnist.validation_labels])
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(both).tolist() == counts


def test_mnist_known_pixel_mean_and_deviation(mnist):
    # The figures everyone normalises MNIST with, over all 60,000 training images.
    pixels = np.concatenate([mnist.train_images, mnist.validation_images]) / np.float32(255)
    assert pixels.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std(dtype=np.float64) == pytest.approx(0.3081, abs=5e-5)


def test_mnist_is_what_numpy_reads_from_the_file(mnist):
    with np.load(find_local("mnist"), allow_pickle=False) as file:
        x_train, y_train, x_test, y_test = (
            file[name] for name in ("x_train", "y_train", "x_test", "y_test")
        )
    np.testing.assert_array_equal(mnist.validation_images, x_train[:5_000].reshape(-1, 784))
    np.testing.assert_array_equal(mnist.train_images, x_train[5_000:].reshape(-1, 784))
    np.testing.assert_array_equal(mnist.test_images, x_test.reshape(-1, 784))
    np.testing.assert_array_equal(mnist.validation_labels, y_train[:5_000])
    np.testing.assert_array_equal(mnist.train_labels, y_train[5_000:])
    np.testing.assert_array_equal(mnist.test_labels, y_test)


def test_images_are_read_only_views(mnist):
    for rows in (mnist.train_images, mnist.validation_images, mnist.test_images):
        assert rows.dtype == np.uint8
        assert np.shares_memory(rows, mnist.images)
        with pytest.raises(ValueError, match="read-only"):
            rows[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        mnist.test_labels[0] = 1
    with pytest.raises(FrozenInstanceError):
        mnist.images = None


def test_loading_mnist_imports_no_heavy_package(mnist):
    code = (
        "import sys; from aeviz.data.catalog import load_dataset; load_dataset('mnist');"
        "print([m for m in ('tensorflow', 'keras', 'sklearn', 'pooch', 'streamlit')"
        " if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


# ---------------------------------------------------------------------------------------------
# ImageDataset, scaled, digits


def small(n=10, **changes):
    images = np.arange(n * 9, dtype=np.uint8).reshape(n, 3, 3)
    labels = np.arange(n, dtype=np.uint8)
    parts = dict(n_train=n - 4, n_validation=2, n_test=2)
    return ImageDataset(**{**dict(name="s", title="S", images=images, labels=labels), **parts,
                           **changes})  # fmt: skip


def test_parts_follow_one_another():
    data = small()
    assert data.train_labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert data.validation_labels.tolist() == [6, 7]
    assert data.test_labels.tolist() == [8, 9]
    assert data.test_images[0].tolist() == list(range(72, 81))
    unlabelled = small(labels=None)
    assert unlabelled.train_labels is unlabelled.validation_labels is unlabelled.test_labels is None


@pytest.mark.parametrize(
    "changes",
    [
        {"images": np.zeros((10, 3, 3), np.float32)},
        {"images": np.zeros((10, 3, 4), np.uint8)},
        {"images": np.zeros((10, 9), np.uint8)},
        {"images": np.zeros((10, 0, 0), np.uint8)},
        {"images": np.zeros((3, 3, 10), np.uint8).T},  # (10, 3, 3), not C-ordered
        {"labels": np.zeros(9, np.uint8)},
        {"labels": np.zeros(10, np.int64)},
        {"n_train": 7},
        {"n_train": 8, "n_test": 0},
        {"n_train": 9, "n_test": -1},
    ],
    ids=str,
)
def test_parts_that_do_not_fit_are_refused(changes):
    with pytest.raises(DatasetError) as caught:
        small(**changes)
    assert_sentence(caught.value)


def test_scaled():
    images = np.array([[[0, 51], [102, 255]]], np.uint8)
    rows = scaled(images)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [[0, 0.2, 0.4, 1]], rtol=1e-7)
    assert rows.max() == 1
    assert images.tolist() == [[[0, 51], [102, 255]]]
    np.testing.assert_array_equal(scaled(images.reshape(1, 4)), rows)
    assert scaled(np.zeros((0, 28, 28), np.uint8)).shape == (0, 784)
    with pytest.raises(ValueError, match="uint8"):
        scaled(rows)  # twice
    with pytest.raises(ValueError, match="uint8"):
        scaled(np.zeros(784, np.uint8))


def test_digits_against_scikit_learn():
    from sklearn.datasets import load_digits

    oracle = load_digits()
    data = load_dataset("digits")
    assert (data.n_train, data.n_validation, data.n_test) == (1_297, 200, 300)
    assert (data.side, data.pixels) == (8, 64)
    for rows, labels, part in (
        (data.validation_images, data.validation_labels, slice(0, 200)),
        (data.train_images, data.train_labels, slice(200, 1_497)),
        (data.test_images, data.test_labels, slice(1_497, 1_797)),
    ):
        np.testing.assert_array_equal(labels, oracle.target[part])
        # A value v of 0 to 16 is v/16 of the brightness; a step of uint8 is 1/255 of it.
        assert np.abs(rows / 255 - oracle.data[part] / 16).max() <= 0.5 / 255 + 1e-9
    assert (data.images.min(), data.images.max()) == (0, 255)
    assert is_available("digits")


def test_registry():
    assert list(DATASETS) == ["mnist", "fashion_mnist", "digits"]
    assert all(source.name == name for name, source in DATASETS.items())
    assert [source.download_bytes for source in DATASETS.values()] == [11_490_434, 30_878_645, 0]
    for function in (load_dataset, is_available, find_local):
        with pytest.raises(DatasetError, match="mnist, fashion_mnist, digits") as caught:
            function("cifar")
        assert_sentence(caught.value)


# ---------------------------------------------------------------------------------------------
# A machine with nothing on it and no network


@pytest.fixture
def data_dir(monkeypatch, tmp_path):
    """An empty AEVIZ_DATA_DIR, home and cache folder, and no network. Deleted afterwards: the
    files that tests put here add up to some hundred megabytes."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("AEVIZ_DATA_DIR", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(download, "DOWNLOAD_URL", "http://127.0.0.1:1/")
    yield folder
    for file in files_under(tmp_path):
        file.unlink()


def files_under(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def assert_sentence(error, *parts):
    text = str(error)
    assert isinstance(error, ValueError)
    assert text.endswith(".") and "\n" not in text and "Traceback" not in text
    for part in parts:
        assert str(part) in text, text


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_no_network_says_so_at_once_and_offers_digits(data_dir, name, tmp_path):
    assert not is_available(name)
    assert find_local(name) is None
    start = time.monotonic()
    with pytest.raises(DatasetMissing) as caught:
        load_dataset(name)
    assert time.monotonic() - start < 3
    assert_sentence(caught.value, DATASETS[name].title, "no connection", "digits", "AEVIZ_DATA_DIR")
    assert files_under(tmp_path) == []


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


# ---------------------------------------------------------------------------------------------
# mnist.npz files that are not MNIST


def npy(array, version=(1, 0)):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version, allow_pickle=True)
    return stream.getvalue()


def npy_claiming(shape, data=b""):
    """An .npy file whose header claims `shape`, whatever follows it."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    return stream.getvalue() + data


@pytest.fixture(scope="session")
def stand_in():
    """MNIST's names, shapes and types with made-up content; every image says its row number."""
    arrays = {}
    for part, n in (("train", 60_000), ("test", 10_000)):
        images = np.zeros((n, 28, 28), np.uint8)
        images[:, 0, :4] = np.arange(n, dtype=">u4").view(np.uint8).reshape(n, 4)
        images[:, 1, 0] = 255
        arrays[f"x_{part}"] = images
        arrays[f"y_{part}"] = (np.arange(n) % 10).astype(np.uint8)
    return arrays


@pytest.fixture(scope="session")
def members(stand_in):
    return {name: npy(array) for name, array in stand_in.items()}


def write_npz(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


def assert_refused(name, path, *parts):
    """Loading must fail in one sentence naming the file, and leave the file as it was."""
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(DatasetError) as caught:
        load_dataset(name)
    assert not isinstance(caught.value, DatasetMissing)
    assert_sentence(caught.value, path, *parts, "move it somewhere else")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_stand_in_of_the_right_shape_loads(data_dir, members, stand_in):
    """So the refusals below are for what each test changes and for nothing else."""
    write_npz(data_dir / "mnist.npz", members)
    assert find_local("mnist") == data_dir / "mnist.npz"
    data = load_dataset("mnist")
    np.testing.assert_array_equal(data.train_images[0], stand_in["x_train"][5_000].ravel())
    np.testing.assert_array_equal(data.test_labels, stand_in["y_test"])


def test_version_2_npy_headers_are_read(data_dir, members, stand_in):
    write_npz(data_dir / "mnist.npz", members | {"y_test": npy(stand_in["y_test"], (2, 0))})
    np.testing.assert_array_equal(load_dataset("mnist").test_labels, stand_in["y_test"])


class Unpickled:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (open, (str(self.mark), "w"))


def test_pickled_objects_are_never_unpickled(data_dir, members, tmp_path):
    objects = np.empty(60_000, object)
    objects[:] = [Unpickled(tmp_path / "mark")] * 60_000
    write_npz(data_dir / "mnist.npz", members | {"y_train": npy(objects)})
    assert_refused("mnist", data_dir / "mnist.npz", "y_train", "pickled", "not safe")
    assert not (tmp_path / "mark").exists()


def with_label_10(stand_in):
    labels = stand_in["y_train"].copy()
    labels[59_999] = 10
    return npy(labels)


BAD_MEMBERS = {
    "half the images": ("x_train", lambda s: npy(s["x_train"][:30_000]), "(30000, 28, 28)"),
    "flat images": ("x_test", lambda s: npy(s["x_test"].reshape(-1, 784)), "(10000, 784)"),
    "a scalar": ("x_train", lambda s: npy(np.uint8(0)), "shape ()"),
    "float images": ("x_test", lambda s: npy(s["x_test"].astype(np.float32)), "float32"),
    "signed labels": ("y_train", lambda s: npy(s["y_train"].astype(np.int64)), "int64"),
    "structured labels": (
        "y_train", lambda s: npy(np.zeros(60_000, [("a", "u1"), ("b", "u1")])), "uint8"
    ),
    "too many labels": ("y_test", lambda s: npy(s["y_train"]), "(60000,)"),
    "a label of 10": ("y_train", with_label_10, "label 10"),
    "pixels of 0 and 1": ("x_test", lambda s: npy(s["x_test"] // 255), "no pixel brighter than 1"),
    "blank images": ("x_train", lambda s: npy(s["x_train"] * 0), "no pixel brighter than 0"),
    "Fortran order": ("x_test", lambda s: npy(np.asfortranarray(s["x_test"])), "Fortran"),
    "a claim of 47 TB": ("x_train", lambda s: npy_claiming((60_000, 28_000, 28_000)), "shape"),
    "negative shape": ("x_train", lambda s: npy_claiming((-1, 28, 28)), "shape"),
    "too little data": ("x_test", lambda s: npy(s["x_test"])[:-1], "ends too early"),
    "too much data": ("x_test", lambda s: npy(s["x_test"]) + b"\0", "more data"),
    "no header": ("x_train", lambda s: b"", "damaged"),
    "not an array": ("x_train", lambda s: b"hello" * 100, "damaged"),
    "an unknown version": ("x_train", lambda s: b"\x93NUMPY\x09\x00" + b" " * 99, "version"),
    "a mad header": (
        "x_train", lambda s: b"\x93NUMPY\x01\x00" + struct.pack("<H", 5000) + b"(" * 5000, "damaged"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_MEMBERS)
def test_an_array_that_is_not_mnist_is_refused(data_dir, members, stand_in, case):
    name, content, expected = BAD_MEMBERS[case]
    path = data_dir / "mnist.npz"
    write_npz(path, members | {name: content(stand_in)})
    assert_refused("mnist", path, expected)


def test_a_missing_array_is_refused(data_dir, members):
    members = {name: content for name, content in members.items() if name != "y_test"}
    write_npz(data_dir / "mnist.npz", members)
    assert_refused("mnist", data_dir / "mnist.npz", "y_test")


@pytest.mark.parametrize("kept", [0, 1, 1_000, 0.5, 0.999, -1])
def test_a_truncated_mnist_is_refused(data_dir, mnist_bytes, kept):
    end = kept if isinstance(kept, int) else int(kept * len(mnist_bytes))
    (data_dir / "mnist.npz").write_bytes(mnist_bytes[:end])
    assert_refused("mnist", data_dir / "mnist.npz", "damaged or incomplete")


@pytest.mark.parametrize("place", [1_000, 0.3, 0.8, 0.9])
def test_a_flipped_bit_is_noticed(data_dir, mnist_bytes, place):
    changed = bytearray(mnist_bytes)
    changed[place if isinstance(place, int) else int(place * len(changed))] ^= 4
    (data_dir / "mnist.npz").write_bytes(changed)
    assert_refused("mnist", data_dir / "mnist.npz", "damaged or incomplete")


def test_a_flipped_pixel_in_an_uncompressed_file_is_noticed(data_dir, stand_in):
    """np.savez doesn't compress: only the archive's own checksum can tell."""
    path = data_dir / "mnist.npz"
    np.savez(path, **stand_in)
    content = bytearray(path.read_bytes())
    content[20_000_000] ^= 255
    path.write_bytes(content)
    assert_refused("mnist", path, "damaged or incomplete")


@pytest.mark.parametrize("content", [b"<!doctype html><p>Sign in", b"\x1f\x8b" + bytes(50)])
def test_something_else_entirely_is_refused(data_dir, content):
    (data_dir / "mnist.npz").write_bytes(content)
    assert_refused("mnist", data_dir / "mnist.npz", "damaged or incomplete")


def test_a_file_that_may_not_be_opened(data_dir, members, monkeypatch):
    write_npz(data_dir / "mnist.npz", members)

    def refuse(*args, **kwargs):  # file permissions would not stop the superuser
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    with pytest.raises(DatasetError) as caught:
        load_dataset("mnist")
    assert_sentence(caught.value, data_dir / "mnist.npz", "Permission denied", "check that")


def test_the_order_of_the_folders(data_dir, members, tmp_path):
    keras = tmp_path / "home" / ".keras" / "datasets"
    cache = tmp_path / "cache"
    for folder in (cache, keras, data_dir):  # the last one found so far wins
        folder.mkdir(parents=True, exist_ok=True)
        write_npz(folder / "mnist.npz", {"x_train": b""})
        assert find_local("mnist") == folder / "mnist.npz"
        assert is_available("mnist")


# ---------------------------------------------------------------------------------------------
# Fashion-MNIST's files


def idx(array, magic=None):
    magic = 0x800 + array.ndim if magic is None else magic
    return struct.pack(f">{array.ndim + 1}I", magic, *array.shape) + array.tobytes()


def packed(content):
    return gzip.compress(content, compresslevel=1, mtime=0)


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


@pytest.fixture(scope="session")
def fashion_files(stand_in):
    return {
        IMAGES: packed(idx(stand_in["x_train"])),
        LABELS: packed(idx(stand_in["y_train"])),
        TEST_IMAGES: packed(idx(stand_in["x_test"])),
        TEST_LABELS: packed(idx(stand_in["y_test"])),
    }


def write_files(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


@pytest.mark.parametrize(
    "place", ["data/fashion-mnist", "data", "home/.keras/datasets/fashion-mnist"]
)
def test_fashion_mnist_where_people_keep_it(data_dir, fashion_files, stand_in, tmp_path, place):
    write_files(tmp_path / place, fashion_files)
    assert find_local("fashion_mnist") == tmp_path / place
    data = load_dataset("fashion_mnist")
    assert (data.n_train, data.n_validation, data.n_test) == (55_000, 5_000, 10_000)
    np.testing.assert_array_equal(
        data.validation_images, stand_in["x_train"][:5_000].reshape(-1, 784)
    )
    np.testing.assert_array_equal(data.train_images, stand_in["x_train"][5_000:].reshape(-1, 784))
    np.testing.assert_array_equal(data.test_images, stand_in["x_test"].reshape(-1, 784))
    np.testing.assert_array_equal(data.validation_labels, stand_in["y_train"][:5_000])
    np.testing.assert_array_equal(data.train_labels, stand_in["y_train"][5_000:])
    np.testing.assert_array_equal(data.test_labels, stand_in["y_test"])


def test_fashion_mnist_needs_all_four_files(data_dir, fashion_files):
    write_files(data_dir, {name: fashion_files[name] for name in (IMAGES, LABELS, TEST_IMAGES)})
    assert find_local("fashion_mnist") is None


BAD_FASHION = {
    "labels for images": (IMAGES, lambda s: packed(idx(s["y_train"])), "not an IDX file"),
    "floats": (IMAGES, lambda s: packed(idx(s["x_train"], 0xD03)), "not an IDX file"),
    "empty": (IMAGES, lambda s: packed(b""), "not an IDX file"),
    "100 images": (TEST_IMAGES, lambda s: packed(idx(s["x_test"][:100])), "(100, 28, 28)"),
    "32 x 32": (
        TEST_IMAGES, lambda s: packed(idx(np.zeros((10_000, 32, 32), np.uint8))), "32"
    ),
    "a huge claim": (
        IMAGES, lambda s: packed(struct.pack(">4I", 0x803, *[2**32 - 1] * 3)), "4294967295"
    ),
    "payload cut short": (IMAGES, lambda s: packed(idx(s["x_train"])[:-1]), "ends too early"),
    "payload too long": (IMAGES, lambda s: packed(idx(s["x_train"]) + b"1"), "more data"),
    "file cut short": (IMAGES, lambda s: packed(idx(s["x_train"]))[:-100], "damaged"),
    "wrong checksum": (
        LABELS, lambda s: packed(idx(s["y_train"]))[:-8] + bytes(8), "damaged"
    ),
    "not gzipped": (LABELS, lambda s: idx(s["y_train"]), "damaged"),
    "a label of 255": (TEST_LABELS, lambda s: packed(idx(s["y_test"] | 255)), "label 255"),
    "blank images": (TEST_IMAGES, lambda s: packed(idx(s["x_test"] * 0)), "no pixel brighter"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FASHION)
def test_a_fashion_file_that_is_not_one_is_refused(data_dir, fashion_files, stand_in, case):
    name, content, expected = BAD_FASHION[case]
    write_files(data_dir, fashion_files | {name: content(stand_in)})
    assert_refused("fashion_mnist", data_dir / name, expected)


def test_mnists_own_idx_files_are_not_taken_for_fashion_mnist(data_dir, fashion_files, mnist):
    """They have the same names and shapes, and both may lie in AEVIZ_DATA_DIR itself."""
    labels = np.concatenate([mnist.validation_labels, mnist.train_labels])
    write_files(data_dir, fashion_files | {LABELS: packed(idx(labels))})
    with pytest.raises(DatasetError) as caught:
        load_dataset("fashion_mnist")
    assert_sentence(caught.value, data_dir, "MNIST's own", "move the four files")


# ---------------------------------------------------------------------------------------------
# Downloads, from a server on this machine


@pytest.fixture(scope="session")
def mnist_bytes(mnist):
    return find_local("mnist").read_bytes()


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
            sha256=hashlib.sha256(files[remote.name]).hexdigest(),
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
