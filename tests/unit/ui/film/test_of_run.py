"""What of a run is downloaded as a table."""

import csv
import io

from aeviz.checkpoints.history import HistoryView, LossRecord
from aeviz.ui.film.of_run import losses_csv
from tests.support.checkpoint_files import losses_of


def test_no_head_of_the_losses_is_a_formula():
    record = LossRecord(1, -0.5, 0.25, parts=(("=1+1", 0.5), ("KL", 0.125)))
    head, line = csv.reader(io.StringIO(losses_csv(HistoryView(losses_of([record]))).decode()))
    assert head == ["step", "train_loss", "validation_loss", "'=1+1", "KL"]
    assert line == ["1", "-0.5", "0.25", "0.5", "0.125"]  # numbers stay numbers
