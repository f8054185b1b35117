"""The moment in which things break: a clerk has pressed, some files are there, others are on their way."""

import threading
from contextlib import contextmanager, suppress

from lib.console import Failure

FILES = 10
AGENCIES = 2
SOME_ARE_THERE = "SELECT 1 FROM kho_dl_retrieval WHERE case_id = %s AND state = 'done'"
SOME_ARE_COMING = "SELECT 1 FROM kho_dl_retrieval WHERE case_id = %s AND state = 'running'"
NONE_IS_COMING = """
SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM kho_dl_retrieval WHERE case_id = %s AND state = 'running')
"""
ALL_ARE_THERE = """
SELECT 1 FROM kho_dl_retrieval WHERE case_id = %s HAVING count(*) = count(*) FILTER (WHERE state = 'done')
"""


@contextmanager
def ten_downloads(machine):
    """Yield (case, files), {name: content}, in the middle of their downloads; Odoo is running."""
    number, expected = machine.new_owner(FILES, agencies=AGENCIES)
    case, form = machine.open_case(number)
    # Two agencies of four slots each: the first ones arrive at once, the last ones drip.
    for name in list(expected)[-4:]:
        machine.far("POST", "faults", call="file", fault="slow_drip", times=1, match=name, bytes=1000, seconds=0.3)

    def press():
        # The line to Odoo breaks off: that is the test.
        with suppress(OSError, Failure):
            machine.attach(form)

    clerk = threading.Thread(target=press)
    clerk.start()
    machine.database.wait_for(SOME_ARE_THERE, case)
    machine.database.wait_for(SOME_ARE_COMING, case)
    yield case, expected
    clerk.join(60)
