from odoo import api, fields, models

from ..gate.kho_dl_file_findings import SIGNATURE_COLOURS


class KhoDLCaseDocument(models.Model):
    """What a clerk sees beside each file: its signatures, and what nobody must overlook."""

    _inherit = "kho.dl.case.document"

    check_ids = fields.One2many("kho.dl.file.check", "case_document_id", "Checks of the files", readonly=True)
    # {attachment id: {"check_id", "label", "colour", "warnings", "can_take_off", "place"}}, for the list of files.
    file_badges = fields.Json(compute="_compute_file_badges")

    @api.depends_context("lang")
    @api.depends(
        # Not on what is in the files: each new file of any application would look for documents that have it. A content
        # that changes is looked at again, and that is a change of the checks.
        "case_id.document_ids.attachment_ids",
        "check_ids.signature_state",
        "check_ids.gate_marks",
        "check_ids.identity_state",
        "check_ids.is_for_other_number",
        "case_id.is_open",
    )
    def _compute_file_badges(self):
        holders = self._holders_of_contents()
        labels = dict(self.env["kho.dl.file.check"]._fields["signature_state"]._description_selection(self.env))
        for document in self:
            checks = document.check_ids.grouped("attachment_id")
            document.file_badges = {
                str(file.id): {
                    "check_id": checks[file].id if file in checks else False,
                    "label": labels.get(state, False),
                    "colour": SIGNATURE_COLOURS.get(state, False),
                    "warnings": document._warnings(file, checks.get(file), holders),
                    "can_take_off": document.case_id.is_open,
                    "place": place,
                }
                for place, file in enumerate(document._ordered_files())
                for state in [checks[file].signature_state if file in checks else False]
            }

    def _holders_of_contents(self):
        """Return {(case, checksum): documents} for all files on the cases of these documents."""
        holders = {}
        for document in self.case_id.document_ids:
            for file in document.attachment_ids:
                key = (document.case_id, file.checksum)
                holders[key] = holders.get(key, self.browse()) | document
        return holders

    def _warnings(self, file, check, holders):
        """Return sentences about `file`, each of which a clerk should read before relying on it."""
        warnings = [*self._number_warnings(check), *check._finding_warnings()] if check else []
        elsewhere = holders.get((self.case_id, file.checksum), self.browse()) - self
        if elsewhere:
            warnings.append(self.env._("The same file also stands under: %s.", ", ".join(elsewhere.mapped("name"))))
        return warnings

    def _number_warnings(self, check):
        if check.is_for_other_number:
            return [self.env._("Fetched for another number than the applicant's.")]
        if check._of_other_number():
            return [self.env._("Fetched for another number; it stays because: %s", check.stays_because)]
        return []
