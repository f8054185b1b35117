from odoo import api, fields, models

from ...sealing.receipt import Entry, receipt_pdf


class KhoDLCitizen(models.AbstractModel):
    """The receipt of what was submitted, as it was then; of a case of the counter, as it is now."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _receipt(self, case_id):
        """Return (file name, PDF) for an own case, or None where it is not the citizen's, or not submitted."""
        case = self._own_case(case_id).filtered(lambda case: not case.is_draft and case.date_submitted)
        if not case:
            return None
        lines = case.receipt_lines or self._receipt_lines(case)
        as_of = case.date_submitted if case.receipt_lines else fields.Datetime.now()
        foot = self.env._("%(number)s, as of %(time)s", number=case.name, time=self._moment(as_of))
        title, heading = self.env._("Receipt of an application online"), self.env._("What was submitted")
        entries = [Entry(name, about) for name, about in lines]
        return f"{case.name}.pdf", receipt_pdf(title, self._receipt_facts(case), [(heading, entries)], foot)

    @api.model
    def _receipt_facts(self, case):
        due = self._moment(case.date_due) or self.env._("The office says so when it has received it")
        return [
            (self.env._("Case number"), case.name),
            (self.env._("Procedure"), f"{case.procedure_id.name} ({case.procedure_id.code})"),
            (self.env._("Office"), case.company_id.name),
            (self.env._("Applicant"), f"{case.owner_id.name}, {case.owner_id_number}"),
            (self.env._("Submitted"), self._moment(case.date_submitted)),
            (self.env._("Result due"), due),
        ]

    @api.model
    def _receipt_lines(self, case):
        """Return [(document, [lines: how it stands, where it came from, its files])], in words."""
        return [(document.name, self._receipt_about(document)) for document in case.document_ids]

    @api.model
    def _receipt_about(self, document):
        line = self._document_line(document)
        number = document.provenance_paper_number if line.is_there else False
        origin = self.env._("%(origin)s, no. %(number)s", origin=line.origin, number=number) if number else line.origin
        return [*filter(None, (line.state, origin)), *(file.name for file in line.files)]
