"""The form of a recipe on the page "Watch it learn": every setting, in plain words.

What a visitor changes is in the address, one parameter for each changed setting.
"""

import math
import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from aeviz.networks.limits import PresetError, check_recipe, fitted, fitted_note
from aeviz.networks.preset import Preset
from aeviz.networks.settings import SECTIONS, SETTINGS, WIDEST_LAYER, Setting, choice_in_words
from aeviz.text.names import plain_name
from aeviz.ui.learn.linked_recipe import PAGE
from aeviz.ui.shell import state
from aeviz.ui.shell.address import LinkError
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.controls import number_field

VARIANTS = {"tuned": "Tuned: better pictures sooner", "published": "As published"}
_NO_LAYERS = "none"
# Digits of a whole number, letters of a list of widths: more than the largest possible ones have.
_LONGEST_WHOLE, _LONGEST_STACK = 9, 120


def smaller_batch_note(recipe: Preset, preset: Preset, images: int) -> str:
    """The note on batches that had to become as small as a data set; "" where they did not."""
    return fitted_note(images) if preset.batch_size == images < recipe.batch_size else ""


def recipe_form(tuned: Preset, of: str, *, images: int, kinds: int) -> Preset:
    """Draw the form of one recipe and return the recipe as it stands.

    Args:
        tuned: The recipe as it is when nothing is changed.
        of: The stored model whose recipe it is, "" for one of PRESETS.
        images: How many training images there are; batches begin no larger than that.
        kinds: Of how many kinds they are, 0 without labels.

    Raises:
        UserError: A number or a list of layers cannot be read.
    """
    name = f"{tuned.name}.{of}" if of else tuned.name
    base, variant, form = tuned, "tuned", Choice(PAGE, "variant", name)
    if tuned.published:
        variant = form.segmented("Tuned or as published", VARIANTS, what="form of this recipe")
        base = tuned.published if variant == "published" else tuned
        if variant == "published" and base.not_given:
            gaps = "; ".join(
                f"{SETTINGS[field].label.lower()} not given; we use {value}"
                for field, value in base.not_given
            )
            st.caption(f"Source {base.source}: {gaps}.")
    else:
        form.keep("")
    usual = fitted(base, images=images, kinds=kinds)
    of = f"{name}.{variant}"
    begun = fitted(_begun(usual, of), images=images)
    preset = _form(begun, f"{of}.{state.generation()}", usual)
    for field in SETTINGS:
        text, usual_text = text_of(getattr(preset, field)), text_of(getattr(usual, field))
        Choice(PAGE, field, of).keep(text, usual_text)
    return replace(preset, published=base.published)


def _form(begun: Preset, prefix: str, usual: Preset) -> Preset:
    """The recipe as the form has it. begun: what its fields begin with."""
    values = {}
    columns = st.columns(len(SECTIONS), gap="large")
    for column, (heading, section) in zip(columns, SECTIONS.items(), strict=True):
        with column:
            st.markdown(f"**{heading}**")
            for setting in section:
                if setting.shown_when(begun):
                    key = f"{prefix}.{setting.name}"
                    if setting.name == "batch_size":
                        # It begins anew where other pictures call for another usual one.
                        key += f".{usual.batch_size}"
                    values[setting.name] = _field(setting, getattr(begun, setting.name), key)
    return replace(begun, **values)


def _field(setting: Setting, value: str | float | tuple[int, ...], key: str):
    """Draw the field of one setting that begins with this value, and return what it has."""
    look: dict[str, Any] = {"label": setting.label, "key": key, "help": setting.help}
    match value:
        case tuple():
            text = st.text_input(**look, value="-".join(map(str, value)), placeholder="none")
            return _typed_layers(text)
        case str():
            options = list(setting.choices)
            first = options.index(value)
            return st.selectbox(**look, options=options, index=first, format_func=choice_in_words)
        case int() if setting.on:
            return setting.on if st.toggle(**look, value=bool(value)) else 0
        case float():
            return number_field(value=value, **look)
    return st.number_input(**look, value=value, step=1)


def _typed_layers(text: str) -> tuple[int, ...]:
    """Widths of layers from "512-128"; spaces and commas do as well. Raises PresetError."""
    if not re.fullmatch(r"[\d\s,>-]{0,120}", text):
        said = plain_name(text, longest=40)
        raise PresetError(f"“{said}” is not a list of layer widths: write it like 512-128.")
    widths = tuple(int(n) for n in re.findall(r"\d+", text))
    if any(n > 10**9 for n in widths):
        raise PresetError(f"A layer that wide is not possible: choose 1 up to {WIDEST_LAYER:,}.")
    return widths


# --- the address ---------------------------------------------------------------------------------


def _begun(base: Preset, of: str) -> Preset:
    """Return a recipe as its visitor left it, or as a link changes it.

    A setting of a link that cannot be read, or that this recipe cannot be trained with, is said and
    stays as it was. of: what tells this recipe from the others.
    """
    asked = {}
    for name in SETTINGS:
        with suppress(LinkError):
            if (text := state.linked_text(name)) is not None:
                asked[name] = value_of_text(text, base, name)
    values = {}
    for name in SETTINGS:
        read = partial(_possible_value, base=base, name=name, asked=replace(base, **asked))
        values[name] = Choice(PAGE, name, of).begin(getattr(base, name), read)
    return replace(base, **values)


def _possible_value(text: str, base: Preset, name: str, asked: Preset) -> object:
    value = value_of_text(text, base, name)
    try:
        # Two settings may need each other, such as a loss and its read-out.
        check_recipe(asked)
    except PresetError:
        check_recipe(replace(base, **{name: value}))
    return value


def text_of(value: object) -> str:
    """The value of a setting for the address."""
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or _NO_LAYERS
    return str(value)


def value_of_text(text: str, base: Preset, name: str) -> object:
    """The inverse of `text_of` for one setting of a recipe.

    Raises:
        LinkError: The text is no value of this kind. Whether the recipe can be trained with the
            value is up to limits.py.
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
        with suppress(ValueError):
            if math.isfinite(number := float(text)):
                return number
        raise LinkError(f"The link's {words} should be a number.")
    return text
