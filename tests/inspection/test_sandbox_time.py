import io
import time

import pytest
from authority import NOW, pdf
from slow_pdfs import SLOW

from inspection.reports import NO_TIME
from inspection.sandbox import Limits, Sandboxes
from inspection.trust import Trust


@pytest.fixture
def shared():
    """Sandboxes with one child, which is there."""
    made = Sandboxes(Limits(seconds=20), most=1)
    assert made.inspect(io.BytesIO(pdf()), Trust(), NOW).is_examined
    yield made
    made.close()


def test_no_file_is_looked_at_for_longer_than_is_left(shared):
    report = shared.inspect(io.BytesIO(SLOW), Trust(), NOW, time.monotonic() + 0.1)
    assert (report.is_examined, report.reason, report.is_worth_another_try) == (False, NO_TIME, True)
    assert not shared.process_ids
    assert shared.inspect(io.BytesIO(pdf()), Trust(), NOW).is_examined


def test_what_comes_when_no_time_is_left_costs_nobody_the_child(shared):
    [process_id] = shared.process_ids
    report = shared.inspect(io.BytesIO(pdf()), Trust(), NOW, time.monotonic())
    assert (report.is_examined, report.reason) == (False, NO_TIME)
    assert shared.process_ids == [process_id]


def test_others_are_not_waited_for_beyond_it(shared):
    sandbox = shared._take()
    report = shared.inspect(io.BytesIO(pdf()), Trust(), NOW, time.monotonic() + 0.1)
    assert (report.is_examined, report.reason) == (False, NO_TIME)
    sandbox.close()
