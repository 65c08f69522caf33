"""One at a time in a folder; on Windows as well, as far as that can be told from here."""

import fcntl
import importlib.util
import os
import sys
import threading
import types

import pytest

from aeviz.storage import locks as storage_locks

LK_NBLCK = 2  # as in the real msvcrt


def locking(handle, mode, length):
    """As Python's documentation has msvcrt.locking: OSError where the bytes are taken. (Both are
    freed with the handle they were taken by.)"""
    assert (mode, length) == (LK_NBLCK, 1)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(13, "Permission denied") from None


@pytest.fixture(params=["here", "windows"])
def locks(request, monkeypatch):
    """The module as it is here, and as Windows would load it."""
    module = storage_locks
    if request.param == "windows":
        stand_in = types.SimpleNamespace(locking=locking, LK_NBLCK=LK_NBLCK)
        monkeypatch.setitem(sys.modules, "msvcrt", stand_in)
        spec = importlib.util.spec_from_file_location("on_windows", storage_locks.__file__)
        module = importlib.util.module_from_spec(spec)
        with monkeypatch.context() as loading:
            loading.setattr(os, "name", "nt")
            spec.loader.exec_module(module)
        assert not hasattr(module, "fcntl")
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.05)
    return module


def test_the_second_waits_and_is_told_when_it_takes_too_long(locks, tmp_path):
    with locks.alone_in(tmp_path / "new"):
        with pytest.raises(TimeoutError, match="half a minute"), locks.alone_in(tmp_path / "new"):
            pytest.fail("two at a time")
    with locks.alone_in(tmp_path / "new"):
        pass


def test_what_goes_wrong_inside_frees_it(locks, tmp_path):
    with pytest.raises(KeyError), locks.alone_in(tmp_path):
        raise KeyError
    with locks.alone_in(tmp_path):
        pass


def test_of_many_threads_there_is_one_inside(locks, tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "_PATIENCE_SECONDS", 30)
    inside, most = [], []

    def work():
        for _ in range(5):
            with locks.alone_in(tmp_path):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 20


def test_another_name_is_another_lock(locks, tmp_path):
    with locks.alone_in(tmp_path), locks.alone_in(tmp_path, ".pictures.lock"):
        pass
