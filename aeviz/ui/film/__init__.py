"""The film player: a run or a manifold as a film in the browser."""
