"""The dashboard without a browser: opening a page, and reading what is on it."""

import re
import subprocess
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from aeviz.checkpoints.store import save_checkpoint
from tests.support.made_up_models import made_up_dataset, made_up_model

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "aeviz" / "ui" / "dashboard.py"


def keep(shelf, name, **about):
    dataset = about.pop("dataset", None) or made_up_dataset()
    checkpoint = made_up_model(name, dataset, **about)
    save_checkpoint(checkpoint, shelf)
    return checkpoint


def opened(page: str, **query) -> AppTest:
    """The dashboard at one of its pages, with this in its address."""
    at = AppTest.from_file(str(DASHBOARD), default_timeout=30)
    begin_at(at, page)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, [error.message for error in at.exception]
    return at


def begin_at(at: AppTest, page: str) -> None:
    """Open a page first, by its address as a browser does: until the app has run, `switch_page`
    looks for a page whose address is its file's name, and all of ours are called page.py."""
    name = Path(page).parent.name
    at._page_hash = "" if name == "learn" else calc_hash(name)


def loaded_libraries(page: str, shelf: Path, **query) -> str:
    """Which libraries of learning a new process loads for a page; `shelf`: its gallery."""
    script = f"""
import sys
from pathlib import Path
import aeviz.checkpoints.store
aeviz.checkpoints.store.PRETRAINED = Path({str(shelf)!r})
from tests.pages.opened_page import charts, opened
assert charts(opened({page!r}, **{query!r}))
print("loaded", sorted({{"tensorflow", "keras", "sklearn"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def hurt(shelf: Path, name: str) -> Path:
    """Change one bit in a kept model's file."""
    path = shelf / f"{name}.safetensors"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    return path


def widget(elements, label: str):
    return next(e for e in elements if e.label == label)


def labels(elements) -> list[str]:
    return [e.label for e in elements]


def texts(at: AppTest) -> str:
    kinds = (at.markdown, at.error, at.info, at.warning, at.caption)
    said = [e.value for kind in kinds for e in kind]
    return " ".join(said + [_read(e.proto.body) for e in at.get("html")])


def _read(body: str) -> str:
    """HTML without tags, still escaped, and without what opens only when asked for."""
    shown = re.sub(r'<style>.*?</style>|<span class="meaning">.*?</span>', "", body, flags=re.S)
    return re.sub(r"<[^>]*>", "", shown)


def address(at: AppTest, name: str) -> str | None:
    value = at.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def charts(at: AppTest) -> int:
    return len(at.get("plotly_chart"))
