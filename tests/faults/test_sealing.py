"""Odoo dies in the middle of sealing a backlog: what it leaves is a chain that is whole, and the rest follows."""

import threading

BACKLOG = 8_000
UNSEALED = "SELECT count(*) FROM kho_dl_query WHERE outcome IS NOT NULL AND COALESCE(chain_position, 0) = 0"


def seal(machine):
    [cron] = machine.api("admin")("ir.cron", "search", domain=[("code", "=", "model._cron_seal()")])
    machine.api("admin")("ir.cron", "method_direct_trigger", [cron])


def verify(machine):
    verdict = machine.api("admin")("kho.dl.journal.chain", "action_verify")["params"]
    assert verdict["type"] == "success", verdict["message"]


def test_odoo_is_killed_while_it_seals(machine):
    machine.start()
    number, _files = machine.new_owner(1)
    machine.open_case(number)
    # As after a night in which nothing was sealed.
    machine.database(
        """
        INSERT INTO kho_dl_query (
            asked_on, closed_on, create_date, user_id, case_id, procedure_id, procedure_code, owner_id, owner_id_number,
            channel, codes, consent_given, outcome, paper_count, company_id, person_of_day
        ) SELECT asked_on, closed_on, create_date, user_id, case_id, procedure_id, procedure_code, owner_id,
                 owner_id_number, channel, codes, consent_given, outcome, paper_count, company_id, person_of_day
            FROM (SELECT * FROM kho_dl_query WHERE outcome IS NOT NULL ORDER BY id DESC LIMIT 1) AS last,
                 generate_series(1, %s)
        """,
        BACKLOG,
    )

    problems = []

    def work():
        try:
            seal(machine)
        except Exception as problem:  # noqa: BLE001 - its server dies under it
            problems.append(problem)

    sealing = threading.Thread(target=work)
    sealing.start()
    try:
        machine.database.wait_for(f"SELECT 1 WHERE ({UNSEALED}) BETWEEN 1 AND {BACKLOG - 1000}")
    except AssertionError:
        raise AssertionError(problems) from None
    machine.kill()
    sealing.join(60)
    [(left,)] = machine.database(UNSEALED)
    assert 0 < left < BACKLOG
    machine.start()
    verify(machine)
    seal(machine)
    assert machine.database(UNSEALED) == [(0,)]
    verify(machine)
