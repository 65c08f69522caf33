"""A model file that most tests of this folder change."""

import pytest

from aeviz.checkpoints.store import save_checkpoint
from tests.support.checkpoint_files import checkpoint


@pytest.fixture
def saved(tmp_path):
    return save_checkpoint(checkpoint(), tmp_path)
