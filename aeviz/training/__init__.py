"""Training: the compiled loop, the course of a run, its control, and the line of runs."""
