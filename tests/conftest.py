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
    """The real MNIST, loaded once. Read-only, so tests can't disturb one another through it."""
    from aeviz.datasets import is_available, load_dataset

    if not is_available("mnist"):
        pytest.fail(
            "These tests need the real MNIST: set AEVIZ_DATA_DIR to a folder that holds mnist.npz."
        )
    return load_dataset("mnist")
