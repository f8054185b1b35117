import io
from functools import partial

from PIL import Image

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tests.common import JsonRpcException

from .common import AN, BINH, CRIMINAL_RECORD, DEGREE, KhoDLCase, new_test_user
from .test_lookup_counter import CounterTours
from .test_migrations import migrate

SCAN = b"%PDF-1.4 scan %%EOF"
# What decides who reaches a file, and with which record it goes.
PLACE = {
    "res_model": (False, "res.partner", "kho.dl.paper"),
    "res_id": (0, 1),
    "res_field": (False, "image_1920"),
    "public": (True, False),
    "access_token": ("00000000-0000-0000-0000-000000000000", False),
}


class FilesOfACase(KhoDLCase):
    """A case with a file that was fetched and one that was handed in."""

    users = {
        "administrator": {"login": "files_admin", "groups": "kho_dl.group_administrator,base.group_partner_manager"},
    }

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        self.attach_all(self.case)
        self.fetched = self.document(self.case, CRIMINAL_RECORD)
        self.uploaded = self.case.document_ids[0]
        self.uploaded.write({"attachment_ids": [Command.create({"name": "scan.pdf", "raw": SCAN})]})
        self.files = self.env["ir.attachment"].with_user(self.clerk)

    def place(self, file):
        return (file.res_model, file.res_id, file.res_field, file.public, file.sudo().access_token)


