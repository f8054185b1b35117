from datetime import date
from io import BytesIO

from lxml import etree
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time
from odoo.tools.safe_eval import safe_eval

from ..models.reporting.indicators import INDICATORS
from .common import new_test_user
from .test_reporting_indicator import MARCH, NOON, IndicatorCase


def _with_condition(arch):
    return [node for node in etree.fromstring(arch).iter("filter") if node.get("invisible")]


class TestDefinition(IndicatorCase):
    """What the figures are measured by is the agency's to choose, and its source stands beside them."""

    def setUp(self):
        super().setUp()
        self.company.kho_dl_indicator_definition = "2026"

    def state(self, case, name):
        self.env.flush_all()
        row = self.env["kho.dl.indicator.case"].with_user(self.administrator).browse(case.id)
        row.invalidate_recordset()
        return row[name]

    # Proves W.8-3.
    def test_another_definition_has_other_figures(self):
        scanned, online, national = (self.received() for _ in range(3))
        self.hand_in(scanned)
        online.sudo().channel = "2"
        self.hand_in(online)
        self.hand_in(national, "national")
        third = (3, 1, 33.33)
        self.assertEqual(
            self.figures(month=MARCH),
            {
                "1.4": (3, 0, 0.0),
                "2.1": (3, 0, 0.0),
                "4.1": (3, 0, 0.0),
                "4.2": (3, 0, 0.0),
                "4.3-2026": third,
                "4.4": third,
                "4.5": third,
            },
        )
        self.assertEqual(
            [self.state(case, "scanned_state") for case in (scanned, online, national)], ["counts", "online", "no_file"]
        )
        self.assertEqual(self.state(scanned, "reuse_state"), "not_defined")
        # Population data is used by whoever signs in by VNeID, too.
        scanned.sudo().is_account_verified = True
        self.assertEqual(self.figures(month=MARCH)["4.5"], (3, 2, 66.67))
        self.assertEqual(
            [self.state(case, "population_state") for case in (scanned, online, national)],
            ["counts", "not_used", "counts"],
        )
        self.company.kho_dl_indicator_definition = "2024"
        self.assertEqual(self.figures(month=MARCH)["4.3"], third)
        self.assertEqual(set(self.figures()), {"4.1", "4.2", "4.3", "4.4"})
        self.assertEqual(self.state(scanned, "scanned_state"), "not_defined")

    # Proves W.8-3.
    def test_the_source_stands_beside_the_figure(self):
        self.received()
        rows = self.env["kho.dl.indicator"].with_user(self.administrator).search([])
        self.assertEqual(set(rows.mapped("definition")), {"2026"})
        self.assertIn("not the decision", dict(rows._fields["definition"].selection)["2026"])
        sheet = self.env["kho.dl.indicator.sheet"].with_user(self.administrator)
        sheet = sheet.create({"date_from": MARCH, "date_to": MARCH})
        page = load_workbook(BytesIO(sheet._sheet())).worksheets[0]
        self.assertTrue(all("not the decision" in row[-1].value for row in page.iter_rows(min_row=2)))
        # Of what has no points nobody has said how much it should be.
        targets = {row[0].value[:3]: row[5].value for row in page.iter_rows(min_row=2)}
        self.assertEqual((targets["1.4"], targets["4.1"]), (None, 80))

    def test_the_list_of_cases_shows_what_is_measured(self):
        cases = self.env["kho.dl.indicator.case"].with_user(self.administrator)

        def shown():
            """Return the fields of indicators that are columns, and how many filters and groups the search has."""
            context = cases.action_open()["context"]
            views = cases.get_views([(False, "list"), (False, "search")])["views"]
            fields = {one.field for one in INDICATORS}
            columns = [
                node.get("name")
                for node in etree.fromstring(views["list"]["arch"]).iter("field")
                if node.get("name") in fields and not safe_eval(node.get("column_invisible"), {"context": context})
            ]
            hidden = [
                safe_eval(node.get("invisible"), {"context": context})
                for node in _with_condition(views["search"]["arch"])
            ]
            self.assertEqual(hidden.count(False), 2 * len(columns))
            return columns

        result = ["result_state", "digitised_state"]
        new = ["sync_state", "time_state", *result, "scanned_state", "national_state", "population_state"]
        self.assertEqual(shown(), new)
        self.company.kho_dl_indicator_definition = "2024"
        self.assertEqual(shown(), [*result, "reuse_state", "national_state"])
        other = self.env["res.company"].create({"name": "Other province", "kho_dl_indicator_definition": "2026"})
        self.administrator.company_ids = [Command.link(other.id)]
        cases = cases.with_context(allowed_company_ids=[self.company.id, other.id])
        self.assertEqual(len(shown()), len(INDICATORS))
        with self.assertRaises(AccessError):
            cases.with_user(self.clerk).action_open()

    def test_no_case_is_no_figure(self):
        self.make_case()
        self.assertEqual(self.figures(), {})

    def test_what_has_no_points_takes_none_away(self):
        self.hand_in(self.received(), "national")
        [[points]] = self.env["kho.dl.indicator"]._read_group(
            [("indicator", "in", ("1.4", "2.1", "4.5"))], [], ["points:avg"]
        )
        self.assertEqual(points, 100.0)
        rows = self.env["kho.dl.indicator"].search([("indicator", "in", ("1.4", "2.1"))])
        self.assertEqual(rows.mapped("has_points"), [False, False])

    # Proves W.8-4.
    def test_a_case_that_the_portal_accepted_is_synchronised(self):
        self.company.kho_dl_sync_enabled = True
        with freeze_time(NOON):
            case = self.received()
            self.assertEqual(self.state(case, "sync_state"), "not_sent")
            self.send()
        self.assertEqual(self.state(case, "sync_state"), "counts")
        self.assertEqual(self.figures()["1.4"], (1, 1, 100.0))

    # Proves W.8-5.
    def test_on_time_is_by_the_end_and_the_day_that_was_said(self):
        due = "2026-03-20 10:00:00"
        cases = {
            "none": (self.received(), "no_due"),
            "in time": (self.received(date_due=due, date_finished="2026-03-20 10:00:00"), "counts"),
            "late": (self.received(date_due=due, date_finished="2026-03-20 10:00:01"), "late"),
            "returned": (self.received(date_due=due, date_returned="2026-03-19 10:00:00"), "counts"),
            "open, due before the month ends": (self.received(date_due=due), "late"),
            "open, due later": (self.received(date_due="2026-03-31 17:00:00"), "counts"),
        }
        for name, (case, expected) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.state(case, "time_state"), expected)
        self.assertEqual(self.figures(month=MARCH)["2.1"], (6, 3, 50.0))

    # Proves W.8-5.
    def test_a_sheet_of_a_year_looks_at_the_end_of_the_year(self):
        # In time at the end of its month, late at that of the year.
        self.received(date_due="2026-04-20 10:00:00")
        self.received(date_due="2026-04-20 10:00:00", date_finished="2026-04-19 10:00:00")

        def counted(date_to):
            sheet = self.env["kho.dl.indicator.sheet"].with_user(self.administrator)
            book = load_workbook(BytesIO(sheet.create({"date_from": MARCH, "date_to": date_to})._sheet()))
            rows = {row[0].value: row[2].value for row in book.worksheets[0].iter_rows(min_row=2)}
            reasons = [[cell.value for cell in row] for row in book["Reasons"].iter_rows(min_row=2)]
            late = sum(count for name, reason, count in reasons if (name[:3], reason) == ("2.1", "Late"))
            return rows["2.1 Cases on time"], late

        with freeze_time("2026-12-31 10:00:00"):
            self.assertEqual(counted(date(2026, 3, 31)), (2, 0))
            self.assertEqual(counted(date(2026, 4, 30)), (1, 1))
            self.assertEqual(counted(date(2026, 12, 31)), (1, 1))

    # Proves W.8-5.
    def test_the_clock_stands_while_more_documents_are_asked_for(self):
        case = self.received(date_due="2026-03-20 10:00:00").sudo()
        with freeze_time("2026-03-15 10:00:00"):
            case.state = "5"
        self.assertEqual(self.state(case, "time_state"), "counts")
        with freeze_time("2026-03-18 10:00:00"):
            case.state = "4"
        case.date_finished = "2026-03-23 10:00:00"
        self.assertEqual((case.supplement_count, self.state(case, "time_state")), (1, "counts"))
        case.date_finished = "2026-03-23 10:00:01"
        self.assertEqual(self.state(case, "time_state"), "late")
        case.date_finished = "2026-03-16 10:00:00"
        with freeze_time("2026-03-19 10:00:00"):
            case.write({"state": "5"})
            case.write({"state": "5"})
        self.assertEqual((case.supplement_count, self.state(case, "time_state")), (2, "asked_twice"))

    # Proves W.8-5.
    def test_what_was_late_before_stays_late_and_what_was_asked_before_it_was_received_counts_for_nothing(self):
        late = self.received(date_due="2026-03-20 10:00:00").sudo()
        with freeze_time("2026-03-25 10:00:00"):
            late.state = "5"
        self.assertEqual(self.state(late, "time_state"), "late")
        with freeze_time("2026-03-28 10:00:00"):
            late.state = "4"
        self.assertEqual((late.supplement_seconds, self.state(late, "time_state")), (0, "late"))
        early = self.make_case(date_due="2026-03-13 10:00:00").sudo()
        with freeze_time("2026-03-01 10:00:00"):
            early.state = "5"
        with freeze_time("2026-03-11 10:00:00"):
            early.state = "2"
        early.date_finished = "2026-03-20 10:00:00"
        self.assertEqual((early.supplement_count, self.state(early, "time_state")), (0, "late"))

    # Proves W.8-5.
    def test_what_was_taken_up_again_ends_when_it_ends_again(self):
        case = self.received(date_due="2026-03-20 10:00:00").sudo()
        for state, day, expected in (
            ("9", "2026-03-19", "counts"),
            ("4", "2026-03-25", "late"),
            ("9", "2026-06-01", "late"),
        ):
            with freeze_time(f"{day} 10:00:00"):
                case.state = state
            self.assertEqual(self.state(case, "time_state"), expected, day)

    def test_nobody_types_in_by_what_a_case_is_judged(self):
        case = self.received(date_due="2026-03-20 10:00:00")
        for name, value in (("supplement_seconds", 10**8), ("supplement_count", 0), ("date_closed_again", NOON)):
            with self.assertRaises(AccessError):
                case.with_user(self.clerk).write({name: value})
            with self.assertRaises(AccessError):
                self.received(**{name: value})
        with self.assertRaises(AccessError):
            case.with_user(self.clerk).date_stopped = NOON
        forged = {"default_supplement_seconds": 10**8, "default_is_reopened": True, "default_supplement_on": NOON}
        made = (
            case.with_user(self.clerk)
            .with_context(**forged)
            .create({"procedure_id": case.procedure_id.id, "owner_id": case.owner_id.id})
        )
        self.assertFalse(made.supplement_seconds or made.is_reopened or made.supplement_on)

    # Proves W.8-5.
    def test_what_was_stopped_has_ended_then(self):
        case = self.received(date_due="2026-03-20 10:00:00").sudo()
        for state, day, expected in (("8", "19", "counts"), ("4", "20", "late"), ("7", "21", "late")):
            with freeze_time(f"2026-03-{day} 10:00:00"):
                case.state = state
            self.assertEqual(self.state(case, "time_state"), expected, state)

    def test_a_case_that_begins_so_has_its_times(self):
        stopped, waiting = self.received(state="8"), self.received(state="5")
        self.assertEqual(str(self.received(state="8", date_stopped=NOON).date_stopped), NOON)
        self.assertTrue(stopped.date_stopped)
        self.assertEqual((bool(waiting.supplement_on), waiting.supplement_count), (True, 1))


