from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import AN, CRIMINAL_RECORD, KhoDLCase, new_test_user

SCAN = b"%PDF-1.4 what the applicant handed in %%EOF"


class ReceivedCase(KhoDLCase):
    """Offices A, B and C of one agency, each with a clerk and an auditor; A receives for B."""

    @classmethod
    def _make_fixtures(cls, env):
        ids = super()._make_fixtures(env)
        env["kho.dl.procedure"].browse(ids[1]).company_id = False
        root = env.company
        offices = env["res.company"].create([{"name": f"Commune {letter}", "parent_id": root.id} for letter in "ABC"])
        cls._office_ids = offices.ids
        cls._staff = {"root": new_test_user(env, "root_clerk", "kho_dl.group_administrator").id}
        for office, letter in zip(offices, "abc", strict=True):
            cls._connect(office)
            office.kho_dl_unit_code = f"H46.{letter}"
            values = {"company_id": office.id, "company_ids": [Command.set(office.ids)]}
            number = f"0001880000{letter.encode()[0]:02}"
            cls._staff[letter] = new_test_user(
                env, f"clerk_{letter}", "kho_dl.group_clerk", kho_dl_id_number=number, **values
            ).id
            cls._staff[f"auditor_{letter}"] = new_test_user(
                env, f"auditor_{letter}", "kho_dl.group_auditor", **values
            ).id
        env["res.users"].browse(cls._staff.values()).lang = "en_US"
        return ids

    def setUp(self):
        super().setUp()
        self.a, self.b, self.c = self.env["res.company"].browse(self._office_ids)

    def as_(self, who, model="kho.dl.case"):
        """Return `model`, or a record, as one of the staff."""
        user = self.env["res.users"].browse(self._staff[who])
        records = self.env[model] if isinstance(model, str) else model
        # As in a request of their own: with nothing read by others.
        self.env.invalidate_all()
        return records.with_user(user).with_context(allowed_company_ids=(user.company_id | user.company_ids).ids)

    def receive(self, **values):
        """Return a case of B that A's clerk received, with a new applicant."""
        return self.as_("a").create(
            {
                "procedure_id": self.procedure.id,
                "office_id": self.b.id,
                "person_name": "Nguyễn Thị An",
                "owner_id_number": AN,
                "state": "2",
                **values,
            }
        )

    def attach_only(self, wizard, code):
        """Attach the paper `code` alone; return its row of the journal."""
        line = self.line(wizard, code)
        for other in wizard.line_ids:
            other.selected = other == line
        wizard.action_attach()
        return self.env["kho.dl.retrieval"].sudo().search([("case_document_id", "=", line.case_document_id.id)])

    def hand_in(self, case):
        document = case.document_ids[0]
        document.write({"attachment_ids": [Command.create({"name": "scan.pdf", "raw": SCAN})]})
        return document


# All that hangs on a case and that a clerk reads.
PARTS = (
    "kho.dl.case.document",
    "kho.dl.case.fee",
    "kho.dl.case.supplement",
    "kho.dl.case.message",
    "kho.dl.file.check",
    "kho.dl.lookup",
)
JOURNALS = ("kho.dl.query", "kho.dl.retrieval")


