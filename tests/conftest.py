"""What every test shares: the user's own folder is never touched."""

import os

import pytest

# TensorFlow's start-up notices would bury a failing test's own output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@pytest.fixture(scope="session", autouse=True)
def aeviz_home(tmp_path_factory):
    """An empty folder that stands in for the user's data folder during the whole run."""
    home = tmp_path_factory.mktemp("aeviz-home")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("AEVIZ_HOME", str(home))
        yield home


@pytest.fixture(scope="session")
def mnist():
    """The real MNIST, loaded once. Read-only, so tests can't disturb one another through it.

    Downloaded where it is not there yet. With no network either, the tests that need it are left
    out and say so, unless CI requires them.
    """
    from aeviz.datasets import DatasetMissing, load_dataset

    try:
        return load_dataset("mnist")
    except DatasetMissing as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
