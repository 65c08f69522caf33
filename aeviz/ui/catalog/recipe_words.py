"""The settings of a recipe in words."""

from __future__ import annotations

_WORDS = {
    "mse": "mean squared error",
    "bce": "binary cross-entropy",
    "adam": "Adam",
    "sgd": "SGD",
    "adadelta": "Adadelta",
    "silu": "SiLU",
    "elu": "ELU",
    "relu": "ReLU",
    "linear": "none (linear)",
}


def words(value: str) -> str:
    """A setting's value for people."""
    return _WORDS.get(value, value.replace("_", " "))


def few_words(images: int) -> str:
    """What becomes of the batches where there are only so many training pictures."""
    return f"There are {images:,} pictures to learn from, so every step looks at all of them."
