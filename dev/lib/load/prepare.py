"""What the load is about: a province with offices, each with clerks, one procedure, and the simulator as its far side."""

PROCEDURE = "1.012289"
# What the procedure wants of the applicant: a result of the national catalogue for each document.
RESULTS = ("KQ.G15.000007", "KQ.G17.000120", "KQ.G18.000045")
PASSWORD = "load-clerk-7"

# Odoo's own record with files, the plain contender, is a contact: so clerks may make contacts.
SCRIPT = """
from pathlib import Path

# As where files have been kept for some days: Odoo makes each folder with the first file that belongs there.
files = Path(env["ir.attachment"]._filestore())
for number in range(256):
    for folder in (files, files / "checklist"):
        (folder / f"{{number:02x}}").mkdir(parents=True, exist_ok=True)
province = env.company
account = {{
    "kho_dl_ss_url": {url!r},
    "kho_dl_unit_code": {unit_code!r},
    "kho_dl_username": {username!r},
    "kho_dl_password": {password!r},
    "kho_dl_sync_enabled": True,
    "kho_dl_timeout": {timeout},
    "kho_dl_total_timeout": {timeout} * 2,
}}
province.write(account)
offices = env["res.company"].create(
    [{{"name": f"Office {{number}}", "parent_id": province.id}} for number in range(1, {offices} + 1)]
)
offices.write(account)
env.user.company_ids |= offices
env.cr.commit()
env["kho.dl.security.server"].action_refresh()
codes = env["kho.dl.result.code"].create(
    [{{"code": code, "name": f"Result {{code}}"}} for code in {results!r}]
)
# National: of no company.
procedure = env["kho.dl.procedure"].create({{
    "code": {procedure!r},
    "name": "First medical licence",
    "company_id": False,
    "document_ids": [
        (0, 0, {{"name": f"Document {{code.code}}", "result_code_ids": [(6, 0, code.ids)]}}) for code in codes
    ],
}})
groups = [env.ref(name).id for name in ("base.group_user", "kho_dl.group_clerk", "base.group_partner_manager")]
clerks = env["res.users"].with_context(no_reset_password=True).create([
    {{
        "name": f"Clerk {{number}}",
        "login": f"clerk{{number}}",
        "password": {clerk_password!r},
        "lang": "vi_VN",
        "kho_dl_id_number": "000188%06d" % number,
        "company_id": offices[number % len(offices)].id,
        "company_ids": [(6, 0, offices[number % len(offices)].ids)],
        "group_ids": [(6, 0, groups)],
    }}
    for number in range({clerks})
])
owners = env["res.partner"].create([{{"name": f"Applicant {{clerk.id}}"}} for clerk in clerks])
env.cr.commit()
for clerk, owner in zip(clerks, owners):
    print("clerk:", clerk.login, clerk.company_id.id, owner.id, procedure.id)
"""
