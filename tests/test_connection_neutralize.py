import base64
import re
from collections import defaultdict
from datetime import timedelta

from odoo import Command
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tools import SQL

from ..models.case.kho_dl_case_steps import Step
from ..models.common.id_number import PERSON, id_number_kind
from ..models.store.kho_dl_serving import Call
from .common import AN, BINH, new_test_user
from .test_outbox import OutboxCase

MARKER = "planted-in-the-test"
# What a field is called that lets somebody in, leads to a file, or names a person by number.
_TELLING = re.compile(
    r"token|secret|password|salt|pkcs12|username|scanner|addresses$|email$|own_server$|(^|_)link$|id_number$"
)
# What may stay in a copy, and why; whatever else is typed or received must not.
_STAYS = (
    # No row of theirs is about a person.
    r"kho\.dl\.(abbreviation|access\.right|agency(\.succession)?|alarm|catalogue\.\w+|directory\.refresh|file\.kind|health\.\w+"
    r"|journal\.chain|mapping\.\w+|procedure(\.\w+)?|reachability\.line|result\.code|sector|security\.server"
    r"|trust\.certificate|unmet\.need)\.\w+",
    # Codes of this add-on and of the portal, keys of processes, and sums, which lead to nobody.
    r"kho\.dl\.[\w.]+\.(error_kind|error_code|worker_key|portal_code|cut_fields|step_state|state_before|gate_marks|mimetype|sha256|provenance_sha256)",
    r"res\.company\.kho_dl_differs_in",
    # Which offices read a contact: without it all would.
    r"res\.partner\.kho_dl_offices",
    # How an exchange is called in logs, ours and others'.
    r"kho\.dl\.outbox\.(trace_id|far_id)",
    # Which agency answered, by which line.
    r"kho\.dl\.(retrieval|paper|case\.document)\.(provenance_)?(agency|agency_code|agency_name|lane|provider_host)",
    # Names, numbers of cases and of papers: a copy in which everything is called alike is of no use (docs/operations.md).
    r"kho\.dl\.case\.name|kho\.dl\.paper\.(name|number|owner_name)|kho\.dl\.paper\.file\.name",
    r"kho\.dl\.case\.document\.(paper_number|provenance_paper_name|provenance_paper_number)",
    # How the agency is called on the line; its accounts and addresses go.
    r"res\.company\.kho_dl_\w+_(adapter|dstcode|path|providerurl)|res\.company\.kho_dl_unit_code",
    # What everybody reads on the pages of citizens.
    r"res\.company\.kho_dl_(citizen_store_url|pay_where)",
    # What a provider of sign-ins calls things; where it is and its secret go.
    r"auth\.oauth\.provider\.kho_dl_(levels|\w+_claim)",
)
_MAY_STAY = re.compile("|".join(_STAYS))
_COLUMNS = {"varchar": "%s || '-' || id", "text": "%s || '-' || id", "jsonb": "to_jsonb(%s || '-' || id)"}


