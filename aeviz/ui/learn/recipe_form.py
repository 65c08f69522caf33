"""The recipe panel: every architecture and training parameter, in plain words."""

from __future__ import annotations

import re
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.networks.limits import PresetError, fitted, fitted_note
from aeviz.networks.recipes import Preset
from aeviz.networks.settings import SECTIONS, SETTINGS, WIDEST_LAYER, Setting, choice_in_words
from aeviz.ui.learn import linked_settings
from aeviz.ui.shell import address, state

VARIANTS = {"tuned": "Tuned: better pictures sooner", "published": "As published"}


def few_pictures(recipe: Preset, preset: Preset, images: int) -> str:
    """The note on batches that had to become as small as a data set; "" where they did not."""
    return fitted_note(images) if preset.batch_size == images < recipe.batch_size else ""


def recipe(
    tuned: Preset,
    of: str = "",
    *,
    images: int | None = None,
    notes: DeltaGenerator | None = None,
) -> Preset:
    """Draw the panel for one recipe and return it as it stands.

    Args:
        tuned: The recipe as it is when nothing is changed.
        of: The stored model whose recipe it is, "" for one of PRESETS.
        images: How many training images there are; batches begin no larger than that.
        notes: Where there is room for a sentence on a link that makes no sense.

    Raises:
        PresetError: A list of layers cannot be read.
    """
    name = f"{tuned.name}.{of}" if of else tuned.name
    base, variant = tuned, "tuned"
    if tuned.published:
        variant = st.segmented_control(
            "Tuned or as published",
            list(VARIANTS),
            format_func=VARIANTS.get,
            default=address.begin(
                linked_settings.PAGE,
                "variant",
                "tuned",
                address.one_of(VARIANTS, "form of this recipe"),
                notes,
                of=name,
            ),
            required=True,
            key=f"variant.{name}.{state.generation()}",
            label_visibility="collapsed",
        )
        base = tuned.published if variant == "published" else tuned
        if variant == "published" and base.not_given:
            gaps = "; ".join(
                f"{SETTINGS[field].label.lower()} not given; we use {value}"
                for field, value in base.not_given
            )
            st.caption(f"Source {base.source}: {gaps}.")
    address.keep(linked_settings.PAGE, "variant", variant, "tuned", of=name)
    shown = base if images is None else fitted(base, images=images)
    of = f"{name}.{variant}"
    begun = linked_settings.begun(shown, of, notes)
    if images is not None:
        begun = fitted(begun, images=images)
    preset = _form(begun, f"{of}.{state.generation()}", shown)
    linked_settings.keep(shown, preset, of)
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
    look = {"label": setting.label, "key": key, "help": setting.help}
    match value:
        case tuple():
            text = st.text_input(**look, value="-".join(map(str, value)), placeholder="none")
            return read_layers(text)
        case str():
            first = setting.choices.index(value)
            return st.selectbox(
                **look, options=setting.choices, index=first, format_func=choice_in_words
            )
        case int() if setting.on:
            return setting.on if st.toggle(**look, value=bool(value)) else 0
    step, form = setting.field
    return st.number_input(**look, value=type(step)(value), step=step, format=form)


def read_layers(text: str) -> tuple[int, ...]:
    """Widths of layers from "512-128"; spaces and commas do as well. Raises PresetError."""
    if not re.fullmatch(r"[\d\s,>-]{0,120}", text):
        raise PresetError(f"“{text[:40]}” is not a list of layer widths: write it like 512-128.")
    widths = tuple(int(n) for n in re.findall(r"\d+", text))
    if any(n > 10**9 for n in widths):
        raise PresetError(f"A layer that wide is not possible: choose 1 up to {WIDEST_LAYER:,}.")
    return widths
