from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.reporting import indicator_triggers
from ..models.reporting.indicators import INDICATORS, RECEIVING
from ..models.reporting.kept_facts import KEPT
from ..wizard import kho_dl_retrieve_wizard
from .common import CRIMINAL_RECORD
from .test_case_received import SCAN, ReceivedCase
from .test_migrations import migrate
from .test_reporting_received import NOON

_OF_RECEIVING = [one for one in INDICATORS if one.office == RECEIVING]


@tagged("-at_install", "post_install")
class TestReportingHandedOver(ReceivedCase):
    """What counts for an office that handed a case over is what was there at that moment, whatever becomes of the case."""

    def setUp(self):
        super().setUp()
        self.company.kho_dl_indicator_definition = "2026"
        self.everybody = self.env["res.users"].browse(self._staff["root"])
        self.everybody.company_ids = [Command.set([self.env.company.id, *self._office_ids])]

    def handed_over(self, *, scanned=False, **values):
        """Return a case of B that A received and handed over, with a file of the counter where it is `scanned`."""
        case = self.receive(**{"date_received": NOON, **values})
        if scanned:
            self.put(case, "upload")
        self.as_("a", case).action_hand_over()
        return case

    def put(self, case, source, who="a"):
        document = self.document(self.as_(who, case), CRIMINAL_RECORD)
        document.write({"attachment_ids": [Command.create({"name": "scan.pdf", "raw": SCAN})]})
        document.sudo().source = source
        return document

    def seen(self):
        """Return {definition: {indicator: {office: (cases, that count)}}}, and check that figures and their cases agree."""
        found = {}
        for definition in ("2024", "2026"):
            # As a province chooses it for all of its offices.
            (self.env.company | self.a | self.b).kho_dl_indicator_definition = definition
            self.env.flush_all()
            figures = self.as_("root", "kho.dl.indicator").search([])
            for row in figures:
                for action, count in (
                    (row.action_open_counted(), row.counted_count),
                    (row.action_open_missing(), row.missing_count),
                ):
                    cases = self.as_("root", action["res_model"]).search(action["domain"])
                    self.assertEqual((len(cases), set(cases.mapped("month"))), (count, {row.month} if count else set()))
                of = found.setdefault(definition, {}).setdefault(row.indicator, {})
                of[row.company_id.name] = (row.case_count, row.counted_count)
        return found

    def of_a(self):
        """Return {indicator: (cases, that count)} of A alone."""
        return {
            indicator: offices["Commune A"]
            for definition in self.seen().values()
            for indicator, offices in definition.items()
            if "Commune A" in offices
        }

    def states(self, case):
        """Return why `case` counts for A, or why not."""
        self.env.flush_all()
        [row] = self.as_("root", "kho.dl.indicator.case").search(
            [("case_id", "=", case.id), ("company_id", "=", self.a.id)]
        )
        return {one.code: row[one.field] for one in _OF_RECEIVING}

    # Proves K.1-5.
    def test_what_the_other_office_does_counts_for_nobody_that_handed_over(self):
        case = self.handed_over()
        expected = {"4.3": (1, 0), "4.3-2026": (1, 0), "4.5": (1, 0)}
        self.assertEqual(self.of_a(), expected)
        before = self.states(case)
        for source in ("upload", "local", "national"):
            self.put(case, source, "b")
            self.assertEqual(self.of_a(), expected, source)
            self.assertEqual(self.states(case), before, source)
        self.assertEqual(self.seen()["2026"]["4.4"], {"Commune B": (1, 1)})

    def test_what_the_other_office_takes_off_goes_on_counting(self):
        case = self.handed_over(scanned=True)
        local, national = self.receive(date_received=NOON), self.receive(date_received=NOON)
        for other, source in ((local, "local"), (national, "national")):
            self.put(other, source)
            self.as_("a", other).action_hand_over()
        expected = {"4.3": (3, 2), "4.3-2026": (3, 1), "4.5": (3, 1)}
        self.assertEqual(self.of_a(), expected)
        for one in (case, local, national):
            self.as_("b", one).document_ids.with_context(kho_dl_reason="Wrong one").write(
                {"attachment_ids": [Command.clear()]}
            )
            self.as_("b", one).write({"channel": "2"})
        self.assertEqual(self.of_a(), expected)
        self.assertEqual(self.seen()["2026"]["4.2"]["Commune B"], (3, 0))

    def test_the_month_stays_that_in_which_it_was_received(self):
        case = self.handed_over()
        before = self.of_a()
        for moment in ("2026-05-10 05:00:00", False):
            case.sudo().date_received = moment
            self.assertEqual(self.of_a(), before, moment)
            months = self.as_("root", "kho.dl.indicator").search([("company_id", "=", self.a.id)]).mapped("month_name")
            self.assertEqual(set(months), {"03/2026"})
            [row] = self.as_("root", "kho.dl.indicator.case").search(
                [("case_id", "=", case.id), ("company_id", "=", self.a.id)]
            )
            self.assertEqual(str(row.date_received), NOON)

    def test_one_that_nobody_had_received_yet_counts_from_when_somebody_does(self):
        case = self.handed_over(state="1", date_received=False)
        self.assertEqual(self.of_a(), {})
        self.as_("b", case).write({"date_received": NOON})
        self.put(case, "upload", "b")
        self.assertEqual(self.of_a(), {"4.3": (1, 0), "4.3-2026": (1, 0), "4.5": (1, 0)})

    def test_until_it_is_handed_over_what_is_there_counts(self):
        case = self.receive(date_received=NOON)
        self.put(case, "national")
        self.assertEqual(self.of_a(), {"4.3": (1, 1), "4.3-2026": (1, 0), "4.5": (1, 1)})
        self.document(case, CRIMINAL_RECORD).with_context(kho_dl_reason="Wrong one").write(
            {"attachment_ids": [Command.clear()]}
        )
        self.assertEqual(self.of_a(), {"4.3": (1, 0), "4.3-2026": (1, 0), "4.5": (1, 0)})

    def test_an_end_a_new_beginning_and_a_withdrawal_change_nothing(self):
        case = self.receive(date_received=NOON)
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search()
        self.attach_only(wizard, CRIMINAL_RECORD)
        self.as_("a", case).action_hand_over()
        before = self.of_a()
        self.assertEqual(before, {"4.3": (1, 1), "4.3-2026": (1, 0), "4.5": (1, 1)})
        mine = self.as_("b", case).with_context(kho_dl_reason="x")
        for state in ("9", "4"):
            mine.write({"state": state})
            self.assertEqual(self.of_a(), before, state)
        mine.withdraw_consent("The applicant says so")
        self.assertEqual(self.of_a(), before)

    # Proves K.1-5.
    def test_a_file_that_was_on_its_way_counts_for_who_chose_it(self):
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        case, nothing = self.receive(date_received=NOON), self.handed_over()
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search()
        row = self.attach_only(wizard, CRIMINAL_RECORD)
        self.as_("a", case).action_hand_over()
        self.assertEqual((row.state, row.held_by_id), ("pending", self.a))
        self.assertEqual(self.of_a(), {"4.3": (2, 0), "4.3-2026": (2, 0), "4.5": (2, 0)})
        self.env["kho.dl.retrieval"].sudo()._cron_process()
        self.assertEqual(row.state, "done", row.error)
        expected = {"4.3": (2, 1), "4.3-2026": (2, 0), "4.5": (2, 1)}
        self.assertEqual(self.of_a(), expected)
        self.assertEqual(self.states(nothing)["4.5"], "not_used")
        # Also where the other office takes it off again, and as the night counts it.
        self.document(self.as_("b", case), CRIMINAL_RECORD).with_context(kho_dl_reason="Wrong one").write(
            {"attachment_ids": [Command.clear()]}
        )
        self.assertEqual(self.of_a(), expected)
        self.assertEqual(indicator_triggers.count_all(self.env.cr), 0)

    # Proves K.1-5.
    def test_what_the_other_office_fetches_counts_for_nobody_that_handed_over(self):
        case = self.handed_over()
        self.as_("b", case).action_take_over()
        wizard = self.as_("b", "kho.dl.retrieve.wizard").create({"case_id": case.id, "consent_given": True})
        wizard.action_search()
        row = self.attach_only(wizard, CRIMINAL_RECORD)
        self.assertEqual(row.state, "done", row.error)
        self.assertEqual(self.of_a(), {"4.3": (1, 0), "4.3-2026": (1, 0), "4.5": (1, 0)})
        self.assertEqual(self.seen()["2026"]["4.4"], {"Commune B": (1, 1)})

    def test_a_case_that_was_handed_over_is_not_deleted(self):
        case = self.handed_over()
        with self.assertRaisesRegex(UserError, "another office"):
            case.sudo().unlink()
        held = self.receive()
        held.sudo().unlink()
        self.assertFalse(held.exists())

    def test_facts_that_are_lost_are_counted_the_same_again(self):
        self.put(self.handed_over(scanned=True), "national", "b")
        before = self.seen()
        self.env.cr.execute("DELETE FROM kho_dl_indicator_fact")
        self.assertTrue(indicator_triggers.count_all(self.env.cr))
        self.assertEqual(self.seen(), before)
        self.assertEqual(indicator_triggers.count_all(self.env.cr), 0)

    def test_cases_handed_over_before_are_kept_as_they_are_at_the_upgrade(self):
        case = self.handed_over(scanned=True)
        self.env.flush_all()
        unknown = ", ".join(f"{fact.name} = NULL" for fact in KEPT)
        self.env.cr.execute(f"UPDATE kho_dl_handover SET {unknown}")
        before = self.of_a()
        migrate(self.env.cr, "19.0.1.5.0")
        self.env.invalidate_all()
        self.put(case, "national", "b")
        self.assertEqual(self.of_a(), before)
        # Once and for all.
        migrate(self.env.cr, "19.0.1.5.0")
        self.assertEqual(self.of_a(), before)
