"""The stops of the tour: what autoencoders are, each a view of one of the pages."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Stop:
    """One view and what to say of it.

    Attributes:
        page: A name in PAGES.
        view: Query parameters of that page, at least one.
        about: What it shows, one or two sentences for where all stops stand together.
        words: Two or three sentences on the screen.
        do: What to do with the hand, one sentence.
        notes: What a speaker can add.
        without_mnist: `view` for a computer without MNIST; None where the same one does.
    """

    name: str
    page: str
    view: Mapping[str, str]
    title: str
    about: str
    words: str
    do: str
    notes: str
    without_mnist: Mapping[str, str] | None = None


_FIRST = "karpathy-2d"
# By the model's name too: the page would show a newer run of the recipe, a visitor's own.
_FIRST_RUN = {"recipe": _FIRST, "model": _FIRST}
_FIRST_OFFLINE = {"recipe": _FIRST, "data": "digits", "model": f"digits-{_FIRST}"}

STOPS: dict[str, Stop] = {
    stop.name: stop
    for stop in (
        Stop(
            name="squeeze",
            page="learn",
            view=_FIRST_RUN,
            without_mnist=_FIRST_OFFLINE,
            title="Squeeze and redraw",
            about="A network squeezes a picture into two numbers and draws it again: out of "
            "grey fog a digit appears.",
            words="The top row shows digits that people wrote. A network squeezes each into two "
            "numbers and redraws it from those alone: this is an autoencoder. It begins knowing "
            "nothing and learns from its mistakes.",
            do="Watch the row Redrawn; drag the slider to go back in time.",
            notes="The film is one training, from random weights to the finished network. At "
            "first all pictures are the same grey fog: one average digit is the best guess of a "
            "network that knows nothing. The dots on the right are digits too, each at the place "
            "that its two numbers give; they drift apart as the network learns to tell them "
            "apart. Nobody tells it which digit is which: the colours are ours.",
        ),
        Stop(
            name="encoder",
            page="latent",
            view={"model": _FIRST, "tab": "draw"},
            title="The encoder",
            about="The first half turns each picture into its code, a place on a map.",
            words="The first half of the network is the encoder. It turns a picture into a few "
            "numbers, its code. Here there are two, so each digit has its place on a map: every "
            "dot is one.",
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
            title="The decoder",
            about="The second half draws a picture for every place of that map, also between "
            "the digits.",
            words="The second half is the decoder. From nothing but two numbers it draws a "
            "picture, at every place of the map, also where no digit has ever been. All these "
            "places together are called latent space.",
            do="Go slowly over the map, from one colour to the next.",
            notes="Start among the 1s, where the pictures lean one way and then the other: the "
            "network has found slant by itself. Then stop between two colours: the decoder draws "
            "something between two digits. A click or a tap pins a place; the arrow keys move "
            "the point as well. “Latent” only means hidden: nobody wrote these numbers down, the "
            "network made them up.",
        ),
        Stop(
            name="reconstruction",
            page="learn",
            view={**_FIRST_RUN, "digits": "worst", "errors": "1", "at": "40000"},
            without_mnist={**_FIRST_OFFLINE, "digits": "worst", "errors": "1", "at": "8000"},
            title="What gets lost",
            about="What comes out is the reconstruction. Two numbers cannot hold all of a "
            "handwriting.",
            words="What comes out is the reconstruction. These ten came out worst; the row Error "
            "shows every pixel that is off. Two numbers cannot hold all that makes a digit "
            "somebody's own.",
            do="Drag the slider: some strokes come late, some never.",
            notes="The network keeps what many digits share and drops what is rare: a flourish, "
            "an odd slant, a broken stroke. Some of these it takes for another digit altogether, "
            "and then draws that one well. The choice Digits below the film has the best redrawn "
            "too. The figure below the slider is the mean squared error of a pixel; a plain "
            "statistical method, PCA, does worse with two numbers.",
        ),
        Stop(
            name="undercomplete",
            page="learn",
            view={**_FIRST_RUN, "beside": "stacked-100"},
            title="A small code",
            about="The same digits through a code of 2 numbers and of 100.",
            words="The pictures have 784 pixels. Above, a code of 2 numbers; below, one of 100. "
            "Neither has room for a copy, so the network must find out what digits have in "
            "common. Such codes are called undercomplete.",
            do="Compare the two rows Redrawn.",
            notes="The narrow place in the middle is the whole trick: it forces the network to "
            "find a short description. With 100 numbers the handwriting survives, with 2 only the "
            "kind of digit and a little of its slant. How much each size costs comes near the end "
            "of the tour.",
        ),
        Stop(
            name="overcomplete",
            page="learn",
            view={"recipe": "overcomplete", "data": "digits"},
            title="A large code",
            about="With more numbers than pixels a network can simply copy, and its codes "
            "look like specks at random.",
            words="These pictures have 64 pixels and the code has 144 numbers: it is overcomplete. "
            "The network can simply copy, and does so almost perfectly. It need not find out what "
            "a digit is, and its codes look like specks at random.",
            do="Look at the row Its code: most numbers are busy at once.",
            notes="With room to spare, a perfect copy is no achievement: the error alone does not "
            "tell how much a network has understood. Below the slider it says how many of its "
            "numbers a picture uses.",
        ),
        Stop(
            name="sparse",
            page="learn",
            view={"recipe": "sparse", "data": "digits", "beside": "digits-overcomplete"},
            title="A price on the code",
            about="A penalty on every number in use leaves most of them at zero.",
            words="Above, the same network, but each number that it uses has a price: a penalty on "
            "the code. It leaves most of them at zero and redraws every digit from a few. Below, "
            "the one without.",
            do="Compare the two rows Its code.",
            notes="Such a code is called sparse. It has as many numbers as before, but each is "
            "used for certain strokes and rests otherwise. So a large code can be as telling as a "
            "small one: it is not the length that counts, but what it costs to use. The price is "
            "paid in a little sharpness.",
        ),
        Stop(
            name="gaps",
            page="manifold",
            view={"model": _FIRST, "over": "dim"},
            title="A map with holes",
            about="Across the map of a plain autoencoder: between the digits it has to guess.",
            words="This is the first network again: what its decoder draws, place by place. The "
            "faded places are far from every digit. Nothing in the training says what belongs "
            "there, so the decoder guesses.",
            do="Go over the map, from the clear places out into the faded ones.",
            notes="An ordinary autoencoder may put its codes anywhere, as long as it can redraw "
            "from them. So the digits spread unevenly, with empty land between and around them. "
            "Whoever picks a place by chance will often get a picture that is no digit. Codes as "
            "dots, on the left, shows where the digits are.",
        ),
        Stop(
            name="vae",
            page="manifold",
            view={"model": "vae-2d", "n": "24"},
            title="A smooth map",
            about="Across the map of a variational autoencoder: every place gives a digit.",
            words="A variational autoencoder, VAE for short, squeezes each digit into a small "
            "cloud instead of a point, and all clouds into one heap. They overlap and leave hardly "
            "a hole, so neighbouring places must give similar pictures.",
            do="Go round in a circle on the map: each digit melts into the next.",
            notes="In every step of the training the code is drawn anew from the digit's cloud, so "
            "the decoder practises every place around it. The price that keeps the clouds in one "
            "heap is called the KL term. The gain is a map without holes, from which new digits "
            "can be picked by chance; the cost is a little sharpness. Go back one stop to compare; "
            "Film, at the top, shows how the map came to be.",
        ),
        Stop(
            name="denoising",
            page="latent",
            view={"model": "denoising-10", "tab": "noise", "hidden": "50"},
            title="Through the noise",
            about="Trained to draw what was wiped out, it cleans pictures.",
            words="This network was shown digits with part of their pixels wiped out, and had to "
            "draw the whole ones. Its code of ten numbers has room for a digit but none for the "
            "holes: what it redraws is clean.",
            do="Wipe out more and more, of this digit and of others, until it loses them.",
            notes="It is the same kind of network as before; only the task has changed. In "
            "training up to four pixels in ten were wiped out. With more than that it often still "
            "draws the digit, sometimes another one that the rest of it might be: it fills the "
            "gaps with what it expects. Where nearly nothing is left, it has never been asked "
            "before, and what it draws means nothing.",
        ),
        Stop(
            name="meaning",
            page="meaning",
            view={"model": "sweep-10", "at": "1241"},
            title="What a number means",
            about="No number of a code has a name, but there are ways through several of them "
            "that do: bolder, upright.",
            words="The code of this network has ten numbers, and nobody said what each should "
            "mean: every strip moves one of them. But there are ways through all ten at once that "
            "have a name, such as bolder or more slanted.",
            do="Press Straighten it and then Bolder; pull the other sliders.",
            notes="The ways are found by measuring: how much ink a picture has, how far it leans, "
            "how thick its strokes are, and which mix of the ten numbers goes along with that. "
            "The small curve beside a slider says how far to trust it: what was measured on digits "
            "that the slider was not made from. With the model of two numbers it fails, and the "
            "page says so: what makes a digit bolder there makes it another digit.",
        ),
        Stop(
            name="style",
            page="latent",
            view={"model": "cvae-2d"},
            title="Label and style",
            about="Told which digit it is, a network keeps only the hand: one code, drawn as all "
            "ten digits.",
            words="This network is told which digit it sees, and told again when it redraws. So "
            "its two numbers need not say which digit it is: they are left for the hand that wrote "
            "it. The row shows one code as all ten digits.",
            do="Point at the map: every place is another hand. Then press one of the ten.",
            notes="It is called a conditional autoencoder: the label goes into the encoder and "
            "into the decoder as ten more inputs, a one for the digit and zeros for the rest. On "
            "the other maps the ten digits lie apart; here they lie over each other, because "
            "nothing would be gained by keeping them apart. What is left is slant, width and "
            "boldness. Under Draw a digit of your own comes back as all ten: a drawing has no "
            "label, so the page tries them all and keeps the one with which it is redrawn best.",
        ),
        Stop(
            name="compression",
            page="compression",
            view={"in": "any", "numbers": "6"},
            title="What it costs",
            about="One digit through codes of 1, 2, 5, 10 and 32 numbers.",
            words="Every dot of the curve is a network with a code of another size: the smaller "
            "it is, the more gets lost. The diamonds are one network whose numbers are sorted by "
            "what they are worth, so that any first few will do.",
            do="Slide: the digit comes into focus as more of its code arrives.",
            notes="From about ten to three hundred numbers a network loses three to five times "
            "less than PCA does with as many. With one or two numbers the gain is smaller, and "
            "with 500 there is none left. A code is a file too: In bytes holds it against JPEG "
            "and others. Down to an error of .001 the networks take fewer bytes, and below it "
            "AVIF does.",
        ),
        Stop(
            name="yours",
            page="models",
            view={"model": "vae-2d"},
            title="Now yours",
            about="Every network that is here, and how good it is. Yours will stand beside them.",
            words="Encoder, code, decoder, reconstruction: that was all. Here is every network "
            "that you have met, with its recipe and how good it is. Yours will stand beside them.",
            do="Open Watch it learn and press Train, or bring your own pictures there.",
            notes="Most recipes train in less than a minute or two. Everything shown can be "
            "kept: films as GIFs, losses as CSV, each network as a file that others can open.",
        ),
    )
}


def position(name: str) -> int:
    """Return a stop's number, from 1. Raises ValueError for a name that is not in STOPS."""
    return list(STOPS).index(name) + 1


def neighbour(name: str, step: int) -> Stop | None:
    """Return the stop so many steps further on, or None past an end. Raises as `position`."""
    stops, place = list(STOPS.values()), position(name) - 1 + step
    return stops[place] if 0 <= place < len(stops) else None
