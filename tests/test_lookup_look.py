import io
import time
from dataclasses import replace

from PIL import Image
from reportlab.pdfgen import canvas

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ..models.lookup import kho_dl_look
from ..protocol.errors import TimedOut
from ..simulator.papers import Paper, PaperFile
from .common import AN, BINH, CRIMINAL_RECORD, HEALTH, KhoDLCase, new_test_user
from .inspection.authority import Authority, pdf
from .leaps import let_time_leap_when_heard
from .test_portal_preview import docx

HA_GIANG = "https://dichvucong.hagiang.gov.vn"
_BINH = "Ho va ten: TRAN VAN BINH"


def pages(count):
    output = io.BytesIO()
    made = canvas.Canvas(output)
    for number in range(count):
        made.drawString(50, 700, f"Page {number + 1}")
        made.showPage()
    made.save()
    return output.getvalue()


def jpeg(colour, size=(60, 40), **options):
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, "JPEG", **options)
    return output.getvalue()


class LookFixtures:
    def give(self, content, name=None):
        world = self.simulator.world
        if name:
            [paper] = [one for one in world.papers_of(AN) if one.code == CRIMINAL_RECORD]
            [file, *_others] = paper.files
            world.learn_papers(AN, paper.number, [replace(paper, files=(replace(file, name=name),))])
        world.put_content(world.link_of(AN, CRIMINAL_RECORD), content)

    def found(self, wizard):
        """Return the line of the criminal record."""
        wizard.action_search()
        return self.line(wizard, CRIMINAL_RECORD)[:1]

    def looks(self):
        return self.env["kho.dl.disclosure"].search([("kind", "=", "previewed")])