class TestPlaceOfAFile(FilesOfACase):
    """A file on a case belongs to its document, and to nothing else."""

    def test_people_do_not_move_a_file_nor_change_who_reaches_it(self):
        for document in (self.fetched, self.uploaded):
            file = document.attachment_ids
            before = self.place(file)
            self.assertEqual(before, (document._name, document.id, False, False, False))
            for user in (self.clerk, self.administrator):
                own, files = document.with_user(user), file.with_user(user)
                for name, values in PLACE.items():
                    for vals in ({name: value} for value in values):
                        with self.subTest(document=document.name, user=user.login, vals=vals):
                            with self.assertRaises(UserError):
                                files.write(vals)
                            with self.assertRaises(UserError):
                                own.write({"attachment_ids": [Command.update(file.id, vals)]})
                with self.assertRaises(UserError):
                    files.generate_access_token()
            self.env.invalidate_all()
            self.assertEqual(self.place(file), before)
            file.with_user(self.clerk).write({"name": "better.pdf", "description": "Both sides"})

    def test_a_file_does_not_go_with_a_draft_of_the_clerk(self):
        self.case.state = "9"
        paper = self.env["kho.dl.paper"].with_user(self.clerk).create({"result_code_id": self.codes[DEGREE].id})
        for document in (self.fetched, self.uploaded):
            with self.assertRaises(UserError):
                document.attachment_ids.with_user(self.clerk).write({"res_model": paper._name, "res_id": paper.id})
        paper.unlink()
        self.assertTrue(self.fetched.attachment_ids and self.uploaded.attachment_ids)

    def others(self):
        """Yield files that belong to other records, with what deletes them."""
        partner = self.env["res.partner"].create({"name": "Applicant"})
        contact = {"name": "contact.pdf", "raw": SCAN, "res_model": partner._name, "res_id": partner.id}
        yield self.env["ir.attachment"].create(contact), partner.unlink
        form = self.env["kho.dl.digitise"].with_user(self.clerk).create({})
        scan = {"name": "digitised.pdf", "raw": SCAN, "res_model": form._name, "res_id": form.id}
        yield self.files.create(scan), form.sudo().unlink
        case = self.make_case(BINH)
        beside = self.files.create({"name": "chatter.pdf", "raw": SCAN, "res_model": case._name, "res_id": case.id})
        yield beside, case.sudo().unlink
        activity = self.case.activity_schedule("mail.mail_activity_data_todo", user_id=self.clerk.id)
        done = {"name": "activity.pdf", "raw": SCAN, "res_model": activity._name, "res_id": activity.id}
        yield self.files.create(done), activity.action_done
        document = self.make_case(BINH).document_ids[0]
        named = {"name": "named.pdf", "raw": SCAN, "res_model": document._name, "res_id": document.id}
        named_field = self.files.sudo().create({**named, "res_field": "attachment_ids"})
        yield named_field.with_user(self.clerk), document.sudo().unlink
        reachable = {**contact, "name": "public.pdf", "public": True, "access_token": PLACE["access_token"][0]}
        file = self.env["ir.attachment"].create({**reachable, "res_id": self.case.owner_id.id})
        yield file, file.unlink
        big = {"name": "letter.html", "raw": b"<html><body>letter</body></html>", "res_model": "res.partner"}
        page = self.env["ir.attachment"].create({**big, "res_id": self.case.owner_id.id})
        yield page, page.unlink

    def test_a_file_of_another_record_is_copied_and_does_not_go_with_it(self):
        document = self.case.document_ids[1]
        for user in (self.clerk, self.clerk.sudo(), self.administrator):
            for file, delete in self.others():
                if file.res_model == document._name and not user.env.su:
                    # Of another document: refused to people.
                    continue
                with self.subTest(file=file.name, user=user.login):
                    name, content = file.name, file.raw
                    before = document.attachment_ids
                    own = document.with_user(user).sudo(user.env.su)
                    own.write({"attachment_ids": [Command.link(file.id)]})
                    new = document.attachment_ids - before
                    self.assertEqual((new.name, new.raw), (name, content))
                    self.assertEqual(self.place(new), (document._name, document.id, False, False, False))
                    delete()
                    self.assertEqual((new.exists(), document.attachment_ids & new), (new, new))
                    self.assertEqual(document.check_ids.attachment_id & new, new)
        self.assertFalse(self.env["kho.dl.file.decision"].search([("case_id", "=", self.case.id)]))

    def test_what_is_put_on_a_document_is_reached_through_it_alone(self):
        opened = {"public": True, "access_token": PLACE["access_token"][0]}
        user = {"res_model": "res.users", "res_id": self.clerk.id}
        own = {"res_model": self.uploaded._name, "res_id": self.uploaded.id, "res_field": "file_badges"}
        for vals in (opened, {"res_model": "mail.compose.message", "res_id": 0}, user, own):
            file = {"name": "a.pdf", "raw": SCAN, **vals}
            for put in (
                lambda own, file=file: own.write({"attachment_ids": [Command.create(file)]}),
                lambda own, file=file: own.write({"attachment_ids": [Command.link(self.files.create(file).id)]}),
                lambda own, file=file: own.case_id.write(
                    {"document_ids": [Command.update(own.id, {"attachment_ids": [Command.create(file)]})]}
                ),
            ):
                before = self.uploaded.attachment_ids
                put(self.uploaded.with_user(self.clerk))
                [new] = self.uploaded.attachment_ids - before
                self.assertEqual(self.place(new), (self.uploaded._name, self.uploaded.id, False, False, False), vals)
        document = self.make_case(AN).document_ids[0]
        opened = self.files.create(
            {"name": "b.pdf", "raw": SCAN, "res_model": document._name, "res_id": document.id, **opened}
        )
        document.write({"attachment_ids": [Command.link(opened.id)]})
        self.assertEqual((document.attachment_ids, opened.public, opened.sudo().access_token), (opened, False, False))

    def test_a_file_on_a_case_has_no_address_of_its_own(self):
        """Odoo gives the file of an address to anybody; and what stands at another's address is not on the case."""
        system = new_test_user(self.env, "system", groups="base.group_system,kho_dl.group_administrator")
        for number, place in enumerate(({"res_model": "res.users", "res_id": system.id}, {"res_id": 0})):
            file = {"name": "a.pdf", "raw": SCAN, "url": f"/scan_{number}.pdf", **place}
            for user in (self.env.user, system):
                before = self.uploaded.attachment_ids
                own = self.uploaded.with_user(user)
                own.write({"attachment_ids": [Command.create(file)]})
                own.write({"attachment_ids": [Command.link(self.env["ir.attachment"].with_user(user).create(file).id)]})
                new = self.uploaded.attachment_ids - before
                self.assertEqual((len(new), new.mapped("raw"), any(new.mapped("url"))), (2, [SCAN, SCAN], False))
        link = Command.create({"name": "elsewhere", "type": "url", "url": "https://example.com/scan.pdf"})
        for user in (self.clerk, self.administrator):
            with self.assertRaisesRegex(UserError, "link"):
                self.uploaded.with_user(user).write({"attachment_ids": [link]})

    def test_a_file_linked_before_becomes_its_own_with_the_next_one(self):
        partner = self.env["res.partner"].create({"name": "Hidden from the clerk"})
        self.put(self.uploaded.attachment_ids, "res_model = 'res.partner', res_id = %s", partner.id)
        new = Command.create({"name": "new.pdf", "raw": b"%PDF-1.4 new"})
        self.uploaded.with_user(self.clerk).write({"attachment_ids": [new]})
        partner.unlink()
        files = self.uploaded.attachment_ids
        self.assertEqual(set(files.mapped("raw")), {SCAN, b"%PDF-1.4 new"})
        self.assertEqual({self.place(file)[:2] for file in files}, {(self.uploaded._name, self.uploaded.id)})
        self.assertEqual(self.uploaded.check_ids.attachment_id, files)

    def test_files_of_before_are_brought_home_and_closed(self):
        partner = self.env["res.partner"].create({"name": "Applicant"})
        own, away = self.uploaded.attachment_ids, self.fetched.attachment_ids
        self.put(own, "public = TRUE, access_token = 'x', res_field = 'y'")
        self.put(away, "res_model = 'res.partner', res_id = %s, public = TRUE", partner.id)
        beside = self.make_case(AN).document_ids[0]
        beside.write({"attachment_ids": [Command.create({"name": "beside.pdf", "raw": SCAN})]})
        self.put(beside.attachment_ids, "res_model = NULL, res_id = 0")
        migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        for document in (self.uploaded, self.fetched, beside):
            place = (document._name, document.id, False, False, False)
            self.assertEqual(self.place(document.attachment_ids), place)

    def put(self, file, what, *values):
        """Set `what` of `file`, as an earlier version let people do."""
        file.flush_recordset()
        self.env.cr.execute(f"UPDATE ir_attachment SET {what} WHERE id = %s", [*values, file.id])  # pylint: disable=sql-injection
        self.env.invalidate_all()


