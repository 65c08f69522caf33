"""What is not read is named, with what makes pictures of it. Marks as the formats define them."""

import pytest

from aeviz.data.dataset import DatasetError
from aeviz.data.own.pictures import read_pictures
from aeviz.data.uploads.formats import Upload
from tests.support.uploads import picture_bytes, random_pictures, zip_bytes

FILES = {
    "photo.heic": (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", "an HEIC photo", "heif-convert"),
    "photo.avif": (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "an AVIF picture", "avifdec"),
    "film.mp4": (b"\0\0\0\x20ftypisom\0\0\x02\0", "a film", "ffmpeg"),
    "page.pdf": (b"%PDF-1.7\n", "a PDF", "pdftoppm"),
    "a.rar": (b"Rar!\x1a\x07\x01\0", "a RAR archive", "7-Zip"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive", "7-Zip"),
    "a.mat": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MATLAB file", "scipy.io.loadmat"),
    "a.h5": (b"\x89HDF\r\n\x1a\n\0\0\0\0", "an HDF5 file", "h5py"),
    "a.parquet": (b"PAR1\x15\4\x15", "a Parquet table", "read_parquet"),
    "a.pkl": (b"\x80\x04\x95\0\0", "a pickle", "np.savez"),
    "a.dcm": (bytes(128) + b"DICM\2\0", "a DICOM picture", "dcm2img"),
    "a.svg": (b'<svg xmlns="http://www.w3.org/2000/svg">', "a drawing", "rsvg-convert"),
    "data.csv.html": (b"<!DOCTYPE html><html>", "a web page", "download the file again"),
    "m.safetensors": (b'\x40\0\0\0\0\0\0\0{"weight":', "a file of weights", "the page Models"),
}


def refusal(*uploads):
    with pytest.raises(DatasetError) as caught:
        read_pictures(list(uploads))
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 500
    assert not set("<>[]`*$\\") & set(text)
    return text


@pytest.mark.parametrize("name", FILES)
def test_what_it_is_and_what_makes_pictures_of_it(name):
    start, what, how = FILES[name]
    data = start + bytes(2_000)
    alone = refusal(Upload(name, data))
    assert alone.startswith(f"{name} is {what}") and how in alone
    assert refusal(Upload(name, data), Upload(f"2 {name}", data)).startswith(f"{name} is {what}")
    packed = refusal(Upload("z.zip", zip_bytes({f"a/{name}": data, "notes.txt": b"hello"})))
    assert packed.startswith(f"z.zip holds no pictures that can be opened: {name} is {what}")


@pytest.mark.parametrize(
    ("members", "what"),
    [
        (["[Content_Types].xml", "xl/workbook.xml"], "an Excel workbook: save its table as CSV"),
        (["[Content_Types].xml", "word/document.xml"], "a Word document"),
        (["config.json", "metadata.json", "model.weights.h5"], "a Keras model"),
        (["model/data.pkl", "model/data/0"], "a PyTorch file"),
    ],
)
def test_zips_that_are_something_else(members, what):
    data = zip_bytes({member: b"<?xml version='1.0'?>" for member in members})
    assert refusal(Upload("a.bin", data)).startswith(f"a.bin is {what}")


def test_photos_among_pictures_are_named():
    good = [Upload(f"{i}.png", picture_bytes(p)) for i, p in enumerate(random_pictures())]
    heic = [Upload(f"{name}.heic", FILES["photo.heic"][0] + bytes(600)) for name in "ab"]
    zipped = zip_bytes({one.name: one.data for one in [*good, *heic]})
    for uploads in ([*good, *heic], [Upload("z.zip", zipped)]):
        found = read_pictures(uploads)
        assert found.left_out == 2
        assert "2 files left out: not read, since a.heic is an HEIC photo: make" in found.said


def test_one_picture_is_one_picture():
    text = refusal(Upload("a.png", picture_bytes(random_pictures()[0])))
    assert text.startswith("1 picture is too few")
