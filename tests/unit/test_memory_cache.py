"""What is kept in memory: counted against arrays of known size, dropped oldest first, made once."""

import threading
import time
import weakref
from dataclasses import dataclass

import numpy as np
import pytest

from aeviz.data.dataset_cache import cached_dataset
from aeviz.evaluation.baselines import measure_baselines
from aeviz.memory_cache import MemoryCache, held_bytes
from tests.support.made_up_models import made_up_dataset, made_up_model

MB = 1_000_000


def megabytes(count=1):
    return np.zeros(count * MB, dtype=np.uint8)


@dataclass(frozen=True)
class Pair:
    left: object
    right: object


def test_held_bytes_are_those_of_the_arrays_each_once():
    one, two = megabytes(1), megabytes(2)
    nested = Pair({"a": [one, (two, one)]}, "words")
    assert held_bytes(nested) == pytest.approx(3 * MB, abs=2_000)
    assert held_bytes(nested, nested, two) == held_bytes(nested)


def test_a_small_view_holds_the_whole_array():
    whole = megabytes(5)
    assert held_bytes(whole[:10]) == pytest.approx(5 * MB, abs=1_000)
    assert held_bytes(whole[:10], whole.reshape(5, MB)[1:]) == held_bytes(whole)
    assert held_bytes(np.frombuffer(bytes(3 * MB), np.uint8)) == pytest.approx(3 * MB, abs=1_000)


def test_a_model_holds_at_least_its_weights_and_its_film():
    model = made_up_model("one", made_up_dataset(8, name="digits"), snapshots=True)
    layers = (*model.autoencoder.encoder, *model.autoencoder.decoder)
    weights = sum(layer.kernel.nbytes + layer.bias.nbytes for layer in layers)
    film = sum(shot.reconstructions.nbytes for shot in model.history.snapshots)
    assert weights + film < held_bytes(model) < 10 * MB
    assert held_bytes(model, model.history) == held_bytes(model)


def test_the_oldest_go_when_bytes_run_out_and_the_last_stays():
    kept, made = MemoryCache(3 * MB + 10_000), []

    def get(key, size=1):
        def make():
            made.append(key)
            return megabytes(size)

        return kept.get(key, make)

    first = get("a")
    for key in "bca":
        get(key)
    assert made == ["a", "b", "c"] and get("a") is first
    get("d")  # "b" was not asked for the longest
    for key in "acd":
        get(key)
    assert made == ["a", "b", "c", "d"]
    get("large", 9)
    get("large")
    assert made == ["a", "b", "c", "d", "large"]
    get("a")
    assert made[-1] == "a"


def test_as_many_as_are_in_use_at_once_stay():
    kept, made = MemoryCache(MB, least=2), []
    for key in "ababab":
        kept.get(key, lambda key=key: made.append(key) or megabytes(5))
    assert made == ["a", "b"]


def test_each_is_looked_into_once_however_many_come_after_it():
    looked = []

    class Watched(dict):
        def values(self):
            looked.append(self["key"])
            return super().values()

    kept = MemoryCache(10 * MB)
    for key in range(50):
        kept.get(key, lambda key=key: Watched(key=key))
    assert looked == list(range(50))


def test_each_is_made_once_and_others_do_not_wait_for_it():
    kept, gate, made, got = MemoryCache(10 * MB), threading.Event(), [], []

    def make():
        made.append(1)
        gate.wait(10)
        return megabytes()

    threads = [threading.Thread(target=lambda: got.append(kept.get("a", make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    while not made:
        time.sleep(0.002)
    assert kept.get("b", lambda: "at once") == "at once"
    gate.set()
    for thread in threads:
        thread.join(10)
    assert made == [1] and len(got) == 4 and len({id(thing) for thing in got}) == 1


def test_what_cannot_be_made_is_tried_again():
    kept = MemoryCache(MB)

    def fail():
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            kept.get("a", fail)
    assert kept.get("a", lambda: 5) == 5


def test_all_share_one_data_set_and_its_axes_do_not_keep_it():
    assert cached_dataset("digits") is cached_dataset("digits")
    own = made_up_dataset(8, name="digits")
    measure_baselines(own, 2)
    gone = weakref.ref(own)
    del own
    assert gone() is None
