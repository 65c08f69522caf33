"""The moment that a film shows, which a link may name by its step."""

from collections.abc import Mapping

import numpy as np

from aeviz.ui.shell import state
from aeviz.ui.shell.address import whole_number
from aeviz.ui.shell.browser_values import count
from aeviz.ui.shell.choice import Choice, opened_with

_AT = "at"


def opening_frame(page: str, run: str, film: str, steps: np.ndarray, *, key: str) -> int | None:
    """Return the frame that a film is to open on; None for its last, after it has played.

    It is the same frame until the component shows another film: the megabytes of a film are sent
    again with every other.

    Args:
        page: the page, in the address.
        run: the run that is shown.
        film: the film's own key, which changes with its pictures.
        steps: (F,) int, ascending, the step of each frame.
        key: the component that draws it.
    """
    last = int(steps[-1])
    read = whole_number(0, last, "step of the training")
    step = Choice(page, _AT, run).begin(None, read)
    frame = None if step is None else nearest_frame(steps, step)
    moved = stopped_frame(state.component(key), film) is not None
    opened = opened_with("film", film, "" if frame is None else str(frame), moved=moved)
    return int(opened) if opened else None


def keep_moment(page: str, run: str, steps: np.ndarray, frame: int, *, opened: int | None) -> None:
    """Remember the frame that a viewer stopped on, and put its step into the address.

    The end of a film that played is usual; a film that was opened on its end stays there when it
    is opened again.

    Args:
        page: As for `opening_frame`.
        run: As for `opening_frame`.
        steps: As for `opening_frame`.
        frame: The frame that is shown.
        opened: What `opening_frame` returned.
    """
    usual = opened is None and frame >= len(steps) - 1
    Choice(page, _AT, of=run).keep("" if usual else str(int(steps[frame])))


def nearest_frame(steps: np.ndarray, step: int) -> int:
    """Return the frame whose step is nearest, the earlier of two."""
    return int(np.abs(np.asarray(steps, dtype=np.int64) - step).argmin())


def stopped_frame(happened: Mapping[str, object], film: str) -> int | None:
    """Return the frame the viewer stopped this film at, checked; None where they did not."""
    stopped = happened.get("stopped")
    if not isinstance(stopped, Mapping) or stopped.get("film") != film:
        return None
    return count(stopped.get("frame"))
