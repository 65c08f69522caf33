"""One at a time in a folder."""

import threading

import pytest

from aeviz.storage import locks as storage_locks


@pytest.fixture
def locks(monkeypatch):
    monkeypatch.setattr(storage_locks, "_PATIENCE_SECONDS", 0.05)
    return storage_locks


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
