"""The pages by name, in their order."""

from dataclasses import dataclass
from pathlib import Path

_UI = Path(__file__).resolve().parents[1]


def script(name: str) -> str:
    """Return the path of a page's script, absolute, as `st.Page` and `st.page_link` want it."""
    return str(_UI / name / "page.py")


@dataclass(frozen=True)
class PageEntry:
    """A page. path: its path in the address, "" for the first page."""

    name: str
    title: str
    path: str

    @property
    def file(self) -> str:
        """The page's script."""
        return script(self.name)


PAGES = {
    page.name: page
    for page in (
        PageEntry("learn", "Watch it learn", ""),
        PageEntry("latent", "Latent space", "latent"),
        PageEntry("manifold", "Manifold", "manifold"),
        PageEntry("meaning", "Meaning", "meaning"),
        PageEntry("compression", "Compression", "compression"),
        PageEntry("models", "Models", "models"),
    )
}


# In the address while the tour is on, on every page.
TOUR = "tour"
