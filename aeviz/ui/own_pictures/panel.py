"""The panel "Your own pictures": upload, look, adjust, keep."""

import hashlib
from collections.abc import Callable, Mapping

import streamlit as st

from aeviz.data import limits
from aeviz.data.own.pictures import TURNS, OwnPictures, Wishes, read_pictures
from aeviz.data.own.store import save_pictures
from aeviz.data.uploads.decoding import CROP, PAD
from aeviz.data.uploads.formats import FORMATS, Upload, check_size
from aeviz.errors import UserError
from aeviz.read_only import check_writable
from aeviz.text.names import LONGEST_NAME, file_name
from aeviz.ui.catalog.uploads import ONE_UPLOAD
from aeviz.ui.own_pictures import kept_list
from aeviz.ui.own_pictures.adjustments import choice, other_ways, with_kinds_named
from aeviz.ui.own_pictures.drafts import drafts
from aeviz.ui.own_pictures.views import pictures_html
from aeviz.ui.shell import state
from aeviz.ui.shell.choice import Choice
from aeviz.ui.shell.controls import refusal_shown
from aeviz.ui.shell.hidden_controls import is_hidden
from aeviz.ui.shell.style import wide
from aeviz.ui.shell.visitor import session, visitor

# Pixels a side that are offered: enough to try what fewer do, and all within the limits.
SIDES = (8, 12, 16, 20, 24, 28, 32, 40, 48, 64)
# Pixels: all of the longest label, and two beside each other on a phone.
_CHOICE_WIDTH = 154
# A line of progress is sent at most so many times.
_PROGRESS_STEPS = 50
_NEGATIVES = {"": "as suggested", "no": "leave as they are", "yes": "exchange"}
_TURNS = {"": "as they are"} | {name: words for name, (words, _) in TURNS.items()}
_COLOURS = {"": "as they are", "grey": "grey"}
_SQUARES = {PAD: "keep all of it", CROP: "cut out the middle"}
# What is chosen in the panel, under these names, until the pictures are kept or the panel closed.
_CHOICES = ("side", "grey", "square", "negative", "turn", "reading", "title")


def switch() -> bool:
    """The button that opens and closes the panel. Returns whether it is open."""
    if is_hidden("own"):
        return False
    is_open = state.linked_text("own") is not None
    st.button(
        "Close" if is_open else "Use your own",
        key=f"own.{is_open}.{state.generation()}",
        help=None if is_open else "Bring pictures of your own, or look after those you keep here.",
        on_click=_close if is_open else _open,
    )
    return is_open


@st.fragment
def panel() -> None:
    """Upload, preview and choices on the left, what is kept on the right.

    A fragment: while somebody tries sizes, the film below is left alone.
    """
    with st.container(border=True, key="own_panel"):
        try:
            check_writable("Uploading pictures")
        except UserError as error:
            st.markdown(str(error))
            kept_list.kept_list(writable=False)
            return
        left, right = st.container(key="own_bring").columns([1.7, 1], gap="large")
        with left:
            files = _uploader()
            if files:
                _draft(files)
        with right:
            kept_list.kept_list(writable=True)


def _open() -> None:
    state.link(own="open")


def _close() -> None:
    _forget()
    state.link(own=None)


def _forget() -> None:
    """Nothing uploaded, nothing chosen."""
    drafts().forget(choice("upload").kept)
    choice("upload").choose("")
    choice("lost").choose("")
    drafts().begin(visitor(), session(), "")
    for name in _CHOICES:
        choice(name).show("")
    state.restart("own.files")


def _uploader():
    lost = drafts().lost(visitor())
    if lost:
        choice("lost").choose(lost)
        state.restart("own.files")  # which the browser lists as if they were here
    megabytes = limits.LARGEST_UPLOAD // 2**20
    files = st.file_uploader(
        "Your own pictures",
        accept_multiple_files=True,
        key=state.key("own.files"),
    )
    begun = file_name(files[0].name) if files else ""
    drafts().begin(visitor(), session(), begun)
    if not files:
        if choice("lost").kept:
            st.warning(
                f"The connection was gone for a while, and {choice('lost').kept} with it: choose "
                "it once more."
            )
        st.caption(
            f"Choose {FORMATS}: {limits.FEWEST_PICTURES} to {limits.MOST_PICTURES:,} pictures, "
            f"up to {megabytes} MB together. In a zip, the names of folders become the names of "
            "kinds. Everything stays on the computer that aeviz runs on."
        )
    return files


# --- what was uploaded ---------------------------------------------------------------------------


