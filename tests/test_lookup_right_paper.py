from odoo.exceptions import UserError

from ..simulator.papers import Paper, PaperFile
from .common import AN, CRIMINAL_RECORD
from .inspection.authority import pdf
from .test_gate import GateCase

OTHER_NUMBER = "000285000022"
HA_GIANG = "https://dichvucong.hagiang.gov.vn"


class TestRightPerson(GateCase):
    """Is the paper the applicant's?"""

    def test_a_paper_of_the_applicant(self):
        self.give(pdf("Ho va ten: NGUYEN THI AN", f"So CCCD: {AN}"))
        row = self.row(self.attach())
        self.assertEqual((row.state, row.identity_state), ("done", "match"))

    def test_a_paper_that_does_not_tell(self):
        self.give(pdf("Phieu ly lich tu phap"))
        row = self.row(self.attach())
        self.assertEqual((row.state, row.identity_state), ("done", "unknown"))

    def test_a_paper_of_somebody_else_needs_a_reason(self):
        self.give(pdf("Ho va ten: TRAN VAN BINH", f"So CCCD: {OTHER_NUMBER}"))
        wizard = self.attach()
        line, row = self.line(wizard, CRIMINAL_RECORD), self.row(wizard)
        self.assertEqual((row.state, row.error_kind, row.identity_state), ("failed", "file_questioned", "mismatch"))
        self.assertIn("names somebody else", line.message)
        with self.assertRaises(UserError):
            wizard.action_attach()
        line.reason = "The office mixed up two cards; the content is hers"
        wizard.action_attach()
        self.assertEqual(line.status, "attached")
        self.assertIn("It names somebody else, not the applicant.", line.message)

    def test_nothing_of_the_text_is_kept(self):
        self.give(pdf("Ho va ten: TRAN VAN BINH", f"So CCCD: {OTHER_NUMBER}"))
        row = self.row(self.attach())
        kept = str(row.read()) + str(row.sudo().gate_report)
        self.assertNotIn(OTHER_NUMBER, kept)
        self.assertNotIn("BINH", kept)

    def test_both_doubts_are_told_at_once(self):
        foreign = self.authority.sign(pdf("Ho va ten: TRAN VAN BINH", f"So CCCD: {OTHER_NUMBER}"))
        self.give(foreign.replace(b"/Title", b"/Titel", 1))
        row = self.row(self.attach())
        self.assertIn("broken", row.error)
        self.assertIn("somebody else", row.error)


class TestRightPaper(GateCase):
    """Is it the paper that is wanted, and is it there already?"""

    def papers(self, *papers):
        """Let the portal know these papers of the applicant: (number, name of the file)."""
        self.simulator.world.add_person(
            AN,
            "Nguyễn Thị An",
            [
                Paper(CRIMINAL_RECORD, "Phiếu LLTP", number, "H22", (PaperFile(name, f"{HA_GIANG}/x/{name}"),))
                for number, name in papers
            ],
        )

    def test_a_newer_paper_is_pointed_out(self):
        self.papers(("1/2024", "1700000000000_a.pdf"), ("2/2025", "1750000000000_b.pdf"), ("3", "c.pdf"))
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        old = self.line(wizard, CRIMINAL_RECORD, "1/2024")
        new = self.line(wizard, CRIMINAL_RECORD, "2/2025")
        self.assertEqual((old.selected, new.selected), (False, True))
        self.assertEqual(old.message, "There is a newer paper of this kind: 2/2025.")
        self.assertFalse(new.message)
        # Where nothing tells the age, nothing is claimed.
        self.assertFalse(self.line(wizard, CRIMINAL_RECORD, "3").message)

    def test_a_paper_that_is_on_the_case_already_is_pointed_out(self):
        self.papers(("7/STP", "a.pdf"))
        case = self.attach().case_id
        document = self.document(case, CRIMINAL_RECORD)
        wizard = self.make_wizard(case)
        # The same paper is asked for under another document.
        other = self.env["kho.dl.case.document"].search(
            [("case_id", "=", case.id), ("id", "!=", document.id), ("result_code_ids", "!=", False)], limit=1
        )
        line = wizard.line_ids.sudo().create(
            {
                "wizard_id": wizard.id,
                "case_document_id": other.id,
                "source": "national",
                "name": "Phiếu LLTP",
                "number": " 7/stp",
                "agency_code": document.provenance_agency_code,
                "file_count": 1,
            }
        )
        self.assertEqual(line.message, f"This paper is on the case already, under: {document.name}.")
        line.sudo().agency_code = "000.00.00.G03"
        line.invalidate_recordset(["message"])
        self.assertFalse(line.message)
