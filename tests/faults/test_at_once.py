"""People and workers who do the same at the same moment."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from world import assert_exactly_once

WORKERS = 8
# So long a file takes at the other side.
SECONDS = 0.5


def test_two_clerks_attach_the_same_papers(machine):
    machine.start()
    number, expected = machine.new_owner(6)
    case, form = machine.open_case(number, "clerk1")
    other = machine.open_form(case, "clerk2")
    with ThreadPoolExecutor(2) as clerks:
        pressed = [clerks.submit(machine.attach, form, "clerk1"), clerks.submit(machine.attach, other, "clerk2")]
    for press in pressed:
        press.result()
    machine.work(turns=1)
    assert_exactly_once(machine.database, machine.filestore, case, expected)
    machine.assert_no_orphans()


def test_what_came_is_sealed_when_the_clerk_has_the_answer(machine):
    machine.start()
    number, expected = machine.new_owner(1)
    case, form = machine.open_case(number, "clerk1")
    machine.attach(form, "clerk1")
    assert_exactly_once(machine.database, machine.filestore, case, expected)
    assert machine.database("SELECT count(*) FROM kho_dl_retrieval WHERE chain_position IS NULL") == [(0,)]


def test_eight_workers_and_one_expired_token(machine):
    machine.start(f"--workers={WORKERS}", "--max-cron-threads=0")
    numbers = [machine.new_owner(1)[0] for _worker in range(WORKERS)]
    api = machine.api("clerk1")
    forms = [machine.open_case(number)[1] for number in numbers]
    machine.far("POST", "expire")
    before = machine.far("GET", "health")["logins"]["papers"]
    with ThreadPoolExecutor(WORKERS) as clerks:
        asked = [
            clerks.submit(api, "kho.dl.retrieve.wizard", "action_search_again", [form])
            for form in forms
            for _twice in range(2)
        ]
    for question in asked:
        question.result()
    assert machine.far("GET", "health")["logins"]["papers"] == before + 1
    [(failed,)] = machine.database("SELECT count(*) FROM kho_dl_query WHERE outcome != 'found'")
    assert failed == 0


@pytest.fixture
def few(machine):
    """Return a machine with many workers whose account may have four files under way, three of them from one agency."""
    machine.start(f"--workers={WORKERS}", "--max-cron-threads=0")
    narrow = "UPDATE res_company SET kho_dl_account_downloads = %s, kho_dl_parallel_downloads = %s, kho_dl_parallel_per_server = %s"
    machine.database(narrow, 4, 4, 3)
    yield machine
    machine.database(narrow, 32, 8, 4)


# Proves K.1-6.
def test_the_files_of_all_workers_are_those_of_one_account(few):
    owners = [few.new_owner(6, agencies=2) for _worker in range(WORKERS)]
    opened = [few.open_case(number) for number, _files in owners]
    few.far("POST", "faults", call="file", fault="latency", times=None, seconds=SECONDS)
    few.far("DELETE", "requests")
    with ThreadPoolExecutor(WORKERS) as clerks:
        pressed = [clerks.submit(few.attach, form) for _case, form in opened]
    for press in pressed:
        press.result()
    # Whoever had waited for longer than a clerk does is served in the background.
    few.work()
    for (case, _form), (_number, expected) in zip(opened, owners, strict=True):
        assert_exactly_once(few.database, few.filestore, case, expected)
    began = sorted(request["time"] for request in few.far("GET", "requests") if request["call"] == "file")
    at_once = [sum(first <= other < first + SECONDS for other in began) for first in began]
    assert max(at_once) == 4


def test_the_slots_of_a_worker_that_is_killed_are_free(few):
    number, _files = few.new_owner(6, agencies=2)
    _case, form = few.open_case(number)
    other, expected = few.new_owner(4, agencies=2)
    case, other_form = few.open_case(other, "clerk2")
    few.far("POST", "faults", call="file", fault="slow_drip", times=None, match=number, bytes=1000, seconds=0.3)
    few.far("DELETE", "requests")
    with ThreadPoolExecutor(1) as clerks:
        pressed = clerks.submit(few.attach, form)
        while not (workers := few.pids_fetching()) or len(few.far("GET", "requests")) < 4:
            time.sleep(0.02)
        os.kill(workers[0], signal.SIGKILL)
        few.attach(other_form, "clerk2")
        assert_exactly_once(few.database, few.filestore, case, expected)
    assert pressed.exception()
