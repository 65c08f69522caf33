"""Reading uploads one at a time, whoever sends them."""

from __future__ import annotations

import threading

# Held while an upload is read, pictures or a model, by whomever: each may unpack to a gigabyte, so
# that a few at once would take a small machine's memory.
ONE_UPLOAD = threading.Lock()
