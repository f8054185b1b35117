from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common import CRIMINAL_RECORD
from .test_case_received import SCAN, ReceivedCase

MARCH = date(2026, 3, 1)
NOON = "2026-03-10 05:00:00"
LEVELS = {"1": "The agency itself", "2": "Offices below it"}


@tagged("-at_install", "post_install")
class TestReportingReceived(ReceivedCase):
    """What is counted of a case that one office received and another one decides, and how figures add up."""

    def setUp(self):
        super().setUp()
        self.company.kho_dl_indicator_definition = "2026"
        self.everybody = self.env["res.users"].browse(self._staff["root"])
        self.everybody.company_ids = [Command.set([self.env.company.id, *self._office_ids])]
        self.case = self.receive(date_received=NOON)
        document = self.document(self.case, CRIMINAL_RECORD)
        document.write({"attachment_ids": [Command.create({"name": "scan.pdf", "raw": SCAN})]})
        own = self.as_("a").create(
            {"procedure_id": self.procedure.id, "owner_id": self.case.owner_id.id, "date_received": NOON}
        )
        self.hand_in(own)
        self.env.flush_all()

    def figures(self, group, *where):
        """Return {indicator: {group: (cases, that count)}}."""
        rows = self.as_("root", "kho.dl.indicator")._read_group(
            list(where), ["indicator", group], ["case_count:sum", "counted_count:sum"]
        )
        found = {}
        for indicator, office, cases, counted in rows:
            found.setdefault(indicator, {})[getattr(office, "name", office)] = (cases, counted)
        return found

    # Proves K.1-5.
    def test_each_office_is_measured_by_what_it_does_and_the_agency_counts_no_case_twice(self):
        for _time in ("before", "after"):
            by_office = self.figures("company_id")
            # Digitised as it was received; what becomes of it is the other office's.
            self.assertEqual(by_office["4.3-2026"], {"Commune A": (2, 2)})
            self.assertEqual(by_office["4.5"], {"Commune A": (2, 0)})
            for indicator in ("1.4", "2.1", "4.2", "4.4"):
                self.assertEqual(by_office[indicator], {"Commune A": (1, 0), "Commune B": (1, 0)}, indicator)
            by_root = self.figures("root_company_id")
            for indicator, found in by_root.items():
                self.assertEqual([cases for cases, _counted in found.values()], [2], indicator)
            self.assertEqual(self.figures("level")["4.4"], {"2": (2, 0)})
            self.assertEqual(set(self.figures("branch_company_id")["4.4"]), {"Commune A", "Commune B"})
            if self.case.sudo().held_by_id:
                self.as_("a", self.case).action_hand_over()
                self.env.flush_all()

    def test_the_cases_behind_a_figure_open_for_the_office_whose_figure_it_is(self):
        self.as_("a", self.case).action_hand_over()
        self.env.flush_all()
        rows = self.as_("root", "kho.dl.indicator").search([("indicator", "in", ("4.3-2026", "4.4"))])
        self.assertEqual(len(rows), len(set(rows.ids)))
        for row in rows:
            for action, count in (
                (row.action_open_counted(), row.counted_count),
                (row.action_open_missing(), row.missing_count),
            ):
                self.assertEqual(self.as_("root", action["res_model"]).search_count(action["domain"]), count)
        at_a = self.env["res.users"].browse(self._staff["a"])
        at_a.group_ids = [Command.link(self.env.ref("kho_dl.group_administrator").id)]
        [mine] = self.as_("a", "kho.dl.indicator.case").search([("case_id", "=", self.case.id)])
        self.assertEqual((mine.scanned_state, mine.national_state), ("counts", False))
        self.assertEqual(mine.display_name, self.case.sudo().name)
        action = mine.action_open_case()
        self.assertEqual(action["res_model"], "kho.dl.handover")
        self.assertTrue(self.as_("a", "kho.dl.handover").browse(action["res_id"]).read(["case_name"]))

    def test_facts_that_were_lost_are_counted_the_same_again(self):
        before = self.figures("company_id")
        self.env.cr.execute("DELETE FROM kho_dl_indicator_fact")
        self.env["kho.dl.indicator.fact"]._install_triggers()
        self.env.invalidate_all()
        self.assertEqual(self.figures("company_id"), before)

    def test_the_spreadsheet_adds_up_along_the_tree(self):
        sheet = self.as_("root", "kho.dl.indicator.sheet").create({"date_from": MARCH, "date_to": date(2026, 3, 31)})
        self.assertEqual(sheet.company_id, self.env.company)
        sheets = {one.title: one.rows for one in sheet._by_office()}
        self.assertEqual(set(sheets), {"By company", "By branch", "By level"})
        # A case has a row of the office that received it, and one of the office whose it is.
        cases = self.as_("root", "kho.dl.indicator.case").search([])
        self.assertEqual((len(cases), sheet.case_count), (len(cases), len(cases.case_id)))
        self.assertGreater(len(cases), sheet.case_count)
        by_level = {row[1]: (row[0], row[2]) for row in sheets["By level"]}
        self.assertEqual(by_level["4.4 National store used or synchronised"], (LEVELS["2"], 2))
        self.assertTrue(sheet._sheet())

    # Proves K.1-5.
    def test_lists_pivots_graphs_and_the_spreadsheet_agree_by_level_alone(self):
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": self.case.id, "consent_given": True})
        wizard.action_search()
        self.env.flush_all()
        sums = {
            "kho.dl.indicator": ("case_count", "counted_count", "missing_count"),
            "kho.dl.demand": ("case_count",),
            "kho.dl.audit.day": ("question_count", "off_hours_count", "closed_case_count", "own_count", "file_count"),
        }
        for model, names in sums.items():
            figures = self.as_("root", model)
            rows = figures.search([])
            self.assertTrue(rows, model)
            for group in ("level", "branch_company_id", "root_company_id"):
                expected = {
                    key: tuple(sum(part.mapped(name)) for name in names)
                    for key, part in rows.grouped(
                        lambda row, group=group: getattr(row[group], "id", row[group])
                    ).items()
                }
                for found in self.shown_by(figures, group, [f"{name}:sum" for name in names]):
                    self.assertEqual(found, expected, (model, group))

    def test_shares_and_points_by_level_alone_are_made_of_sums(self):
        figures = self.as_("root", "kho.dl.indicator")
        rows = figures.search([])
        cases, counted = sum(rows.mapped("case_count")), sum(rows.mapped("counted_count"))
        self.assertTrue(0 < counted < cases)
        share = round(100 * counted / cases, 6)
        by_indicator = figures._read_group([("has_points", "=", True)], ["indicator"], ["points:avg"])
        points = round(sum(mean for _indicator, mean in by_indicator) / len(by_indicator), 6)
        for group in ("level", "root_company_id"):
            for found in self.shown_by(figures, group, ["share:avg", "points:avg"]):
                [(of_share, of_points)] = found.values()
                self.assertEqual((round(of_share, 6), round(of_points, 6)), (share, points), group)
        sheet = self.as_("root", "kho.dl.indicator.sheet").create({"date_from": MARCH, "date_to": date(2026, 3, 31)})
        for page in sheet._by_office():
            self.assertEqual(sum(row[2] for row in page.rows), cases, page.title)
            self.assertEqual(sum(row[3] for row in page.rows), counted, page.title)

    def shown_by(self, figures, group, measures):
        """Yield {key of the group: figures} as a list, a graph and a pivot show them."""
        listed = figures.web_read_group([], [group], measures)["groups"]
        graph = figures.formatted_read_group([], [group], measures)
        _total, pivot = figures.formatted_read_grouping_sets([], [[], [group]], measures)
        for groups in (listed, graph, pivot):
            yield {
                key[0] if isinstance(key := one[group], (list, tuple)) else key: tuple(one[name] for name in measures)
                for one in groups
            }

    def test_a_clerks_day_is_that_of_the_office_where_they_work(self):
        wizard = self.as_("a", "kho.dl.retrieve.wizard").create({"case_id": self.case.id, "consent_given": True})
        wizard.action_search()
        self.env.flush_all()
        for who, expected in {"auditor_a": 1, "auditor_b": 0, "auditor_c": 0}.items():
            days = self.as_(who, "kho.dl.audit.day").search([])
            self.assertEqual(sum(days.mapped("question_count")), expected, who)
        [day] = self.as_("auditor_a", "kho.dl.audit.day").search([])
        action = day.action_open_questions()
        self.assertEqual(self.as_("auditor_a", "kho.dl.query").search_count(action["domain"]), 1)
        found = self.as_("root", "kho.dl.audit.day")._read_group(
            [], ["level", "branch_company_id"], ["question_count:sum"]
        )
        self.assertEqual(found, [("2", self.a, 1)])
        demand = self.as_("root", "kho.dl.demand")._read_group([], ["level", "root_company_id"], ["case_count:sum"])
        self.assertTrue(all(level == "2" and root == self.env.company for level, root, _cases in demand))
