"""Actions on a model: rename, continue training, download, delete, restore and upload.

With AEVIZ_READ_ONLY only downloads are offered; the functions that do the work refuse as well.
"""

import html
import zlib
from dataclasses import replace

import streamlit as st

from aeviz.checkpoints import library
from aeviz.checkpoints.checkpoint import LONGEST_NOTE, Checkpoint, to_bytes
from aeviz.checkpoints.kept_differences import with_differences
from aeviz.checkpoints.store import MODELS, ListedCheckpoint, load_checkpoint
from aeviz.data.catalog import find_source
from aeviz.errors import UserError
from aeviz.networks.costs import estimated_seconds
from aeviz.networks.settings import LONGEST_RUN
from aeviz.read_only import is_read_only
from aeviz.storage.user_folder import TRASH_DAYS
from aeviz.text.names import LONGEST_NAME
from aeviz.text.numbers import duration
from aeviz.training.resume import parent_name
from aeviz.ui.catalog import registries
from aeviz.ui.catalog.model_picker import show_model
from aeviz.ui.catalog.model_titles import title_of
from aeviz.ui.catalog.uploads import ONE_UPLOAD
from aeviz.ui.models import views
from aeviz.ui.models.panels import steps_so_far
from aeviz.ui.shell import state
from aeviz.ui.shell.controls import download, refusal_shown
from aeviz.ui.shell.hidden_controls import is_hidden
from aeviz.ui.shell.pages import PAGES
from aeviz.ui.shell.visitor import visitor

_MEGABYTE = 1_000_000
# What Streamlit calls one.
_UPLOAD_MEGABYTE = 1_048_576
# Training that has come to rest gains little by less, and more is a new training.
_SHARE_MORE = 4
GALLERY = (
    "It came with aeviz and stays as it is, so that there is always something to show. Train it "
    "again to have one of your own."
)
# What this visitor deleted last.
_DELETED = "models.deleted"
# The uploaded file that was refused last, and why.
_REFUSED_FILE, _REFUSED_WHY = "models.refused", "models.refused.why"


def actions(row: ListedCheckpoint, model: Checkpoint) -> None:
    """Draw the row of actions of a model."""
    with st.container(horizontal=True, vertical_alignment="center", key="model_actions"):
        if not is_read_only() and not is_hidden("train"):
            if row.has_weights and find_source(row.dataset):
                _go_on(row, model)
            _again(row, model)
        _download(row, model)
        if row.own and _may_edit():
            _rename(row, model)
            _delete(row)
    if not row.own and _may_edit():
        st.caption(GALLERY)


def problem_actions(row: ListedCheckpoint) -> None:
    """Draw the one action for a file that cannot be read: delete."""
    if row.own and _may_edit():
        _delete(row)


def _may_edit() -> bool:
    return not is_read_only() and not is_hidden("edit")


# --- go on ---------------------------------------------------------------------------------------


