"""How a lane ends its process: the hook, and the seams that tests arm."""

import os
import signal

import pytest

from stream_app.lane.errors import EXIT_FATAL, Fatal, LaneEnded, LaneError, exit_at_once
from stream_app.lane.seams import Seams


def test_fatal_runs_its_hook_and_never_lets_the_caller_go_on() -> None:
    reasons: list[str] = []
    fatal = Fatal()
    fatal.hook = reasons.append
    with pytest.raises(LaneEnded) as ended:
        fatal("the feed failed", LaneError("made anew"))
    assert reasons == ["the feed failed: LaneError('made anew')"]
    assert not isinstance(ended.value, Exception)


def test_an_end_is_an_end_though_its_last_word_cannot_be_written() -> None:
    child = os.fork()
    if child == 0:
        os.close(2)
        exit_at_once("the disk is full")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == EXIT_FATAL


def test_an_unarmed_seam_does_nothing() -> None:
    Seams().passed("begun")


def test_an_armed_seam_kills_the_process_at_its_nth_passage() -> None:
    child = os.fork()
    if child == 0:
        seams = Seams("begun:2")
        for point in ("stored", "begun", "stored", "begun"):
            seams.passed(point)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
