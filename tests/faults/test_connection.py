"""PostgreSQL restarts while a clerk waits: they read what happened, nothing is lost, and the rest comes by itself."""

import threading

from lib.console import Failure
from middle import ALL_ARE_THERE, FILES, SOME_ARE_COMING
from world import assert_exactly_once

# The clerk's own language stands in the database: where that cannot be read, it is one that Odoo has loaded.
BROKEN_OFF = ("The database broke off", "Cơ sở dữ liệu vừa ngắt kết nối")


def test_a_clerk_reads_what_happened(machine):
    machine.start()
    number, expected = machine.new_owner(FILES, agencies=2)
    case, form = machine.open_case(number)
    machine.far("POST", "faults", call="file", fault="slow_drip", times=4, bytes=1000, seconds=0.3)
    read = []

    def press():
        try:
            machine.attach(form)
        except Failure as failure:
            read.append(str(failure))

    clerk = threading.Thread(target=press)
    clerk.start()
    machine.database.wait_for(SOME_ARE_COMING, case)
    machine.postgres.stop()
    machine.postgres.start()
    clerk.join(60)
    [words] = read
    assert any(said in words for said in BROKEN_OFF), words
    assert "closed" not in words
    machine.far("DELETE", "faults")
    machine.work()
    machine.database.wait_for(ALL_ARE_THERE, case)
    assert_exactly_once(machine.database, machine.filestore, case, expected)
