"""Layers against Keras: dense ones, convolutions and transposed convolutions of any side."""

import numpy as np
import pytest

from aeviz.networks.layers import ACTIVATIONS, Layer, LayerPlan

SIDES = [(8, 4), (9, 5), (2, 1), (28, 14), (7, 4), (33, 17)]


def weights_of(plan, seed=0):
    random = np.random.default_rng(seed)
    kernel = random.normal(0, 0.3, plan.kernel_shape).astype(np.float32)
    return kernel, random.normal(0, 0.3, plan.units).astype(np.float32)


def pictures_for(plan, count=3):
    random = np.random.default_rng(1)
    return random.random((count, plan.taken), dtype=np.float32) - 0.3


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sides", SIDES)
def test_a_convolution_computes_what_keras_does(keras, sides, activation):
    plan = LayerPlan(3, 5, activation, sides)
    kernel, bias = weights_of(plan)
    theirs = keras.layers.Conv2D(5, 3, 2, "same", activation=activation)
    theirs.build((None, sides[0], sides[0], 3))
    theirs.set_weights([kernel, bias])
    pictures = pictures_for(plan)
    wanted = np.asarray(theirs(pictures.reshape(-1, sides[0], sides[0], 3)))
    assert wanted.shape[1] == sides[1] and not plan.transposed
    drawn = plan.with_weights(kernel, bias)(pictures)
    np.testing.assert_allclose(drawn, wanted.reshape(len(pictures), -1), atol=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sides", [(b, a) for a, b in SIDES])
def test_a_transposed_convolution_computes_what_keras_does(keras, sides, activation):
    plan = LayerPlan(4, 3, activation, sides)
    kernel, bias = weights_of(plan)
    theirs = keras.layers.Conv2DTranspose(3, 3, 2, "same", activation=activation)
    theirs.build((None, sides[0], sides[0], 4))
    theirs.set_weights([kernel, bias])
    pictures = pictures_for(plan)
    wanted = np.asarray(theirs(pictures.reshape(-1, sides[0], sides[0], 4)))
    lost = wanted.shape[1] - sides[1]
    wanted = wanted[:, lost:, lost:]
    assert lost in (0, 1) and plan.transposed
    drawn = plan.with_weights(kernel, bias)(pictures)
    np.testing.assert_allclose(drawn, wanted.reshape(len(pictures), -1), atol=1e-5)


@pytest.mark.parametrize("sides", SIDES)
def test_a_transposed_convolution_is_the_transpose_of_a_convolution(sides):
    """<y, C x> = <C' y, x>, with the same kernel, for every x and y."""
    narrows = LayerPlan(2, 3, "linear", sides)
    widens = LayerPlan(3, 2, "linear", sides[::-1])
    kernel, _ = weights_of(narrows)
    down = narrows.with_weights(kernel, np.zeros(3, np.float32))
    up = widens.with_weights(kernel, np.zeros(2, np.float32))
    x = pictures_for(narrows, 1).astype(np.float64)
    y = pictures_for(widens, 1).astype(np.float64)
    np.testing.assert_allclose((y * down(x)).sum(), (up(y) * x).sum(), rtol=1e-10)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_a_layer_is_as_precise_as_what_it_is_given(precision):
    plan = LayerPlan(1, 2, "silu", (5, 3))
    drawn = plan.with_weights(*weights_of(plan))(pictures_for(plan).astype(precision))
    assert drawn.dtype == precision


def test_many_pictures_come_out_as_each_does_alone():
    plan = LayerPlan(2, 3, "elu", (6, 3))
    layer, many = plan.with_weights(*weights_of(plan)), pictures_for(plan, 150)
    alone = np.concatenate([layer(one[None]) for one in many])
    np.testing.assert_allclose(layer(many), alone, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("sides", "told"), [(None, 0), (None, 3), ((8, 4), 0), ((4, 8), 0), ((4, 7), 0)]
)
def test_a_plan_is_known_from_its_layer(sides, told):
    plan = LayerPlan(4, 6, "tanh", sides, told)
    assert plan.with_weights(*weights_of(plan)).plan == plan
    kernel, bias = weights_of(plan)
    assert plan.weights == kernel.size + bias.size


def test_the_size_of_a_plan():
    plan = LayerPlan(16, 32, "relu", (14, 7))
    assert (plan.taken, plan.given) == (14 * 14 * 16, 7 * 7 * 32)
    assert plan.products == 7 * 7 * 32 * 16 * 9
    assert LayerPlan(32, 16, "relu", (7, 14)).products == plan.products
    assert Layer(np.ones((3, 2), np.float32), np.zeros(2, np.float32)).plan == LayerPlan(3, 2)
