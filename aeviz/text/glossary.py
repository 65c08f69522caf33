"""The field's words in plain ones: each in one sentence, with its formula where it has one."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word that a newcomer stumbles over.

    spoken: how it is written on the pages, the first of them in a list of words. meaning: one plain
    sentence. formula: LaTeX, "" for none; where: what its letters stand for.
    """

    spoken: tuple[str, ...]
    meaning: str
    formula: str = ""
    where: str = ""


# In the order of a first telling: none leans on one that comes later.
TERMS: dict[str, Term] = {
    "autoencoder": Term(
        ("autoencoder", "autoencoders"),
        "A network that squeezes a picture into a few numbers and redraws it from those alone.",
        r"\hat{x} = d(e(x))",
        "x is the picture, e the encoder, d the decoder.",
    ),
    "code": Term(
        ("code", "codes"),
        "The few numbers that a picture is squeezed into; it is redrawn from nothing else.",
    ),
    "encoder": Term(
        ("encoder",),
        "The first half of the network: it turns a picture into its code.",
        r"z = e(x)",
        "x is the picture as numbers from 0 to 1, z its code.",
    ),
    "decoder": Term(
        ("decoder",),
        "The second half of the network: it draws a picture from a code.",
        r"\hat{x} = d(z)",
        "z is the code.",
    ),
    "reconstruction": Term(
        ("reconstruction", "reconstructions", "redrawn picture"),
        "What the network redraws of a picture from its code.",
    ),
    "bottleneck": Term(
        ("bottleneck",),
        "The narrowest place of the network, where there is only the code.",
    ),
    "latent": Term(
        ("latent space", "latent"),
        "The space of all codes: two numbers make a map, each place of which is a picture.",
    ),
    "manifold": Term(
        ("manifold",),
        "All the pictures that the decoder can draw, laid out by their codes.",
    ),
    "error": Term(
        ("error", "errors", "MSE"),
        "How far the redrawn picture is off: the mean squared difference of its pixels, where 0 is "
        "paper and 1 is full ink.",
        r"\mathrm{MSE} = \frac{1}{p}\sum_{i=1}^{p} (x_i - \hat{x}_i)^2",
        "p is the number of pixels. RMSE is its square root.",
    ),
    "loss": Term(
        ("loss", "losses"),
        "The number that training makes smaller: how badly the network does on the pictures.",
    ),
    "step": Term(
        ("step", "steps"),
        "One small correction of the network, made after looking at a handful of pictures.",
        r"\theta \leftarrow \theta - \eta \, \nabla_\theta L",
        "θ are the network's weights, η is the learning rate, L the loss of the handful. Adam, the "
        "usual rule, also scales each weight's correction by those before.",
    ),
    "epoch": Term(("epoch", "epochs"), "One pass over all the training pictures."),
    "validation": Term(
        ("validation",),
        "Pictures kept aside: they show how the network does on what it does not learn from.",
    ),
    "overfitting": Term(
        ("overfitting",),
        "Learning the training pictures by heart: they come out better, new ones worse.",
    ),
    "PCA": Term(
        ("PCA",),
        "The best that adding up fixed pictures in different shares can do: the yardstick that a "
        "network has to beat.",
        r"\hat{x} = m + \sum_{k=1}^{n} \langle x - m,\, v_k \rangle \, v_k",
        "m is the mean picture and the v are the n directions in which pictures vary most.",
    ),
    "compression ratio": Term(
        ("compression ratio", "ratio"),
        "How many times fewer numbers the code has than the picture has pixels.",
        r"\frac{p}{n}",
        "p pixels, n numbers in the code.",
    ),
    "codec": Term(
        ("codec", "codecs"),
        "A way of writing pictures as files that every browser can open: JPEG, WebP, AVIF.",
    ),
    "noise": Term(
        ("noise",),
        "Pixels spoiled on purpose: the network learns to draw the clean picture all the same.",
    ),
    "penalty": Term(
        ("penalty on the code", "penalty"),
        "A price on busy codes: the network uses as few of its numbers as it can.",
        r"L = \mathrm{MSE} + \lambda \sum_{k=1}^{n} |z_k|",
        "λ is the weight of the penalty; with squares in place of the bars it is L2.",
    ),
    "overcomplete": Term(
        ("overcomplete",),
        "With a code of more numbers than the picture has pixels: it could simply be copied.",
    ),
    "undercomplete": Term(
        ("undercomplete",),
        "With a code smaller than the picture, so that something has to be left out.",
    ),
    "variational": Term(
        ("variational autoencoder", "variational", "VAE"),
        "An autoencoder whose encoder answers with a small cloud of codes instead of one point.",
        r"z = \mu + \sigma \odot \varepsilon, \quad \varepsilon \sim \mathcal{N}(0, I)",
        "μ and σ are what the encoder answers; ε is drawn anew each time.",
    ),
    "KL": Term(
        ("KL term", "KL"),
        "The price for clouds that stray from one common round heap; it leaves no gaps in the map.",
        r"\mathrm{KL} = \tfrac{1}{2} \sum_{k=1}^{n} (\mu_k^2 + \sigma_k^2 - 1 - \ln \sigma_k^2)",
        "for a code of n numbers.",
    ),
    "collapse": Term(
        ("posterior collapse",),
        "A number of the code that says nothing of the picture: its price is saved instead.",
    ),
    "direction": Term(
        ("direction", "directions"),
        "A way through the code along several of its numbers at once, to more of something.",
        r"z' = z + t\, v, \quad v \propto \Sigma^{-1} \mathrm{Cov}(z, a)",
        "z is the code, a what is measured on the picture, Σ the covariance of the codes, t how "
        "far one pulls.",
    ),
    "conditional": Term(
        ("conditional autoencoder", "told what each picture shows"),
        "An autoencoder that is told what each picture shows, so that its code is left for all "
        "else, such as the style.",
        r"z = f(x, y), \quad \hat x = g(z, y)",
        "x is the picture, y its label, z the code, x with a hat the reconstruction.",
    ),
    "traversal": Term(
        ("traversal", "traversals"),
        "One number of the code taken from low to high, while the others stay.",
    ),
    "nats": Term(("nats",), "A measure of information: one nat is 1.44 bits."),
    "seed": Term(
        ("seed",), "The number that all chance begins with: the same seed gives the same training."
    ),
    "weights": Term(
        ("weights",), "The numbers inside the network that training sets: all that it has learned."
    ),
}