def _draft(files) -> None:
    """The uploaded pictures as they will be used, or why they cannot be."""
    upload = _upload_of(files)
    picture, row = st.container(), st.empty()
    with row.container():
        wishes, place = _wishes()
    try:
        with picture:
            pictures = _read(files, upload, wishes)
    except UserError as error:
        picture.error(str(error))
        if wishes == Wishes():
            row.empty()  # there is nothing to choose for
        return
    with picture:
        preview = st.container()
        st.markdown(f"{pictures.said}  \n:gray[{_counts(pictures)}]")
        other_ways(pictures, wishes, lambda other: _read(files, upload, other))
        pictures = with_kinds_named(pictures, upload)
        preview.html(
            pictures_html(
                pictures.images,
                pictures.labels,
                pictures.class_names,
                "The first of your pictures as they will be used",
            )
        )
    with place:
        _keep(pictures, files[0].name)


def _upload_of(files) -> str:
    """Return a name for these files. What was chosen of others before them is forgotten."""
    upload = hashlib.sha256(" ".join(file.file_id for file in files).encode()).hexdigest()
    if upload != choice("upload").kept:
        drafts().forget(choice("upload").kept)
        choice("upload").choose(upload)
        choice("reading").choose("")
    return upload


def _read(files, upload: str, wishes: Wishes) -> OwnPictures:
    check_size(sum(file.size for file in files))  # before any of them is read
    bar = st.empty()
    if ONE_UPLOAD.locked():
        bar.progress(0.0, "Waiting for another upload to be read.")

    def read() -> OwnPictures:
        uploads = [Upload(file.name, file.getvalue()) for file in files]
        return read_pictures(uploads, wishes, progress=_seldom(bar))

    try:
        return drafts().get(upload, wishes, read)
    finally:
        bar.empty()


def _seldom(bar) -> Callable[[float], None]:
    """Draws progress, but not for every picture."""
    drawn = -1

    def progress(share: float) -> None:
        nonlocal drawn
        step = int(share * _PROGRESS_STEPS)
        if step != drawn:
            drawn = step
            bar.progress(min(1.0, share), "Reading the pictures.")

    progress(0.0)
    return progress


def _counts(pictures: OwnPictures) -> str:
    train, validation, test = pictures.counts
    return (
        f"The network learns from {train:,} of them, {validation:,} show while it trains how it "
        f"does on new ones, and {test:,} are for the test at the end."
    )


def _wishes():
    """A row or two of choices. Returns what is wished for, and the place below them."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    place = st.container()

    def select(name: str, label: str, options: Mapping[str, str], about: str) -> str:
        return choice(name).select(
            label, options, what=name, place=row, help=about, width=wide(_CHOICE_WIDTH)
        )

    wanted = select(
        "side",
        "Size in pixels",
        {"": "as suggested"} | {str(n): f"{n} x {n}" for n in SIDES},
        f"{limits.SMALLEST_SIDE} to {limits.LARGEST_SIDE} a side. Fewer train faster.",
    )
    grey = select("grey", "Colour", _COLOURS, "Grey has a third of the numbers, and trains faster.")
    how = select("square", "Not square", _SQUARES, "For pictures wider than high, or higher.")
    exchange = select(
        "negative",
        "Dark and light",
        _NEGATIVES,
        "The network takes empty paper for nothing and ink for something. Exchange them where the "
        "preview shows the paper as ink.",
    )
    turned = select("turn", "Turned or mirrored", _TURNS, "For pictures that lie on their side.")
    inverted = {"yes": True, "no": False}.get(exchange)
    reading = choice("reading").kept
    return (
        Wishes(
            side=int(wanted) if wanted else None,
            square=how,
            inverted=inverted,
            reading=int(reading) if reading else None,
            turn=turned,
            grey=bool(grey),
        ),
        place,
    )


def _keep(pictures: OwnPictures, first_file: str) -> None:
    name, button = st.columns([1.6, 1], vertical_alignment="bottom")
    suggested = file_name(first_file).rpartition(".")[0] or file_name(first_file)
    title = choice("title").draw(
        suggested,
        str,
        lambda begun, key: name.text_input(
            "Name", begun, max_chars=LONGEST_NAME, key=f"{key}.{suggested}"
        ),
    )
    if not button.button("Keep these pictures", type="primary", key="own.keep", width="stretch"):
        return
    with refusal_shown():
        kept = save_pictures(pictures, title)
        _close()
        state.watch_run(None)
        Choice("learn", "data").show(kept.name)
        st.toast(f"{kept.title} is kept. Press Train to see a network learn it.")
        st.rerun()
