import sys
from pathlib import Path

from lib.odoo_server import Odoo
from lib.templates import INSTALLED, begin_with

INSTALL = """
env["ir.module.module"].search([("name", "=", "payment_demo")]).button_immediate_install()
"""
PAY = """
from urllib.parse import parse_qs, urlsplit
from odoo.addons.payment.utils import check_access_token

company, vnd = env.company, env.ref("base.VND")
vnd.active = True
user = env["res.users"].create({"name": "An", "login": "an", "group_ids": [(6, 0, env.ref("base.group_portal").ids)]})
procedure = env["kho.dl.procedure"].create({"code": "1.1", "name": "x", "document_ids": [(0, 0, {"name": "Paper"})]})
case = env["kho.dl.case"].create({"procedure_id": procedure.id, "owner_id": user.partner_id.id, "owner_id_number": "000190000011",
    "fee_ids": [(0, 0, {"name": "Fee", "amount": 135000}), (0, 0, {"name": "Later", "amount": 50000, "collected": "4"})]})
# A payment of another, whose number begins alike.
other = case.copy({"name": case.name + "/1"})
citizen = env["kho.dl.citizen"].with_user(user)
own = case.with_user(user).sudo()
env["payment.provider"].search([]).state = "disabled"
print("no provider:", repr(own._payment_link(own._fees_due())))
provider = env.ref("payment.payment_provider_demo")
provider.write({"state": "test", "is_published": True})
provider.payment_method_ids.active = True
link = own._payment_link(own._fees_due())
query = {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}
print("link:", urlsplit(link).path, float(query["amount"]), int(query["currency_id"]) == vnd.id, query["reference"] == f"{case.name}/{case.id}")


def pay(amount, reference, state="done", **values):
    transactions = env["payment.transaction"]
    return transactions.create({"provider_id": provider.id, "payment_method_id": provider.payment_method_ids[0].id, "state": state,
        "reference": transactions._compute_reference("demo", prefix=reference), "amount": amount, "currency_id": vnd.id,
        "partner_id": user.partner_id.id, **values})


pay(135000, query["reference"], "cancel")
pay(99000, f"{other.name}/{other.id}")
print("paid:", own._online_sum(), own._fees_due())
done = pay(135000, query["reference"])
print("paid:", own._online_sum(), own._fees_due(), [line.is_paid for line in citizen._fee_lines(own.fee_ids, own._online_sum())])
print("told:", own._prepare_case_message().is_paid_online)
pay(-135000, "R-" + query["reference"], source_transaction_id=done.id, operation="refund")
print("paid back:", own._online_sum(), own._fees_due())
held = pay(185000, query["reference"], "authorized", operation="online_redirect")
for amount, state in ((50000, "done"), (135000, "cancel")):
    pay(amount, "P-" + held.reference, state, source_transaction_id=held.id, operation="online_redirect")
print("in parts:", own._online_sum(), own._fees_due())
case.state = "8"
print("ended:", repr(own._payment_link(own._fees_due())))
"""


def test_a_fee_is_paid_by_the_pages_of_odoo_where_payment_is_installed(source, folder, environment, database):
    run = folder / "run_payment"
    run.mkdir()
    odoo = Odoo(source, Path(sys.executable), run, environment, database)
    begin_with(odoo, INSTALLED)
    odoo.shell(INSTALL)
    printed = odoo.shell(PAY)
    for words in (
        "no provider: ''",
        "link: /payment/pay 185000.0 True True",
        "paid: 0 185000",
        "paid: 135000 50000 [True, False]",
        "told: True",
        "paid back: 0 185000",
        "in parts: 50000 135000",
        "ended: ''",
    ):
        assert words in printed
