from odoo.tests import tagged

from .common import AN, CITIZEN_CARD, CRIMINAL_RECORD
from .paper_case import PDF
from .phone_case import PhoneCase

_PAPER = PDF + b" the result"


@tagged("-at_install", "post_install")
class TestPortalCircle(PhoneCase):
    """The guideline's two procedures on a phone: from the search to the result that anybody can check."""

    def make_things(self):
        """Nothing before: the citizen begins it all."""
        self.issuing = self.env["kho.dl.procedure"].create(
            {
                "code": "2.000488",
                "name": "Criminal record certificate",
                "result_code_ids": [(6, 0, self.codes[CRIMINAL_RECORD].ids)],
                "document_ids": [
                    (0, 0, {"name": "Declaration"}),
                    (0, 0, {"name": "Citizen card", "result_code_ids": [(6, 0, self.codes[CITIZEN_CARD].ids)]}),
                ],
            }
        )

    # Proves I.H-4.
    def test_the_criminal_record_is_applied_for_issued_had_and_checked(self):
        with self.phone(self.an.login) as phone:
            case = self._apply(phone, "criminal record", self.issuing)
        self.assertEqual(self.document(case, CITIZEN_CARD).source, "national")
        paper = self._issue(case)
        self._has_and_checks(case, paper)

    # Proves I.H-4.
    def test_the_medical_licence_takes_the_certificate_of_another_province(self):
        with self.phone(self.an.login) as phone:
            case = self._apply(phone, "MEDICAL licence", self.procedure)
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual((document.source, document.provenance_agency_code), ("national", "H22"))
        self.assertTrue(document.attachment_ids)
        paper = self._issue(case)
        self._has_and_checks(case, paper)

    def _apply(self, phone, words, procedure):
        """Find, begin, agree, choose what was found and say that the rest is not there, submit; return the case."""
        self.go(phone, "/my")
        self.press(phone, 'a[href*="/my/kho-dl/apply"]')
        self.fill(phone, "[name=search]", words)
        self.press(phone, "form[role=search] [type=submit]")
        self.press(phone, f'a[href$="/my/kho-dl/apply/{procedure.id}"]')
        self.press(phone, f'form[action$="/apply/{procedure.id}"] [type=submit]')
        self.press(phone, "[name=agree]", leads_on=False)
        self.press(phone, 'form[action$="/ask"] [type=submit]')
        self.evaluate(
            phone,
            """
            for (const group of document.querySelectorAll("fieldset")) {
                const none = group.querySelector("input[type=radio][value=none]");
                const found = group.querySelector("input[type=radio]:checked");
                none && !(found && found.value) && none.click();
            }
            """,
        )
        self.press(phone, '[formaction$="/submit"]')
        path, said = self.evaluate(phone, "[location.pathname, document.querySelector('#wrap').innerText]")
        self.assertIn("/my/kho-dl/cases/", path, said)
        return self.env["kho.dl.case"].browse(int(path.split("/")[-1]))

    def _issue(self, case):
        """Process the case as its clerk, to the end; return its result."""
        self.env.invalidate_all()
        case = case.with_user(self.clerk)
        self.assertFalse(case.is_draft)
        self.assertIn(self.clerk, case.sudo().activity_ids.user_id)
        code = self.codes[CRIMINAL_RECORD]
        file = (0, 0, {"name": "result.pdf", "raw": _PAPER})
        values = {"case_id": case.id, "result_code_id": code.id, "number": "5/2026", "date_issued": "2026-11-20"}
        paper = self.env["kho.dl.paper"].with_user(self.clerk).create({**values, "attachment_ids": [file]})
        for state in ("2", "4", "9"):
            case.state = state
        self.assertEqual((paper.state, paper.owner_id_number), ("effective", AN))
        return paper

    def _has_and_checks(self, case, paper):
        with self.phone(self.an.login) as phone:
            self.go(phone, self.case_address(case))
            self.go(phone, "/my/kho-dl/papers")
            [address] = self.evaluate(
                phone, "[...document.querySelectorAll('a[download]')].map((link) => link.pathname)"
            )
            self.go(phone, "/kho-dl/check?lang=en_US")
            # As it is downloaded, so it is dropped.
            self.evaluate(
                phone,
                f"""
                (async () => {{
                    const answer = await fetch("{address}");
                    const choice = new DataTransfer();
                    choice.items.add(new File([await answer.blob()], "result.pdf"));
                    const form = document.querySelector("#kho_dl_check");
                    form.dispatchEvent(new DragEvent("drop", {{ dataTransfer: choice, cancelable: true }}));
                }})()
                """,
            )
            self.wait(phone, "!!document.querySelector('#kho_dl_verdict')")
            said = self.evaluate(phone, "document.querySelector('#kho_dl_verdict').innerText")
        self.assertIn("Issued by us, unchanged: in force", " ".join(said.split()))
        self.assertEqual(paper.attachment_ids.raw, _PAPER)
