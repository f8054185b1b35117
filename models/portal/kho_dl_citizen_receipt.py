from typing import NamedTuple

from odoo import api, fields, models


class ReceiptLine(NamedTuple):
    """A document on a receipt: how it stands, where it came from, and the names of its files."""

    name: str
    state: str
    origin: str
    file_names: list


class Receipt(NamedTuple):
    """What an applicant has in hand of an application, in words."""

    number: str
    procedure: str
    procedure_code: str
    office: str
    applicant: str
    id_number: str
    submitted_on: str
    due_on: str
    as_of: str
    documents: list


class KhoDLCitizen(models.AbstractModel):
    """The receipt of what was submitted, as it was then; of a case of the counter, as it is now."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _receipt(self, case_id):
        """Return the `Receipt` of an own case, or None where it is not the citizen's, or not submitted."""
        case = self._own_case(case_id).filtered(lambda case: not case.is_draft and case.date_submitted)
        if not case:
            return None
        return Receipt(
            number=case.name,
            procedure=case.procedure_id.name,
            procedure_code=case.procedure_id.code,
            office=case.company_id.name,
            applicant=case.owner_id.name,
            id_number=case.owner_id_number,
            submitted_on=self._moment(case.date_submitted),
            due_on=self._moment(case.date_due),
            as_of=self._moment(case.date_submitted if case.receipt_lines else fields.Datetime.now()),
            documents=[ReceiptLine(*line) for line in case.receipt_lines]
            if case.receipt_lines
            else [self._receipt_line(document) for document in case.document_ids],
        )

    @api.model
    def _receipt_line(self, document):
        line = self._document_line(document)
        number = document.provenance_paper_number if line.is_there else False
        origin = self.env._("%(origin)s, no. %(number)s", origin=line.origin, number=number) if number else line.origin
        return ReceiptLine(document.name, line.state, origin, [file.name for file in line.files])


class Receipts(models.AbstractModel):
    """What the report prints: of the user's own cases alone, whoever asks for it."""

    _name = "report.kho_dl.receipt"
    _description = "Receipt of an application"

    @api.model
    def _get_report_values(self, docids, data=None):
        cases = self.env["kho.dl.case"].browse(docids)
        receipts = ((case, self.env["kho.dl.citizen"]._receipt(case.id)) for case in cases)
        return {"receipts": [(case.sudo().company_id, receipt) for case, receipt in receipts if receipt]}
