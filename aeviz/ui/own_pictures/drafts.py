"""Uploaded pictures that are not kept yet: read one at a time, the last few cached."""

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
    """The uploads last read. Thread-safe."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, Wishes], OwnPictures | str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, upload: str, wishes: Wishes, read: Callable[[], OwnPictures]) -> OwnPictures:
        """Return this upload's pictures, by `read` where they are not cached.

        Waits while another upload is read. upload: a name that always stands for the same bytes.

        Raises:
            DatasetError: the one of `read`, also without reading again.
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
        """Drop everything of this upload."""
        with self._lock:
            for key in [key for key in self._drawn if key[0] == upload]:
                del self._drawn[key]
