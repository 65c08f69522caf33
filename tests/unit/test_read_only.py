"""AEVIZ_READ_ONLY: closed by anything that is not a plain no."""

import pytest

from aeviz.errors import UserError
from aeviz.read_only import check_writable, is_read_only


@pytest.mark.parametrize("value", ["", "0", "false", " No ", "OFF"])
def test_open(monkeypatch, value):
    monkeypatch.setenv("AEVIZ_READ_ONLY", value)
    assert not is_read_only()
    check_writable("Saving pictures")


@pytest.mark.parametrize("value", ["1", "true", "yes", "ja", "2"])
def test_closed(monkeypatch, value):
    monkeypatch.setenv("AEVIZ_READ_ONLY", value)
    assert is_read_only()
    with pytest.raises(UserError, match=r"^Saving pictures is switched off.*\.$"):
        check_writable("Saving pictures")


def test_open_where_it_is_not_set(monkeypatch):
    monkeypatch.delenv("AEVIZ_READ_ONLY", raising=False)
    assert not is_read_only()
