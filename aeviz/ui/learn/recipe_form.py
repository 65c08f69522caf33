"""The recipe panel: every architecture and training parameter, in plain words."""

from __future__ import annotations

import re
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aeviz.networks.autoencoder import ACTIVATIONS
from aeviz.networks.limits import (
    INITIALIZERS,
    LARGEST_CODE,
    LOSSES,
    NOISE_MODES,
    OPTIMIZERS,
    SAMPLINGS,
    SCHEDULES,
    PresetError,
    fitted,
)
from aeviz.networks.recipes import Preset
from aeviz.ui.catalog.recipe_words import few_words, words
from aeviz.ui.learn import linked_settings
from aeviz.ui.shell import address, state

VARIANTS = {"tuned": "Tuned: better pictures sooner", "published": "As published"}
_NAMES = {
    "batch_size": "batch size",
    "learning_rate": "learning rate",
    "output_activation": "read-out",
    "initializer": "initial weights",
    "code_activation": "bend of the code",
}


def few_pictures(recipe: Preset, preset: Preset, images: int) -> str:
    """What became of the batches where there are fewer training pictures than a recipe's own hold,
    one sentence; else "".
    """
    if preset.batch_size != images or recipe.batch_size <= images:
        return ""
    return few_words(images)


def recipe(
    tuned: Preset,
    of: str = "",
    *,
    images: int | None = None,
    notes: DeltaGenerator | None = None,
) -> Preset:
    """Draw the panel for one recipe and return it as it stands.

    of: the stored model whose recipe it is, "" for one of PRESETS. images: how many there are to
    train on; batches begin no larger than that. notes: where there is room for a sentence on a link
    that makes no sense. Raises PresetError when a layer list cannot be read.
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
            gaps = "; ".join(f"{_NAMES.get(k, k)} not given; we use {v}" for k, v in base.not_given)
            st.caption(f"Source {base.source}: {gaps}.")
    address.keep(linked_settings.PAGE, "variant", variant, "tuned", of=name)
    shown = base if images is None else fitted(base, images=images)
    of = f"{name}.{variant}"
    begun = linked_settings.begun(shown, of, notes)
    if images is not None:
        begun = fitted(begun, images=images)
    preset = _form(begun, f"{of}.{state.generation()}", usual_batch=shown.batch_size)
    linked_settings.keep(shown, preset, of)
    return replace(preset, published=base.published)


def _form(base: Preset, prefix: str, *, usual_batch: int) -> Preset:
    def key(field: str) -> str:
        return f"{prefix}.{field}"

    def choice(label: str, field: str, options, help: str | None = None) -> str:
        options = list(options)
        index = options.index(getattr(base, field))
        return st.selectbox(label, options, index, words, key=key(field), help=help)

    def whole(label: str, field: str, help: str | None = None) -> int:
        return int(
            st.number_input(label, value=getattr(base, field), step=1, key=key(field), help=help)
        )

    def real(label: str, field: str, step: float, form: str, help: str | None = None) -> float:
        value = float(getattr(base, field))
        return float(
            st.number_input(label, value=value, step=step, format=form, key=key(field), help=help)
        )

    network, goal, pace = st.columns(3, gap="large")
    with network:
        st.markdown("**The network**")
        encoder = _layers("Encoder layers, from picture to code", base.encoder, key("encoder"))
        latent_dim = whole(
            "Numbers in the code",
            "latent_dim",
            f"1 to {LARGEST_CODE:,}. More than a picture has pixels is called overcomplete.",
        )
        decoder = _layers("Decoder layers, from code to picture", base.decoder, key("decoder"))
        activation = choice("Bend of the hidden layers", "activation", ACTIVATIONS)
        code_activation = choice("Bend of the code", "code_activation", ACTIVATIONS)
        output = choice(
            "Read-out",
            "output_activation",
            ("linear", "relu", "sigmoid"),
            "ReLU or sigmoid remove the grey veil that a linear read-out leaves on the pictures.",
        )
        printed = base.before_readout
        if base.variational:
            as_printed = st.toggle(
                "Decoder as printed",
                value=bool(printed),
                key=key("before_readout"),
                help="Source 3 prints one more linear layer of 4 numbers before the read-out, "
                "likely by mistake: every picture then has to pass through 4 numbers.",
            )
            printed = linked_settings.PRINTED_READOUT if as_printed else 0
        initializer = choice("Initial weights", "initializer", INITIALIZERS)
    with goal:
        st.markdown("**What it tries to do**")
        loss = choice("Loss", "loss", LOSSES)
        kl_weight = base.kl_weight
        if base.variational:
            kl_weight = real(
                "Weight of the KL term",
                "kl_weight",
                0.1,
                "%.2f",
                "How strongly the codes are kept in one round cloud. 1 is the usual value.",
            )
        noise = real(
            "Noise: share of pixels blacked out", "noise", 0.05, "%.2f", "0 for none, up to 0.95."
        )
        noise_mode = choice(
            "Noise level",
            "noise_mode",
            NOISE_MODES,
            "Per image: each picture gets its own share between none and the noise above.",
        )
        code_l1 = real(
            "L1 penalty on the code",
            "code_l1",
            0.001,
            "%.4f",
            "Pushes most numbers of the code to zero. Useful with overcomplete codes.",
        )
        l2 = real("L2 penalty on the weights", "l2", 1e-5, "%.6f", "Against overfitting.")
        bias_start = real("Initial bias", "bias_start", 0.1, "%.2f")
    with pace:
        st.markdown("**How it trains**")
        optimizer = choice("Optimiser", "optimizer", OPTIMIZERS)
        rate = real("Learning rate", "learning_rate", 1e-4, "%.6f", "How large each step is.")
        schedule = choice(
            "Rate over time", "schedule", SCHEDULES, "Cosine: sinks smoothly to zero at the end."
        )
        # With the usual one in the key: it begins anew where other pictures call for another.
        batch_size = int(
            st.number_input(
                "Batch size",
                value=base.batch_size,
                step=1,
                key=key(f"batch_size.{usual_batch}"),
                help="Pictures looked at in each step.",
            )
        )
        sampling = choice("Batches are drawn", "sampling", SAMPLINGS)
        steps = whole("Steps", "steps")
        patience = whole(
            "Patience",
            "patience",
            "Stop when validation has not improved for this many steps. 0: never.",
        )
    return replace(
        base,
        encoder=encoder,
        latent_dim=latent_dim,
        decoder=decoder,
        activation=activation,
        code_activation=code_activation,
        output_activation=output,
        before_readout=printed,
        initializer=initializer,
        bias_start=bias_start,
        loss=loss,
        kl_weight=kl_weight,
        noise=noise,
        noise_mode=noise_mode,
        code_l1=code_l1,
        l2=l2,
        optimizer=optimizer,
        learning_rate=rate,
        schedule=schedule,
        batch_size=batch_size,
        sampling=sampling,
        steps=steps,
        patience=patience,
    )


def _layers(label: str, default: tuple[int, ...], key: str) -> tuple[int, ...]:
    text = st.text_input(
        label,
        value="-".join(map(str, default)),
        key=key,
        placeholder="none",
        help="Widths joined by dashes, such as 512-128. Empty for none.",
    )
    return read_layers(text)


def read_layers(text: str) -> tuple[int, ...]:
    """ "512-128" -> (512, 128); spaces and commas do as well. Raises PresetError otherwise."""
    if not re.fullmatch(r"[\d\s,>-]{0,120}", text):
        raise PresetError(f"“{text[:40]}” is not a list of layer widths: write it like 512-128.")
    widths = tuple(int(n) for n in re.findall(r"\d+", text))
    if any(n > 10**9 for n in widths):
        raise PresetError("A layer that wide is not possible: choose 1 up to 20,000.")
    return widths
