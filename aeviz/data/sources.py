"""The data sets that are known by name: where each comes from and what it holds."""

from dataclasses import dataclass

from aeviz.data.picture_shape import COLOUR, PictureShape


@dataclass(frozen=True)
class RemoteFile:
    """One file to download: its name on the server and on disk, its hash and its size.

    hash: the algorithm, a colon and the digits, as pooch takes it.
    """

    name: str
    hash: str
    bytes: int


@dataclass(frozen=True)
class DatasetSource:
    """What can be said about a data set without loading it.

    files: empty where nothing has to be fetched. url: the folder they come from; "" is Keras's own,
    None means that nobody hands them out: they are known only where they are.
    """

    name: str
    title: str
    shape: PictureShape
    n_train: int
    n_classes: int
    files: tuple[RemoteFile, ...] = ()
    folder: str = ""  # the files' own folder inside a data folder, as Keras names it
    url: str | None = ""

    @property
    def can_be_had(self) -> bool:
        """Whether everyone can have it: made here, or to be downloaded."""
        return self.url is not None


# MNIST's hash is the one in keras/src/datasets/mnist.py. Keras gives none for Fashion-MNIST: these
# are TensorFlow Datasets' (url_checksums/fashion_mnist.txt) for Zalando's original files.
DATASETS: dict[str, DatasetSource] = {
    # Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0).
    "mnist": DatasetSource(
        name="mnist",
        title="MNIST",
        shape=PictureShape(28),
        n_train=55_000,
        n_classes=10,
        files=(
            RemoteFile(
                "mnist.npz",
                "sha256:731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
                11_490_434,
            ),
        ),
    ),
    # Zalando Research (MIT licence).
    "fashion_mnist": DatasetSource(
        name="fashion_mnist",
        title="Fashion-MNIST",
        shape=PictureShape(28),
        n_train=55_000,
        n_classes=10,
        files=(
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                "sha256:3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                26_421_880,
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz",
                "sha256:a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                29_515,
            ),
            RemoteFile(
                "t10k-images-idx3-ubyte.gz",
                "sha256:346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                4_422_102,
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz",
                "sha256:67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                5_148,
            ),
        ),
        folder="fashion-mnist",
    ),
    # A. Krizhevsky, V. Nair and G. Hinton. The hash is the one its own page gives for the binary
    # version.
    "cifar10": DatasetSource(
        name="cifar10",
        title="CIFAR-10",
        shape=PictureShape(32, COLOUR),
        n_train=45_000,
        n_classes=10,
        files=(
            RemoteFile(
                "cifar-10-binary.tar.gz", "md5:c32a1d4ab5d03f1284b67883e8d87530", 170_052_171
            ),
        ),
        url="https://www.cs.toronto.edu/~kriz/",
    ),
    # The same pictures as JPEG files.
    "cifar10_jpeg": DatasetSource(
        name="cifar10_jpeg",
        title="CIFAR-10 as JPEG copies",
        shape=PictureShape(32, COLOUR),
        n_train=45_000,
        n_classes=10,
        files=(
            RemoteFile(
                "cifar10-jpeg.zip",
                "sha256:ead45e06542622104d3e17a0e554f18656c4cf310408a9ee502d835a28cf897d",
                62_190_935,
            ),
        ),
        url=None,
    ),
    # Drawn by `shapes.py`.
    "shapes": DatasetSource(
        name="shapes",
        title="Coloured shapes",
        shape=PictureShape(32, COLOUR),
        n_train=16_000,
        n_classes=4,
    ),
    # E. Alpaydin and C. Kaynak.
    "digits": DatasetSource(
        name="digits",
        title="Small digits",
        shape=PictureShape(8),
        n_train=1_297,
        n_classes=10,
    ),
}
# Names of people's own pictures begin with this; `own/store.py` keeps them.
OWN = "own-"
