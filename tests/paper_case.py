"""Papers of our own store, for test cases."""

from odoo import Command

from .common import AN, CRIMINAL_RECORD, KhoDLCase

PDF = b"%PDF-1.4 a result of ours %%EOF"
CONTENT = PDF + bytes(range(256)) * 40
ADDRESS = "https://dvc.example.gov.vn"


class PaperFixtures:
    """Papers of our own store, for a test case with the fixtures."""

    def prepare(self):
        super().prepare()
        self.company.kho_dl_own_providerurl = ADDRESS

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


class ServedFixtures(PaperFixtures):
    """A paper whose file others may fetch, for a test case that speaks HTTP."""

    def make_stored(self, name="paper.pdf", **values):
        """Return a paper in our store with a file of CONTENT under that name."""
        paper = self.make_paper(attachment_ids=[Command.create({"name": name, "raw": CONTENT})], **values)
        paper.action_enter()
        return paper

    @staticmethod
    def local(file):
        return file._address().removeprefix(ADDRESS)

    def get(self, address=None, method="GET", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.url_open(address or self.address, headers=headers, method=method, allow_redirects=False)


class PaperCase(PaperFixtures, KhoDLCase):
    """The same on a cursor that may commit."""
