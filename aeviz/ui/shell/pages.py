"""The pages by name: what the navigation offers and the keys of presenter mode open."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageEntry:
    """A page by the name of its folder. path: its path in the address, "" for the first page."""

    name: str
    title: str
    path: str

    @property
    def file(self) -> str:
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