def _go_on(row: ListedCheckpoint, model: Checkpoint) -> None:
    with st.popover("Continue training", key=f"go_on.{row.name}.{state.generation()}"):
        before = steps_so_far(model)
        steps = st.number_input(
            "Steps more",
            1,
            LONGEST_RUN,
            min(LONGEST_RUN, max(1, before // _SHARE_MORE)),
            key=f"steps.{row.name}.{state.generation()}",
            help=f"It has taken {before:,} steps so far.",
        )
        preset = replace(model.preset, steps=int(steps))
        seconds = duration(estimated_seconds(preset, model.shape))
        kept = (
            "It takes up its optimiser just as it was."
            if row.optimizer_kept
            else "Its file does not keep the optimiser's memory, so that starts afresh: the error "
            "may rise a little at first."
        )
        st.markdown(
            f":gray[From its best weights, about {seconds} on this machine. {kept} "
            "What comes out is a new model beside this one.]"
        )
        if st.button("Start", type="primary", key=f"start.{row.name}"):
            _start(row, model, preset)


def _start(row: ListedCheckpoint, model: Checkpoint, preset) -> None:
    with refusal_shown():
        run = registries.run_registry().start(
            row.dataset, preset, model.seed, owner=visitor(), continue_from=row.name
        )
        state.watch_run(run)
        st.switch_page(PAGES["learn"].file)


def _again(row: ListedCheckpoint, model: Checkpoint) -> None:
    words = "Opens Watch it learn with this recipe, its pictures and its seed, ready to change."
    before = parent_name(model)
    if before:
        words += " It goes on once more with the earlier model that this one went on with."
    elif before is None:
        words += (
            " The earlier model it went on with is no longer here, so that begins a new network "
            "from its first step, with only the steps of the last training: this one has taken "
            f"{steps_so_far(model):,} steps so far."
        )
    st.page_link(
        PAGES["learn"].file,
        label="Train it again",
        query_params={"like": row.name},
        width="content",
        help=words,
    )


# --- hand on -------------------------------------------------------------------------------------


def _download(row: ListedCheckpoint, model: Checkpoint) -> None:
    with st.popover("Download", key=f"download.{row.name}.{state.generation()}"):
        download(
            f"Everything (.safetensors, {row.bytes / _MEGABYTE:.1f} MB)",
            f"{row.name}.safetensors",
            lambda: _as_handed_on(row, model),
            f"safetensors.{row.name}",
            "To open here or in anybody else's aeviz: weights, film, figures, your note, sliders "
            "of your own.",
        )
        if model.autoencoder is None:
            st.caption("Without its weights there is nothing to open in a notebook.")
            return
        if is_read_only():
            # TensorFlow would stay in the server's memory, 600 MB, for one visitor's wish.
            st.caption("A file for a notebook (.keras) is made by aeviz on your own computer.")
            return
        download(
            "For a notebook (.keras)",
            f"{row.name}.keras",
            lambda: keras_file(model),
            f"keras.{row.name}",
            "Keras opens it without aeviz. The first one takes some seconds: it loads TensorFlow.",
        )


def _as_handed_on(row: ListedCheckpoint, model: Checkpoint) -> bytes:
    """The bytes of a model's file, with the sliders that are kept with it here."""
    handed = with_differences(model)
    if handed.differences == model.differences:
        return row.path.read_bytes()
    return to_bytes(replace(load_checkpoint(row.path), differences=handed.differences))


def keras_file(model: Checkpoint) -> bytes:
    """Return the bytes of a `.keras` file; imports TensorFlow, so only when it is asked for."""
    from aeviz.training.keras_models import to_keras

    return to_keras(model)


# --- name and note -------------------------------------------------------------------------------


def _rename(row: ListedCheckpoint, model: Checkpoint) -> None:
    # Once it is saved, this is another popover: a closed one.
    kept = zlib.crc32(f"{row.given_title}\n{row.note}".encode())
    with (
        st.popover("Name and note", key=f"about.{row.name}.{kept}.{state.generation()}"),
        st.form(f"about_form.{row.name}.{kept}", border=False),
    ):
        title = st.text_input(
            "Name",
            row.given_title,
            max_chars=LONGEST_NAME,
            placeholder=model.preset.title,
            help="Empty for its recipe's own.",
        )
        note = st.text_area(
            "Note", row.note, max_chars=LONGEST_NOTE, placeholder="What to remember of it"
        )
        if st.form_submit_button("Save", type="primary"):
            with refusal_shown():
                if title != row.given_title:
                    library.rename_model(row.name, title)
                if note != row.note:
                    library.note_model(row.name, note)
                st.rerun()


# --- delete, and bring back ----------------------------------------------------------------------


def _delete(row: ListedCheckpoint) -> None:
    if st.button(
        "Delete", key=f"delete.{row.name}", help=f"You can bring it back for {TRASH_DAYS} days."
    ):
        with refusal_shown():
            MODELS.delete(row.name)
            state.choose(_DELETED, row.name)
            state.link(model=None)
            st.rerun()


def undo(deleted: list[ListedCheckpoint]) -> None:
    """Draw the undo of the visitor's last deletion while that model is among `deleted`."""
    row = next((one for one in deleted if one.name == state.chosen(_DELETED)), None)
    if row is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="undo"):
        title = html.escape(title_of(row))
        st.html(f"<p>“{title}” is deleted.</p>", width="content")
        _bring_back(row, "Undo")
        leave = (_DELETED, "")
        st.button("Leave it", key="leave_it", type="tertiary", on_click=state.choose, args=leave)


def deleted_list(deleted: list[ListedCheckpoint]) -> None:
    """Draw the trash, closed at first, with a button to restore each model."""
    if not deleted:
        return
    many = f"{len(deleted)} deleted {'model' if len(deleted) == 1 else 'models'}"
    box = st.expander(f"{many}, kept for {TRASH_DAYS} days", key=f"trash.{state.generation()}")
    with box, st.container(key="trash"):
        for row in deleted:
            with st.container(horizontal=True, vertical_alignment="center"):
                words = html.escape(f"{title_of(row)}, {views.when(row)}")
                st.html(f"<p>{words}</p>")  # as wide as there is room, so that the buttons align
                _bring_back(row, "Bring back")


def list_trash() -> list[ListedCheckpoint]:
    """Return the models in the trash, newest first; none where the visitor may not edit."""
    return library.list_deleted() if _may_edit() else []


def _bring_back(row: ListedCheckpoint, label: str) -> None:
    if st.button(label, key=f"{label}.{row.name}"):
        with refusal_shown():
            show_model(MODELS.restore(row.name))
            st.rerun()


# --- bring in ------------------------------------------------------------------------------------


def upload() -> None:
    """Draw the upload of a model file; nothing where the visitor may not edit."""
    if not _may_edit():
        return
    largest = library.LARGEST_MODEL_FILE // _UPLOAD_MEGABYTE
    with st.popover("Upload", key=state.key("upload_popover", "upload")):
        st.markdown(
            f":gray[A model that somebody downloaded here, up to {largest:,} MB. Nothing in such a "
            "file can run; it is checked in full before it is kept.]"
        )
        file = st.file_uploader(
            "A .safetensors file",
            type="safetensors",
            max_upload_size=max(1, largest),
            key=state.key("upload"),
        )
        if file is None:
            return
        # It stays in the upload: every other run of the page would read all of it again.
        if file.file_id == state.chosen(_REFUSED_FILE):
            st.error(state.chosen(_REFUSED_WHY))
            return
        try:
            with ONE_UPLOAD:
                name = library.add_model(file.name, file.getvalue())
        except UserError as error:
            state.choose(_REFUSED_FILE, file.file_id)
            state.choose(_REFUSED_WHY, str(error))
            st.error(str(error))
            return
        # An empty, closed upload: the file is kept now, and seen.
        state.restart("upload")
        show_model(name)
        st.rerun()
