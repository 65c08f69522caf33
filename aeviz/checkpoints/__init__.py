"""A trained model: what it holds, its file, and the library of models."""
