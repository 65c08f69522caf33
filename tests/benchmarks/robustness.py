"""`python -m tests.benchmarks.robustness [PART ...]`: what the dashboard withstands.

uploads: files made and changed at random, ten thousand of them, each of which must be loaded right
or refused with one sentence.
models: model files changed at random, as many again; half of them with a checksum that fits.
kills: a program that saves, renames, deletes and brings back models is killed with SIGKILL, 200
times at random moments; every model it had reported must open, and no half file be listed.
files: changes on a full disk and in a folder that cannot be written to, each of which must be
refused with one sentence and leave every file as it was; two programs that change one model.
keras: every model of the gallery that has its weights, as a .keras file in plain Keras, in a
process that knows nothing of aeviz: it must redraw test images as aeviz does, to 1e-5, or to what
float32 rounds in that model.
visitors: ten browsers for five minutes, two of them training: no error on any page, no run lost.
largest: the largest model file the reader lets in, on every page: what each sends, what the server
needs, how long another visitor waits meanwhile.
networks: a hundred different networks trained one after another, after which the server must need
no more memory than half-way, and the next page come as quickly.
views: a thousand page views, after which the server must need no more memory than before.

Prints one line a part; ends with 1 if anything else happened.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

# Of the whole process: the largest upload that is accepted needs about as much.
MOST_MEGABYTES = 1_500


# Test images that Keras and aeviz both redraw, and how far apart a pixel may be; 1 is full ink.
COMPARED_IMAGES, MOST_APART = 1_000, 1e-5

# Tries on a full disk, and changes each of two programs makes in one folder.
FULL_DISKS, SHARED_CHANGES = 200, 50


def uploads(options: argparse.Namespace) -> bool:
    """Whether all went well; prints what was done."""
    from hypothesis import HealthCheck, Phase, given, settings

    from tests.support import upload_cases

    outcomes: Counter[str] = Counter()
    slowest, slowest_words = 0.0, ""

    # Without shrinking and without an early end: every case counts, and a bad one is printed.
    @settings(
        max_examples=options.cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(upload_cases.cases())
    def run(case: upload_cases.Case) -> None:
        nonlocal slowest, slowest_words
        start = time.perf_counter()
        try:
            outcomes[upload_cases.check_case(case)] += 1
        except Exception as error:
            outcomes["else"] += 1
            print(f"  {case.words}: {type(error).__name__}: {str(error)[:300]}")
        seconds = time.perf_counter() - start
        if seconds > slowest:
            slowest, slowest_words = seconds, case.words

    run()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    print(
        f"uploads: {outcomes.total():,} cases, {outcomes[upload_cases.LOADED]:,} loaded right, "
        f"{outcomes[upload_cases.REFUSED]:,} refused with a sentence, {outcomes['else']:,} else; "
        f"slowest {1_000 * slowest:,.0f} ms ({slowest_words}); peak memory {memory:,.0f} MB"
    )
    return not outcomes["else"] and memory < MOST_MEGABYTES


def models(options: argparse.Namespace) -> bool:
    """Whether all went well; prints what was done."""
    import numpy as np

    from tests.support import folder_troubles, model_uploads

    random, outcomes, slowest = np.random.default_rng(0), Counter(), 0.0
    with tempfile.TemporaryDirectory() as place, folder_troubles.home_is(Path(place)):
        for case in range(options.cases):
            data, start = model_uploads.changed(random), time.perf_counter()
            try:
                outcomes[model_uploads.check_upload(data)] += 1
            except Exception as error:
                outcomes["else"] += 1
                print(f"  case {case:,}: {type(error).__name__}: {str(error)[:300]}")
            slowest = max(slowest, time.perf_counter() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux
    print(
        f"models: {outcomes.total():,} cases, {outcomes[model_uploads.LOADED]:,} loaded, "
        f"{outcomes[model_uploads.REFUSED]:,} refused with a sentence, {outcomes['else']:,} else; "
        f"slowest {1_000 * slowest:,.0f} ms; peak memory {memory:,.0f} MB"
    )
    return not outcomes["else"] and memory < MOST_MEGABYTES


def kills(options: argparse.Namespace) -> bool:
    """Whether all went well; prints what was done."""
    from tests.support import folder_troubles

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        try:
            counted = folder_troubles.kill_saves(Path(place), options.kills)
        except AssertionError as error:
            print(f"kills: {error}")
            return False
    print(
        f"kills: {counted['kills']:,}, {counted['in a write']:,} of them in the midst of a write; "
        f"{counted['models']:,} models had been reported saved, all of them open, none is listed "
        f"half; {time.perf_counter() - start:,.0f} s"
    )
    return True


def files(options: argparse.Namespace) -> bool:
    """Whether all went well; prints what was done."""
    from tests.support import folder_troubles

    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)  # so that those with no right to write may still look
        full, closed, shared = (Path(place) / name for name in ("full", "closed", "shared"))
        try:
            refused = folder_troubles.fill_disk(full, FULL_DISKS)["refused"]
            forbidden = folder_troubles.forbid_writing(closed)["refused"]
            changed = folder_troubles.share_folder(shared, SHARED_CHANGES)
        except AssertionError as error:
            print(f"files: {error}")
            return False
    print(
        f"files: {refused:,} changes on a full disk and {forbidden:,} in a folder that cannot be "
        "written to, each refused with a sentence, no file changed; two programs in one folder: "
        f"{changed['changes of one model']:,} changes of one model, none lost, "
        f"{changed['models']:,} models, none kept twice"
    )
    return True


def keras(options: argparse.Namespace) -> bool:
    """Whether all went well; prints what was done."""
    import numpy as np

    from aeviz.checkpoints.store import PRETRAINED, list_checkpoints, load_checkpoint
    from aeviz.data.catalog import load_dataset
    from aeviz.data.dataset import scaled
    from tests.support.keras_agreement import in_keras, labels_for

    rows = [row for row in list_checkpoints(PRETRAINED) if row.has_weights]
    images = {
        name: scaled(load_dataset(name).test_images[:COMPARED_IMAGES])
        for name in sorted({row.dataset for row in rows})
    }
    pairs = [(load_checkpoint(row.path), images[row.dataset]) for row in rows]
    with tempfile.TemporaryDirectory() as place:
        there = in_keras(pairs, Path(place))
    ours = {m.name: m.autoencoder.reconstruct(x, labels_for(m, x)) for m, x in pairs}
    apart = {name: float(np.abs(there[name].drawn - one).max()) for name, one in ours.items()}
    furthest = max(apart, key=apart.get)
    counted = " and ".join(f"{len(x):,} of {name}" for name, x in images.items())
    close = sum(one <= MOST_APART for one in apart.values())
    print(
        f"keras: {len(apart)} models as .keras files in plain Keras, on test images ({counted}): "
        f"{close} redraw every pixel as aeviz does to {MOST_APART:.0e}, the largest difference of "
        f"all is {apart[furthest]:.1e} ({furthest})"
    )
    return close == len(apart)


PARTS: dict[str, Callable[[argparse.Namespace], bool]] = {
    "uploads": uploads,
    "models": models,
    "kills": kills,
    "files": files,
    "keras": keras,
    "visitors": lambda options: _visitors().visitors(options.seconds),
    "largest": lambda options: _visitors().largest(),
    "networks": lambda options: _networks(options.networks),
    "views": lambda options: _visitors().views(options.views),
}


def _visitors():
    from tests.benchmarks import robustness_visitors  # needs Playwright, which the others don't

    return robustness_visitors


def _networks(count: int) -> bool:
    from tests.benchmarks.robustness_networks import networks  # needs a client's websockets

    return networks(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--cases", type=int, default=10_000, help="of uploads and of models")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300, help="that visitors stay")
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--views", type=int, default=1_000)
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"There is no part {min(unknown)}: choose of {', '.join(PARTS)}.")
    went_well = [PARTS[part](options) for part in options.parts or PARTS]
    sys.exit(not all(went_well))


if __name__ == "__main__":
    main()
