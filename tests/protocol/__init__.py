"""The dashboard as clients that are no browsers see it."""
