"""Remote control of a run while it trains: pause, step, speed, learning rate, stop."""

import threading
import time

from aeviz.networks.settings import HIGHEST_RATE

# A viewer polls four times a second; after this long without a look nobody is watching, and no
# pictures need be made.
WATCHED_SECONDS = 3.0
# After this long without a look the one who started a run has left it. A tab that has been in the
# background for minutes is let poll once a minute: one such look may be late or lost.
ABSENT_SECONDS = 150.0
# A paused run wakes this often to see a stop; short enough to feel immediate.
_WAKE_SECONDS = 0.1


class TrainingCancelled(Exception):
    """A training was stopped and nothing of it is kept."""


class RemoteControl:
    """Thread-safe. The page turns the knobs, the training loop asks `next_chunk`."""

    def __init__(self, *, steps_per_second: float | None = None) -> None:
        self._changed = threading.Condition()
        # To be read; changed by the methods below. A run holds once its last chunk is over and what
        # came of it is shown: up to half a second after `paused`, and only then is its step known.
        self.paused = self.holding = self.stopped = False
        # Whether it has gone at full speed all the time.
        self.undisturbed = steps_per_second is None
        self._allowed = 0
        self._speed = _checked(steps_per_second)
        self._learning_rate: float | None = None
        self._last_look = -float("inf")
        self._owner_looked = time.monotonic()
        self._due = 0.0

    def pause(self) -> None:
        """Hold after the chunk that is under way."""
        with self._changed:
            self.paused, self.undisturbed = True, False

    def resume(self) -> None:
        """Go on after a pause."""
        with self._changed:
            self.paused = self.holding = False
            self._allowed = 0
            self._changed.notify_all()

    def single_step(self, steps: int = 1) -> None:
        """Take so many steps and hold again; pauses a running one first."""
        with self._changed:
            self.paused, self.holding, self.undisturbed = True, False, False
            self._allowed += steps
            self._changed.notify_all()

    def stop(self) -> None:
        """End the run and keep what it has."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    @property
    def speed(self) -> float | None:
        """Steps a second at most, above 0, or None for as fast as it goes."""
        return self._speed

    @speed.setter
    def speed(self, steps_per_second: float | None) -> None:
        with self._changed:
            self._speed, self.undisturbed = _checked(steps_per_second), False
            self._due = 0.0
            self._changed.notify_all()

    @property
    def learning_rate(self) -> float | None:
        """A rate set while running, in place of the preset's; None when untouched."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if not 0 < rate <= HIGHEST_RATE:
            raise ValueError(f"A learning rate of {rate} cannot train.")
        self._learning_rate = rate

    def look(self, *, owner: bool = False, pictures: bool = True) -> None:
        """Record a viewer's heartbeat; live pictures are made only while someone watches.

        owner: whether the viewer started the run. pictures: whether they look at its pictures.
        """
        now = time.monotonic()
        if pictures:
            self._last_look = now
        if owner:
            self._owner_looked = now

    @property
    def watched(self) -> bool:
        """Whether someone looked in the last WATCHED_SECONDS."""
        return time.monotonic() - self._last_look < WATCHED_SECONDS

    @property
    def owner_left(self) -> bool:
        """Whether the one who started the run has not looked for ABSENT_SECONDS."""
        return time.monotonic() - self._owner_looked >= ABSENT_SECONDS

    def next_chunk(self, wanted: int) -> int:
        """How many steps to take now, 1 to `wanted`; 0 to stop. Blocks while paused or slowed."""
        with self._changed:
            while not self.stopped:
                if self.paused:
                    if self._allowed:
                        taken = min(wanted, self._allowed)
                        self._allowed -= taken
                        return taken
                    self.holding = True
                    self._changed.wait(_WAKE_SECONDS)
                    continue
                if self._speed is None:
                    return wanted
                wait = self._due - time.monotonic()
                if wait > 0:
                    self._changed.wait(min(wait, _WAKE_SECONDS))
                    continue
                # Slow motion still moves in small chunks, so that each picture is a small change.
                taken = max(1, min(wanted, round(self._speed / 4)))
                self._due = time.monotonic() + taken / self._speed
                return taken
            return 0


def _checked(speed: float | None) -> float | None:
    if speed is not None and not speed > 0:
        raise ValueError(f"A speed of {speed} steps a second is not possible: pause instead.")
    return speed
