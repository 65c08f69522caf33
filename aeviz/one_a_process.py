"""What a process makes once and keeps until it ends: its runs, its sweeps, uploads not yet kept."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class OneAProcess(Generic[T]):
    """A function that makes something when it is first asked for, and returns that one ever after.

    For what cannot be made again. Streamlit's caches hold only what can: any browser may have them
    emptied, by a message of its protocol.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        """Decorate `make`, which takes no arguments."""
        self._make, self._lock = make, Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """Return the one there is."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def forget(self) -> None:
        """Have another one made at the next call, as in a new process."""
        with self._lock:
            self._made.clear()
