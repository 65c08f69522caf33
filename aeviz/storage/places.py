"""Where the user's files are, and the time as it is written into them."""

import os
from datetime import UTC, datetime
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder for a user's own models: `$AEVIZ_HOME`, or the platform's user data folder."""
    return Path(os.environ.get("AEVIZ_HOME") or platformdirs.user_data_dir("aeviz", False))


def now() -> str:
    """This moment in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
