"""Uploaded pictures as they were last drawn, until they are kept: reading them takes seconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from aeviz.found_pictures import PicturesError
from aeviz.own_pictures import OwnPictures, Wishes

# Of all visitors. Each is up to 410 MB: 100,000 pictures of 64 x 64.
MOST_DRAFTS = 2


class Drafts:
    """The last few drawn uploads. Safe to use from several threads."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, Wishes], OwnPictures | str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, upload: str, wishes: Wishes, read: Callable[[], OwnPictures]) -> OwnPictures:
        """This upload drawn with these wishes, by `read` where it is not there any more.

        upload: a name that stands for the same bytes for ever. Raises `read`'s PicturesError, also
        without reading again.
        """
        key = (upload, wishes)
        with self._lock:
            found = self._drawn.get(key)
            if found is not None:
                self._drawn.move_to_end(key)
        if found is None:
            try:
                found = read()
            except PicturesError as error:
                found = str(error)  # the error itself would keep the upload's bytes alive
            with self._lock:
                self._drawn[key] = found
                while len(self._drawn) > MOST_DRAFTS:
                    self._drawn.popitem(last=False)
        if isinstance(found, str):
            raise PicturesError(found)
        return found

    def forget(self, upload: str) -> None:
        """Drop all that was drawn of this upload."""
        with self._lock:
            for key in [key for key in self._drawn if key[0] == upload]:
                del self._drawn[key]
