"""The panel for one's own pictures."""
