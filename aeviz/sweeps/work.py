"""Training one model of a sweep, in this process or on another machine."""

import threading
from collections.abc import Callable
from dataclasses import replace

from aeviz.checkpoints.checkpoint import to_bytes
from aeviz.checkpoints.history import History
from aeviz.data.dataset_cache import cached_dataset
from aeviz.errors import UserError
from aeviz.sweeps.plan import SweepModel
from aeviz.training.remote_control import RemoteControl, TrainingCancelled
from aeviz.training.runs import why_it_failed
from aeviz.training.trainer import train

# A training takes all cores there are, so a worker with several threads trains one at a time too.
_TRAINING = threading.Lock()


def train_model(
    model: SweepModel,
    *,
    control: RemoteControl | None = None,
    history: History | None = None,
    progress: Callable[[float], None] | None = None,
) -> bytes:
    """Train one model and return the bytes of its checkpoint, named as the model's key.

    Args:
        model: what to train.
        control: as for `trainer.train`; what it raises to cancel is raised here.
        history: as for `trainer.train`.
        progress: as for `cached_dataset`.

    Raises:
        UserError: the model could not be trained.
    """
    try:
        with _TRAINING:
            return to_bytes(_trained(model, control, history, progress))
    except TrainingCancelled:
        raise
    except Exception as error:
        # None of ours that hold arrays, and none of a library that the other side may not have.
        raise UserError(why_it_failed(error)) from None


def _trained(model, control, history, progress):
    dataset = cached_dataset(model.dataset, progress=progress)
    checkpoint = train(model.preset, dataset, seed=model.seed, control=control, history=history)
    return replace(checkpoint, name=model.key, fingerprint=model.fingerprint)
