import dataclasses
import re
from typing import NamedTuple
from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

_PAID = ("authorized", "done")


class FeeLine(NamedTuple):
    """A fee in words; paid at the counter or covered by what was paid online."""

    name: str
    amount: str
    collected: str
    is_paid: bool


class FeesPage(NamedTuple):
    """What is asked for a case: [FeeLine], and in words what is left to pay and where, "" for none.

    `payment_link` is where it is paid online, "" where it is not.
    """

    lines: list
    due: str
    paid_online: str
    where: str
    payment_link: str


class KhoDLCaseFee(models.Model):
    _inherit = "kho.dl.case.fee"

    paid_on = fields.Date("Paid at the counter on", help="What is paid online counts by itself.")


class KhoDLCase(models.Model):
    """What of the fees of a case is paid; online by Odoo's own `payment`, where that is installed."""

    _inherit = "kho.dl.case"

    paid_online = fields.Integer("Paid online (đồng)", compute="_compute_paid_online")

    @api.depends("name")
    def _compute_paid_online(self):
        for case in self:
            case.paid_online = case._origin._online_sum()

    def _online_sum(self):
        """Return what was paid online for this case, in đồng, less what was paid back."""
        # Looked up: the add-on does without `payment`.
        if not self or "payment.transaction" not in self.env:
            return 0
        # sudo: transactions are nobody's to read here; of these the sum is told.
        transactions = self.env["payment.transaction"].sudo()
        reference = self._payment_reference()
        own = Domain("company_id", "=", self.company_id.id) & Domain("currency_id", "=", self.env.ref("base.VND").id)
        found = transactions.search(own & Domain("reference", "=like", f"{reference}%"))
        # Odoo adds a number for each further payment.
        paid = found.filtered(lambda one: re.fullmatch(rf"{re.escape(reference)}(-\d+)?", one.reference))
        parts = paid.child_transaction_ids
        # What was captured in parts counts by them, and what was given back is negative.
        whole = paid - parts.filtered(lambda one: one.operation != "refund").source_transaction_id
        counted = whole | parts | parts.child_transaction_ids
        return int(sum(counted.filtered(lambda one: one.state in _PAID).mapped("amount")))

    def _payment_reference(self):
        # With the id: the number of one case may begin that of another.
        return f"{self.name}/{self.id}"

    def _fees_due(self):
        """Return what is left to pay, in đồng."""
        return max(sum(self.fee_ids.filtered(lambda fee: not fee.paid_on).mapped("amount")) - self._online_sum(), 0)

    def _payment_link(self, amount):
        """Return the address in Odoo's own pages where `amount` (đồng) is paid for this case; "" where it cannot be."""
        currency = self.env.ref("base.VND")
        if not amount or not self.is_open or not currency.active or "payment.link.wizard" not in self.env:
            return ""
        payer = self.env.user.partner_id
        # sudo: which ones there are is not for everybody to read; whether there is any is told.
        providers = self.env["payment.provider"].sudo()
        if not providers._get_compatible_providers(self.company_id.id, payer.id, amount, currency_id=currency.id):
            return ""
        wizard = self.env["payment.link.wizard"].new(
            {
                "res_model": self._name,
                "res_id": self.id,
                "amount": amount,
                "currency_id": currency.id,
                "partner_id": payer.id,
            }
        )
        # On the site on which the citizen is logged in.
        link = wizard.link.removeprefix(self.get_base_url())
        return f"{link}&{urlencode({'reference': self._payment_reference()})}"

    def _prepare_case_message(self):
        message = super()._prepare_case_message()
        # sudo: whoever sends it has no rights on payments.
        return dataclasses.replace(message, is_paid_online=bool(self.sudo()._online_sum()))


class KhoDLCitizen(models.AbstractModel):
    """What the citizen has to pay, and where."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _fees(self, case_id):
        """Return the `FeesPage` of an own case."""
        case = self._followed(case_id)
        online = case._online_sum()
        due = case._fees_due() if case else 0
        return FeesPage(
            lines=self._fee_lines(case.fee_ids, online),
            due=self._money(due) if due else "",
            paid_online=self._money(online) if online else "",
            where=(case.company_id._kho_dl_nearest("kho_dl_pay_where") or "") if due else "",
            payment_link=case._payment_link(due) if due else "",
        )

    @api.model
    def _fee_lines(self, fees, online):
        """What was paid online covers the fees in their order."""
        lines = []
        for fee in fees:
            is_paid = bool(fee.paid_on) or fee.amount <= online
            online -= fee.amount if is_paid and not fee.paid_on else 0
            lines.append(FeeLine(fee.name, self._money(fee.amount), self._label(fee, "collected"), is_paid))
        return lines

    @api.model
    def _money(self, amount):
        return self.env._("%(amount)s đồng", amount=formatLang(self.env, amount, digits=0))
