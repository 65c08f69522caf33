"""Downloading a data set: streamed, with progress, its hash checked; and where the files go."""

import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from aeviz.data.dataset import DatasetError, DatasetMissing
from aeviz.data.sources import DatasetSource, RemoteFile
from aeviz.text.names import plain_name
from aeviz.text.numbers import duration

# Where Keras downloads its own from: keras/src/datasets/mnist.py and fashion_mnist.py.
DOWNLOAD_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def data_folders() -> list[Path]:
    """Where data sets may be, first to last: $AEVIZ_DATA_DIR, Keras's cache, earlier downloads."""
    return [*_named_folder(), Path(os.path.expanduser("~/.keras/datasets")), cache_folder()]


def cache_folder() -> Path:
    """Where downloads go when AEVIZ_DATA_DIR names no folder that can be written to."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("aeviz", appauthor=False))


def _named_folder() -> list[Path]:
    named = os.environ.get("AEVIZ_DATA_DIR")
    return [Path(os.path.expanduser(named))] if named else []


# With no network, a name look-up alone may take half a minute to fail, and a name with many
# addresses has each tried in turn. A server that says nothing within this time counts as away.
ANSWER_SECONDS = 5
# A download under way may stall longer than that, on a train for example.
STALL_SECONDS = 15


# Before that many seconds the pace of a download says little of the rest.
_PACE_TELLS = 2.0


class Fetching:
    """A download under way, in words."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def words(self, share: float) -> str:
        """How far it is and, once that can be told, how long it still takes.

        share: what has arrived, 0 to 1.
        """
        taken = time.monotonic() - self._begun
        left = ""
        if taken >= _PACE_TELLS and 0 < share < 1:
            left = f", about {duration(taken / share * (1 - share))} left"
        return f"Fetching the pictures: {share:.0%}{left}."


def download(source: DatasetSource, progress: Callable[[float], object]) -> Path:
    """Download the missing files of `source`; return what find_local would.

    pooch downloads to a temporary name and renames once the hash is right, so what has its name is
    complete.
    """
    import requests

    writable = [base for base in _named_folder() if base.is_dir() and os.access(base, os.W_OK)]
    base = [*writable, cache_folder()][0]
    folder = base / source.folder
    # pooch would replace a file of this name with another hash: leave what is there to the reader.
    missing = [file for file in source.files if not os.path.isfile(folder / file.name)]
    total = sum(file.bytes for file in missing)
    received = 0

    def count(size: int) -> None:
        nonlocal received
        received += size
        if received > 2 * total:
            raise _missing(source, "the server sent more than the file has")
        try:
            progress(min(1.0, received / total))
        except Exception as error:
            raise _ProgressFailed(error) from error

    try:
        if missing:
            _check_reachable(_url(source) + missing[0].name)
        for file in missing:
            _retrieve(source, file, folder, count)
    except DatasetError:
        raise
    except _ProgressFailed as failed:
        raise failed.args[0] from None
    except (requests.RequestException, TimeoutError) as error:
        reason = f"there is no connection to {urlsplit(_url(source)).hostname}"
        if received:
            reason = f"the connection broke off during {file.name}"
        raise _missing(source, reason) from error
    except ValueError as error:  # pooch: the hash differs
        raise _missing(source, f"{file.name} did not arrive as it should, by its hash") from error
    except OSError as error:
        raise _missing(source, f"{folder} can't be written to: {error.strerror}") from error
    return folder / source.files[0].name if len(source.files) == 1 else folder


def _url(source: DatasetSource) -> str:
    return source.url or DOWNLOAD_URL


def _retrieve(
    source: DatasetSource, file: RemoteFile, folder: Path, count: Callable[[int], None]
) -> None:
    import pooch
    import requests

    def stream(url: str, output_file: str, _pooch: object) -> None:
        # No compression on the way: requests would unpack the .gz files, and the hash would differ.
        with (
            requests.get(
                url,
                stream=True,
                timeout=(ANSWER_SECONDS, STALL_SECONDS),
                headers={"Accept-Encoding": "identity"},
            ) as response,
            open(output_file, "wb") as output,
        ):
            if not response.ok:
                answer = plain_name(f"{response.status_code} {response.reason}")
                raise _missing(source, f"the server answered '{answer}' for {file.name}")
            for chunk in response.iter_content(1 << 16):
                count(len(chunk))
                output.write(chunk)

    pooch.get_logger().setLevel("WARNING")  # it would print each download
    pooch.retrieve(
        _url(source) + file.name,
        known_hash=file.hash,
        fname=file.name,
        path=folder,
        downloader=stream,
    )


class _ProgressFailed(Exception):
    """Carries what a caller's progress function raised past the handling of download errors."""


def _check_reachable(url: str) -> None:
    """Raises within ANSWER_SECONDS if the server of `url` can't be reached; any answer will do.

    In a thread of its own, since a name look-up can't be given a time limit.
    """
    import requests

    outcome: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            requests.head(url, timeout=ANSWER_SECONDS)
        except Exception as error:  # handed over to the waiting thread
            outcome.put(error)
        else:
            outcome.put(None)

    threading.Thread(target=ask, name="aeviz-reachable", daemon=True).start()
    try:
        error = outcome.get(timeout=ANSWER_SECONDS)
    except queue.Empty:
        raise TimeoutError(f"no answer within {ANSWER_SECONDS} s") from None
    if error is not None:
        raise error


def _missing(source: DatasetSource, reason: str) -> DatasetMissing:
    files = ", ".join(file.name for file in source.files)
    return DatasetMissing(
        f"{source.title} is not on this computer and could not be downloaded ({reason}): connect "
        f"to the internet and try again, put {files} into the folder that AEVIZ_DATA_DIR names, or "
        "choose the digits data set, which needs no download."
    )
