"""Recipes of networks and the trained network itself, in NumPy."""
