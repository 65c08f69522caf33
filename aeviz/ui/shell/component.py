"""Components that run in the browser: their files, their declaration, and how they are drawn.

A component is one module in the browser: its scripts are joined in the order given, plain functions
first, so that a script uses what stands in those before it.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from aeviz.ui.shell.packed import packed

_UI = Path(__file__).resolve().parents[1]

# Of every component that was declared: its scripts, in their order. For checks of the scripts.
SCRIPTS: dict[str, tuple[str, ...]] = {}


def read(*names: str) -> str:
    """Return browser files, named by their path below `aeviz/ui`, one after another."""
    return "\n".join((_UI / name).read_text(encoding="utf-8") for name in names)


def declare(
    name: str,
    scripts: Sequence[str],
    *,
    html: str = "<span hidden></span>",
    styles: Sequence[str] = (),
    sends: Sequence[str] = (),
) -> Callable[..., Mapping[str, object]]:
    """Declare a component; to be called once a process, when its module is imported.

    Args:
        name: the component's own, among all of them.
        scripts: its scripts, as `read` names them.
        styles: its style sheets; without any it is not seen.
        html: what it begins with.
        sends: names of the values that come back from the browser.

    Returns:
        `draw(data, *, key, **callbacks)`, which puts the component on a page and returns what it
        has sent so far, unchecked. data: JSON values and arrays, or bytes from `packed`.
    """
    SCRIPTS[name] = tuple(scripts)
    component = st.components.v2.component(
        name,
        html=html,
        css=read(*styles) if styles else ":host { display: none; }",
        js=read(*scripts),
        isolate_styles=True,
    )
    heard: dict[str, Any] = {f"on_{value}_change": _nothing for value in sends}

    def draw(data: Mapping[str, object] | bytes, *, key: str, **callbacks: Any):
        # Packed, also because Streamlit looks for data frames among a dictionary's values, and
        # imports pandas and pyarrow for it (60 MB, and half a second of the first visit).
        handed = data if isinstance(data, bytes) else packed(data)
        return component(key=key, data=handed, **(heard | callbacks))

    return draw


def _nothing() -> None:
    """Do nothing. Streamlit keeps only such values of a component's state that have a callback."""
