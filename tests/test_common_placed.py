from .common import AN, BINH, KhoDLCase


class TestPlaced(KhoDLCase):
    """Rows take over fields of what they hang on as they are made, see `kho.dl.placed`."""

    def test_rows_made_at_once_have_the_fields_of_their_own_case(self):
        documents = self.make_case(AN).document_ids[:1] | self.make_case(BINH).document_ids[:1]
        files = self.env["ir.attachment"].create([{"name": f"{number}.txt", "raw": b"."} for number in range(2)])
        stranger = self.env["res.company"].create({"name": "Another office"})
        # sudo: checks are made by our own code only.
        checks = (
            self.env["kho.dl.file.check"]
            .sudo()
            .create(
                [
                    {"attachment_id": file.id, "case_document_id": document.id, "company_id": stranger.id}
                    for file, document in zip(files, documents, strict=True)
                ]
            )
        )
        self.assertEqual(checks.mapped("case_id"), documents.case_id)
        self.assertEqual([check.case_id for check in checks], [document.case_id for document in documents])
        self.assertEqual(checks.company_id, documents.company_id)
        self.assertFalse(checks.held_by_id)
        self.assertFalse(any(checks.mapped("is_for_other_number")))

    def test_what_was_fetched_for_another_number_says_so_from_the_start(self):
        document = self.make_case(AN).document_ids[:1]
        file = self.env["ir.attachment"].create({"name": "1.txt", "raw": b"."})
        values = {"attachment_id": file.id, "case_document_id": document.id, "fetched_for": BINH}
        # sudo: as above.
        self.assertTrue(self.env["kho.dl.file.check"].sudo().create(values).is_for_other_number)
