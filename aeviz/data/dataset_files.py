"""What is said of a data set's file that cannot be used."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aeviz.data.array_files import ArrayFileError
from aeviz.data.dataset import DatasetError


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say whatever zipfile, tarfile, zlib, gzip and NumPy raise over a bad file in one sentence."""
    try:
        yield
    except (DatasetError, MemoryError):
        raise
    except ArrayFileError as error:
        raise unusable(path, str(error)) from error
    except Exception as error:
        # gzip.BadGzipFile is an OSError too, but one without an error number.
        if isinstance(error, OSError) and error.errno is not None:
            raise DatasetError(
                f"{path} can't be read ({error.strerror}): check that the file is there and that "
                "you may open it."
            ) from error
        raise unusable(path, "is damaged or incomplete") from error


def unusable(path: Path, problem: str) -> DatasetError:
    """The sentence about a file: `problem` follows its name, and what to do follows that."""
    return DatasetError(
        f"{path} {problem}; move it somewhere else and load the data set again to download a "
        "fresh copy, or put a good copy in its place."
    )
