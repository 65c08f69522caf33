"""The training runs and the sweeps of this process, which all visitors share."""

from aeviz.one_a_process import OneAProcess
from aeviz.sweeps.runs import SweepRegistry
from aeviz.training.runs import RunRegistry


@OneAProcess
def run_registry() -> RunRegistry:
    """Return the one registry of training runs of this process."""
    return RunRegistry()


@OneAProcess
def sweep_registry() -> SweepRegistry:
    """Return the one registry of sweeps of this process."""
    return SweepRegistry(run_registry())
