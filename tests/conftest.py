"""What every test shares: the user's own folder is never touched, and two run side by side."""

import os
from pathlib import Path

import pytest

# Says how TensorFlow is to run, its allocator too, which is chosen at the first thing it computes:
# a test that loads Keras by itself would have it keep what runs have freed.
import aeviz.training  # noqa: F401

try:
    import fcntl
except ImportError:  # Windows: one process
    fcntl = None

# TensorFlow's start-up notices would bury a failing test's own output.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# They fill two cores. Each has a server, a Chromium and a TensorFlow of its own.
PROCESSES = 2


def pytest_xdist_auto_num_workers(config):
    """Two processes for the whole suite; just this one for what the command line names.

    Just this one without Chromium too: half the tests are left out then, and only a process that
    collects tests can say so.
    """
    from tests.browser.conftest import CHROMIUM

    named = config.args_source is pytest.Config.ArgsSource.ARGS
    return 0 if named or fcntl is None or not CHROMIUM.exists() else PROCESSES


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    """Before a test marked `alone` the other process finishes its own, then it waits.

    Outermost, so that waiting does not count towards a test's timeout.
    """
    if not hasattr(item.config, "workerinput"):
        return (yield)
    alone = item.get_closest_marker("alone")
    folder = Path(item.config.option.basetemp).parent  # what the processes have in common
    with open(folder / "turn.lock", "w") as turn, open(folder / "machine.lock", "w") as machine:
        # Whoever waits for the machine holds the turn, or the other would begin its next test.
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(turn, fcntl.LOCK_UN)
        return (yield)


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
    from aeviz.data.catalog import load_dataset
    from aeviz.data.dataset import DatasetMissing

    try:
        return load_dataset("mnist")
    except DatasetMissing as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
