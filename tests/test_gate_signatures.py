import base64

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..inspection import reports
from ..models.gate.finding_words import signature_words
from ..models.journal.journal_seals import payload_facts, read_rows
from .common import AN, CRIMINAL_RECORD, DEGREE
from .inspection.attacks import signed_range
from .inspection.authority import OFFICE, pdf
from .test_gate import GateCase


class TestSignatures(GateCase):
    """Papers signed by the tests' own authority."""

    def setUp(self):
        super().setUp()
        self.trust(self.authority.root)

    def broken(self):
        """Return a signed paper that somebody changed."""
        return self.authority.sign(pdf("Amount: 1")).replace(b"/Title", b"/Titel", 1)

    def badge(self, wizard, code=CRIMINAL_RECORD):
        [badge] = self.document(wizard.case_id, code).file_badges.values()
        return badge

    def test_a_trusted_signature_is_shown_with_who_and_when(self):
        self.give(self.authority.sign(pdf()))
        wizard = self.attach()
        row = self.row(wizard)
        self.assertEqual((row.state, row.signature_state), ("done", "valid"))
        self.assertIn(OFFICE, row.signature_words)
        self.assertIn("covers the whole file", row.signature_words)
        self.assertEqual((self.badge(wizard)["label"], self.badge(wizard)["colour"]), ("Signature valid", "success"))
        self.assertIn("Signature valid", wizard.case_id.message_ids[0].body)

    def test_unsigned_is_a_fact_and_no_error(self):
        self.give(pdf())
        wizard = self.attach()
        self.assertEqual((self.row(wizard).state, self.row(wizard).signature_state), ("done", "unsigned"))
        self.assertEqual(self.badge(wizard)["colour"], "secondary")

    def test_a_signer_nobody_vouches_for_is_attached_and_shown(self):
        self.env["kho.dl.trust.certificate"].search([]).active = False
        self.give(self.authority.sign(pdf()))
        wizard = self.attach()
        self.assertEqual(self.row(wizard).signature_state, "unknown_signer")
        check = self.document(wizard.case_id, CRIMINAL_RECORD).check_ids
        self.env["kho.dl.trust.certificate"].with_context(active_test=False).search([]).active = True
        check.with_user(self.clerk).action_check_again()
        self.assertEqual(check.signature_state, "valid")
        # The journal keeps what was so when the file came.
        self.assertEqual(self.row(wizard).signature_state, "unknown_signer")

    def test_an_expired_certificate_is_attached_and_shown(self):
        self.give(self.authority.sign(pdf(), self.authority.expired))
        self.assertEqual(self.row(self.attach()).signature_state, "expired")

    def test_a_signature_of_which_nobody_can_tell_is_attached_and_shown_with_the_cause(self):
        signed = self.authority.sign(pdf())
        _start, before, after, _rest = signed_range(signed)
        self.give(signed[: before + 1] + b"0" * (after - before - 2) + signed[after - 1 :])
        wizard = self.attach()
        row = self.row(wizard)
        self.assertEqual((row.state, row.signature_state, row._needs_reason()), ("done", "unverified", False))
        badge = self.badge(wizard)
        self.assertEqual((badge["label"], badge["colour"]), ("Signature cannot be checked", "warning"))
        self.assertIn("cannot be told. It is damaged or badly made.", row.signature_words)
        self.assertEqual(badge["warnings"], ["It is damaged or badly made."])
        self.assertNotIn("covers the whole file", row.signature_words)

    def test_each_cause_has_its_words(self):
        causes = (
            *(reports.NO_CERTIFICATE, reports.NOT_KNOWN_KIND, reports.NOT_KNOWN_ALGORITHM, reports.WEAK_ALGORITHM),
            *(reports.NOT_A_CLEAR_PDF, reports.TWO_READINGS, reports.TOO_MANY, reports.NOT_UNDERSTOOD),
        )
        told = set()
        for cause in causes:
            report = reports.FileReport(signatures=(reports.unverified("Ky1", cause),))
            words = signature_words(self.env, report.as_json())
            self.assertIn("cannot be told. ", words)
            told.add(words)
        self.assertEqual(len(told), len(causes))

    def test_what_a_further_signature_lays_over_the_page_is_said(self):
        self.give(self.authority.sign_visibly(self.authority.sign(pdf()), (72, 100, 200, 160)))
        wizard = self.attach()
        row = self.row(wizard)
        self.assertEqual((row.state, row.signature_state, row._needs_reason()), ("done", "valid", False))
        self.assertEqual(row.gate_marks, "laid_over_after_signing")
        self.assertIn("something was laid over the page with it", row.signature_words)
        [warning] = self.badge(wizard)["warnings"]
        self.assertIn("See that it hides nothing", warning)

    def test_a_signature_around_a_pdf_is_told_of_and_that_it_was_not_checked(self):
        told = "A signature lay around it (.p7m), which was not checked."
        # What is left of it stands behind the PDF, and no signature within covers that.
        for inner, state in ((pdf(), "unsigned"), (self.authority.sign(pdf()), "unverified")):
            self.give(self.authority.enclose(inner))
            wizard = self.attach()
            row = self.row(wizard)
            self.assertEqual((row.state, row.signature_state, row.gate_marks), ("done", state, "outer_signature"))
            self.assertIn(told, self.badge(wizard)["warnings"])
            self.assertIn(told, self.line(wizard, CRIMINAL_RECORD).message)
            self.assertIn(told, wizard.case_id.message_ids[0].body)
            check = self.document(wizard.case_id, CRIMINAL_RECORD).check_ids
            check.with_user(self.clerk).action_check_again()
            self.assertEqual(check.gate_marks, "outer_signature")

    def test_a_signature_around_a_pdf_that_is_handed_in_is_told_of(self):
        document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
        content = self.authority.enclose(pdf())
        document.attachment_ids = [Command.create({"name": "giay.pdf.p7m", "raw": content})]
        self.assertIn("outer_signature", document.check_ids.gate_marks.split(","))

    def test_a_broken_signature_is_not_attached(self):
        self.give(self.broken())
        wizard = self.attach(CRIMINAL_RECORD, DEGREE)
        row = self.retrievals(wizard.case_id).filtered(lambda row: row._needs_reason())
        self.assertEqual((row.state, row.error_kind, row.signature_state), ("failed", "file_questioned", "broken"))
        self.assertTrue(row.sha256)
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual((line.status, line.needs_reason), ("failed", True))
        self.assertIn("broken", line.message)
        self.assertFalse(self.document(wizard.case_id, CRIMINAL_RECORD).attachment_ids)
        self.assertEqual(self.line(wizard, DEGREE).status, "attached")

    def test_a_reason_attaches_it_and_is_kept_in_the_journal(self):
        self.give(self.broken())
        wizard = self.attach()
        line = self.line(wizard, CRIMINAL_RECORD)
        with self.assertRaises(UserError):
            wizard.action_attach()
        line.reason = "  "
        with self.assertRaises(UserError):
            wizard.action_attach()
        line.reason = "Compared with the original"
        wizard.action_attach()
        self.assertEqual((line.status, line.needs_reason), ("attached", False))
        refused, row = self.retrievals(wizard.case_id)
        self.assertEqual((row.state, row.gate_reason), ("done", "Compared with the original"))
        self.assertEqual((row.gate_accepted, row.sha256), (refused.sha256, refused.sha256))
        check = self.document(wizard.case_id, CRIMINAL_RECORD).check_ids
        self.assertEqual((check.signature_state, check.reason), ("broken", "Compared with the original"))
        self.assertEqual(self.badge(wizard)["colour"], "danger")
        self.assertIn("Compared with the original", wizard.case_id.message_ids[0].body)
        self.assertTrue(row.chain_position)
        self.assertTrue(self.env["kho.dl.journal.chain"]._verify(self.company).fault == "")

    def test_a_reason_is_about_what_was_seen(self):
        self.give(self.broken())
        wizard = self.attach()
        self.line(wizard, CRIMINAL_RECORD).reason = "Compared with the original"
        self.give(self.authority.sign(pdf("Amount: 2")).replace(b"/Title", b"/Titel", 1))
        wizard.action_attach()
        self.assertEqual(self.retrievals(wizard.case_id).mapped("state"), ["failed", "failed"])

    def test_a_reason_is_not_needed_any_more_when_the_office_mends_the_file(self):
        self.give(self.broken())
        wizard = self.attach()
        self.line(wizard, CRIMINAL_RECORD).reason = "Compared with the original"
        self.give(self.authority.sign(pdf()))
        wizard.action_attach()
        check = self.document(wizard.case_id, CRIMINAL_RECORD).check_ids
        self.assertEqual((check.signature_state, check.reason), ("valid", False))

    def test_a_revoked_certificate_needs_a_reason(self):
        authority = self.authority
        signed = authority.sign(pdf(), authority.revoked)
        self.give(authority.with_crl(signed, authority.crl(authority.revoked)))
        row = self.row(self.attach())
        self.assertEqual((row.state, row.signature_state), ("failed", "revoked"))
        self.assertIn("revoked", row.error)

    def test_what_was_handed_in_is_checked_too(self):
        document = self.document(self.make_case(), CRIMINAL_RECORD).with_user(self.clerk)
        document.attachment_ids = [(0, 0, {"name": "scan.pdf", "raw": self.broken()})]
        self.assertEqual(document.check_ids.signature_state, "broken")
        self.assertEqual(document.status, "attached")

    def test_the_proof_pack_holds_the_report(self):
        self.give(self.authority.sign(pdf()))
        row = self.row(self.attach())
        [kept] = read_rows(row.browse(), Domain("id", "in", row.ids))
        facts = payload_facts(row.browse(), kept, "")["payload"]
        self.assertEqual(facts["gate_report"]["signatures"][0]["signer"], OFFICE)


