"""Papers of our own store, for test cases."""

from odoo import Command

from .common import AN, CRIMINAL_RECORD, KhoDLCase

PDF = b"%PDF-1.4 a result of ours %%EOF"


class PaperFixtures:
    """Papers of our own store, for a test case with the fixtures."""

    def prepare(self):
        super().prepare()
        self.company.kho_dl_own_providerurl = "https://dvc.example.gov.vn"

    def paper_values(self, **values):
        return {
            "result_code_id": self.codes[CRIMINAL_RECORD].id,
            "owner_id_number": AN,
            "owner_name": "Applicant",
            "number": "12/2026",
            "date_issued": "2026-01-15",
            "attachment_ids": [Command.create({"name": "result.pdf", "raw": PDF})],
            **values,
        }

    def make_paper(self, **values):
        """Return a draft that lacks nothing, made by the clerk."""
        return self.env["kho.dl.paper"].with_user(self.clerk).create(self.paper_values(**values))


class PaperCase(PaperFixtures, KhoDLCase):
    """The same on a cursor that may commit."""
