from odoo import api, fields, models
from odoo.fields import Domain


class KhoDLCase(models.Model):
    """Whether the other side lets us in: what is asked, fetched and told for a case stops where our agency lacks a right."""

    _name = "kho.dl.case"
    _inherit = ["kho.dl.case", "kho.dl.missing.right"]

    lacks_right = fields.Boolean(compute="_compute_right_words")
    right_words = fields.Char("Missing access right", compute="_compute_right_words")

    @api.depends("query_ids.lacks_right", "document_ids.attachment_ids")
    @api.depends_context("uid", "lang")
    def _compute_right_words(self):
        stopped = self._stopped_by_a_right()
        for case in self:
            case.lacks_right = case._origin.id in stopped
            case.right_words = case.lacks_right and case._right_words()

    def _right_words(self):
        if self.env.user.has_group("kho_dl.group_administrator"):
            return self.env._(
                "Our agency lacks an access right at another side's security server. Nothing is lost. The list of access rights "
                "names the systems to ask, and shows what was granted."
            )
        # Those of the reader: who keeps the system of another office that has the case is not theirs to turn to.
        office = (self._office() & self.env.companies) or self.company_id
        names = self.env["res.users"]._kho_dl_administrators(office)[:3].mapped("name")
        return self.env._(
            "Our agency lacks an access right at another side's security server. Nothing is lost. Tell your administrator: "
            "%(names)s.",
            names=", ".join(names) or "–",
        )

    def _stopped_by_a_right(self):
        """Return the ids of those of these cases whose last question, a missing file or a message that waits lacks a right."""
        mine = Domain("case_id", "in", self._origin.ids)
        # sudo: that something of the case is stopped is a fact about the case.
        queries = self.env["kho.dl.query"].sudo().search(mine & Domain("outcome", "!=", False), order="id")
        last = {query.case_id: query for query in queries}
        rows = self.env["kho.dl.retrieval"].sudo().search(mine, order="id")
        files = {row.case_document_id: row for row in rows if not row.case_document_id.attachment_ids}
        lacking = mine & Domain("lacks_right", "=", True) & Domain("state", "=", "pending")
        messages = self.env["kho.dl.outbox"].sudo().search(lacking)
        stopped = [row for row in (*last.values(), *files.values(), *messages) if row.lacks_right]
        return {row.case_id.id for row in stopped}
