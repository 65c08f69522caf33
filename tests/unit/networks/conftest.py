"""Keras, the oracle of the NumPy forward pass."""

import os

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def keras():
    import keras

    return keras
