"""Which training images make up each batch."""

from collections.abc import Iterator

import numpy as np


def batches(
    count: int, batch_size: int, sampling: str, seed: int, *, before: int = 0
) -> Iterator[np.ndarray]:
    """Yield endless rows of `batch_size` image numbers, the same for the same seed.

    Args:
        count: how many images there are; numbers are below it.
        batch_size: numbers in a row.
        sampling: "shuffled" deals every image once before any comes again, and a batch may span two
            shuffles; "with replacement" draws each number by itself.
        seed: of the random numbers.
        before: steps taken in earlier runs, after which the rows are others.
    """
    random = np.random.default_rng([seed, 0xBA7C4, *([before] if before else [])])
    if sampling == "with replacement":
        while True:
            yield random.integers(0, count, batch_size, dtype=np.int32)
    deck = random.permutation(count).astype(np.int32)
    while True:
        while len(deck) < batch_size:
            deck = np.concatenate([deck, random.permutation(count).astype(np.int32)])
        yield deck[:batch_size]
        deck = deck[batch_size:]
