import io
import re

from PIL import Image, TiffImagePlugin
from pypdf import PdfReader, PdfWriter

from odoo.tests import tagged

from ..models.portal import kho_dl_citizen_upload
from ..sealing import workshop
from .application_case import ApplicationCase
from .clamd import TEST_VIRUS, Clamd
from .common import AN, CITIZEN_CARD
from .inspection.authority import Authority, pdf

_UPRIGHT, _ON_ITS_SIDE = 1, 6


def photo(orientation=_UPRIGHT, colour="red", size=(1600, 1200)):
    exif = Image.Exif()
    exif[0x0112] = orientation
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, "JPEG", exif=exif)
    return output.getvalue()


def tiff(page_count):
    output, kind = io.BytesIO(), TiffImagePlugin.TiffImageFile.format
    pages = [Image.new("1", (40, 60), 1) for _page in range(page_count)]
    pages[0].save(output, kind, compression="group4", save_all=True, append_images=pages[1:])
    return output.getvalue()


def locked_pdf():
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("secret")
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@tagged("-at_install", "post_install")
class TestPortalUpload(ApplicationCase):
    """A citizen hands in files and photos online, by the form of the page."""

    def setUp(self):
        super().setUp()
        self.draft = self.begin()
        self.card = self.document(self.draft, CITIZEN_CARD)
        self.address = f"{self.draft_address(self.draft)}/upload/{self.card.id}"

    def upload(self, *files, document=None):
        """Return the answer to the form with `files`, (name, content)."""
        address = self.address if document is None else f"{self.draft_address(self.draft)}/upload/{document.id}"
        return self.post(address, files=[("files", (name, io.BytesIO(content))) for name, content in files])

    def assert_refused(self, words, *files):
        """Assert that nothing of `files` is taken, and that the page says `words`, without a clerk's."""
        answer = self.upload(*files)
        self.assertEqual(answer.status_code, 303, answer.text[-900:])
        page = self.text(self.draft_address(self.draft))
        said = " ".join(re.search(r'role="alert">(.*?)</div>', page, re.DOTALL)[1].split())
        self.assertIn(words, said)
        self.assertNotIn("applicant", said)
        self.assertFalse(self.card.attachment_ids)

    # Proves I.2-8.
    def test_photos_become_one_upright_pdf_in_their_order(self):
        answer = self.upload(("IMG_2.jpg", photo(_ON_ITS_SIDE, "red")), ("IMG_1.jpg", photo(_UPRIGHT, "blue")))
        self.assertIn(f"#document_{self.card.id}", answer.headers["Location"])
        file = self.card.attachment_ids
        self.assertEqual((file.name, file.mimetype), ("Citizen card.pdf", "application/pdf"))
        first, second = PdfReader(io.BytesIO(file.raw)).pages
        self.assertGreater(first.mediabox.height, first.mediabox.width)
        self.assertLess(second.mediabox.height, second.mediabox.width)
        colours = [page.images[0].image.getpixel((9, 9)) for page in (first, second)]
        self.assertEqual([max(range(3), key=colour.__getitem__) for colour in colours], [0, 2])
        page = self.text(self.draft_address(self.draft))
        self.assertIn("Citizen card.pdf", page)
        self.assertIn("Take off again: ", page)

    def test_it_comes_onto_the_case_as_at_the_counter(self):
        self.card.is_not_had = True
        self.upload(("the.pdf", pdf("The citizen card")))
        self.assertEqual((self.card.source, self.card.status), ("upload", "attached"))
        self.assertFalse(self.card.is_not_had)
        check = self.card.check_ids
        self.assertEqual(check.attachment_id, self.card.attachment_ids)
        self.assertEqual((check.create_uid, check.applicant_id), (self.an, self.an.partner_id))
        self.assertEqual((check.signature_state, check.fetched_for), ("unsigned", False))
        file = self.card.attachment_ids
        self.assertEqual((file.res_model, file.res_id, file.public), ("kho.dl.case.document", self.card.id, False))
        answer = self.get(self.case_address(self.draft, file), self.an)
        self.assertEqual(answer.content, file.raw)

    def test_a_signed_file_among_photos_stays_as_it_is(self):
        signed = Authority().sign(pdf("Signed"))
        self.upload(("a.jpg", photo()), ("signed.pdf", signed), ("b.jpg", photo()))
        made, kept = self.card.attachment_ids.sorted("id")
        self.assertEqual(kept.raw, signed)
        self.assertEqual(len(PdfReader(io.BytesIO(made.raw)).pages), 2)
        states = {check.attachment_id: check.signature_state for check in self.card.check_ids}
        self.assertEqual(states[kept], "unknown_signer")

    # Proves I.3-2.
    def test_what_is_not_taken_is_said_with_another_way(self):
        signed = Authority().sign(pdf("Signed"))
        broken = signed.replace(b"/Reason", b"/Raison") if b"/Reason" in signed else signed[:700] + b" " + signed[701:]
        for words, name, content in (
            ("is empty", "empty.pdf", b""),
            ("of a kind that is not taken", "page.html", b"<html><body>x</body></html>"),
            ("of a kind that is not taken", "film.mp4", b"\0\0\0\x18ftypisom" + b"x" * 99),
            ("opens with a password", "locked.pdf", locked_pdf()),
            # What it is stands in the middle, where nobody reads: its name tells.
            ("opens with a password", "locked.docx", bytes.fromhex("d0cf11e0a1b11ae1").ljust(200_000, b"\0")),
            ("damaged or not whole", "half.pdf", pdf()[:500]),
            ("cannot be read as a photo", "IMG_7.jpg", photo()[:400]),
            ("does not hold", "broken.pdf", broken),
        ):
            with self.subTest(name):
                self.assert_refused(words, (name, content))
        # All or none; and of several the one is named that is wrong.
        self.assert_refused("“IMG_8.jpg”", ("a.pdf", pdf()), ("IMG_7.jpg", photo()), ("IMG_8.jpg", photo()[:400]))
        self.assert_refused("Choose a file")

    def test_an_invoice_without_a_declaration_in_front_is_taken_under_its_name(self):
        invoice = b"<HDon><DLHDon Id='1'/><DSCKS><NBan/></DSCKS></HDon>"
        self.assert_refused("of a kind that is not taken", ("hoa-don.pdf", invoice))
        self.upload(("hoa-don.xml", invoice))
        self.assertEqual(self.card.attachment_ids.raw, invoice)
        self.assertEqual(self.card.attachment_ids.name, "hoa-don.xml")
        # A name that is wrong is no reason where the content tells.
        self.upload(("giay.xml", pdf()))
        self.assertIn("giay.pdf", self.card.attachment_ids.mapped("name"))

    def test_a_photo_of_a_kind_that_cannot_be_read_here_says_what_to_do(self):
        without = "import sys; sys.modules['pi_heif'] = None\n"
        self.patch(workshop, "_START", without + workshop._START)
        self.assert_refused("Most Compatible", ("IMG_9.heic", b"\0\0\0\x18ftypheic" + b"x" * 99))

    def test_the_virus_scanner_sees_it_first(self):
        daemon = self.enterContext(Clamd())
        self.company.kho_dl_scanner_address = daemon.address
        infected = pdf() + b"\n% " + TEST_VIRUS + b"\n%%EOF\n"
        self.assert_refused("virus scanner found something in “bad.pdf”", ("bad.pdf", infected))
        self.upload(("good.jpg", photo()))
        self.assertEqual(self.card.check_ids.scan_state, "clean")
        self.assertEqual(daemon.scanned[-1], self.card.attachment_ids.raw)
        self.company.kho_dl_scanner_address = "/nowhere/clamd.ctl"
        self.card.write({"attachment_ids": [(5,)]})
        self.assert_refused("Nothing is wrong with your file", ("good.jpg", photo()))

    def test_a_paper_that_names_others_is_for_an_officer_to_look_at(self):
        other = pdf("Ho va ten: Tran Van Khac", "So dinh danh: 000285000022")
        self.upload(("child.pdf", other))
        self.assertTrue(self.card.attachment_ids)
        page = self.text(self.draft_address(self.draft))
        self.assertIn("Take off again: ", page)

    # Proves I.2-10.
    def test_too_much_is_refused_before_it_is_read(self):
        self.company.kho_dl_max_file_mb = 1
        large = pdf() + b"%" * (1024 * 1024 * 3 // 2)
        self.patch(kho_dl_citizen_upload.KhoDLCitizen, "_upload", lambda *_arguments: self.fail("read"))
        self.assert_refused("more than 1 MB", ("large.pdf", large))
        answer = self.upload(("larger.pdf", large * 2))
        self.assertEqual(answer.status_code, 413)

    # Proves I.2-10.
    def test_too_many_files_pages_and_uploads(self):
        self.assert_refused("More than 30 files", *[(f"{number}.pdf", pdf()) for number in range(31)])
        self.patch(kho_dl_citizen_upload, "_MOST_PAGES", 0)
        self.assert_refused("more than 0 pages", ("pages.pdf", pdf()))
        self.assert_refused("more than 0 pages", ("scan.tif", tiff(1)))
        self.company.kho_dl_uploads_per_day = 1
        self.assert_refused("very much today", ("one.pdf", pdf()))

    def test_a_scan_of_many_pages_stays_as_it_is_and_of_too_many_is_told(self):
        scan = tiff(300)
        self.assert_refused("“scan.tif” has more than 300 pages", ("scan.tif", tiff(800)))
        self.assert_refused("“scan.tif” cannot be read", ("scan.tif", scan[:60]))
        self.upload(("scan.tif", scan))
        self.assertEqual(self.card.attachment_ids.raw, scan)

    def test_an_own_upload_is_taken_off_again_and_nothing_of_it_stays(self):
        self.upload(("wrong.jpg", photo()))
        file = self.card.attachment_ids
        off = f"{self.address}/take-off/{file.id}"
        self.assertEqual(self.post(off, self.binh).status_code, 404)
        self.assertEqual(self.post(off, self.an).status_code, 303)
        self.assertFalse(self.card.attachment_ids or file.exists())
        self.assertFalse(self.env["kho.dl.file.decision"].search([("case_id", "=", self.draft.id)]))
        self.assertEqual(self.card.status, "not_asked")
        self.assertEqual(self.post(off).status_code, 404)

    def test_what_came_from_elsewhere_or_was_submitted_is_not_taken_off(self):
        self.upload(("own.jpg", photo()))
        theirs = self.hand_in_by_clerk()
        off = f"{self.draft_address(self.draft)}/upload/{theirs[0].id}/take-off/{theirs[1].id}"
        self.assertEqual(self.post(off).status_code, 404)
        self.draft.is_draft = False
        file = self.card.attachment_ids
        self.assertEqual(self.post(f"{self.address}/take-off/{file.id}").status_code, 404)
        self.assertEqual(self.upload(("more.jpg", photo())).status_code, 404)
        self.draft.state = "5"
        # Only what is missing then.
        self.assertEqual(self.upload(("more.jpg", photo())).status_code, 404)
        missing = self.draft.document_ids.filtered(lambda one: not one.attachment_ids)[:1]
        self.assertEqual(self.upload(("more.jpg", photo()), document=missing).status_code, 303)
        self.assertEqual(len(missing.attachment_ids), 1)
        self.assertEqual(self.post(f"{self.address}/take-off/{file.id}").status_code, 404)
        more = missing.attachment_ids
        off = f"{self.draft_address(self.draft)}/upload/{missing.id}/take-off/{more.id}"
        self.assertIn(off, self.text(self.case_address(self.draft)))
        self.assertEqual(self.post(off).status_code, 303)
        self.assertFalse(missing.attachment_ids)
        [noted] = self.env["kho.dl.file.decision"].search([("case_id", "=", self.draft.id)])
        self.assertEqual(noted.reason, "The applicant took it off again before sending it.")

    def hand_in_by_clerk(self):
        document = self.draft.document_ids.filtered(lambda one: one != self.card)[:1]
        file = self.env["ir.attachment"].create({"name": "theirs.pdf", "raw": pdf()})
        document.sudo().write({"attachment_ids": [(4, file.id)]})
        return document, document.attachment_ids

    def test_nobody_else_hands_anything_in(self):
        self.clerk.password = "kho_clerk"
        for user in (self.binh, self.clerk):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.upload(("x.pdf", pdf())).status_code, 404)
        other = self.begin(self.binh)
        self.authenticate(self.binh.login, self.binh.login)
        # The own application, a document of another.
        address = f"{self.draft_address(other)}/upload/{self.card.id}"
        self.assertEqual(self.post(address, files=[("files", ("x.pdf", io.BytesIO(pdf())))]).status_code, 404)
        self.assertFalse((self.draft | other).document_ids.attachment_ids)
        self.assertEqual(self.draft.owner_id_number, AN)