class TestTrust(GateCase):
    def add(self, content, **values):
        return self.env["kho.dl.trust.certificate"].create({"certificate": base64.b64encode(content), **values})

    def test_pem_and_der_are_the_same_certificate(self):
        record = self.add(self.authority.root.pem)
        self.assertEqual(record.name, "Test Root CA")
        with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
            self.add(self.authority.root.der)
        self.assertIn("kho_dl_trust_certificate_once", str(caught.exception))

    def test_what_is_no_issuer_is_refused(self):
        for content in (
            b"nonsense",
            self.authority.office.pem,
            self.authority.middle.pem,
            self.authority.root.pem + self.authority.middle.pem,
            b"x" * 200_000,
        ):
            with self.subTest(content=content[:40]), self.assertRaises(ValidationError):
                self.add(content)

    def test_one_in_between_completes_a_chain_and_is_not_trusted_itself(self):
        self.add(self.authority.middle.pem, role="intermediate")
        self.give(self.authority.sign(pdf()))
        self.assertEqual(self.row(self.attach()).signature_state, "unknown_signer")
        self.add(self.authority.root.pem)
        self.assertEqual(self.row(self.attach()).signature_state, "valid")

    def test_trust_is_a_companys_own_or_everybodys(self):
        other = self.env["res.company"].create({"name": "Other"})
        trusted = self.add(self.authority.root.pem, company_id=other.id)
        model = self.env["kho.dl.trust.certificate"]
        self.assertFalse(model._trust(self.company).roots)
        trusted.company_id = False
        self.assertEqual(model._trust(self.company).roots, (self.authority.root.der,))