class TestFileOfAnother(FilesOfACase):
    """A document stays on its case, with its files and with what is recorded about them."""

    def ways(self, document, user):
        """Yield ways in which people could bring `document`, or what is recorded of it, into another hand."""
        own = document.with_user(user)
        other = self.make_case(BINH).with_user(user)
        other.document_ids.filtered(
            lambda one: one.procedure_document_id == document.procedure_document_id
        ).sudo().unlink()
        yield lambda: own.write({"case_id": other.id})
        yield lambda: other.write({"document_ids": [Command.link(own.id)]})
        yield lambda: other.write({"document_ids": [Command.set((other.document_ids | own).ids)]})
        yield lambda: other.write({"document_ids": [Command.update(own.id, {"case_id": other.id})]})
        yield lambda: other.web_save({"document_ids": [Command.link(own.id)]}, {})
        yield (
            lambda: (
                self.env["kho.dl.case"]
                .with_user(user)
                .create(
                    {
                        "procedure_id": other.procedure_id.id,
                        "owner_id": other.owner_id.id,
                        "owner_id_number": BINH,
                        "document_ids": [Command.link(own.id)],
                    }
                )
            )
        )
        empty = other.document_ids[0].procedure_document_id
        yield lambda: own.write({"procedure_document_id": empty.id})
        yield lambda: own.write({"company_id": self.second.id})
        yield lambda: own.write({"source": "national", "provenance_agency": "Somebody"})
        yield lambda: own.write({"source": "upload"})
        yield lambda: own.write({"provenance_sha256": False})
        yield lambda: own.write({"recorded_attachment_ids": [Command.clear()]})
        yield lambda: own.write({"recorded_attachment_ids": [Command.link(self.uploaded.attachment_ids.id)]})
        yield lambda: own.write({"origin_document_id": self.uploaded.id})
        yield lambda: own.write({"retrieval_ids": [Command.clear()]})
        yield lambda: own.write({"check_ids": [Command.clear()]})
        yield lambda: other.write({"check_ids": [Command.link(own.check_ids[:1].id)]})
        yield lambda: other.document_ids[0].write({"retrieval_ids": [Command.link(own.sudo().retrieval_ids[:1].id)]})
        free = {"case_id": self.make_case(BINH).id, "procedure_document_id": document.procedure_document_id.id}
        self.env["kho.dl.case"].browse(free["case_id"]).document_ids.sudo().unlink()
        yield lambda: own.create({**free, "company_id": self.second.id})
        yield lambda: own.create({**free, "source": "national", "provenance_agency": "Somebody"})
        yield lambda: own.create({**free, "attachment_ids": [Command.link(own.attachment_ids.id)]})

    def test_nobody_brings_a_document_with_files_to_another_case(self):
        self.second = self.env["res.company"].create({"name": "Second agency"})
        recorded = ["case_id", "procedure_document_id", "company_id", "source", "attachment_ids",
                    "recorded_attachment_ids", "provenance_agency", "provenance_sha256", "origin_document_id",
                    "retrieval_ids", "check_ids"]  # fmt: skip
        for user in (self.clerk, self.administrator):
            user.company_ids += self.second
            for number, way in enumerate(self.ways(self.fetched, user)):
                with self.subTest(user=user.login, way=number):
                    before = self.fetched.sudo().read(recorded)
                    with self.assertRaises(UserError):
                        way()
                    self.env.invalidate_all()
                    self.assertEqual(self.fetched.sudo().read(recorded), before)

    def test_a_default_of_the_caller_forges_nothing(self):
        company = self.env["res.company"].create({"name": "Second agency"})
        self.clerk.company_ids += company
        forged = {
            "default_source": "national",
            "default_provenance_agency": "Somebody",
            "default_provenance_sha256": "x",
            "default_company_id": company.id,
            "default_attachment_ids": [Command.link(self.uploaded.attachment_ids.id)],
            "default_recorded_attachment_ids": [Command.link(self.uploaded.attachment_ids.id)],
        }
        case = self.make_case(BINH)
        wanted = case.document_ids[0].procedure_document_id
        case.document_ids[0].sudo().unlink()
        documents = self.env["kho.dl.case.document"].with_user(self.clerk).with_context(**forged)
        one = documents.create({"case_id": case.id, "procedure_document_id": wanted.id})
        values = {"procedure_id": self.procedure.id, "owner_id": case.owner_id.id, "company_id": self.company.id}
        many = self.env["kho.dl.case"].with_user(self.clerk).with_context(**forged).create(values).document_ids
        for document in one + many:
            self.assertEqual(document.company_id, self.company)
            self.assertFalse(document.source or document.provenance_agency or document.provenance_sha256)
            self.assertFalse(document.attachment_ids or document.sudo().recorded_attachment_ids)


