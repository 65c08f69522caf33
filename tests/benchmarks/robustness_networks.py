"""Very many different networks, one after another: a part of `tests.benchmarks.robustness`.

A dashboard of its own, and a client that presses Train for each. What counts: the server's memory
stays flat, and the pages come as quickly as before.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from tests.benchmarks.served import memory_mb, server
from tests.support.protocol_client import visitor
from tests.support.server import ROOT

NETWORKS = 100
# Small ones, on the digits that are always there: seconds each, most of them for the compiler.
RECIPE = "recipe=karpathy-2d&data=digits&steps=300&encoder={width}-20"
NARROWEST = 16
# What is promised: megabytes at the end; how much of it the second half may add, a tenth of what it
# was when each network left 16 to 24; seconds until the next page.
MOST_MB, MOST_GROWTH_MB, MOST_SECONDS = 1_800, 100, 2.0
# A training that has not ended by then is stuck.
PATIENCE = 120.0


def networks(count: int = NETWORKS) -> bool:
    """Whether the server's memory stays flat over so many different networks; prints a line."""
    sizes: list[float] = []
    errors: list[str] = []
    with server(ROOT / "streamlit_app.py") as (url, pid, home):
        for i in range(count):
            with visitor(url) as client:
                client.open(query=RECIPE.format(width=NARROWEST + i))
                client.press("Train")
                errors += client.errors()
            _wait_for(home, i + 1)
            sizes.append(memory_mb(pid))
        pages = [_seconds(url, page) for page in ("latent", "models", "compression")]
    half = len(sizes) // 2
    growth = statistics.mean(sizes[-10:]) - statistics.mean(sizes[half - 5 : half + 5])
    print(
        f"networks: {count} different networks trained in one server; {sizes[0]:.0f} MB after the "
        f"first, {sizes[half]:.0f} after {half + 1}, {sizes[-1]:.0f} after the last, most ever "
        f"{max(sizes):.0f}; slowest of the next pages {max(pages):.1f} s; {len(errors)} errors"
    )
    held = max(sizes) < MOST_MB and growth < MOST_GROWTH_MB and max(pages) < MOST_SECONDS
    return held and not errors


def _wait_for(home: Path, count: int) -> None:
    until = time.monotonic() + PATIENCE
    while len(list(home.rglob("*.safetensors"))) < count:
        if time.monotonic() > until:
            raise RuntimeError(f"{count - 1} of the networks were kept, the next one never was.")
        time.sleep(0.05)


def _seconds(url: str, page: str) -> float:
    with visitor(url) as client:
        begun = time.monotonic()
        client.open(page)
        return time.monotonic() - begun
