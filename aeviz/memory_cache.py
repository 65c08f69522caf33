"""What is kept in memory to save making it again: bounded by bytes, not by how many things."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import Generic, TypeVar

import numpy as np

Thing = TypeVar("Thing")
# Bytes; a page of memory.
_SMALL = 4_096


def held_bytes(*things: object) -> int:
    """Bytes of memory that these things keep from being freed, what they share counted once.

    Looks into tuples, lists, dicts and dataclasses. A view of an array holds all of that array.
    """
    return sum(_parts(*things).values())


def _parts(*things: object) -> dict[int, int]:
    """The bytes of each thing and of all that it holds, by what `id` calls it."""
    parts: dict[int, int] = {}
    todo = list(things)
    while todo:
        thing = todo.pop()
        while isinstance(thing, np.ndarray) and isinstance(thing.base, np.ndarray):
            thing = thing.base
        if id(thing) in parts:
            continue
        parts[id(thing)] = sys.getsizeof(thing)
        if isinstance(thing, np.ndarray):
            # Where the bytes are another object's, as in a file that was read, they count as well.
            parts[id(thing)] += thing.nbytes if thing.base is not None else 0
        elif isinstance(thing, tuple | list):
            todo += thing
        elif isinstance(thing, dict):
            todo += thing.values()
        elif is_dataclass(thing) and not isinstance(thing, type):
            todo += [getattr(thing, field.name) for field in fields(thing)]
    return parts


class MemoryCache(Generic[Thing]):
    """The things last asked for, as many as fit in so many bytes, and the last few in any case.

    Safe to use from several threads: each thing is made by one of them while the others that want
    it wait, and who wants another does not.
    """

    def __init__(self, most_bytes: int, *, least: int = 1) -> None:
        """least: how many are kept whatever they hold: as many as are in use at once."""
        self._most, self._least = most_bytes, least
        self._things: OrderedDict[Hashable, Thing] = OrderedDict()
        # Looked into once, as each comes: a hundred models have 80,000 parts, which take seconds.
        self._parts: dict[Hashable, dict[int, int]] = {}
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """The thing called `key`, by `make` where it is not there (any more).

        Raises what `make` raises; nothing is remembered then.
        """
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._things:
                    return self._things[key]
            try:
                thing = make()
                self._remember(key, thing)
            finally:
                self._making.pop(key, None)
        return thing

    def forget(self, which: Callable[[Hashable], bool]) -> None:
        """Drop the things whose key `which` is true of."""
        with self._lock:
            for key in filter(which, list(self._things)):
                del self._things[key], self._parts[key]

    def _remember(self, key: Hashable, thing: Thing) -> None:
        parts = _parts(thing)
        # Of hundreds of small ones only the sum: what is shared and counts is large.
        small = sum(size for size in parts.values() if size < _SMALL)
        parts = {which: size for which, size in parts.items() if size >= _SMALL}
        parts[-id(thing)] = small
        with self._lock:
            self._things[key], self._parts[key] = thing, parts
            while len(self._things) > self._least and self._held() > self._most:
                oldest, _ = self._things.popitem(last=False)
                del self._parts[oldest]

    def _held(self) -> int:
        held: dict[int, int] = {}
        for parts in self._parts.values():
            held |= parts
        return sum(held.values())
