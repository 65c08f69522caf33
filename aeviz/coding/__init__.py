"""Codes as bytes: what a network's codes take in a file, and what an image codec takes instead."""
