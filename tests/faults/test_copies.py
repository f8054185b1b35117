"""A database that Odoo duplicated, beside the one that it was made of: it does nothing until somebody confirms it."""

import contextlib
from dataclasses import replace

import pytest
import requests
from lib.console import Failure
from lib.main_job import Api
from lib.ports import reserved_port
from lib.postgres import drop_database
from world import Database

PROVIDER = "https://dvc.example.gov.vn"
TOLD = """
company = env.company
company.write({{"kho_dl_own_providerurl": {provider!r}, "kho_dl_serve_addresses": "127.0.0.1"}})
paper = env["kho.dl.paper"].create({{
    "result_code_id": env["kho.dl.result.code"].search([], limit=1).id, "owner_id_number": "000200077777",
    "date_issued": "2026-01-01", "agency": "A",
    "attachment_ids": [(0, 0, {{"name": "paper.pdf", "raw": b"%PDF-1.4 of ours %%EOF"}})],
}})
paper.action_enter()
company.kho_dl_sync_enabled = True
case = env["kho.dl.case"].create({{
    "procedure_id": env["kho.dl.procedure"].search([], limit=1).id, "owner_id_number": "000200077777",
    "owner_id": env["res.partner"].create({{"name": "Copied"}}).id,
}})
env["kho.dl.outbox"]._tell_steps(case)
env.cr.commit()
print("place:", paper.file_ids._address().removeprefix({provider!r}))
"""
WAITING = """
SELECT 'file', state, tries, error FROM kho_dl_retrieval WHERE id = %s
 UNION SELECT 'message', state, tries, error FROM kho_dl_outbox WHERE state != 'accepted'
"""
ACTIONS = ("_cron_process", "_cron_send", "_cron_refresh", "_cron_sync", "_cron_links", "_cron_enter", "_cron_check")


class Copy:
    """A copy of the database of ``machine`` under another Odoo."""

    def __init__(self, machine, stack, name, *options):
        self.odoo = replace(machine.odoo, database=name)
        machine.odoo.copy_to(self.odoo, *options)
        stack.callback(drop_database, name, machine.postgres.environment, machine.odoo.python)
        self.database = Database(machine.postgres.environment, name)
        self._stack = stack
        self._keys = machine.keys

    def start(self):
        """Serve the copy, without a scheduler: a test says when."""
        port = self._stack.enter_context(reserved_port(9060))
        self._stack.enter_context(self.odoo.serving(port, "--max-cron-threads=0"))
        self.address = f"http://127.0.0.1:{port}"
        self.admin, self.clerk = (Api(port, self.odoo.database, self._keys[login]) for login in ("admin", "clerk1"))

    def run_actions(self):
        """Let each scheduled action run that speaks to others."""
        for name in ACTIONS:
            archived = {"context": {"active_test": False}}
            [action] = self.admin("ir.cron", "search", domain=[("code", "=", f"model.{name}()")], **archived)
            self.admin("ir.cron", "method_direct_trigger", [action])


@pytest.fixture
def waiting(machine):
    """Return (place of a paper of ours, id of a file that waits) of a database in which work was under way."""
    machine.start()
    case, form = machine.open_case(machine.new_owner(1)[0])
    machine.far("POST", "faults", call="file", fault="server_error", status=503, times=None)
    machine.attach(form)
    machine.stop()
    machine.far("DELETE", "faults")
    printed = machine.odoo.shell(TOLD.format(provider=PROVIDER))
    [[file]] = machine.database("SELECT id FROM kho_dl_retrieval WHERE case_id = %s", case)
    machine.database("UPDATE kho_dl_retrieval SET next_try_on = NULL")
    yield printed.split("place:")[1].split()[0], file
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = FALSE, kho_dl_own_providerurl = NULL")


def test_a_copy_does_nothing_until_somebody_confirms_it(machine, waiting):
    place, file = waiting
    with contextlib.ExitStack() as stack:
        copy = Copy(machine, stack, "kho_dl_copy")
        machine.far("DELETE", "requests")
        copy.start()
        before = copy.database(WAITING, file)
        assert {kind for kind, state, *_rest in before if state == "pending"} == {"file", "message"}
        copy.run_actions()
        assert requests.get(copy.address + place, timeout=30).status_code == 404
        assert machine.far("GET", "requests") == []
        assert copy.database(WAITING, file) == before
        # The one that it was made of has nothing to confirm.
        machine.start()
        assert requests.get(machine.url + place, timeout=30).status_code == 200
        with pytest.raises(Failure, match="Only a system administrator"):
            copy.clerk("kho.dl.database", "action_confirm")
        copy.admin("kho.dl.database", "action_confirm")
        copy.database("DELETE FROM kho_dl_breaker")
        copy.run_actions()
        assert requests.get(copy.address + place, timeout=30).status_code == 200
        assert {(kind, state) for kind, state, *_rest in copy.database(WAITING, file)} == {("file", "done")}


def test_a_neutralised_copy_has_nothing_to_confirm_with(machine, waiting):
    place, file = waiting
    with contextlib.ExitStack() as stack:
        copy = Copy(machine, stack, "kho_dl_neutral", "--neutralize")
        machine.far("DELETE", "requests")
        copy.start()
        copy.admin("kho.dl.database", "action_confirm")
        copy.run_actions()
        assert requests.get(copy.address + place, timeout=30).status_code == 404
        assert machine.far("GET", "requests") == []
        assert copy.database("SELECT link, file_name FROM kho_dl_retrieval WHERE id = %s", file) == [("", "")]
