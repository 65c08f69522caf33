"""Uploads for tests: pictures written by Pillow and NumPy themselves, and files made to do harm."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib

import numpy as np
from PIL import Image

from aeviz.data.uploads.formats import Upload


def random_pictures(count=60, side=12, *, seed=0, height=None) -> np.ndarray:
    """(count, height or side, side) uint8: dark edges, some full white inside."""
    random = np.random.default_rng(seed)
    pictures = random.integers(0, 256, (count, height or side, side), dtype=np.uint8)
    pictures[:, [0, -1]] = pictures[:, :, [0, -1]] = 0
    pictures[:, 1, 1] = 255
    return pictures


def picture_bytes(picture: np.ndarray, kind="PNG", **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, **options)
    return out.getvalue()


def zip_bytes(members: dict[str, bytes], method=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tar_bytes(members: dict[str, bytes], kind=tarfile.GNU_FORMAT, *, links=()) -> bytes:
    """A tar archive of files, and of entries that have no content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in links:
            archive.addfile(info)
    return out.getvalue()


def npz_bytes(*, compressed=False, **arrays) -> bytes:
    out = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(out, **arrays)
    return out.getvalue()


def npy_bytes(shape, descr="|u1", data=b"", fortran_order=False) -> bytes:
    """An .npy file whose header claims `shape`, whatever follows it."""
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        out, {"descr": descr, "fortran_order": fortran_order, "shape": shape}
    )
    return out.getvalue() + data


def idx_bytes(array: np.ndarray, *, gzipped=False) -> bytes:
    """IDX by its definition: zeros, type, dimensions, lengths, values, all big-endian."""
    code = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[array.dtype.str[1:]]
    data = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    data += array.astype(array.dtype.newbyteorder(">")).tobytes()
    return gzip.compress(data, 1) if gzipped else data


def csv_bytes(pictures, labels=None, *, header=None, last=False, delimiter=",") -> bytes:
    """One picture a row; labels before the pixels, or after them."""
    lines = [] if header is None else [delimiter.join(header)]
    for i, picture in enumerate(pictures):
        cells = [str(value) for value in picture.ravel().tolist()]
        if labels is not None:
            cells = [*cells, str(labels[i])] if last else [str(labels[i]), *cells]
        lines.append(delimiter.join(cells))
    return "\n".join(lines).encode() + b"\n"


def with_png_size(png: bytes, width: int, height: int) -> bytes:
    """A PNG whose header claims another size, with the right checksum."""
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


def upload(name: str, data: bytes) -> list[Upload]:
    return [Upload(name, data)]
