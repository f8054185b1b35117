"""A disk without room, as the kernel's limit on the size of a file makes it."""

import resource

from world import assert_attached_or_reason, assert_exactly_once, rows_of

SIZE = 3_000_000
# Above what Odoo's log and sessions need, below one file.
ROOM = 2_000_000


def test_a_disk_without_room(machine):
    machine.start()
    number, expected = machine.new_owner(3, size=SIZE)
    case, form = machine.open_case(number)
    unlimited = resource.prlimit(machine.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(machine.process.pid, resource.RLIMIT_FSIZE, (ROOM, unlimited[1]))
    machine.attach(form)
    assert_attached_or_reason(machine.database, case)
    assert {state for _name, state, *_rest in rows_of(machine.database, case)} == {"pending"}
    assert all("no room" in error for _name, _state, error, *_rest in rows_of(machine.database, case))
    machine.assert_no_orphans()
    resource.prlimit(machine.process.pid, resource.RLIMIT_FSIZE, unlimited)
    machine.work()
    assert_exactly_once(machine.database, machine.filestore, case, expected)
    machine.assert_no_orphans()


def test_a_file_store_without_room(machine):
    machine.start()
    number, expected = machine.new_owner(2)
    case, form = machine.open_case(number)
    # Nobody, root included, can write below something that is no folder.
    shelves = [machine.filestore / f"{shelf:02x}" for shelf in range(256)]
    missing = [shelf for shelf in shelves if not shelf.exists()]
    away = {shelf: shelf.with_name(f"{shelf.name}-away") for shelf in shelves if shelf.exists()}
    for shelf, other in away.items():
        shelf.rename(other)
    for shelf in shelves:
        shelf.touch()
    try:
        machine.attach(form)
    finally:
        for shelf in shelves:
            shelf.unlink()
        for shelf, other in away.items():
            other.rename(shelf)
    assert len(missing) + len(away) == len(shelves)
    assert_attached_or_reason(machine.database, case)
    machine.work()
    assert_exactly_once(machine.database, machine.filestore, case, expected)
    machine.assert_no_orphans()
