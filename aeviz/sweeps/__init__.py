"""Sweeps: which models to compare, and who trains them."""
