"""Files that are not read: what they are, and what makes pictures of them."""

from collections.abc import Iterable

# By where it stands and what a file has there: what it is, and what to do.
_MARKS: tuple[tuple[int, tuple[bytes, ...], str, str], ...] = (
    (4, (b"ftyphei", b"ftyphev", b"ftypmif", b"ftypmsf"), "an HEIC photo",
     "make a JPEG of it, with heif-convert photo.heic photo.jpg for example"),
    (4, (b"ftypavi",), "an AVIF picture", "make a PNG of it, with avifdec in.avif out.png"),
    (4, (b"ftyp",), "a film", "save its frames, with ffmpeg -i film.mp4 %05d.png"),
    (8, (b"AVI ",), "a film", "save its frames, with ffmpeg -i film.avi %05d.png"),
    (0, (b"\x1aE\xdf\xa3",), "a film", "save its frames, with ffmpeg -i film.mkv %05d.png"),
    (0, (b"%PDF",), "a PDF", "save its pages as pictures, with pdftoppm -png file.pdf page"),
    (0, (b"Rar!\x1a\x07",), "a RAR archive",
     "unpack it, with 7-Zip or unar, and upload its files or a zip of them"),
    (0, (b"7z\xbc\xaf\x27\x1c",), "a 7z archive",
     "unpack it, with 7-Zip or 7z x, and upload its files or a zip of them"),
    (0, (b"\x28\xb5\x2f\xfd",), "packed by Zstandard", "unpack it, with unzstd, and upload that"),
    (0, (b"MATLAB 5", b"MATLAB 7"), "a MATLAB file",
     "open it with scipy.io.loadmat, or h5py if it is of version 7.3, and save the pictures with "
     "np.savez(file, x_train=pictures)"),
    (0, (b"\x89HDF\r\n\x1a\n",), "an HDF5 file",
     "open it with h5py and save the pictures with np.savez(file, x_train=pictures)"),
    (0, (b"PAR1",), "a Parquet table",
     "save it as CSV, with pandas.read_parquet(file).to_csv(other, index=False)"),
    (0, (b"ARROW1", b"FEA1"), "an Arrow table",
     "save it as CSV, with pandas.read_feather(file).to_csv(other, index=False)"),
    (0, (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
     "a pickle, which can run code when it is opened",
     "open it yourself and save the pictures with np.savez(file, x_train=pictures)"),
    (0, (b"SQLite format 3",), "a database", "save its pictures as files or its table as CSV"),
    (0, (b"\xd0\xcf\x11\xe0",), "an Office file", "save its table as CSV"),
    (128, (b"DICM",), "a DICOM picture", "make a PNG of it, with dcm2img in.dcm out.png"),
    (0, (b"8BPS",), "a Photoshop file", "export it as PNG"),
    (4, (b"jP  ", b"JXL "), "a JPEG 2000 or JPEG XL picture",
     "make a PNG of it, with magick in.jp2 out.png for example"),
    (0, (b"<svg", b"<?xml"), "a drawing or text in XML",
     "make a PNG of a drawing, with rsvg-convert in.svg -o out.png"),
    (0, (b"<!DOCTYPE", b"<!doctype", b"<html"), "a web page and not the file itself",
     "download the file again, by its own link"),
    (0, (b"version https://git-lfs",), "a note of Git LFS and not the file itself",
     "fetch the file, with git lfs pull"),
    (8, (b'{"',), "a file of weights", "a trained network is uploaded on the page Models"),
)  # fmt: skip
# By a name that one of the files in a zip has or begins with.
_IN_ZIPS: tuple[tuple[str, str, str], ...] = (
    ("xl/", "an Excel workbook", "save its table as CSV"),
    ("word/", "a Word document", "save its pictures as files"),
    ("ppt/", "a PowerPoint file", "save its pictures as files"),
    ("model.weights.h5", "a Keras model and no pictures",
     "upload the pictures that it should be trained with"),
    ("data.pkl", "a PyTorch file, which can run code when it is opened",
     "open it yourself and save the pictures with np.savez(file, x_train=pictures)"),
)  # fmt: skip


def advice(start: bytes) -> str:
    """Such as "is a PDF: save its pages", by a file's first 512 bytes; "" for what is not known."""
    for place, marks, what, do in _MARKS:
        if start[place:].startswith(marks):
            return f"is {what}: {do}"
    return ""


def advice_for_zip(paths: Iterable[str]) -> str:
    """The same of a zip, by the names of the files in it."""
    paths = list(paths)
    for mark, what, do in _IN_ZIPS:
        if any(path.startswith(mark) or path.endswith(f"/{mark}") for path in paths):
            return f"is {what}: {do}"
    return ""
