"""The figures that sources 4 and 5 printed, as rows to compare with ours."""

from aeviz.evaluation.baselines import MNIST_PCA
from aeviz.evaluation.compression import Row
from aeviz.networks.preset import Preset

SOURCE_4, SOURCE_5 = "source 4", "source 5"

_UNIT = (
    "Printed as {:.6f} on test images with no unit; it fits a root mean squared error, so the MSE "
    "here is its square."
)
_MEAN = (
    "Printed as the mean of the validation loss over all epochs: its best epoch lies below, and "
    "ours, measured with the best weights, is not a mean."
)
# PCA fitted on all 60,000 training images, on source 5's 5,000 validation images.
_PCA_VALIDATION = {784: 0.0, 500: 0.00005, 300: 0.00094, 200: 0.00225, 100: 0.00568}


def _source_4(name: str, title: str, encoder: tuple[int, ...], code: int, noise: float, rmse):
    widths = (784, *encoder, code, *reversed(encoder), 784)
    return Row(
        name=f"source-4-{name}",
        title=title,
        dataset="mnist",
        recipe="as published",
        layers="-".join(map(str, widths)),
        code_size=code,
        values=784,
        test_mse=rmse**2,
        pca_test_mse=MNIST_PCA.get(code),
        noise=noise,
        weights=False,
        published=SOURCE_4,
        note=_UNIT.format(rmse),
    )


def _source_5(code: int, loss: float, *, hidden: int = 1_000, more: str = ""):
    return Row(
        name=f"source-5-{code}" + (f"-{hidden}" if hidden != 1_000 else ""),
        title=f"{code} numbers, {hidden:,} wide",
        dataset="mnist",
        recipe="as published",
        layers=f"784-{hidden}-{code}-{hidden}-784",
        code_size=code,
        values=784,
        validation_mse=loss,
        pca_validation_mse=_PCA_VALIDATION[code],
        weights=False,
        published=SOURCE_5,
        note=f"{_MEAN} {more}".strip(),
    )


PUBLISHED: tuple[Row, ...] = (
    _source_5(784, 0.0002700669),
    _source_5(500, 0.00043257896),
    _source_5(
        300,
        0.0017411599,
        more="Its ratio is printed as 2.261; 784 / 300 is 2.613. Its best epoch: 0.0013582223.",
    ),
    _source_5(200, 0.003928103),
    _source_5(100, 0.006935501),
    _source_5(100, 0.0040781773, hidden=10_000, more="The last one it prints is 0.0034344."),
    _source_4("784-10", "No hidden layer", (), 10, 0.0, 0.206152),
    _source_4("784-128-10", "One hidden layer", (128,), 10, 0.0, 0.136408),
    _source_4("784-128-128-10", "Two hidden layers", (128, 128), 10, 0.0, 0.131669),
    _source_4("784-128-128-10-noise", "The same, 30 % noise", (128, 128), 10, 0.3, 0.130346),
    _source_4("784-512-128-10", "Wider, 40 % noise", (512, 128), 10, 0.4, 0.127140),
    _source_4("784-512-128-1", "The same, a code of one number", (512, 128), 1, 0.4, 0.213122),
)
_BY_NAME = {row.name: row for row in PUBLISHED}


def printed_by(source: str, preset: Preset) -> Row | None:
    """Return what a source printed for this network; source 4's row with noise if it has both."""
    if source == SOURCE_5:
        return _BY_NAME.get(f"source-5-{preset.latent_dim}")
    name = "-".join(map(str, ("source-4-784", *preset.encoder, preset.latent_dim)))
    return _BY_NAME.get(f"{name}-noise") or _BY_NAME.get(name)
