"""What a conditional network is told of each picture: its label, as more bytes of the picture."""

import numpy as np


def told_rows(images: np.ndarray, labels: np.ndarray | None, kinds: int) -> np.ndarray:
    """(n, values) uint8 -> (n, values + kinds) uint8: each picture, then what it is told.

    Of the further bytes that of its kind is 255 and all others 0, which is 1 and 0 once a row is
    scaled to [0, 1]. labels: (n,) whole numbers below `kinds`; of no effect where that is 0.
    """
    if not kinds:
        return images
    told = np.zeros((len(images), kinds), np.uint8)
    told[np.arange(len(images)), labels] = 255
    return np.concatenate([images, told], axis=1)