class TestLook(LookFixtures, KhoDLCase):
    """What an officer is shown of a found paper, and of a file on a case."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        self.wizard = self.make_wizard(self.case)

    def seen(self):
        """Return what the viewer shows of the criminal record, and of its only file."""
        self.candidate = self.found(self.wizard)
        seen = self.candidate.action_look()
        return seen, (seen["files"] or [None])[0]

    def test_a_long_paper_is_shown_from_its_beginning_and_all_of_it_on_the_case(self):
        self.give(pages(300))
        _seen, file = self.seen()
        self.assertEqual((file["page_count"], file["shown_count"]), (300, 10))
        file = self.attached()
        self.assertEqual((file["page_count"], file["shown_count"]), (300, 300))
        document, attachment = self.record, self.record.attachment_ids
        self.assertTrue(document._look_picture(attachment.id, 300).startswith(b"\xff\xd8"))

    def attached(self):
        """Attach the criminal record alone; return what the viewer shows of its file on the case."""
        for line in self.wizard.line_ids:
            line.selected = line == self.line(self.wizard, CRIMINAL_RECORD)[:1]
        self.wizard.action_attach()
        self.record = self.document(self.case, CRIMINAL_RECORD).with_user(self.clerk)
        [file] = self.record.action_look_at_file(self.record.attachment_ids.id)["files"]
        return file

    def test_what_has_no_pages_says_why(self):
        self.give(docx(), "don.docx")
        _seen, file = self.seen()
        self.assertEqual((file["shown_count"], file["open_address"]), (0, ""))
        self.assertIn("no pages that could be shown", file["why_not"])
        self.assertIn("no pages that could be shown", self.attached()["why_not"])

    def test_what_opens_with_a_password_says_so(self):
        self.give(pdf("x", encrypt="secret"))
        _seen, file = self.seen()
        self.assertEqual(file["shown_count"], 0)
        self.assertIn("opens with a password", file["why_not"])

    def test_a_scan_on_its_side_stands_upright(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        self.give(jpeg("white", (80, 40), exif=exif), "scan.jpg")
        _seen, file = self.seen()
        picture = Image.open(io.BytesIO(self.candidate.candidate_id._look_picture(file["id"], 1)))
        self.assertLess(picture.width, picture.height)

    # Proves J.2-2.
    def test_a_doubtful_signature_is_told_beside_its_pages(self):
        self.give(Authority().sign(pdf("Amount: 1")).replace(b"/Title", b"/Titel", 1))
        _seen, file = self.seen()
        self.assertEqual((file["colour"], file["shown_count"]), ("danger", 1))
        self.assertTrue(file["signature_words"])
        self.assertTrue(self.candidate.candidate_id._look_picture(file["id"], 1))

    # Proves J.2-2.
    def test_whom_the_paper_names_is_told_and_its_pages_shown_to_who_says_why(self):
        self.give(pdf(_BINH, "So dinh danh ca nhan: 000285000022"))
        _seen, file = self.seen()
        self.assertEqual((file["paper_names"], file["shown_count"]), ("TRAN VAN BINH", 0))
        self.assertIn("It names somebody else, not the applicant.", file["warnings"])
        self.assertIn("said why", file["why_not"])
        paper = self.candidate.candidate_id
        self.assertIsNone(paper._look_picture(file["id"], 1))
        for line in self.wizard.line_ids:
            line.selected = line == self.candidate
        self.wizard.action_attach()
        self.assertEqual(self.candidate.status, "failed")
        self.candidate.reason = "Their name was changed"
        [file] = self.candidate.action_look()["files"]
        self.assertEqual(file["shown_count"], 1)
        self.assertTrue(paper._look_picture(file["id"], 1))
        self.wizard.action_attach()
        document = self.document(self.case, CRIMINAL_RECORD).with_user(self.clerk)
        [file] = document.action_look_at_file(document.attachment_ids.id)["files"]
        self.assertEqual((file["paper_names"], file["reason"]), ("TRAN VAN BINH", "Their name was changed"))
        self.assertEqual(document.check_ids.paper_names, "TRAN VAN BINH")

    def test_a_name_that_a_paper_says_is_in_no_journal(self):
        self.give(pdf(_BINH, "So dinh danh ca nhan: 000285000022"))
        self.seen()
        for line in self.wizard.line_ids:
            line.selected = line == self.candidate
        self.wizard.action_attach()
        kept = (
            str(self.retrievals(self.case).read())
            + str(self.looks().read())
            + str(self.case.message_ids.mapped("body"))
        )
        self.assertNotIn("BINH", kept)

    @mute_logger("odoo.addons.kho_dl.protocol")
    def test_an_office_that_is_slow_is_waited_for_so_long_and_may_be_asked_again(self):
        self.candidate = self.found(self.wizard)
        self.simulator.order("file", "slow_drip", times=1, seconds=0.2, bytes=1)
        let_time_leap_when_heard(self, kho_dl_look.LOOK_SECONDS, "file")
        begin = time.time()
        seen = self.candidate.action_look()
        self.assertLess(time.time() - begin, 25)
        self.assertEqual((seen["files"], seen["can_retry"]), ([], True))
        self.assertIn("comes by itself when the office answers", seen["problems"][0])
        self.assertEqual(len(self.candidate.action_look()["files"]), 1)

    def test_an_office_that_is_spared_is_not_asked(self):
        self.candidate = self.found(self.wizard)
        paper = self.candidate.candidate_id.sudo()
        lane = paper._prepare_retrievals(self.env["kho.dl.security.server"]._server_resolver())[0]["lane"]
        for _each in range(3):
            self.env["kho.dl.breaker"]._failed(self.company.kho_dl_own_server, lane, "Office", TimedOut("silent"))
        seen = self.candidate.action_look()
        self.assertEqual((seen["files"], seen["can_retry"], len(seen["problems"])), ([], True, 1))
        self.assertFalse(self.simulator.requests("file"))

    def test_a_consent_that_was_withdrawn_shows_nothing_any_more(self):
        _seen, file = self.seen()
        paper = self.candidate.candidate_id
        self.case.with_user(self.clerk).withdraw_consent("Changed their mind")
        self.env.cr.commit()
        self.assertFalse(paper.exists())
        self.assertFalse(self.env["kho.dl.preview"].search([("id", "=", file["id"])]))

    def test_without_the_consent_pages_by_their_address_are_shown_no_more(self):
        _seen, file = self.seen()
        paper = self.candidate.candidate_id.with_user(self.clerk)
        self.assertTrue(paper._look_picture(file["id"], 1))
        paper.lookup_id.consent_given = False
        with self.assertRaises(UserError):
            paper._look_picture(file["id"], 1)

    def test_what_a_colleague_attached_meanwhile_is_looked_at_without_another_fetch(self):
        self.candidate = self.found(self.wizard)
        self.attached()
        fetched = len(self.simulator.requests("file"))
        self.assertIn(self.candidate.action_look()["files"][0]["shown_count"], (0, 1))
        self.assertLessEqual(len(self.simulator.requests("file")), fetched + 1)

    def test_a_look_for_another_office_or_person_is_one_of_its_own(self):
        self.seen()
        paper, case = self.candidate.candidate_id.sudo(), self.case.sudo()
        other = self.env["res.company"].create({"name": "Another office"})
        same = {"name": case.name, "company_id": case.company_id.id, "owner_id_number": case.owner_id_number}
        for differs, rows in (({}, 1), ({"company_id": other.id}, 2), ({"owner_id_number": BINH}, 3)):
            with self.subTest(differs):
                paper._note_look(case.new({**same, **differs}), paper.preview_ids)
                self.assertEqual(self.env["kho.dl.disclosure"].search_count([("case_name", "=", case.name)]), rows)

    def test_only_who_works_on_the_case_looks(self):
        _seen, file = self.seen()
        self.attached()
        attachment = self.record.attachment_ids
        paper = self.candidate.candidate_id
        other = self.env["res.company"].create({"name": "Another office"})
        stranger = new_test_user(
            self.env, "stranger", "kho_dl.group_clerk", company_id=other.id, company_ids=[Command.set(other.ids)]
        )
        auditor = new_test_user(self.env, "auditor_of_looks", "kho_dl.group_auditor")
        for user in (stranger, auditor):
            for look in (
                self.candidate.with_user(user).action_look,
                paper.with_user(user).action_look,
                lambda user=user: paper.with_user(user)._look_picture(file["id"], 1),
            ):
                with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                    look()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.record.with_user(stranger).action_look_at_file(attachment.id)
        # A file of another record is none of this document.
        other_file = self.env["ir.attachment"].create({"name": "x.pdf", "raw": pdf()})
        seen = self.record.action_look_at_file(other_file.id)
        self.assertEqual((seen["files"], len(seen["problems"])), ([], 1))
        self.assertIsNone(self.record._look_picture(other_file.id, 1))
        self.assertEqual(self.looks().user_id, self.clerk)

    def test_a_closed_case_has_no_previews(self):
        self.candidate = self.found(self.wizard)
        self.case.sudo().state = "9"
        self.env.cr.commit()
        try:
            self.candidate.action_look()
        except UserError as error:
            self.assertIn("closed", str(error))
        else:
            self.fail("a paper was looked at for a closed case")

    def learn(self, *files, name="Thẻ căn cước", code=CRIMINAL_RECORD):
        """Let the portal know one paper with `files`, (name, content)."""
        made = tuple(PaperFile(one, f"{HA_GIANG}/x/{one}") for one, _content in files)
        self.simulator.world.add_person(AN, "Nguyễn Thị An", [Paper(code, name, "7/CA", "H22", made)])
        for file, (_name, content) in zip(made, files, strict=True):
            self.simulator.world.put_content(file.link, content)

    # Proves J.2-3, J.2-4.
    def test_two_sides_back_first_are_named_and_stand_in_their_order(self):
        self.learn(("the_mat_sau.jpg", jpeg("black")), ("the_mat_truoc.jpg", jpeg("white")))
        self.candidate = self.found(self.wizard)
        agency = self.candidate.agency
        self.assertEqual([file["side"] for file in self.candidate.action_look()["files"]], ["front", "back"])
        self.candidate.selected = True
        self.wizard.action_attach()
        document = self.document(self.case, CRIMINAL_RECORD)
        names = [f"Thẻ căn cước – {agency} – front.jpg", f"Thẻ căn cước – {agency} – back.jpg"]
        self.assertEqual(document._ordered_files().mapped("name"), names)
        # The back came first, and so it was made first.
        badges = document.file_badges
        self.assertEqual([badges[str(file.id)]["place"] for file in document._ordered_files()], [0, 1])
        self.assertEqual(
            {row.file_name: row.attachment_id.name for row in self.retrievals(self.case)},
            {"the_mat_truoc.jpg": names[0], "the_mat_sau.jpg": names[1]},
        )

    # Proves J.2-4.
    def test_two_files_without_sides_keep_the_order_of_the_answer_whatever_comes_first(self):
        self.learn(("b.jpg", jpeg("black")), ("a.jpg", jpeg("white")), name="Sổ hộ khẩu")
        self.candidate = self.found(self.wizard)
        self.candidate.selected = True
        self.simulator.order("file", "server_error", status=503, times=1, match="b.jpg")
        self.wizard.action_attach()
        self.env["kho.dl.retrieval"].search([("state", "=", "pending")])._make_due()
        self.process_now(self.retrievals(self.case), 10)
        document = self.document(self.case, CRIMINAL_RECORD)
        ordered = document._ordered_files()
        self.assertEqual(
            [row.file_name for file in ordered for row in document.retrieval_ids if row.attachment_id == file],
            ["b.jpg", "a.jpg"],
        )
        self.assertTrue(ordered[1].name.endswith(" (2).jpg"))

    # Proves J.2-3.
    def test_a_very_long_name_with_slashes_is_a_name_of_a_file(self):
        self.learn(("x.pdf", pdf()), name="Giấy phép 12/GP-UBND " + "về việc cấp phép xây dựng " * 12)
        self.candidate = self.found(self.wizard)
        self.candidate.selected = True
        self.wizard.action_attach()
        name = self.document(self.case, CRIMINAL_RECORD).attachment_ids.name
        self.assertTrue(name.startswith("Giấy phép 12-GP-UBND về việc"))
        self.assertTrue(name.endswith(f" – {self.candidate.agency}.pdf"))
        self.assertLessEqual(len(name.encode()), 200)

    # Proves J.2-3.
    def test_two_papers_of_one_name_are_told_apart(self):
        made = [
            Paper(CRIMINAL_RECORD, "Phiếu", number, "H22", (PaperFile(f"{number}.pdf", f"{HA_GIANG}/x/{number}.pdf"),))
            for number in ("1", "2")
        ]
        self.simulator.world.add_person(AN, "Nguyễn Thị An", made)
        self.wizard.action_search()
        self.line(self.wizard, CRIMINAL_RECORD).selected = True
        self.wizard.action_attach()
        names = self.document(self.case, CRIMINAL_RECORD)._ordered_files().mapped("name")
        self.assertEqual((len(names), len(set(names))), (2, 2))

    # Proves J.2-3.
    def test_a_copy_of_our_own_is_named_alike_and_its_sides_stand_in_order(self):
        first = self.make_case(AN)
        card = self.document(first, HEALTH)
        files = [("sau.jpg", jpeg("black")), ("truoc.jpg", jpeg("white"))]
        card.write({"attachment_ids": [Command.create({"name": name, "raw": raw}) for name, raw in files]})
        first.sudo().state = "9"
        self.wizard.action_search()
        line = self.line(self.wizard, HEALTH)[:1]
        self.assertEqual([file["side"] for file in line.action_look()["files"]], ["front", "back"])
        for one in self.wizard.line_ids:
            one.selected = one == line
        self.wizard.action_attach()
        copies = self.document(self.case, HEALTH)._ordered_files()
        self.assertEqual(
            copies.mapped("name"),
            [f"{card.name} – {self.company.name} – {side}.jpg" for side in ("front", "back")],
        )
        self.assertEqual(copies[0].raw, files[1][1])
