"""A sample of what `python -m tests.benchmarks.robustness uploads` does by the ten thousand: each
upload is loaded right or refused with a sentence, in bounded time."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.support.upload_cases import (
    AS_IS,
    KINDS,
    LOADED,
    Case,
    cases,
    check_case,
    good,
    real_pictures,
)


@settings(
    max_examples=400,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(cases())
def test_uploads_are_loaded_right_or_refused_with_a_sentence(case):
    check_case(case)


@pytest.mark.parametrize("kind", KINDS)
def test_good_files_are_loaded(kind):
    """So the refusals are for what was changed and for nothing else."""
    oracle = None if kind == "jpegs" else real_pictures()
    case = Case(kind, good(kind), AS_IS, oracle, whole=oracle is not None)
    assert check_case(case) == LOADED
