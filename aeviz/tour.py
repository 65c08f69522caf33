"""The tour: what autoencoders are, told in a few stops, each of them a view of one of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Stop:
    """One view and what to say of it.

    page: the name of its file in aeviz/pages. view: what the address of that page says besides,
    never nothing; without_mnist: the same view for a computer that MNIST is not on, None where
    `view` needs no originals. words: two or three sentences on the screen. do: what to do with the
    hand, one sentence. notes: what a speaker can add.
    """

    name: str
    page: str
    view: Mapping[str, str]
    title: str
    words: str
    do: str
    notes: str
    without_mnist: Mapping[str, str] | None = None


_FIRST = "karpathy-2d"

STOPS: dict[str, Stop] = {
    stop.name: stop
    for stop in (
        Stop(
            name="squeeze",
            page="learn",
            view={"recipe": _FIRST},
            without_mnist={
                "recipe": _FIRST,
                "data": "digits",
                "model": f"digits-{_FIRST}",
            },
            title="Squeeze and redraw",
            words="The top row shows digits that people wrote. A network squeezes each of them "
            "into two numbers and redraws it from those two alone: this is an autoencoder. It "
            "begins with chance and learns by comparing its drawing with the original.",
            do="Watch the row Redrawn. Drag the slider to go back in time.",
            notes="The film is one training, from random weights to the finished network. At "
            "first all pictures are the same grey fog: one average digit is the best guess of a "
            "network that knows nothing. 1 and 0 come out first. The dots on the right are digits "
            "too, each at the place that its two numbers give; they drift apart as the network "
            "learns to tell them apart. Nobody tells it which digit is which: the colours are "
            "ours.",
        ),
        Stop(
            name="encoder",
            page="latent",
            view={"model": _FIRST, "tab": "draw"},
            title="The encoder writes the code",
            words="The first half of the network is the encoder. It turns a picture into a few "
            "numbers, the code. Here these are two numbers, so every digit has its place on a map: "
            "each dot is one.",
            do="Draw a digit in the box and see where it lands.",
            notes="Let somebody from the room draw. A digit usually lands among its like, though "
            "the network was never told their names. Where two colours mix, such as 4 and 9, two "
            "numbers were too few to keep them apart. A letter or a face lands somewhere too: "
            "the encoder has an answer to everything.",
        ),
        Stop(
            name="decoder",
            page="latent",
            view={"model": _FIRST},
            title="The decoder draws from it",
            words="The second half is the decoder. It gets nothing but the two numbers, and draws "
            "a picture from them. It can do so at every place of the map, also where no digit has "
            "ever been. All these places together are called latent space.",
            do="Move the pointer over the map, slowly, from one colour to the next.",
            notes="Start among the 1s, where the pictures lean one way and then the other: the map "
            "has found out what slant is. Then stop between two colours: the decoder draws "
            "something between two digits. A click pins a place; the arrow keys move the pointer "
            "as well. “Latent” only means hidden: nobody wrote these numbers down, the network "
            "made them up.",
        ),
        Stop(
            name="reconstruction",
            page="learn",
            view={"recipe": _FIRST, "digits": "worst", "errors": "1", "at": "40000"},
            without_mnist={
                "recipe": _FIRST,
                "data": "digits",
                "model": f"digits-{_FIRST}",
                "digits": "worst",
                "errors": "1",
                "at": "8000",
            },
            title="What is lost on the way",
            words="What comes out is the reconstruction. These are the ten that came out worst, "
            "and the row Error shows every pixel that is off. Two numbers cannot hold all that "
            "makes a digit somebody's own.",
            do="Below, choose the best redrawn instead and compare.",
            notes="The network keeps what many digits share and drops what is rare: a flourish, "
            "an odd slant, a broken stroke. Some of these it takes for another digit altogether, "
            "and then draws that one well. The figure below the slider is the mean squared error "
            "of a pixel; a plain statistical method, PCA, does worse with two numbers.",
        ),
        Stop(
            name="undercomplete",
            page="learn",
            view={"recipe": _FIRST, "beside": "stacked-100"},
            title="A code smaller than the picture",
            words="Above, a code of 2 numbers; below, one of 100. The pictures have 784 pixels, so "
            "neither network can simply copy them: it has to find out what digits have in common. "
            "Such a small code is called undercomplete.",
            do="Compare the two rows Redrawn.",
            notes="The narrow place in the middle is the whole trick: it forces the network to "
            "find a short description. With 100 numbers the handwriting survives, with 2 only the "
            "kind of digit and a little of its slant. How much each size costs comes at the end "
            "of the tour.",
        ),
        Stop(
            name="gaps",
            page="manifold",
            view={"model": _FIRST, "over": "dots,dim"},
            title="A map with holes",
            words="This is the map of the first network again, with the picture that its decoder "
            "draws at each place. The faded places are far from every digit. Nothing in the "
            "training says what belongs there, so the decoder guesses.",
            do="Move the pointer from the dots out into the faded places.",
            notes="An ordinary autoencoder may put its codes anywhere, as long as it can redraw "
            "from them. So the digits spread unevenly, with empty land between and around them. "
            "Whoever picks a place by chance will often get a picture that is no digit.",
        ),
        Stop(
            name="vae",
            page="manifold",
            view={"model": _FIRST, "show": "pair", "beside": "vae-2d"},
            title="Why a VAE's map is smooth",
            words="On the right, a variational autoencoder, VAE for short. It squeezes each digit "
            "into a small cloud instead of a point, and clouds that stray from the middle cost "
            "extra. So the clouds lie close and overlap, and the decoder practises every place.",
            do="Move the pointer over either map: both decoders draw the same place.",
            notes="In every step of the training the code is drawn anew from the digit's cloud, so "
            "neighbouring places must give similar pictures. The price that keeps the clouds "
            "together is called the KL term. The gain is a map without holes, from which new "
            "digits can be picked by chance; the cost is a little sharpness.",
        ),
        Stop(
            name="denoising",
            page="latent",
            view={"model": "denoising-10", "tab": "noise", "hidden": "50"},
            title="Seeing through noise",
            words="This network was shown digits with part of their pixels hidden, and had to draw "
            "the whole ones. Its code of ten numbers has room for a digit but none for the holes: "
            "what it redraws is clean.",
            do="Hide more and more of the digit until the network is wrong.",
            notes="It is the same kind of network as before; only the task has changed. In "
            "training up to four pixels in ten were hidden. With more hidden it still draws a "
            "clean digit, but sooner or later another one: it fills the gaps with what it expects.",
        ),
        Stop(
            name="compression",
            page="compression",
            view={"rows": "sweep-10"},
            title="What compression costs",
            words="Every dot of the curve is a network with a code of another size. The fewer "
            "numbers, the more is lost. The line of PCA is what mixing fixed pictures can do with "
            "as many numbers: a network is worth its trouble only below it.",
            do="Click a dot to see what that network makes of the digits.",
            notes="Walk along the curve from large codes to small ones. With some hundred numbers "
            "the network hardly gains on PCA; with few it loses a third of PCA's error or less. "
            "The points marked as published are what the fifth source printed.",
        ),
        Stop(
            name="yours",
            page="models",
            view={"model": "vae-2d"},
            title="Now yours",
            words="Encoder, code, decoder, reconstruction: that was all of it. Here are the "
            "networks that you have met, each with its recipe and what it is good for. Yours will "
            "stand beside them.",
            do="Open the page Watch it learn and press Train, or bring pictures of your own.",
            notes="A training takes from some seconds to a minute or so. Everything shown can be "
            "saved: films as GIFs, losses as CSV, each network as a file that others can open.",
        ),
    )
}


def position(name: str) -> int:
    """Which stop this is, counted from 1. ValueError for one that is not in STOPS."""
    return list(STOPS).index(name) + 1


def neighbour(name: str, step: int) -> Stop | None:
    """The stop so many further on (or back, below 0); None where the tour is over. ValueError for
    a name that is not in STOPS."""
    stops, place = list(STOPS.values()), position(name) - 1 + step
    return stops[place] if 0 <= place < len(stops) else None
