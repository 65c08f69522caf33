"""Uploads being read, one at a time, and pictures as they were last drawn, until they are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from aeviz.data.dataset import DatasetError
from aeviz.data.own.pictures import OwnPictures, Wishes
from aeviz.ui.catalog.uploads import ONE_UPLOAD

# Of all visitors. Each is up to 410 MB: 100,000 pictures of 64 x 64.
MOST_DRAFTS = 2


class Drafts:
    """The last few drawn uploads. Safe to use from several threads."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, Wishes], OwnPictures | str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, upload: str, wishes: Wishes, read: Callable[[], OwnPictures]) -> OwnPictures:
        """This upload drawn with these wishes, by `read` where it is not there any more.

        upload: a name that stands for the same bytes for ever. Waits while another upload is read.
        Raises `read`'s DatasetError, also without reading again.
        """
        key = (upload, wishes)
        found = self._find(key)
        if found is None:
            with ONE_UPLOAD:
                # The same upload may have been what was waited for.
                found = self._find(key) or self._read(key, read)
        if isinstance(found, str):
            raise DatasetError(found)
        return found

    def _find(self, key: tuple[str, Wishes]) -> OwnPictures | str | None:
        with self._lock:
            found = self._drawn.get(key)
            if found is not None:
                self._drawn.move_to_end(key)
        return found

    def _read(self, key: tuple[str, Wishes], read: Callable[[], OwnPictures]) -> OwnPictures | str:
        try:
            found = read()
        except DatasetError as error:
            found = str(error)  # the error itself would keep the upload's bytes alive
        with self._lock:
            self._drawn[key] = found
            while len(self._drawn) > MOST_DRAFTS:
                self._drawn.popitem(last=False)
        return found

    def forget(self, upload: str) -> None:
        """Drop all that was drawn of this upload."""
        with self._lock:
            for key in [key for key in self._drawn if key[0] == upload]:
                del self._drawn[key]
