import json
from contextlib import suppress
from datetime import timedelta

from odoo import fields, http, models
from odoo.addons.http_routing.tests.common import MockRequest
from odoo.api import Environment
from odoo.exceptions import AccessError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import SQL, json_default, mute_logger

from .citizen_world import CitizenWorld
from .sweep_maker import add_on_models
from .sweep_methods import arguments, is_for_model, public_methods

_MISSING = 2_000_000_011
# Forms that are no citizen's own: anybody checks a paper, anybody with a number begins an application.
_FOR_ALL = {"/kho-dl/check", "/my/kho-dl/apply/<int:procedure_id>"}
_FOR_A_DRAFT = ("/discard", "/take-off/<int:file_id>")
# What answers anybody, for it tells of no record.
_SAY_NOTHING = {("kho.dl.paper", "get_import_templates")}


@tagged("kho_dl_sweep", "-at_install", "post_install")
class TestSweepCitizens(CitizenWorld):
    """One citizen against the other, by every route, id, method, file, message and channel."""

    keeps_memory = False

    def setUp(self):
        super().setUp()
        self.pairs = [(self.an, self.binh), (self.binh, self.an)]
        self.tables = sorted({model._table for model in add_on_models(self.env) if model._auto} | {"ir_attachment"})

    def state(self):
        """Return a digest of every table of ours: what is tried changes nothing."""
        self.env.flush_all()
        statement = "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM %s t"
        return {table: self.env.execute_query(SQL(statement, SQL.identifier(table))) for table in self.tables}

    def assert_silent(self, text, owner, what):
        self.assertFalse([secret for secret in self.things[owner].secrets if secret in text], what)

    # -- routes ------------------------------------------------------------------------------------

    def test_every_route_is_tried(self):
        self.assertEqual(self.routes("GET"), {*self.pages(self.an), *self.files(self.an)})
        self.assertEqual(self.routes("POST"), {*self.forms(self.an), *_FOR_ALL})

    # Proves I.H-5.
    @mute_logger("odoo.http")
    def test_what_is_read_is_the_own_alone(self):
        for owner, other in self.pairs:
            read = {**self.pages(owner), **self.files(owner)}
            addresses = [(route, address) for route in read for address in read[route]]
            for _route, address in addresses:
                self.assertEqual(self.get(address, owner).status_code, 200, address)
            for route, address in addresses:
                answer = self.get(address, other)
                is_of_somebody = "_id>" in route and "procedure" not in route
                self.assertEqual(answer.status_code, 404 if is_of_somebody else 200, address)
                self.assert_silent(answer.text, owner, address)
            for _route, address in addresses:
                if "/my/" in address:
                    self.authenticate(None, None)
                    self.assertIn("/web/login", self.url_open(address).url, address)

    def test_own_case_with_the_others_file_is_nothing(self):
        for owner, other in self.pairs:
            mine, theirs = self.things[other], self.things[owner]
            files = theirs.file | theirs.paper.attachment_ids | theirs.case.document_ids.attachment_ids
            for file in files:
                self.assertEqual(self.get(self.case_address(mine.case, file), other).status_code, 404)
            self.assertEqual(self.get(self.paper_address(mine.paper, theirs.paper.file_ids), other).status_code, 404)

    # Proves I.H-5.
    def test_forms_of_the_other_change_nothing_and_the_own_do(self):
        for owner, other in self.pairs:
            before = self.state()
            for route, (address, typed) in self.forms(owner).items():
                with self.subTest(route=route):
                    self.assertEqual(self.post(address, other, **typed).status_code, 404)
                    self.assertEqual(self.state(), before)
        for user in self.things:
            for route in self.forms(user):
                # What is chosen follows from what was asked.
                address, typed = self.forms(user)[route]
                # Nothing is left to discard or to hand in once it is submitted, nor to take off of another case.
                wanted = 404 if route.endswith(_FOR_A_DRAFT) else 303
                with self.subTest(own=route):
                    self.assertEqual(self.post(address, user, **typed).status_code, wanted)
            self.assertFalse(self.things[user].draft.is_draft)

    def test_own_draft_with_the_others_papers_and_documents_takes_nothing(self):
        for owner, other in self.pairs:
            mine, theirs = self.things[other], self.things[owner]
            before = {document: document.attachment_ids for document in theirs.draft.document_ids}
            candidates = theirs.lookup.candidate_ids
            self.assertTrue(candidates)
            stolen = {f"document_{document.id}": candidates[:1].id for document in mine.draft.document_ids}
            stolen |= {f"document_{one.case_document_id.id}": one.id for one in candidates}
            stolen |= {f"number_{document.id}": "X" for document in theirs.draft.document_ids}
            for way in ("choose", "data", "ask"):
                self.post(f"{self.draft_address(mine.draft)}/{way}", other, **stolen)
            self.assertFalse(mine.draft.document_ids.attachment_ids)
            self.assertEqual({one: one.attachment_ids for one in before}, before)
            self.assertNotIn("X", theirs.draft.document_ids.mapped("paper_number"))
            self.assert_silent(self.text(self.draft_address(mine.draft), other), owner, "draft")

    # -- messages, channels, files ------------------------------------------------------------------

    # Proves I.H-5.
    @mute_logger("odoo.http")
    def test_odoos_own_doors_open_nothing(self):
        """By Odoo's routes for chatters, files, links and reports: of the other nothing, and of the own neither."""
        for owner, other in self.pairs:
            self.authenticate(other.login, other.login)
            before = self.state()
            for who in (owner, other):
                for model, ids in self.things[who].records().items():
                    for text in self._by_odoos_routes(model, ids[-1]):
                        self.assert_silent(text, owner, f"{model}({ids[-1]})")
            self.assertEqual(self.state(), before)

    def _by_odoos_routes(self, model, number):
        thread = {"thread_model": model, "thread_id": number}
        for route, params in (
            ("/mail/thread/messages", thread),
            ("/mail/chatter_fetch", thread),
            ("/mail/message/post", {**thread, "post_data": {"body": "Let me in", "message_type": "comment"}}),
            ("/mail/thread/subscribe", {"res_model": model, "res_id": number, "partner_ids": [self.an.partner_id.id]}),
            ("/mail/read_subscription_data", {"res_model": model, "res_id": number}),
            (
                "/mail/data",
                {"fetch_params": [["mail.thread", {**thread, "request_list": ["attachments", "followers"]}]]},
            ),
            ("/mail/attachment/delete", {"attachment_id": number}),
            ("/web/action/load", {"action_id": "kho_dl.action_kho_dl_case"}),
        ):
            yield self.url_open(route, json={"jsonrpc": "2.0", "method": "call", "params": params}).text
        for way in (
            f"/mail/view?model={model}&res_id={number}",
            f"/web/content/{model}/{number}/raw",
            f"/web/content/{number}?access_token=x",
            f"/web/image/{model}/{number}/datas",
            f"/mail/message/{number}",
            f"/report/html/kho_dl.access_checklist/{number}",
            f"/report/pdf/kho_dl.access_checklist/{number}",
            f"/odoo/{model}/{number}",
            f"/json/1/{model}/{number}",
        ):
            yield self.url_open(way).text
        data = {"csrf_token": http.Request.csrf_token(self), "is_pending": "", **thread}
        yield self.url_open("/mail/attachment/upload", data=data, files={"ufile": ("x.pdf", b"%PDF-")}).text

    def test_an_answer_to_a_mail_about_a_record_is_no_way_to_it(self):
        for user in self.things:
            for records in (self.things[user].case, self.things[user].paper):
                note = records.message_post(
                    body="To you", partner_ids=user.partner_id.ids, subtype_xmlid="mail.mt_comment"
                )
                self.env.flush_all()
                for other in self.things:
                    values = {"model": records._name, "res_id": records.id, "parent_id": note.id, "body": "Let me in"}
                    messages = self.env["mail.message"].with_user(other)
                    values |= {"message_type": "comment", "subtype_id": self.env.ref("mail.mt_comment").id}
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        messages.create(values)
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        records.with_user(other).message_post(body="Let me in")

    def test_channels_and_mails_are_the_own_alone(self):
        for owner, other in self.pairs:
            with MockRequest(self.env(user=other.id)) as request:
                request.session.uid = other.id
                sockets = self.env["ir.websocket"].with_user(other)
                for model, ids in self.things[owner].records().items():
                    wanted = [f"{model.replace('.', '_', 1)}_{ids[0]}", f"{model}_{ids[0]}", f"kho_dl.case_{ids[0]}"]
                    channels = sockets._build_bus_channel_list([*wanted, f"res.partner_{owner.partner_id.id}"])
                    self.assertFalse(
                        [one for one in channels if isinstance(one, models.BaseModel) and one._name == model], channels
                    )
                    self.assertNotIn(owner.partner_id, [one for one in channels if isinstance(one, models.BaseModel)])
            mails = self.env["mail.message"].search([("partner_ids", "in", other.partner_id.ids)])
            self.assert_silent("".join(mails.mapped(lambda mail: f"{mail.subject} {mail.body}")), owner, "mails")

    # -- methods -----------------------------------------------------------------------------------

    def test_no_public_method_answers_about_the_other_or_changes_anything(self):
        """By the function behind all doors, with each method that Odoo itself brings to our models."""
        before = self.state()
        for owner, other in self.pairs:
            records = self.things[owner].records()
            for model in add_on_models(self.env):
                for name in dir(type(model)):
                    if not name.startswith("_") and self._is_public(model, name):
                        self._call_all(other, owner, model._name, name, records.get(model._name, [_MISSING]))
            self.assertEqual(self.state(), before)

    def _is_public(self, model, name):
        with suppress(Exception):
            return bool(get_public_method(model, name))
        return False

    def _call_all(self, user, owner, model, name, ids):
        function = getattr(self.registry[model], name)
        for values in arguments(function, ids[0]):
            for args in ([*values], [ids, *values]):
                text = self._answer(user, model, name, args)
                self.assert_silent(text, owner, f"{model}.{name}{args}")

    def _answer(self, user, model, name, args):
        cr = self.env.cr
        # As of a request, so that what others have read already is in nobody's memory.
        own, cr.transaction = cr.transaction, None
        cr.execute("SAVEPOINT tried")
        try:
            with mute_logger("odoo.sql_db", "odoo.models"):
                env = Environment(cr, user.id, {})
                value = call_kw(env[model], name, args, {})
                env.flush_all()
            return json.dumps(value, default=json_default, ensure_ascii=False)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the caller would meet
            return str(error)
        finally:
            cr.transaction = own
            cr.cache.clear()
            cr.execute("ROLLBACK TO SAVEPOINT tried; RELEASE SAVEPOINT tried")

    # Proves I.H-5.
    def test_our_own_methods_are_refused_at_all_doors(self):
        """`/web/dataset/call_kw`, `/jsonrpc` and `/json/2`, about the own records as about the other's; see the control."""
        self.other, self.owner = self.an, self.binh
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        # sudo: a portal user makes no key.
        keys = self.env["res.users.apikeys"].with_user(self.other).sudo()
        self.key = keys._generate("rpc", "sweep", tomorrow)
        self.authenticate(self.other.login, self.other.login)
        theirs, own = self.things[self.owner].records(), self.things[self.other].records()
        before, self.answered = self.state(), {}
        calls = [("search_read", False), ("read", False), ("write", False), ("unlink", False), ("message_post", False)]
        for model, name, is_for_all in [
            *((model, name, is_for_model(function)) for model, name, function in public_methods(self.env)),
            *((model._name, *call) for model in add_on_models(self.env) if model._auto for call in calls),
        ]:
            if is_for_all or model not in theirs:
                self._call_at_doors(model, name, [] if is_for_all else [_MISSING])
            else:
                self._call_at_doors(model, name, theirs[model])
                self._call_at_doors(model, name, own[model])
        self.assertEqual(self.state(), before)
        self.assertEqual(self.answered.keys(), _SAY_NOTHING, self.answered)
        # The doors are open: what Odoo answers a portal user is answered at each.
        for text in self._doors("res.users", "context_get", []):
            self.assertIn('"lang"', text)

    def _call_at_doors(self, model, name, ids):
        for text in self._doors(model, name, ids):
            self.assert_silent(text, self.owner, f"{model}.{name}({ids}): {text[:200]}")
            if not ('"error"' in text or '"debug"' in text):
                self.answered.setdefault((model, name), text)

    def _doors(self, model, name, ids):
        args = [ids] if ids else []
        rpc = {"jsonrpc": "2.0", "method": "call", "id": 1}
        named = {"model": model, "method": name, "args": args, "kwargs": {}}
        execute = [self.env.cr.dbname, self.other.id, self.other.login, model, name, args]
        bearer = {"Authorization": f"bearer {self.key}"}
        with mute_logger("odoo.http", "odoo.addons.rpc.controllers.jsonrpc", "py.warnings"):
            yield self.url_open("/web/dataset/call_kw", json={**rpc, "params": named}).text
            params = {"service": "object", "method": "execute_kw", "args": execute}
            yield self.url_open("/jsonrpc", json={**rpc, "params": params}).text
            # Without a body it would be no call at all.
            body = {"ids": ids} if ids else {"context": {}}
            yield self.url_open(f"/json/2/{model}/{name}", json=body, headers=bearer).text
