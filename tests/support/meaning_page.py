"""What is seen and done on the page "Meaning" in a browser."""

import numpy as np

READY = ".meaning[data-ready='1'][data-rows]"


def code(root):
    """The code of the picture in hand. root: the component's element."""
    return np.array([float(x) for x in root.get_attribute("data-code").split()])


def pull(root, name, amount):
    """Pull along a direction."""
    root.locator(f"[data-pull='{name}']").fill(str(amount))


def at(box, share):
    """A place half-way down a box, so far from its left."""
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2
