import io

from odoo import api, fields, models

from ...protocol.content import sniff_whole


class KhoDLFileCheck(models.Model):
    """What the gate found in a file on a case; can be renewed, unlike the row of the journal."""

    _name = "kho.dl.file.check"
    _description = "Check of a file"
    _inherit = ["kho.dl.file.findings", "kho.dl.placed"]
    _order = "id"
    _rec_name = "name"

    attachment_id = fields.Many2one("ir.attachment", "File", required=True, readonly=True, ondelete="cascade")
    case_document_id = fields.Many2one(
        "kho.dl.case.document", "Document", required=True, readonly=True, index=True, ondelete="cascade"
    )
    case_id = fields.Many2one(related="case_document_id.case_id", store=True, precompute=True, index=True)
    company_id = fields.Many2one(related="case_document_id.company_id", store=True, precompute=True, index=True)
    held_by_id = fields.Many2one(
        related="case_document_id.held_by_id", store=True, precompute=True, index="btree_not_null"
    )
    name = fields.Char(related="attachment_id.name", related_sudo=False)
    paper_names = fields.Char("Also names", readonly=True, help="People and organisations other than the applicant.")
    reason = fields.Text("Attached all the same because", readonly=True)
    # Whose case it was then: who had the wrong contact put right does not see what another has handed in.
    applicant_id = fields.Many2one("res.partner", readonly=True, index="btree_not_null", ondelete="set null")
    handed_in_for = fields.Char("Handed in under the number", readonly=True)
    # What is handed in was fetched for nobody.
    fetched_for = fields.Char("Fetched for the number", readonly=True, index="btree_not_null")
    stays_for = fields.Char("Stays although the number is", readonly=True)
    stays_because = fields.Text("Stays on the case because", readonly=True)
    is_for_other_number = fields.Boolean(
        "Fetched for another number",
        compute="_compute_is_for_other_number",
        store=True,
        precompute=True,
        index="btree_not_null",
        help="And nobody has said why it stays on the case.",
    )
    checked_on = fields.Datetime("Last checked on", required=True, readonly=True, default=fields.Datetime.now)

    _once_a_file = models.Constraint("unique(attachment_id)", "This file has been checked already.")

    @api.depends(
        "fetched_for",
        "stays_for",
        "stays_because",
        "case_id.owner_id_number",
        "case_id.owner_id.kho_dl_number_ids.number",
        "case_id.owner_id.kho_dl_number_ids.verified_how",
    )
    def _compute_is_for_other_number(self):
        others = self._of_other_number()
        for check in self:
            number = check.case_id.owner_id_number or ""
            stays = check.stays_because and (check.stays_for or "") == number
            check.is_for_other_number = check in others and not stays

    @api.model
    def _add_precomputed_values(self, vals_list):
        documents = self.env["kho.dl.case.document"].browse(vals.get("case_document_id") for vals in vals_list)
        for document, vals in zip(documents, vals_list, strict=True):
            # As nearly always: what was fetched just now is for the number that the case has.
            if vals.get("fetched_for", False) in (False, document.case_id.owner_id_number):
                vals["is_for_other_number"] = False
        return super()._add_precomputed_values(vals_list)

    def _of_other_number(self):
        """Return those of these files that were fetched for another number than the applicants have now."""
        return self._with_other_number("fetched_for")

    def _of_another_person(self):
        """Return these, and those that were handed in while another contact or another number stood on the case."""
        handed_in = self.filtered(lambda check: not check.fetched_for and check.applicant_id)
        others = handed_in.filtered(lambda check: check.applicant_id != check.case_id.owner_id)
        return self._of_other_number() | others | self._with_other_number("handed_in_for")

    def _with_other_number(self, name):
        """Return those of these files that have another number in their field `name` than the applicants have now."""
        others = self.filtered(lambda check: check[name] and check[name] != (check.case_id.owner_id_number or ""))
        # Nearly always: nobody's numbers are read for nothing.
        owners = others.case_id._owner_numbers() if others else {}
        return others.filtered(lambda check: check[name] not in owners.get(check.case_id, ()))

    @api.model
    def _keep(self, findings, is_fetched=False):
        """Keep `findings`, {attachment: (case document, Findings, reason)}, beside the files.

        What `is_fetched`, from the national store or our own, was so for the number that the case has now.
        """
        # sudo: what was found is recorded by this code only.
        self.sudo().create(
            [
                {
                    "attachment_id": attachment.id,
                    "case_document_id": document.id,
                    "reason": reason,
                    "applicant_id": document.case_id.owner_id.id,
                    "fetched_for" if is_fetched else "handed_in_for": document.case_id.owner_id_number,
                    **found.as_values(),
                    **found.names_as_values(),
                }
                for attachment, (document, found, reason) in findings.items()
            ]
        )

    @api.model
    def _check_new(self, document, attachments):
        """Look at `attachments` that came to `document` on another way than through the gate."""
        if not attachments:
            # Nearly always: no certificates are read for nothing.
            return
        gate = self.env["kho.dl.gateway"]._gate(document._office())
        self._keep({attachment: (document, _look(gate, document, attachment), False) for attachment in attachments})

    @api.model
    def _check_unchecked(self, document, attachments):
        """The same for those of `attachments` that nobody has looked at yet, however they came."""
        # sudo: also what the user may not read is known here.
        known = self.sudo().search([("attachment_id", "in", attachments.ids)]).attachment_id
        self._check_new(document, attachments - known)

    def action_check_again(self):
        """Look at these files anew, for example after an administrator has changed who is trusted."""
        self.check_access("read")
        # sudo: what was found is recorded by this code only.
        for office, checks in self.sudo().grouped(lambda check: check.held_by_id or check.company_id).items():
            gate = self.env["kho.dl.gateway"]._gate(office)
            for check in checks:
                found = _look(gate, check.case_document_id, check.attachment_id)
                now = {"scan_state": check.scan_state, "checked_on": fields.Datetime.now()}
                check.write({**found.as_values(), **found.names_as_values(), **now})
        return True


def _look(gate, document, attachment):
    # A browser may ask for sizes in place of contents.
    content = attachment.with_context(bin_size=False).raw or b""
    mimetype = sniff_whole(content)
    return gate.look(io.BytesIO(content), mimetype, document.case_id._gate_question())
