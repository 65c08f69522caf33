"""What a process has one of."""

import time
from concurrent.futures import ThreadPoolExecutor

from aeviz.one_a_process import OneAProcess


def test_it_is_made_once_however_many_ask_at_the_same_time():
    made = []

    @OneAProcess
    def only():
        time.sleep(0.02)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda _: only(), range(8)))
    assert len(made) == 1 and all(one is made[0] for one in got)
    only.forget()
    assert only() is not got[0]