class TestStorage(FilesOfACase):
    def test_files_move_to_another_storage_unchanged(self):
        stream = io.BytesIO()
        Image.new("RGB", (2500, 10)).save(stream, "PNG")
        scan = Command.create({"name": "large.png", "raw": stream.getvalue()})
        large = self.make_case(AN).document_ids[0]
        large.with_context(image_no_postprocess=True).write({"attachment_ids": [scan]})
        paper = self.env["kho.dl.paper"].with_context(image_no_postprocess=True).create(
            {"result_code_id": self.codes[DEGREE].id, "owner_id_number": AN, "attachment_ids": [scan],
             "agency": "H46", "date_issued": "2026-01-01", "state": "effective"}
        )  # fmt: skip
        form = self.env["kho.dl.decide.file"].with_user(self.clerk)
        form.create(
            {"file_ids": [Command.set(self.uploaded.attachment_ids.ids)], "reason": "Not ours"}
        ).action_take_off()
        kept = self.env["kho.dl.file.decision"].search([("case_id", "=", self.case.id)]).attachment_id
        files = (self.fetched.attachment_ids + large.attachment_ids + paper.attachment_ids + kept).sudo()
        self.assertEqual(len(files), 4)
        before = files.mapped("raw")
        self.assertEqual(before[1], stream.getvalue())
        checked = self.fetched.check_ids.mapped("checked_on")
        system = new_test_user(self.env, "system", groups="base.group_system,kho_dl.group_administrator")
        for place in ("db", "file"):
            self.env["ir.config_parameter"].sudo().set_param("ir_attachment.location", place)
            for user in (system, self.env.ref("base.user_root")):
                with freeze_time("2027-01-01"):
                    files.with_user(user)._migrate()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual(files.mapped("raw"), before)
                self.assertEqual({bool(file.store_fname) for file in files}, {place == "file"})
        self.assertEqual(self.fetched.check_ids.mapped("checked_on"), checked)


