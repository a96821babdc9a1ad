"""The two limits on how long a piece of work may run."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from shared.timelimit import RowTimeLimit, row_limit, time_limits

SOON = timedelta(milliseconds=50)


def test_python_code_is_interrupted_at_its_limit() -> None:
    def loop() -> None:
        while True:
            pass

    with pytest.raises(RowTimeLimit), time_limits(), row_limit(SOON):
        loop()


def test_a_stage_that_swallows_every_exception_is_interrupted_all_the_same() -> None:
    def swallow() -> None:
        while True:
            try:
                while True:
                    pass
            except Exception:  # noqa: BLE001 - the offence that is meant
                pass

    with pytest.raises(RowTimeLimit), time_limits(), row_limit(SOON):
        swallow()


def test_what_ends_in_time_is_not_interrupted_later() -> None:
    with time_limits():
        for _ in range(3):
            with row_limit(timedelta(seconds=5)):
                pass
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_handler_before_stands_again() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with time_limits():
        assert signal.getsignal(signal.SIGALRM) is not before
    assert signal.getsignal(signal.SIGALRM) is before


def test_in_other_threads_there_is_no_limit_and_no_harm() -> None:
    done = []

    def work() -> None:
        with time_limits(), row_limit(SOON):
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


NATIVE_LOOP = """
import collections, itertools
from datetime import timedelta
from shared.timelimit import hard_limit
with hard_limit(timedelta(seconds=30)):
    pass
with hard_limit(timedelta(seconds=0.3)):
    collections.deque(itertools.repeat(None), maxlen=0)
"""


def test_nothing_survives_the_hard_limit() -> None:
    """Not even C code that holds the interpreter's lock and looks at no signal."""
    ended = subprocess.run([sys.executable, "-c", NATIVE_LOOP], capture_output=True, timeout=60)
    assert ended.returncode == 1
    assert b"Timeout" in ended.stderr
    assert b'File "<string>", line 8' in ended.stderr, "it says where"
