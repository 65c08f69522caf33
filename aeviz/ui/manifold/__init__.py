"""The page "Manifold"."""
