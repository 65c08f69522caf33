"""Uploaded pictures that are not kept yet: read one at a time, the last few cached."""

from collections.abc import Callable

from aeviz.data.dataset import DatasetError
from aeviz.data.own.pictures import OwnPictures, Wishes
from aeviz.memory_cache import MemoryCache
from aeviz.ui.catalog.uploads import ONE_UPLOAD

# Of all visitors. Each is up to 410 MB: 100,000 pictures of 64 x 64.
MOST_DRAFTS = 2


class Drafts:
    """The uploads last read. Thread-safe."""

    def __init__(self) -> None:
        self._drawn: MemoryCache[OwnPictures | str] = MemoryCache(0, least=MOST_DRAFTS)

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

    def forget(self, upload: str) -> None:
        """Drop everything of this upload."""
        self._drawn.forget(lambda key: isinstance(key, tuple) and key[0] == upload)


def _pictures_or_why_not(read: Callable[[], OwnPictures]) -> OwnPictures | str:
    with ONE_UPLOAD:
        try:
            return read()
        except DatasetError as error:
            return str(error)  # the error itself would keep the upload's bytes alive
