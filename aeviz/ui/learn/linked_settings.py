"""A changed recipe in the address of "Watch it learn": one parameter for each changed setting."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

from streamlit.delta_generator import DeltaGenerator

from aeviz.networks.limits import PresetError, check_recipe
from aeviz.networks.recipes import Preset
from aeviz.networks.settings import SETTINGS
from aeviz.ui.shell import address, state
from aeviz.ui.shell.address import LinkError

PAGE = "learn"
# The pictures of a link that names none.
USUAL = "mnist"
_NO_LAYERS = "none"
# Digits of a whole number, letters of a list of widths: more than the largest possible ones have.
_LONGEST_WHOLE, _LONGEST_STACK = 9, 120


def begun(base: Preset, of: str, notes: DeltaGenerator | None) -> Preset:
    """Return a recipe as its visitor left it, or as a link changes it.

    A setting of a link that cannot be read, or that this recipe cannot be trained with, is said and
    stays as it was.

    Args:
        base: The recipe without any change.
        of: What tells this recipe from the others.
        notes: Where there is room for a sentence.
    """
    asked = _all_asked(base)
    values = {
        name: address.begin(
            PAGE, name, getattr(base, name), _reader(base, name, asked), notes, of=of
        )
        for name in SETTINGS
    }
    return replace(base, **values)


def keep(base: Preset, preset: Preset, of: str) -> None:
    """Remember every setting, and put those that `preset` changes into the address."""
    for name in SETTINGS:
        value, usual = getattr(preset, name), getattr(base, name)
        address.keep(PAGE, name, text_of(value), text_of(usual), of=of)


def text_of(value: object) -> str:
    """The value of a setting for the address."""
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or _NO_LAYERS
    return str(value)


def value_of_text(text: str, base: Preset, name: str) -> object:
    """The inverse of `text_of` for one setting of a recipe.

    Raises:
        LinkError: Where the text is no value of this kind. Whether the recipe can be trained with
            the value is up to limits.py.
    """
    setting, usual = SETTINGS[name], getattr(base, name)
    words = setting.plain_name
    if not setting.shown_when(base):
        raise LinkError(f"The link changes the {words}, which this recipe does not have.")
    if isinstance(usual, tuple):
        if text == _NO_LAYERS:
            return ()
        if not (re.fullmatch(r"[0-9]+(-[0-9]+)*", text) and len(text) <= _LONGEST_STACK):
            raise LinkError(f"The link's {words} should be widths of layers, such as 512-128.")
        return tuple(map(int, text.split("-")))
    if isinstance(usual, int):
        if not re.fullmatch(rf"[0-9]{{1,{_LONGEST_WHOLE}}}", text):
            raise LinkError(f"The link's {words} should be a whole number.")
        if setting.on and int(text) not in (0, setting.on):
            raise LinkError(f"The link's {words} should be 0 or {setting.on}.")
        return int(text)
    if isinstance(usual, float):
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise LinkError(f"The link's {words} should be a number.")
        return number
    return text


def _all_asked(base: Preset) -> Preset:
    """The recipe with every setting of the address that can be read."""
    values = {}
    for name in SETTINGS:
        text = state.linked_text(name)
        try:
            if text is not None:
                values[name] = value_of_text(text, base, name)
        except LinkError:
            continue
    return replace(base, **values)


def _reader(base: Preset, name: str, asked: Preset) -> Callable[[str], object]:
    def read(text: str) -> object:
        value = value_of_text(text, base, name)
        try:
            # Two settings may need each other, such as a loss and its read-out.
            check_recipe(asked)
        except PresetError:
            check_recipe(replace(base, **{name: value}))
        return value

    return read
