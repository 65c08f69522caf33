"""The tour: its stops, its overview, and the bar that leads through it."""
