from odoo import api, fields, models

from ..common.id_number_field import IdNumber


class KhoDLDisclosure(models.Model):
    """Journal: one row each time that somebody saw what is about a number: an auditor, or who is to choose a paper.

    An auditor looked up what is on record, or printed it for the person; a paper was looked at before it was chosen.
    """

    _name = "kho.dl.disclosure"
    _description = "Overview of what was asked about a person"
    _inherit = ["kho.dl.journal"]
    _order = "id desc"
    _rec_name = "looked_on"

    looked_on = fields.Datetime("Looked up on", required=True, readonly=True, index=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", "Looked up by", required=True, readonly=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [("shown", "On the screen"), ("printed", "Printed"), ("previewed", "A paper, before it was chosen")],
        required=True,
        readonly=True,
    )
    owner_id_number = IdNumber("Id number", readonly=True, index="btree_not_null")
    reason = fields.Char("Asked for by", readonly=True)
    entry_count = fields.Integer("Entries", readonly=True)
    case_name = fields.Char("Case number", readonly=True)
    paper = fields.Char(readonly=True)
    sha256 = fields.Text("SHA-256", readonly=True, help="Of a paper that was looked at: one line a file.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")

    _chain_fields = ("looked_on", "user_id", "kind", "entry_count", "case_name", "sha256", "closed_on", "company_id")
    _payload_fields = ("owner_id_number", "reason", "paper")

    def _is_closed(self):
        return bool(self.closed_on)

    @api.model
    def _note(self, kind, numbers, companies, reason, entry_count, **about):
        """Write one row for each of `numbers` and agency, in the first of its `companies` that were looked at; return them.

        `about` are further values of each.
        """
        now = fields.Datetime.now()
        agencies = {company.root_id: company for company in reversed(companies)}
        # sudo: the journal is written by this code only.
        rows = self.sudo().create(
            [
                {
                    "looked_on": now,
                    "closed_on": now,
                    "user_id": self.env.uid,
                    "kind": kind,
                    "owner_id_number": number,
                    "reason": reason,
                    "entry_count": entry_count,
                    "company_id": company.id,
                    **about,
                }
                for company in agencies.values()
                for number in numbers
            ]
        )
        # sudo: auditors and citizens have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_seal").sudo()._trigger()
        return rows
