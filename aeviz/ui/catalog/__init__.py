"""Models, data sets and recipes by name: opened once for all, picked, and in words."""