class TestProvince(IndicatorCase):
    # Proves W.8-3.
    def test_what_is_measured_in_two_ways_has_no_mean(self):
        other = self.env["res.company"].create({"name": "Other province", "kho_dl_indicator_definition": "2026"})
        (self.administrator | self.clerk).company_ids = [Command.link(other.id)]
        procedure = self.procedure.copy({"company_id": other.id, "code": "7.8"})
        self.hand_in(self.received(), "national")
        self.clerk = self.clerk.with_context(allowed_company_ids=[self.company.id, other.id])
        self.received(company_id=other.id, procedure_id=procedure.id, officer_id=False)
        figures = self.env["kho.dl.indicator"].with_user(self.administrator)
        figures = figures.with_context(allowed_company_ids=[self.company.id, other.id])

        def points(codes, groups=()):
            return figures._read_group([("indicator", "in", codes)], groups, ["points:avg"])

        self.assertEqual(points(["4.3", "4.3-2026", "4.4"]), [(False,)])
        self.assertEqual(dict(points(["4.3", "4.3-2026"], ["definition"])), {"2024": 100.0, "2026": 0.0})
        self.assertEqual(points(["4.4"]), [(62.5,)])

    # Proves W.8-6.
    def test_a_level_above_sums_the_cases_below_it(self):
        branch = self.env["res.company"].create({"name": "Commune", "parent_id": self.company.id})
        (self.administrator | self.clerk).company_ids = [Command.link(branch.id)]
        procedure = self.procedure.copy({"company_id": branch.id, "code": "7.7"})
        self.company.kho_dl_indicator_definition = "2026"
        office = self.env["res.company"].create({"name": "Ward", "parent_id": self.company.id})
        self.assertEqual((branch | office).mapped("kho_dl_indicator_definition"), ["2026", "2026"])
        self.hand_in(self.received(), "national")
        self.clerk = self.clerk.with_context(allowed_company_ids=[self.company.id, branch.id])
        for _ in range(2):
            self.received(company_id=branch.id, procedure_id=procedure.id, officer_id=False)
        figures = self.env["kho.dl.indicator"].with_user(self.administrator)
        figures = figures.with_context(allowed_company_ids=[self.company.id, branch.id])
        measures = ["case_count:sum", "counted_count:sum", "share:avg"]
        by_root = figures._read_group([("indicator", "=", "4.4")], ["root_company_id"], measures)
        self.assertEqual(
            [(root, cases, counted, round(share, 2)) for root, cases, counted, share in by_root],
            [(self.company, 3, 1, 33.33)],
        )
        sheet = self.env["kho.dl.indicator.sheet"].with_user(self.administrator)
        sheet = sheet.with_context(allowed_company_ids=[self.company.id, branch.id])
        book = load_workbook(BytesIO(sheet.create({"date_from": MARCH, "date_to": date(2026, 3, 31)})._sheet()))
        self.assertIn("By company", book.sheetnames)
        rows = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows(min_row=2)}
        self.assertEqual(rows["4.4 National store used or synchronised"], 3)
        # Whoever sees the one sees nothing of the other.
        alone = new_test_user(
            self.env,
            "in_branch",
            groups="kho_dl.group_administrator",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        [[cases]] = (
            self.env["kho.dl.indicator"]
            .with_user(alone)
            ._read_group([("indicator", "=", "4.4")], [], ["case_count:sum"])
        )
        self.assertEqual(cases, 2)