@tagged("-at_install", "post_install")
class TestRoutesOfOthers(CounterTours):
    """Odoo's own routes act as superuser for whoever asks."""

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        self.document = self.case.document_ids[0]
        self.document.write({"attachment_ids": [Command.create({"name": "scan.pdf", "raw": SCAN})]})
        self.file = self.document.attachment_ids
        self.authenticate("kho_clerk", "kho_clerk_of_the_test")

    def routes(self):
        """Yield calls of routes that delete the file of a document, or take it elsewhere."""
        call, file = self.make_jsonrpc_request, self.file
        yield "delete", partial(call, "/mail/attachment/delete", {"attachment_id": file.id})
        token = file.with_user(self.clerk)._get_ownership_token()
        yield "token", partial(call, "/mail/attachment/delete", {"attachment_id": file.id, "access_token": token})
        yield "editor", partial(call, "/html_editor/attachment/remove", {"ids": file.ids})
        message = self.case.with_user(self.clerk).message_post(body="With the scan", attachment_ids=file.ids)
        emptied = {"attachment_ids": [], "attachment_tokens": [], "body": ""}
        yield (
            "message",
            partial(call, "/mail/message/update_content", {"message_id": message.id, "update_data": emptied}),
        )
        posted = {"body": "Again", "attachment_ids": file.ids, "attachment_tokens": [False]}
        yield (
            "post",
            partial(
                call,
                "/mail/message/post",
                {"thread_model": "res.partner", "thread_id": self.clerk.partner_id.id, "post_data": posted},
            ),
        )
        for method, args in (
            ("unlink", [file.ids]),
            ("write", [file.ids, {"public": True}]),
            ("generate_access_token", [file.ids]),
        ):
            path = f"/web/dataset/call_kw/ir.attachment/{method}"
            params = {"model": "ir.attachment", "method": method, "args": args, "kwargs": {}}
            yield method, partial(call, path, params)

    def test_no_route_takes_a_file_off_or_elsewhere(self):
        for state in ("1", "9"):
            self.case.state = state
            for name, call in self.routes():
                with self.subTest(state=state, route=name):
                    try:
                        call()
                    except JsonRpcException as refused:
                        self.assertNotIn("builtins", str(refused))
                    self.env.invalidate_all()
                    self.assertTrue(self.file.exists())
                    self.assertEqual(self.document.attachment_ids, self.file)
                    self.assertEqual((self.file.res_model, self.file.res_id), (self.document._name, self.document.id))
                    self.assertFalse(self.file.public or self.file.access_token)
        self.assertFalse(self.env["kho.dl.file.decision"].search([("case_id", "=", self.case.id)]))

    def test_files_of_the_chatter_go_as_they_came(self):
        values = {"name": "note.pdf", "raw": SCAN, "res_model": self.case._name, "res_id": self.case.id}
        note = self.env["ir.attachment"].with_user(self.clerk).create(values)
        self.make_jsonrpc_request("/mail/attachment/delete", {"attachment_id": note.id})
        self.assertFalse(note.exists())
