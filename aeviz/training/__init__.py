"""Training: the compiled loop, the trainer that drives it, remote control, the queue of runs."""