class TestNeutralize(OutboxCase):
    def prepare(self):
        super().prepare()
        self.company.write({"kho_dl_health_token": "secret", "kho_dl_serve_addresses": "10.9.8.7"})

    def neutralize(self):
        self.env.flush_all()
        for query in get_neutralization_queries(["kho_dl"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.env.registry.clear_cache("stable")

    def attached(self):
        """Return a case with files of the national store, and a paper of our own with an address."""
        case = self.make_case(AN)
        wizard = self.attach_all(case)
        handed_in = case.document_ids[0]
        handed_in.write({"attachment_ids": [Command.create({"name": f"{AN}.pdf", "raw": b"%PDF-1.4"})]})
        decision = {"file_ids": [Command.set(handed_in.attachment_ids.ids)], "reason": f"Of {AN}"}
        self.env["kho.dl.decide.file"].with_user(self.clerk).create(decision).action_take_off()
        self.env["kho.dl.case.decision"]._note({case: Step("back", "4", "")}, f"Of {AN}")
        case.action_step("9")
        paper = self.make_paper(case_id=case.id)
        paper.action_enter()
        self.send()
        seen = {"candidate_id": wizard.lookup_id.candidate_ids[0].id, "position": 0, "name": f"{AN}.pdf"}
        self.env["kho.dl.preview"].create({**seen, "content": base64.b64encode(AN.encode())})
        self.env["kho.dl.why"].create({"procedure_id": self.procedure.id, "owner_id_number": AN})
        self.env["kho.dl.digitise"].create({"case_id": case.id})
        self.env["kho.dl.breaker"].create({"own_server": "h", "lane": "l", "lane_name": "l"})
        self.env["kho.dl.reachability"].create({"addresses": "10.0.0.1"})
        run = self.env["kho.dl.acceptance"].create({"person_number": AN})
        self.env["kho.dl.acceptance.step"].create({"acceptance_id": run.id, "kind": "papers"})
        self.env["kho.dl.agency.succession"].create({"old_code": "H98", "old_name": "Former", "new_code": "H22"})
        self.env["kho.dl.revoke.paper"].create({"paper_id": paper.id, "reason": "Of somebody"})
        self.make_case(AN, state="5", fee_ids=[Command.create({"name": "Fee", "amount": 1})])
        self.env["kho.dl.case.message"].create({"case_id": case.id, "body": "Of somebody"})
        office = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        received = self.make_case(AN)
        received.sudo().held_by_id = office
        self.env["kho.dl.handover"]._keep(received)
        other = self.make_wizard(self.make_case(AN)).case_id
        self.env["kho.dl.withdraw.consent"].create({"case_id": other.id, "reason": "Of somebody"})
        other.withdraw_consent("Of somebody")
        mandate = self.env["kho.dl.mandate"]._journal(
            {"kind": "lawful", "until": "2099-01-01", "company_id": self.company.id}
        )
        self.env["kho.dl.revoke.mandate"].create({"mandate_id": mandate.id, "reason": "Of somebody"})
        self.env["kho.dl.note.representative"].create(
            {
                "organisation_id": case.owner_id.id,
                "person_id": case.owner_id.id,
                "paper_seen": "Of somebody",
            }
        )
        auditor = new_test_user(self.env, "auditor", groups="kho_dl.group_auditor")
        self.env["kho.dl.person.page"].with_user(auditor).create({"numbers": AN, "reason": "Letter"}).action_look()
        self.env.flush_all()
        servings = self.env["kho.dl.serving"]
        served = servings._admitted(paper.file_ids.sudo().token, "10.9.8.7", "SUBSYSTEM:x")
        servings._note(served, Call("SUBSYSTEM:x", "10.9.8.7", "GET", ""), 200, served.size)
        self.env["kho.dl.journal"]._seal_closed(self.company)
        self.env.flush_all()
        return case, paper

    def telling_columns(self):
        """Return {table: [(column, its type)]} of what must not be in a copy, by the names and rights of fields."""
        found = defaultdict(list)
        for model in self.env.registry.models.values():
            for field in model._fields.values():
                is_ours = model._name.startswith("kho.dl.") or field.name.startswith("kho_dl_")
                if not is_ours or model._abstract or not model._auto or not (field.store and field.column_type):
                    continue
                is_telling = (
                    _TELLING.search(field.name)
                    or field.groups == "base.group_system"
                    or (field.type in ("char", "text", "html", "json") and not self.may_stay(model, field))
                )
                payload = getattr(model, "_payload_fields", None)
                if payload == () and field.name == "payload_salt":
                    # The salt of nothing.
                    continue
                if is_telling or field.name in (payload or ()):
                    found[model._table].append((field.name, field.column_type[0]))
        return found

    def may_stay(self, model, field):
        # What is sealed cannot go, or the journal would be false; a contact of the seal is no person's.
        sealed = {*getattr(model, "_chain_fields", ()), "chain_hash", "chain_previous", "payload_digest"}
        return model._transient or field.name in sealed or _MAY_STAY.fullmatch(f"{model._name}.{field.name}")

    def plant(self):
        """Put MARKER wherever something telling may be; return the tables."""
        planted = self.telling_columns()
        for table, columns in planted.items():
            [[count]] = self.env.execute_query(SQL("SELECT count(*) FROM %s", SQL.identifier(table)))
            self.assertTrue(count, f"the test has no row in {table}")
            values = [
                SQL(f"%s = {_COLUMNS[kind]}", SQL.identifier(column), MARKER)
                for column, kind in columns
                if kind in _COLUMNS
            ]
            values += [
                SQL("%s = convert_to(%s, 'UTF8')", SQL.identifier(column), MARKER)
                for column, kind in columns
                if kind == "bytea"
            ]
            if values:
                self.env.cr.execute(SQL("UPDATE %s SET %s", SQL.identifier(table), SQL(", ").join(values)))
        self.env.cr.execute(
            "UPDATE ir_attachment SET access_token = %s || id WHERE res_model LIKE 'kho.dl.%%'", [MARKER]
        )
        return planted

    def tables_with(self, *texts):
        """Return the names of all tables of the database in which one of `texts` stands, in text or in bytes."""
        patterns = [f"%{form}%" for text in texts for form in (text, text.encode().hex())]
        self.env.cr.execute(
            """
            SELECT class.relname FROM pg_class class
              JOIN pg_namespace space ON space.oid = class.relnamespace
             WHERE class.relkind = 'r' AND space.nspname = 'public'
            """
        )
        found = []
        for (name,) in self.env.cr.fetchall():
            statement = SQL(
                "SELECT 1 FROM %(table)s AS one WHERE one::text LIKE ANY(%(patterns)s) LIMIT 1",
                table=SQL.identifier(name),
                patterns=patterns,
            )
            if self.env.execute_query(statement):
                found.append(name)
        return found

    def test_nothing_telling_is_left_anywhere(self):
        self.attached()
        self.assertTrue(self.env["kho.dl.check"]._admit("203.0.113.7"))
        self.assertTrue(self.env["kho.dl.upload"]._note_caller("203.0.113.7", 1, timedelta(days=1)))
        planted = self.plant()
        self.assertLessEqual(
            {"kho_dl_query", "kho_dl_retrieval", "kho_dl_paper_file", "kho_dl_case", "res_company", "res_users"},
            set(planted),
        )
        self.assertTrue(self.tables_with(MARKER))
        self.neutralize()
        self.assertEqual(self.tables_with(MARKER, "203.0.113.7"), [])

    def test_no_number_of_a_person_is_left_anywhere(self):
        case, _paper = self.attached()
        # The journal alone remembers the number that the case had when its files were fetched.
        self.env.cr.execute("UPDATE kho_dl_case SET owner_id_number = %s WHERE id = %s", [BINH, case.id])
        self.assertIn("kho_dl_case_document", self.tables_with(AN))
        self.neutralize()
        # The README, which names the people of the simulator.
        self.assertEqual(set(self.tables_with(AN, BINH)) - {"ir_module_module"}, set())

    def test_the_journal_stays_whole(self):
        case, _paper = self.attached()
        # One whose answer never came, and one that was not sealed yet.
        self.retrievals(case)[0].copy({"state": "pending", "link_key": "other", "attachment_id": False})
        self.neutralize()
        self.assertFalse(self.env["kho.dl.journal.chain"]._verify(self.company).fault)
        for row in (*case.query_ids.sudo(), *self.retrievals(case).sudo(), *case.sudo().decision_ids):
            self.assertEqual([name for name in row._payload_fields if row[name]], [])
            self.assertEqual(bool(row.payload_emptied_on), bool(row.chain_position))
        self.assertEqual(case.query_ids.outcome, "found")
        self.assertTrue(self.env["kho.dl.serving"].search([]).chain_position)

    def test_people_are_told_apart_by_numbers_of_nobody(self):
        case, paper = self.attached()
        other = self.make_case(BINH)
        card = self.make_paper(number=AN, owner_id_number=AN)
        self.env.flush_all()
        # In the database of an office they are numbers of people.
        real, another = "079190000011", "001285000022"
        for table in ("kho_dl_case", "kho_dl_paper"):
            for fake, number in ((AN, real), (BINH, another)):
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET owner_id_number = %s WHERE owner_id_number = %s",
                        SQL.identifier(table),
                        number,
                        fake,
                    )
                )
        self.env.cr.execute("UPDATE kho_dl_paper SET number = %s WHERE number = %s", [real, AN])
        self.env.cr.execute("UPDATE mail_tracking_value SET new_value_char = %s WHERE new_value_char = %s", [real, AN])
        self.env.invalidate_all()
        for _twice in range(2):
            self.neutralize()
            self.assertEqual(case.owner_id_number, paper.owner_id_number)
            self.assertNotIn(case.owner_id_number, (real, another, other.owner_id_number))
            self.assertEqual(card.number, card.owner_id_number)
            for number in (case.owner_id_number, other.owner_id_number):
                self.assertEqual((id_number_kind(number), number[:4]), (PERSON, "0000"))
            self.assertEqual(self.tables_with(real, another), [])

    def test_a_neutralised_copy_reaches_nobody_and_is_not_confirmed(self):
        self.attached()
        self.company.sudo().write({"kho_dl_scanner_address": "127.0.0.1:3310"})
        self.env["res.config.settings"].create({}).action_kho_dl_test_connection()
        self.neutralize()
        company = self.company.sudo()
        for name in ("ss_url", "username", "password", "scanner_address", "health_token", "tested_key", "sync_enabled"):
            self.assertFalse(company[f"kho_dl_{name}"], name)
        self.assertFalse(self.env["kho.dl.token"].sudo().search([]))
        self.assertFalse(self.env["kho.dl.database"]._is_confirmed())
        # Nor does an upgrade confirm it.
        self.env["kho.dl.database"]._confirm_first()
        self.assertFalse(self.env["kho.dl.database"]._is_confirmed())

    def test_what_is_decided_about_a_file_stays_decided_without_its_words(self):
        case, paper = self.attached()
        check = case.document_ids.check_ids.filtered("fetched_for")[0]
        case.owner_id_number = BINH
        check.case_document_id._let_stay(check.attachment_id, "typed-of-somebody")
        paper._revoke("typed-of-somebody too")
        self.env.flush_all()
        self.neutralize()
        check.modified(["stays_because"])
        self.assertEqual((check.stays_because, check.is_for_other_number), ("…", False))
        self.assertEqual(paper.revoke_reason, "…")
        self.assertFalse(self.tables_with("typed-of-somebody"))

    def test_files_that_waited_are_closed_in_words_at_the_first_try(self):
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        wizard.action_search()
        servers = self.env["kho.dl.security.server"]._server_resolver()
        lines = wizard.line_ids.filtered(lambda line: line.selected and line.source == "national")
        values = [vals for line in lines for vals in line.candidate_id._prepare_retrievals(servers)]
        waiting = self.env["kho.dl.retrieval"].with_user(self.clerk)._enqueue(values).sudo()
        self.assertTrue(waiting)
        self.neutralize()
        self.env["kho.dl.database"]._confirm()
        self._connect(self.company)
        self.simulator.clear_requests()
        self.env["kho.dl.retrieval"]._cron_process()
        self.env.invalidate_all()
        self.assertEqual(set(waiting.mapped("state")), {"failed"})
        self.assertTrue(all(waiting.mapped("error")))
        self.assertEqual(set(waiting.mapped("tries")), {1})
        self.assertNotIn("internal", set(waiting.mapped("error_kind")))

    def test_it_can_be_used_for_training_then(self):
        case, _paper = self.attached()
        self.neutralize()
        self.env["kho.dl.database"]._confirm()
        wizard = self.make_wizard(self.make_case(AN))
        self.clerk.sudo().kho_dl_id_number = "000188000077"
        wizard.action_search()
        self.assertEqual(wizard.query_id.error_kind, "settings_incomplete")
        self._connect(self.company)
        wizard.action_search()
        self.assertEqual(wizard.query_id.outcome, "found")
        case.state = "10"
