"""The main job through Odoo's external API, as a clerk: open a case, ask Kho DL, attach the chosen files."""

import json
import time
import urllib.error
import urllib.request

from .console import Failure, say
from .ports import HOST

CLERK = "clerk"
_PROCEDURE = "1.012289"
_CITIZEN = "000190000011"
_CRIMINAL_RECORD = "KQ.G15.000007"
_PATIENCE = 120  # seconds for the background to finish what the clerk's request could not

_MAKE_KEY = """
from datetime import datetime, timedelta
clerk = env["res.users"].search([("login", "=", {login!r})])
keys = env["res.users.apikeys"].with_user(clerk).sudo()
print("key:" + keys._generate("rpc", "dev/demo --once", datetime.now() + timedelta(hours=1)))
env.cr.commit()
"""


class Api:
    """Odoo's JSON-2 API as the user of ``key``."""

    def __init__(self, port, database, key):
        self.address = f"http://{HOST}:{port}/json/2"
        self.headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json",
            "X-Odoo-Database": database,
        }

    def __call__(self, model, method, ids=(), **arguments):
        """Call ``method`` of ``model``, on the records ``ids`` if any, and return its result."""
        body = json.dumps({**arguments, **({"ids": list(ids)} if ids else {})}).encode()
        request = urllib.request.Request(f"{self.address}/{model}/{method}", body, self.headers)
        try:
            with urllib.request.urlopen(request, timeout=180) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Failure(f"{model}.{method} was refused: {_message(error)}") from None


def do_main_job(odoo, port):
    """Do the job and print each attached file; raise :class:`Failure` unless the criminal record is among them."""
    api = Api(port, odoo.database, new_key(odoo))
    case_id = open_case(api)
    _retrieve(api, case_id)
    rows = _wait_for_files(api, case_id)
    for row in rows:
        _print_file(row)
    certificate = [
        ("case_id", "=", case_id),
        ("result_code_ids.code", "=", _CRIMINAL_RECORD),
        ("attachment_ids", "!=", False),
    ]
    if not api("kho.dl.case.document", "search_count", domain=certificate):
        raise Failure("The criminal-record certificate is not on the case.")


def new_key(odoo):
    """Return a fresh API key of the clerk, for an hour."""
    output = odoo.shell(_MAKE_KEY.format(login=CLERK))
    return next(line for line in output.splitlines() if line.startswith("key:")).removeprefix("key:")


def open_case(api):
    """Open a case of the everyday kind and return its id."""
    procedure = _find(api, "kho.dl.procedure", [("code", "=", _PROCEDURE)], "id")
    [owner, _name] = _find(api, "kho.dl.case", [("owner_id_number", "=", _CITIZEN)], "owner_id")
    values = {"procedure_id": procedure, "owner_id": owner, "owner_id_number": _CITIZEN}
    [case_id] = api("kho.dl.case", "create", vals_list=[values])
    [case] = api("kho.dl.case", "read", [case_id], fields=["name", "procedure_id", "owner_id"])
    say(f"Case {case['name']}: {case['procedure_id'][1]}, for {case['owner_id'][1]}")
    return case_id


def _find(api, model, domain, field):
    rows = api(model, "search_read", domain=domain, fields=[field], limit=1)
    if not rows:
        raise Failure(f"The demo database has no {model} with {domain}: start again with --fresh.")
    return rows[0][field]


def _retrieve(api, case_id):
    """Search and attach with the clerk's form, taking the best candidate that it ticked for each document."""
    form = "kho.dl.retrieve.wizard"
    form_id = api(form, "create", vals_list=[{"case_id": case_id, "consent_given": True}])
    api(form, "action_search", form_id)
    lines = api(
        f"{form}.line",
        "search_read",
        domain=[("wizard_id", "in", form_id)],
        fields=["case_document_id", "name", "agency", "selected"],
    )
    for line in lines:
        mark = "x" if line["selected"] else " "
        say(f"  [{mark}] {line['case_document_id'][1]}: {line['name']}, {line['agency']}")
    api(form, "action_attach", form_id)


def _wait_for_files(api, case_id):
    """Return what became of each file, once nothing is on its way any more."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        rows = api(
            "kho.dl.retrieval",
            "search_read",
            domain=[("case_document_id.case_id", "=", case_id)],
            fields=["case_document_id", "agency_name", "state", "error", "size", "sha256", "attachment_id"],
        )
        if not any(row["state"] in ("pending", "running") for row in rows):
            return rows
        time.sleep(0.5)
    raise Failure(f"After {_PATIENCE} s some files are still on their way.")


def _print_file(row):
    document = row["case_document_id"][1]
    if row["state"] != "done":
        say(f"✗ {document}: {row['error']}")
        return
    say(f"✓ {document}")
    say(f"    agency:  {row['agency_name']}")
    say(f"    file:    {row['attachment_id'][1]} ({row['size']} bytes)")
    say(f"    SHA-256: {row['sha256']}")


def _message(error):
    """The words of Odoo's error answer."""
    try:
        return json.load(error)["message"]
    except (ValueError, KeyError):
        return f"HTTP {error.code}"
