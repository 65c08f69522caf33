"""How good a model is: losses, baselines, comparisons, verdicts in words."""
