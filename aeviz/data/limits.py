"""Bounds of own pictures: how many, how large, and how many classes."""

# Of all files of an upload together, and the same as `maxUploadSize` in .streamlit/config.toml.
LARGEST_UPLOAD = 200 * 1024 * 1024
MOST_PICTURES = 100_000
# Fewer leave nothing to tell a good network from a lucky one: with 50, seven are for testing.
FEWEST_PICTURES = 50
SMALLEST_SIDE, LARGEST_SIDE = 8, 64
# MNIST's. Larger pictures take longer to train on and only then show more.
USUAL_SIDE = 28
# CIFAR-10's.
USUAL_COLOUR_SIDE = 32
# Of all pictures: as many as the most grey ones of the largest side have. Colour has three times as
# many values.
MOST_VALUES = MOST_PICTURES * LARGEST_SIDE**2
# There are ten colours for classes, as there are ten digits.
FEWEST_CLASSES, MOST_CLASSES = 2, 10
