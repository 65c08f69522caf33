"""Files of MNIST and Fashion-MNIST, whole and broken, and how they are refused."""

import gzip
import hashlib
import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from aeviz.data.catalog import load_dataset
from aeviz.data.dataset import DatasetError, DatasetMissing


def files_under(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def assert_sentence(error, *parts):
    text = str(error)
    assert isinstance(error, ValueError)
    assert text.endswith(".") and "\n" not in text and "Traceback" not in text
    for part in parts:
        assert str(part) in text, text


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


def idx(array, magic=None):
    magic = 0x800 + array.ndim if magic is None else magic
    return struct.pack(f">{array.ndim + 1}I", magic, *array.shape) + array.tobytes()


def packed(content):
    return gzip.compress(content, compresslevel=1, mtime=0)


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


def write_files(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
