"""Data sets in memory, one of each, for all who train and all who look."""

from collections.abc import Callable

from aeviz.data.catalog import find_local, is_available, load_dataset
from aeviz.data.dataset import ImageDataset
from aeviz.memory_cache import MemoryCache

# The largest that may be brought in, 100,000 pictures of 64 x 64, and MNIST beside it; or MNIST,
# Fashion-MNIST and some of one's own.
MOST_BYTES = 500_000_000

_datasets: MemoryCache[ImageDataset] = MemoryCache(MOST_BYTES)


def cached_dataset(name: str, *, progress: Callable[[float], None] | None = None) -> ImageDataset:
    """As `load_dataset`, and always the same object while it is remembered.

    What depends on the data set alone, as its principal axes, is then worked out once.
    """
    if not is_available(name):
        return load_dataset(name, progress=progress)
    return _datasets.get((name, find_local(name)), lambda: load_dataset(name))
