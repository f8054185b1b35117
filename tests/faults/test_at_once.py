"""People and workers who do the same at the same moment."""

from concurrent.futures import ThreadPoolExecutor

from world import assert_exactly_once

WORKERS = 8


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
