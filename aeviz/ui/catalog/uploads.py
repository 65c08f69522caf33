"""The lock that has uploads read one at a time."""

import threading

# Held while an upload of pictures or of a model is read, of any visitor: each may unpack to a
# gigabyte, so that a few at once would take a small machine's memory.
ONE_UPLOAD = threading.Lock()
