"""`python -m tests.benchmarks.robustness [PART ...] [--cases N]`: what the dashboard withstands.

uploads: files made and changed at random, ten thousand of them, each of which must be loaded right
or refused with one sentence.

Prints one line a part; ends with 1 if anything else happened.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable

# Of the whole process: the largest upload that is accepted needs about as much.
MOST_MEGABYTES = 1_500


def uploads(cases: int) -> bool:
    """Whether all went well; prints what was done."""
    from hypothesis import HealthCheck, Phase, given, settings

    from tests import upload_cases

    outcomes: Counter[str] = Counter()
    slowest, slowest_words = 0.0, ""

    # Without shrinking and without an early end: every case counts, and a bad one is printed.
    @settings(
        max_examples=cases,
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


PARTS: dict[str, Callable[[int], bool]] = {"uploads": uploads}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--cases", type=int, default=10_000)
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"There is no part {min(unknown)}: choose of {', '.join(PARTS)}.")
    went_well = [PARTS[part](options.cases) for part in options.parts or PARTS]
    sys.exit(not all(went_well))


if __name__ == "__main__":
    main()
