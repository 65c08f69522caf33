"""A public showing: with `AEVIZ_READ_ONLY=1` nothing is trained, uploaded, renamed or deleted."""

import os

from aeviz.errors import UserError

# Anything else that is set closes: a showing that was meant to be closed must not be open because
# of a spelling.
_OPEN = ("", "0", "false", "no", "off")


def is_read_only() -> bool:
    """Whether this is a public showing."""
    return os.environ.get("AEVIZ_READ_ONLY", "").strip().lower() not in _OPEN


def check_writable(what: str) -> None:
    """Raise UserError in a public showing. what: begins the sentence, as "Saving pictures"."""
    if is_read_only():
        raise UserError(
            f"{what} is switched off in this public showing: install aeviz on your own computer to "
            "do it there."
        )