@tagged("-at_install", "post_install")
class TestCaseReceived(ReceivedCase):
    def at_work(self):
        """Return a case of B on which A's clerk has done all that a clerk does."""
        case = self.receive()
        self.hand_in(case)
        mine = self.as_("a", case)
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search()
        self.line(wizard, CRIMINAL_RECORD).action_look()
        self.attach_only(wizard, CRIMINAL_RECORD)
        mine.write({"fee_ids": [Command.create({"name": "Fee", "amount": 1000})], "state": "5"})
        self.as_("a", "kho.dl.case.message").create({"case_id": case.id, "body": "Please come by"})
        mine.message_post(body="A note of A")
        return self.as_("a", case)

    def seen(self, who, case):
        """Return {model: how many rows of `case`} that `who` finds, by search and by groups alike."""
        found = {"kho.dl.case": self.as_(who).search_count([("id", "=", case.id)])}
        for model in (*PARTS, *JOURNALS):
            rows = self.as_(who, model)
            found[model] = rows.search_count([("case_id", "=", case.id)])
            [(count,)] = rows._read_group([("case_id", "=", case.id)], [], ["__count"])
            self.assertEqual(count, found[model])
        return found

    def assertHidden(self, records, who):
        for record in records.sudo():
            with self.assertRaises(AccessError, msg=f"{record} is readable for {who}"), mute_logger("odoo.models"):
                self.as_(who, record).read(["display_name"])

    def hanging(self, case):
        """Return all records of `case`, those of Odoo's own with it."""
        case = case.sudo()
        rows = [self.env[model].sudo().search([("case_id", "=", case.id)]) for model in (*PARTS, *JOURNALS)]
        return [case, *rows, case.document_ids.attachment_ids, case.message_ids, case.activity_ids]

    def test_a_case_is_of_the_office_that_was_chosen_and_lies_where_it_was_received(self):
        case = self.receive()
        self.assertEqual(case.sudo().company_id, self.b)
        self.assertEqual((case.sudo().receiving_company_id, case.sudo().held_by_id), (self.a, self.a))
        self.assertTrue(case.name.startswith("H46.b-"), case.name)
        self.assertEqual((case.office_id.name, case.office_id.code), ("Commune B", "H46.b"))
        self.assertTrue(case.is_held_here)
        self.assertEqual(case.document_ids.sudo().held_by_id, self.a)
        # The applicant is known to both now, by what is above them.
        self.assertEqual(case.sudo().owner_id.company_id, self.env.company)
        own = self.as_("a").create({"procedure_id": self.procedure.id, "owner_id": case.owner_id.id})
        self.assertEqual((own.company_id, own.receiving_company_id, own.held_by_id.ids), (self.a, self.a, []))

    # Proves K.1-4.
    def test_the_receiving_office_works_on_a_case_until_it_hands_it_over(self):
        case = self.at_work()
        self.assertEqual(self.asked()[-1]["SoDinhDanhNguoiYeuCau"], self.as_("a").env.user.kho_dl_id_number)
        self.assertTrue(self.document(case, CRIMINAL_RECORD).attachment_ids)
        self.assertTrue(all(self.seen("a", case).values()), self.seen("a", case))
        content, _name = self.as_("a", case)._slip()
        self.assertTrue(content.startswith(b"%PDF"))
        facts = dict(self.as_("a", case)._slip_facts())
        self.assertEqual((facts["Office"], facts["Belongs to"]), ("Commune A", "Commune B"))
        action = self.as_("a", case).action_hand_over()
        kept = self.as_("a", action["res_model"]).browse(action["res_id"])
        self.assertEqual((kept.applicant, kept.owner_id_number, kept.office), ("Nguyễn Thị An", AN, "Commune B"))
        self.assertEqual(len(kept.attachment_ids), 2)
        self.assertIn(SCAN, [file.raw for file in kept.attachment_ids])
        mine = self.as_("b", case)
        # What happened stands in the history, and not only that its officer is gone.
        self.env.cr.precommit.run()
        tracked = mine.message_ids.sudo().tracking_value_ids.field_id
        self.assertIn("handed_over_on", tracked.mapped("name"))
        mine.action_take_over()
        mine.write({"state": "4"})
        self.assertEqual((mine.officer_id.login, kept.state), ("clerk_b", "4"))
        [row] = self.as_("auditor_a", "kho.dl.case.decision").search([("case_id", "=", case.id)])
        self.assertEqual((row.kind, row.user_id.login), ("handed_over", "clerk_a"))
        self.assertEqual(self.as_("auditor_b", "kho.dl.case.decision").search([("case_id", "=", case.id)]), row)
        with self.assertRaises(AccessError):
            self.as_("a", case).action_hand_over()
        with self.assertRaisesRegex(UserError, "handed over already"):
            self.as_("b", case).action_hand_over()

    def test_until_then_its_own_office_sees_it_on_its_way_and_changes_nothing(self):
        case = self.at_work()
        mine = self.as_("b", case)
        self.assertTrue(mine.is_on_its_way)
        self.assertFalse(mine.is_held_here)
        self.assertEqual(mine.receiving_office_id.name, "Commune A")
        self.assertTrue(all(self.seen("b", case).values()))
        for vals in ({"date_due": "2026-12-01 00:00:00"}, {"state": "9"}, {"owner_id_number": False}):
            with self.assertRaisesRegex(UserError, "still with the office"):
                self.as_("b", case).write(vals)
        for model, vals in {
            "kho.dl.case.fee": {"case_id": case.id, "name": "Fee", "amount": 1},
            "kho.dl.case.message": {"case_id": case.id, "body": "From B"},
        }.items():
            with self.assertRaises(AccessError):
                self.as_("b", model).create(vals)
        for record in (case.document_ids[0], case.fee_ids, case.supplement_ids):
            with self.assertRaises(AccessError):
                self.as_("b", record).write({next(iter({"paper_number", "name", "note"} & set(record._fields))): "x"})
        with self.assertRaises(UserError):
            wizard = self.as_("b", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
            wizard.action_search()

    def test_of_what_the_other_office_adds_the_receiving_one_sees_nothing(self):
        case = self.at_work()
        before = self.seen("a", case)
        self.as_("a", case).action_hand_over()
        after = self.seen("a", case)
        # What it asked and fetched itself stays in its journal.
        self.assertEqual({name: after[name] for name in JOURNALS}, {name: before[name] for name in JOURNALS})
        self.assertFalse(any(after[name] for name in ("kho.dl.case", *PARTS)), after)
        old = self.env["kho.dl.query"].sudo().search([("case_id", "=", case.id)])
        mine = self.as_("b", case)
        mine.action_take_over()
        wizard = self.as_("b", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search()
        self.as_("b", wizard.lookup_id)._look_anew()
        self.hand_in(self.as_("b", case))
        mine.message_post(body="A note of B")
        mine.write({"fee_ids": [Command.create({"name": "Fee of B", "amount": 5})]})
        new = self.env["kho.dl.query"].sudo().search([("case_id", "=", case.id)]) - old
        self.assertTrue(new)
        self.assertHidden(new, "a")
        for records in self.hanging(case):
            if records._name not in JOURNALS and records._name != "mail.message":
                self.assertHidden(records, "a")
        words = case.sudo().message_ids.filtered(lambda message: "note of B" in message.body)
        self.assertHidden(words, "a")
        self.assertNotIn(self.as_("a").env.user.partner_id, case.sudo().message_partner_ids)
        self.assertFalse(case.sudo().activity_ids.filtered(lambda one: one.user_id.login == "clerk_a"))
        self.assertEqual(self.seen("a", case)["kho.dl.query"], before["kho.dl.query"])

    def test_a_link_to_a_case_that_was_handed_over_tells_where_it_is(self):
        case = self.receive()
        self.as_("a", case).action_hand_over()
        with self.assertRaisesRegex(AccessError, "handed over to Commune B"):
            self.as_("a", case).read(["name"])
        with self.assertRaises(AccessError) as refused:
            self.as_("c", case).read(["name"])
        self.assertNotIn("handed over", str(refused.exception))

    def test_who_may_work_in_all_offices_is_not_asked_to_take_over(self):
        """The administrators of a province would have something to do for each case of each office."""
        new_test_user(
            self.env,
            "of_the_province",
            groups="kho_dl.group_administrator",
            company_id=self.company.id,
            company_ids=[Command.set((self.company | self.b).ids)],
        )
        case = self.receive()
        case.action_hand_over()
        asked = case.sudo().activity_ids.user_id
        self.assertEqual(asked.company_id, self.b)
        self.assertNotIn("of_the_province", asked.mapped("login"))

    def test_nothing_of_a_case_is_kept_back_as_it_is_handed_over(self):
        case = self.receive()
        self.as_("a", case).write({"fee_ids": [Command.create({"name": "Fee", "amount": 1000})]})
        fee = self.as_("a", case).fee_ids
        for vals in ({"company_id": self.a.id}, {"company_id": False}, {"held_by_id": self.a.id}):
            with self.assertRaises(AccessError, msg=vals):
                self.as_("a", fee).write(vals)
        self.as_("a", fee).write({"amount": 2000})
        self.as_("a", case).action_hand_over()
        self.assertHidden(fee, "a")

    def test_what_was_handed_over_is_kept_as_long_as_the_office_keeps_personal_data(self):
        case = self.receive()
        self.hand_in(case)
        self.as_("a", case).action_hand_over()
        kept = self.env["kho.dl.handover"].sudo().search([("case_id", "=", case.id)])
        kept.handed_over_on = "2026-01-01"
        self.a.kho_dl_retention_days = 30
        kept._gc_outdated()
        self.assertEqual((kept.applicant, kept.owner_id_number), ("Nguyễn Thị An", AN))
        case.sudo().state = "8"
        kept._gc_outdated()
        self.assertEqual((kept.applicant, kept.owner_id_number, kept.documents), (False, False, False))
        self.assertFalse(kept.attachment_ids)
        self.assertEqual((kept.case_name, kept.state), (case.sudo().name, "8"))
        self.assertTrue(case.sudo().document_ids.attachment_ids)

    def test_what_an_applicant_does_is_told_where_the_case_lies(self):
        case = self.receive()
        for officer, told in (("a", {"clerk_a"}), ("b", {"clerk_b"})):
            case.sudo()._tell_officer(lambda one: f"News for {officer}")  # noqa: B023
            activities = case.sudo().activity_ids.filtered(lambda one: one.summary == f"News for {officer}")  # noqa: B023
            self.assertEqual(set(activities.user_id.mapped("login")), told)
            if case.sudo().held_by_id:
                self.as_("a", case).action_hand_over()

    def test_a_form_that_is_left_open_shows_and_does_nothing_more(self):
        case = self.receive()
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search()
        line = self.line(wizard, CRIMINAL_RECORD)
        before = self.env["ir.attachment"].search_count([])
        self.as_("a", case).action_hand_over()
        copies = self.env["kho.dl.handover"].search([("case_id", "=", case.id)]).attachment_ids
        calls = len(self.simulator.requests("papers"))
        wizard, line = self.as_("a", wizard), self.as_("a", line)
        for forbidden in (
            lambda: wizard.read(["owner_id_number", "document_ids", "line_ids", "message", "missing_names"]),
            lambda: line.read(["name", "number", "agency", "file_names"]),
            lambda: wizard.document_ids.read(["paper_number"]),
            wizard.action_search,
            wizard.action_attach,
            line.action_look,
        ):
            with self.assertRaises(UserError), mute_logger("odoo.models"):
                forbidden()
        self.assertEqual(len(self.simulator.requests("papers")), calls)
        self.assertEqual(self.env["ir.attachment"].search_count([]), before + len(copies))

    def test_strangers_see_nothing_of_it_at_any_time(self):
        case = self.at_work()
        self.env["res.users"].browse(self._staff["root"]).company_ids = self.env.company
        for _time in ("before", "after"):
            for who in ("c", "root"):
                self.assertFalse(any(self.seen(who, case).values()), who)
                for records in self.hanging(case):
                    self.assertHidden(records, who)
            for who, expected in {"auditor_a": True, "auditor_b": True, "auditor_c": False}.items():
                rows = self.as_(who, "kho.dl.query").search([("case_id", "=", case.id)])
                self.assertEqual(bool(rows), expected, who)
                with self.assertRaises(AccessError):
                    self.as_(who, case).read(["name"])
            if case.sudo().held_by_id:
                self.as_("a", case).action_hand_over()
        kept = self.env["kho.dl.handover"].sudo().search([("case_id", "=", case.id)])
        for who in ("b", "c", "root"):
            self.assertHidden(kept, who)
            self.assertHidden(kept.attachment_ids, who)

    def test_the_office_that_is_meant_stands_first_however_it_is_typed(self):
        names = ["UBND xã Cẩm Bình Đông", "UBND xã Tây Cẩm Bình Thượng", "UBND xã Cẩm Bình", "UBND xã Cam Binh"]
        new = self.env["res.company"].create([{"name": name, "parent_id": self.env.company.id} for name in names])
        new[2].kho_dl_unit_code = "H46.77"
        offices = self.as_("a", "kho.dl.office")
        for words in ("Cẩm Bình", "xã cẩm bình", "UBND xã Cẩm Bình", "h46.77"):
            self.assertEqual(offices.name_search(words, limit=2)[0][0], new[2].id, words)
        for words in ("cam binh", "binh cam"):
            self.assertEqual({one[0] for one in offices.name_search(words)}, set(new.ids), words)
        self.assertEqual(offices.name_search("cam binh")[0][0], new[3].id)
        self.assertEqual(len(offices.name_search("", limit=3)), 3)
        self.assertFalse(offices.name_search("no such office"))

    def test_who_chose_the_wrong_office_begins_anew_with_the_same_applicant(self):
        case = self.at_work()
        action = case.action_choose_other_office()
        self.assertEqual((case.state, case.sudo().company_id), ("8", self.b))
        forms = self.as_("a").with_context(**action["context"])
        with Form(forms) as form:
            self.assertEqual((form.owner_id_number, form.owner_id.name), (AN, "Nguyễn Thị An"))
            form.office_id = self.as_("a", "kho.dl.office").browse(self.c.id)
        new = form.record.sudo()
        self.assertEqual((new.company_id, new.held_by_id, new.state), (self.c, self.a, "1"))
        self.assertEqual(new.procedure_id, case.sudo().procedure_id)
        self.assertFalse(new.document_ids.attachment_ids)
        with self.assertRaisesRegex(UserError, "Only an open case"):
            self.as_("a", case).action_choose_other_office()

    def test_the_office_that_got_a_case_which_is_not_its_own_passes_it_on(self):
        case = self.receive()
        with self.assertRaises(UserError):
            self.as_("b", case).action_choose_other_office()
        self.as_("a", case).action_hand_over()
        self.as_("b", case).action_choose_other_office()
        self.assertEqual(case.sudo().state, "8")
        own = self.as_("b").create({"procedure_id": self.procedure.id, "owner_id": case.sudo().owner_id.id})
        self.assertFalse(own.can_choose_other_office)
        with self.assertRaises(UserError):
            own.action_choose_other_office()

    def test_a_copy_of_what_lies_here_is_a_case_of_ones_own(self):
        case = self.at_work()
        for who, office in (("a", self.a), ("b", self.b)):
            copy = self.as_(who, case).copy()
            self.assertEqual((copy.company_id, copy.receiving_company_id), (office, office), who)
            self.assertEqual((copy.held_by_id.ids, copy.handed_over_on, copy.state), ([], False, "1"), who)
            self.assertEqual((copy.owner_id_number, copy.procedure_id), (AN, case.procedure_id), who)
            self.assertFalse(copy.document_ids.attachment_ids, who)

    def test_an_office_is_chosen_among_those_of_the_same_agency_only(self):
        stranger = self.env["res.company"].create({"name": "Another agency"})
        offices = self.as_("a", "kho.dl.office").search([])
        self.assertEqual(set(offices.ids), {self.env.company.id, *self._office_ids})
        self.assertNotIn(stranger.id, offices.ids)
        with self.assertRaises(AccessError):
            self.as_("a", self.b).read(["name"])
        for values in (
            {"office_id": stranger.id},
            {"company_id": self.b.id},
            {"company_id": self.b.id, "office_id": self.c.id},
            {"receiving_company_id": self.b.id},
            {"held_by_id": self.c.id},
            {"handed_over_on": "2026-01-01 00:00:00"},
        ):
            with self.assertRaises(AccessError, msg=values), mute_logger("odoo.models"):
                self.receive(**values)
        case = self.receive()
        for values in ({"receiving_company_id": self.b.id}, {"held_by_id": False}, {"handed_over_on": "2026-01-01"}):
            with self.assertRaises(AccessError):
                self.as_("a", case).write(values)
        given = {"default_handed_over_on": "2026-01-01", "default_held_by_id": self.a.id}
        forged = self.as_("a").with_context(**given, default_receiving_company_id=self.a.id)
        owner = self.as_("a", case).owner_id.id
        made = forged.create({"procedure_id": self.procedure.id, "owner_id": owner, "office_id": self.b.id}).sudo()
        self.assertEqual((made.handed_over_on, made.held_by_id), (False, self.a))
