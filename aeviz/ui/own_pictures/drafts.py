"""Uploaded pictures that are not kept yet: read one at a time, the last few cached."""

from collections.abc import Callable

from aeviz.data.dataset import DatasetError
from aeviz.data.own.pictures import OwnPictures, Wishes
from aeviz.memory_cache import MemoryCache
from aeviz.one_a_process import OneAProcess
from aeviz.ui.catalog.uploads import ONE_UPLOAD
from aeviz.ui.shell.visitor import is_connected

# Of all visitors. Each is up to 410 MB: 100,000 pictures of 64 x 64.
MOST_DRAFTS = 2


class Drafts:
    """The uploads last read. Thread-safe."""

    def __init__(self) -> None:
        self._drawn: MemoryCache[OwnPictures | str] = MemoryCache(0, least=MOST_DRAFTS)
        # visitor -> the session that uploaded, and the name of its first file
        self._begun: dict[str, tuple[str, str]] = {}

    def get(self, upload: str, wishes: Wishes, read: Callable[[], OwnPictures]) -> OwnPictures:
        """Return this upload's pictures, by `read` where they are not cached.

        Waits while another upload is read. upload: a name that always stands for the same bytes.

        Raises:
            DatasetError: the one of `read`, also without reading again.
        """
        found = self._drawn.get((upload, wishes), lambda: _pictures_or_why_not(read))
        if isinstance(found, str):
            raise DatasetError(found)
        return found

    def begin(self, who: str, session: str, file: str) -> None:
        """Note which file a visitor has uploaded in a session; "" for none, or none any more."""
        if file:
            self._begun[who] = (session, file)
        elif self._begun.get(who, ("",))[0] == session:
            del self._begun[who]

    def lost(self, who: str) -> str:
        """Return, once, what a visitor uploaded in a session that is no more; "" for nothing.

        Streamlit drops a session, and its uploads, when its connection is gone for two minutes.
        """
        session, file = self._begun.get(who, ("", ""))
        if not file or is_connected(session):
            return ""
        del self._begun[who]
        return file

    def forget(self, upload: str) -> None:
        """Drop everything of this upload."""
        self._drawn.forget(lambda key: isinstance(key, tuple) and key[0] == upload)


@OneAProcess
def drafts() -> Drafts:
    """Return the one collection of drafts of this process."""
    return Drafts()


def _pictures_or_why_not(read: Callable[[], OwnPictures]) -> OwnPictures | str:
    with ONE_UPLOAD:
        try:
            return read()
        except DatasetError as error:
            return str(error)  # the error itself would keep the upload's bytes alive
