"""Training: the compiled loop, the trainer that drives it, remote control, the queue of runs."""

import os

# Set before TensorFlow is imported: its start-up notices are of no use to a reader of the terminal.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Convolutions through oneDNN, which TensorFlow itself chooses on some processors only: on an AMD
# EPYC without AVX-512 a filter's gradient takes 3.6 ms in place of 8.5, and a training with
# convolutions goes 1.15 times as fast.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# With an allocator of its own it keeps what a run has freed: 230 MB after one on 100 MB of
# pictures. Without, steps with convolutions are a twentieth slower.
os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
