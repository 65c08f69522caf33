"""Codes in order of worth: in training each picture keeps only the first numbers of its own.

Nested dropout, Rippel, Gelbart and Adams 2014: how many are kept is drawn anew every time, so the
first number learns to say most, and every later one what those before it leave out.
"""

import tensorflow as tf

# Pictures that keep all numbers of their code, of those in a batch: the last ones are in few other
# draws, and the whole code is what a model is measured with.
_WHOLE = 0.3
# How much more often many numbers are kept than few: at 1 each doubling of their count is as
# frequent; at a half, codes of 2 to 8 numbers come out worse.
_SPREAD = 0.6
# How the error falls with the numbers that are kept, about: as so many to the power of -3/4 on
# digits and clothes. Each count then counts by how far it is above what it could be; by its error
# alone, the first few numbers would be all that is trained.
_POWER = 0.75


def kept(latent_dim: int, count: int, key: tf.Tensor) -> tf.Tensor:
    """Draw how many numbers of its code each picture keeps: (count,) int32, 1 to latent_dim.

    Args:
        latent_dim: numbers of a code.
        count: of pictures.
        key: a float in [0, 1), drawn for the batch. The counts of a batch are evenly spread out,
            which makes the loss less noisy than as many draws.
    """
    place = (tf.range(count, dtype=tf.float32) + key) / count
    # Of 64 numbers: 1 with 4 % of the pictures, 2 to 3 with 8 %, and so on to 32 to 63 with 18 %.
    share = tf.pow(tf.minimum(place / (1 - _WHOLE), 1.0), _SPREAD)
    drawn = tf.cast(tf.pow(float(latent_dim + 1), share), tf.int32)
    return tf.minimum(drawn, latent_dim)


def first_numbers(codes: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Return (n, k) codes with all but the first `count`, (n,), of each set to 0."""
    return codes * tf.sequence_mask(count, codes.shape[1], codes.dtype)


def weights(count: tf.Tensor) -> tf.Tensor:
    """Return what the loss of each picture counts, (n,) float32, by how many numbers it keeps."""
    worth = tf.pow(tf.cast(count, tf.float32), _POWER)
    return worth / tf.reduce_mean(worth)


def of_whole_codes(losses: tf.Tensor, count: tf.Tensor, latent_dim: int) -> tf.Tensor:
    """Return the mean of the (n,) losses of pictures that keep all numbers; 0 where none does."""
    whole = tf.cast(tf.equal(count, latent_dim), tf.float32)
    return tf.reduce_sum(losses * whole) / tf.maximum(tf.reduce_sum(whole), 1.0)
