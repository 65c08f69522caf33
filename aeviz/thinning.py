"""Which points of a long curve are enough to draw it."""

import numpy as np


def telling_points(places: np.ndarray, values: np.ndarray, most: int) -> np.ndarray:
    """Return which points of a curve to keep, at most so many: all that it can be seen to do.

    Of each of many equally wide parts of the axis the lowest and the highest point stay, and the
    first and the last of all. Points are left out, never averaged.

    Args:
        places: (n,) finite, where they are on the axis as it is drawn: logarithms on a logarithmic
            one.
        values: (n,) finite.
        most: how many to keep, at least 4.

    Returns:
        Their indices, ascending.
    """
    if len(values) <= most:
        return np.arange(len(values))
    parts = most // 2 - 1
    low, high = places.min(), places.max()
    part = ((places - low) * (parts / ((high - low) or 1.0))).astype(np.int64).clip(0, parts - 1)
    order = np.argsort(part, kind="stable")  # of steps that rise anyhow, in one pass
    kept = [0, len(values) - 1]
    for some in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        kept += [some[values[some].argmin()], some[values[some].argmax()]]
    return np.unique(kept)
