"""Training: the compiled loop, the trainer that drives it, remote control, the queue of runs."""

import os

# Set before TensorFlow is imported: its start-up notices are of no use to a reader of the terminal.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
