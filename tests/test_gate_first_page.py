import io

from pypdf import PdfReader, PdfWriter

from odoo.tests import HttpCase, tagged
from odoo.tools.pdf import OdooPdfFileReader, OdooPdfFileWriter, merge_pdf

from .inspection.authority import pdf


@tagged("-at_install", "post_install")
class TestFirstPage(HttpCase):
    """Odoo's own tools for PDFs work with what the environment pins; nothing of ours uses them."""

    def test_the_first_page_is_shown(self):
        writer = PdfWriter()
        for text in ("Trang mot", "Trang hai"):
            writer.append(io.BytesIO(pdf(text)))
        output = io.BytesIO()
        writer.write(output)
        file = self.env["ir.attachment"].create({"name": "a.pdf", "raw": output.getvalue()})
        self.authenticate("admin", "admin")
        answer = self.url_open(f"/mail/attachment/pdf_first_page/{file.id}")
        self.assertEqual(answer.status_code, 200)
        [page] = PdfReader(io.BytesIO(answer.content)).pages
        self.assertIn("Trang mot", page.extract_text())

    def test_files_are_read_and_put_together(self):
        merged = merge_pdf([pdf("Trang mot"), pdf("Trang hai")])
        self.assertEqual(OdooPdfFileReader(io.BytesIO(merged), strict=False).getNumPages(), 2)
        writer, output = OdooPdfFileWriter(), io.BytesIO()
        writer.cloneReaderDocumentRoot(OdooPdfFileReader(io.BytesIO(merged), strict=False))
        writer.addAttachment("note.txt", b"note")
        writer.write(output)
        self.assertEqual(PdfReader(output).attachments["note.txt"], [b"note"])