_SPOKEN = {word: name for name, term in TERMS.items() for word in term.spoken}
# Longer ones first, so that "latent space" is not taken for "latent". Not in the midst of a word or
# beside a hyphen: "gray code" is, "mini-step" is not one of them.
_PATTERN = re.compile(
    r"(?<![\w-])("
    + "|".join(re.escape(word) for word in sorted(_SPOKEN, key=len, reverse=True))
    + r")(?![\w-])",
    re.IGNORECASE,
)


def pieces(text: str) -> list[tuple[str, str | None]]:
    """`text` cut into pieces, each with the name of the term it is, None for what is none.

    Joined they are `text` again. Each term counts once, where it comes first.
    """
    out: list[tuple[str, str | None]] = []
    seen: set[str] = set()
    done = 0
    for match in _PATTERN.finditer(text):
        name = _named(match.group())
        if name is None or name in seen:
            continue
        seen.add(name)
        out += [(text[done : match.start()], None), (match.group(), name)]
        done = match.end()
    out.append((text[done:], None))
    return [piece for piece in out if piece[0]]


def _named(word: str) -> str | None:
    """The term that a word is; those in capitals, such as PCA, only in capitals."""
    if word in _SPOKEN:
        return _SPOKEN[word]
    small = word[0].lower() + word[1:]  # the first word of a sentence
    return _SPOKEN.get(small)
