"""The full circle: province A issues a result, province B's clerk finds it in Kho DL and attaches it from A's Odoo."""

import base64
import contextlib

import pytest
import requests
from lib.main_job import Api
from lib.odoo_server import Odoo
from lib.ports import reserved_port
from lib.templates import INSTALLED, begin_with
from world import CRIMINAL_RECORD, OWNER_NAME, PAYLOAD, Database

from simulator.documents import bulk_pdf

NUMBER = "000200088888"
CONTENT = bulk_pdf(f"{PAYLOAD} Phieu ly lich tu phap", 30_000)
PROVIDER = "https://dichvucong.hagiang.gov.vn"
_DATABASE = "kho_dl_circle"
# Province A is Hà Giang of the simulator's directory; its own calls go through the same security server.
PREPARE = """
company = env.company
company.write({{
    "name": "Sở Tư pháp Hà Giang", "kho_dl_ss_url": {url!r}, "kho_dl_unit_code": "H22", "kho_dl_username": "h22",
    "kho_dl_password": "h22-demo", "kho_dl_own_providerurl": {provider!r}, "kho_dl_serve_addresses": "127.0.0.1",
    "kho_dl_sync_enabled": True,
}})
code = env["kho.dl.result.code"].create({{"code": {code!r}, "name": "Criminal record"}})
env["kho.dl.procedure"].create({{
    "code": "2.000488", "name": "Criminal record", "result_code_ids": [(6, 0, code.ids)],
    "document_ids": [(0, 0, {{"name": "Application form"}})],
}})
env["ir.cron"].search([]).write({{"active": False}})
env.ref("kho_dl.ir_cron_send").active = True
from datetime import datetime, timedelta
admin = env.ref("base.user_admin")
key = env["res.users.apikeys"].with_user(admin).sudo()._generate("rpc", "circle", datetime.now() + timedelta(days=1))
print("key:", key)
env.cr.commit()
"""


class ProvinceA:
    """The Odoo of the agency that issues: another database, another process, another port."""

    def __init__(self, machine, stack):
        folder = machine.folder / "province_a"
        folder.mkdir()
        odoo = Odoo(machine.odoo.source, machine.odoo.python, folder, machine.postgres.environment, _DATABASE)
        begin_with(odoo, INSTALLED)
        printed = odoo.shell(PREPARE.format(url=machine.far_url, provider=PROVIDER, code=CRIMINAL_RECORD))
        [key] = [line.split()[1] for line in printed.splitlines() if line.startswith("key:")]
        port = stack.enter_context(reserved_port(9010))
        stack.enter_context(odoo.serving(port, "--max-cron-threads=0"))
        self.api = Api(port, _DATABASE, key)
        self.database = Database(machine.postgres.environment, _DATABASE)
        self.address = f"http://127.0.0.1:{port}"

    def issue(self):
        """Bring a case to its end with a result; return the paper."""
        [procedure] = self.api("kho.dl.procedure", "search", domain=[("code", "=", "2.000488")])
        [code] = self.api("kho.dl.result.code", "search", domain=[("code", "=", CRIMINAL_RECORD)])
        [owner] = self.api("res.partner", "create", vals_list=[{"name": OWNER_NAME}])
        values = {"procedure_id": procedure, "owner_id": owner, "owner_id_number": NUMBER}
        [case] = self.api("kho.dl.case", "create", vals_list=[values])
        file = {"name": "Phiếu lý lịch tư pháp.pdf", "datas": base64.b64encode(CONTENT).decode()}
        paper = {
            "case_id": case, "result_code_id": code, "number": "88/2026", "date_issued": "2026-02-03",
            "attachment_ids": [[0, 0, file]],
        }  # fmt: skip
        [paper] = self.api("kho.dl.paper", "create", vals_list=[paper])
        reason = {"kho_dl_reason": "The applicant showed the originals"}
        self.api("kho.dl.case", "write", [case], vals={"state": "9"}, context=reason)
        self.tell()
        return paper

    def tell(self):
        """Let the scheduled action tell the portal."""
        [cron] = self.api("ir.cron", "search", domain=[("code", "=", "model._cron_send()")])
        self.api("ir.cron", "method_direct_trigger", [cron])


@pytest.fixture
def province_a(machine):
    with contextlib.ExitStack() as stack:
        province = ProvinceA(machine, stack)
        machine.far("PUT", "providers", providerurl=PROVIDER, address=province.address)
        yield province
        machine.far("PUT", "providers", providerurl=PROVIDER, address="")


def test_the_circle(machine, province_a):
    machine.start()
    paper = province_a.issue()
    assert province_a.database("SELECT state FROM kho_dl_paper WHERE id = %s", paper) == [("effective",)]
    # Province B, which knows nothing of A but the directory.
    case, form = machine.open_case(NUMBER)
    machine.attach(form)
    [(state, agency, attachment)] = machine.database(
        "SELECT state, agency_code, attachment_id FROM kho_dl_retrieval WHERE case_id = %s", case
    )
    assert (state, agency) == ("done", "H22")
    [[stored]] = machine.database("SELECT store_fname FROM ir_attachment WHERE id = %s", attachment)
    assert (machine.filestore / stored).read_bytes() == CONTENT
    rows = province_a.database("SELECT caller, status, size FROM kho_dl_serving")
    assert rows == [("VN/GOV/000.00.00.H46/simulator", 200, len(CONTENT))]
    # Revoked at A: nobody finds it, and the old address is dead.
    [[token]] = province_a.database("SELECT token FROM kho_dl_paper_file WHERE paper_id = %s", paper)
    address = f"{province_a.address}/kho_dl/papers/{token}/x.pdf"
    assert requests.get(address, timeout=10).content == CONTENT
    [revocation] = province_a.api(
        "kho.dl.revoke.paper", "create", vals_list=[{"paper_id": paper, "reason": "wrong person"}]
    )
    province_a.api("kho.dl.revoke.paper", "action_revoke", [revocation])
    province_a.tell()
    assert requests.get(address, timeout=10).status_code == 404
    case, _form = machine.open_case(NUMBER)
    assert machine.database("SELECT outcome FROM kho_dl_query WHERE case_id = %s", case) == [("none",)]
