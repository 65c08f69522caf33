"""The pages by name, in their order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PageEntry:
    """A page. path: its path in the address, "" for the first page."""

    name: str
    title: str
    path: str

    @property
    def file(self) -> str:
        """The page's script."""
        return f"aeviz/ui/{self.name}/page.py"


PAGES = {
    page.name: page
    for page in (
        PageEntry("learn", "Watch it learn", ""),
        PageEntry("latent", "Latent space", "latent"),
        PageEntry("manifold", "Manifold", "manifold"),
        PageEntry("compression", "Compression", "compression"),
        PageEntry("models", "Models", "models"),
    )
}


# In the address while the tour is on, on every page.
TOUR = "tour"
