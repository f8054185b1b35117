import json
from datetime import timedelta

from prometheus_client import generate_latest

from odoo import fields

from ..models.common.office_time import day_of
from ..models.health.health_metrics import as_json, as_registry
from ..models.health.statistics import statistics_of
from .common import AN
from .test_connection_branches import BranchCase


class HealthByLevelCase(BranchCase):
    # Statements are counted.
    keeps_memory = False

    def prepare(self):
        super().prepare()
        self.every = self.company | self.branches
        self.upper = self.administrator("province", self.every)
        self.lower = self.administrator("commune", self.commune)

    def page(self, user, company=None, offices=None):
        """Return the page as the menu opens it: the offices are those below in which the user works."""
        self.env.flush_all()
        self.env.invalidate_all()
        page = self.env["kho.dl.health"].with_user(user).browse((company or user.company_id).id)
        return page.with_context(page._context_of_page())

    def case_of(self, office):
        owner = self.env["res.partner"].create({"name": "Applicant"})
        values = {"procedure_id": self.procedure.id, "owner_id": owner.id, "owner_id_number": AN}
        return self.env["kho.dl.case"].sudo().create({**values, "company_id": office.id, "officer_id": False})

    def waiting(self, office, count, hours=9):
        """Let `count` files of `office` wait for so many hours."""
        case = self.case_of(office)
        self.env["kho.dl.retrieval"].sudo().create(
            [
                {
                    "case_document_id": case.document_ids[0].id,
                    "user_id": self.clerk.id,
                    "file_name": "paper.pdf",
                    "link_key": f"{office.id} {number}",
                    "requested_on": fields.Datetime.now() - timedelta(hours=hours),
                    "link": f"http://files.example/{office.id}/{number}",
                }
                for number in range(count)
            ]
        )

    def troubles(self, page):
        """Return {kind: (level, title, offices)}."""
        return {one["kind"]: (one["level"], one["title"], one.get("offices", "")) for one in page.troubles or []}

    def specification(self, page):
        """Return what the form reads."""
        line = {name: {} for name in page._fields if name.startswith("own_")}
        whole = {
            name: {}
            for name, field in page._fields.items()
            if not field.relational and not name.startswith("own_") and name != "id"
        }
        lists = {
            name: {"fields": {shown: {} for shown in page[name]._fields if shown == "name" or "all_" in shown}}
            for name in ("agency_ids", "failure_ids", "demand_ids")
        }
        return {**whole, **lists, "office_ids": {"fields": {**line, "company_id": {"fields": {"display_name": {}}}}}}


class TestHealthByLevel(HealthByLevelCase):
    """The page of a province shows what is wrong in which office below, and sums of what can be summed."""

    # Proves K.1-5.
    def test_what_is_wrong_below_is_said_with_the_office(self):
        self.assertEqual((self.page(self.upper).level, self.page(self.upper).office_ids.ids), ("ok", []))
        self.waiting(self.ward, 2)
        self.waiting(self.other, 3, hours=10)
        page = self.page(self.upper)
        self.assertEqual((page.level, page.files_waiting, page.office_count, page.troubled_count), ("danger", 5, 5, 2))
        [(level, title, offices)] = [self.troubles(page)["files_waiting"]]
        self.assertEqual((level, set(offices.split(", "))), ("danger", {"Ward", "Other commune"}))
        self.assertIn("(5 in all)", title)
        lines = page.office_ids
        self.assertEqual(
            {line.company_id.name: (line.own_level, line.own_files_waiting) for line in lines},
            {"Ward": ("danger", 2), "Other commune": ("danger", 3)},
        )
        self.assertIn("(2 in all)", lines.filtered(lambda line: line.company_id == self.ward).own_troubles)
        opened = lines[0].action_open_office()
        self.assertEqual((opened["res_model"], opened["res_id"]), ("kho.dl.health", lines[0].id))
        below = self.page(self.upper, self.commune)
        self.assertEqual((below.files_waiting, self.troubles(below)["files_waiting"][2]), (2, "Ward"))
        self.assertEqual(len(self.env["kho.dl.retrieval"].search(page.action_open_files()["domain"])), 5)

    def test_what_is_of_the_account_is_said_once_where_it_is_seen_to(self):
        self.company.kho_dl_account_valid_until = fields.Date.today() + timedelta(days=3)
        page = self.page(self.upper)
        self.assertEqual([one["kind"] for one in page.troubles], ["account_ending"])
        self.assertEqual((self.troubles(page)["account_ending"][2], page.office_ids.ids), ("", []))
        # Who sees one office only sees it there.
        self.assertEqual(self.troubles(self.page(self.lower))["account_ending"][2], "")
        self.commune.kho_dl_account_valid_until = fields.Date.today() + timedelta(days=2)
        page = self.page(self.upper)
        self.assertEqual(page.office_ids.company_id, self.commune)

    def test_nobody_sees_an_office_in_which_they_do_not_work(self):
        self.waiting(self.other, 3)
        self.waiting(self.ward, 1)
        page = self.page(self.lower)
        self.assertEqual((page.level, page.files_waiting, page.office_count), ("ok", 0, 1))
        # As selected in Odoo's menu of companies, too.
        alone = self.page(self.upper).with_context(allowed_company_ids=self.company.ids)
        self.assertEqual((alone.level, alone.files_waiting, alone.office_count), ("ok", 0, 1))
        # The page says that it is not about all of them; who works in none of them is told of none.
        self.assertEqual((alone.left_out_count, self.page(self.upper).left_out_count, page.left_out_count), (4, 0, 0))

    def test_the_list_is_bounded_and_the_worst_comes_first(self):
        offices = self.make_branches(self.company, *(f"Office {number:02}" for number in range(25)))
        self.upper.company_ids |= offices
        for office in offices:
            self.waiting(office, 1)
        self.company.kho_dl_sync_enabled = True
        self.company.kho_dl_alarm_rejected = 1
        case = self.case_of(offices[20])
        messages = self.env["kho.dl.outbox"].sudo().search([("case_id", "=", case.id)])
        messages.write({"state": "rejected", "company_id": offices[20].id, "error_kind": "portal_rejected"})
        page = self.page(self.upper)
        self.assertEqual((page.troubled_count, len(page.office_ids)), (25, 20))
        self.assertEqual(page.office_ids[0].company_id, offices[20])
        self.assertTrue(self.troubles(page)["files_waiting"][2].endswith(" and 22 more offices"))

    def test_the_lines_are_what_was_measured_for_the_sums(self):
        self.waiting(self.ward, 2)
        self.waiting(self.other, 3)
        page = self.page(self.upper)
        self.assertEqual((page.level, len(page.office_ids)), ("danger", 2))
        names = [name for name in page._fields if name.startswith("own_")]
        page.office_ids.company_id.mapped("name")
        with self.assertQueryCount(0):
            lines = page.office_ids.read(names)
        # By itself a line is measured as ever.
        self.env.invalidate_all()
        self.assertEqual(page.office_ids.browse([line["id"] for line in lines]).read(names), lines)

    def test_more_offices_are_no_more_statements(self):
        counts = []
        for numbers in (range(20), range(20, 40)):
            offices = self.make_branches(self.company, *(f"Office {number}" for number in numbers))
            self.upper.company_ids |= offices
            for office in offices:
                self.waiting(office, 1)
            rows = self.env["kho.dl.retrieval"].sudo().search([("company_id", "in", offices[:5].ids)])
            values = {"state": "failed", "lane": "agency", "error_kind": "unreachable", "agency_code": "H46"}
            rows.write({**values, "closed_on": fields.Datetime.now()})
            page = self.page(self.upper)
            page.web_read(self.specification(page))
            page = self.page(self.upper)
            before = self.env.cr.sql_log_count
            page.web_read(self.specification(page))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(page.office_count, 45)
        self.assertEqual(*counts)

    # Proves K.4-2.
    def test_a_monitor_is_told_of_all_offices_and_of_each_by_its_code(self):
        self.ward.kho_dl_unit_code = "H46.7"
        self.waiting(self.ward, 2)
        self.waiting(self.other, 1)
        facts, troubles, units = self.env["kho.dl.health"]._monitored(self.company)
        told = as_json(facts, troubles, units)
        self.assertEqual((told["status"], told["files_waiting"], len(units)), ("danger", 3, 5))
        self.assertEqual(
            {one["unit"]: (one["status"], one["troubles"], one["files_waiting"]) for one in told["units"]},
            {"H46.7": ("danger", ["files_waiting"], 2), f"#{self.other.id}": ("danger", ["files_waiting"], 1)},
        )
        text = generate_latest(as_registry(facts, troubles, units)).decode()
        for line in ('unit_state{unit="H46.7"} 2.0', 'unit_files_waiting{unit="H46.7"} 2.0', "files_waiting 3.0"):
            self.assertIn(f"kho_dl_{line}\n", text)
        self.assertNotIn("Ward", text + json.dumps(told))
        # An office without others below it is told of as ever.
        self.assertEqual(self.env["kho.dl.health"]._monitored(self.ward)[2], [])

    def test_a_monitor_is_known_by_one_statement_and_no_more_once_its_token_is_gone(self):
        self.company.kho_dl_health_token = "of the province"
        self.make_branches(self.company, *(f"Office {number}" for number in range(20)))
        self.env.flush_all()
        for token, company in (("of the province", self.company), ("wrong", self.env["res.company"])):
            self.env.invalidate_all()
            with self.assertQueryCount(1):
                self.assertEqual(self.env["kho.dl.health"]._monitored_by(token), company)
        self.company.kho_dl_health_token = False
        self.assertFalse(self.env["kho.dl.health"]._monitored_by("of the province"))

    def test_an_agency_that_is_out_for_all_offices_is_said_to_be_so_in_a_few_words(self):
        breaker = self.env["kho.dl.breaker"].create({"own_server": self.company.sudo().kho_dl_own_server, "lane": "x"})
        offices = self.upper.company_ids
        few = offices.filtered("parent_id")[:3]
        for user, selected, words in (
            (self.upper, offices, f"{self.company.name}, Commune, Other commune and {len(offices) - 3} more offices"),
            (self.upper, few, ", ".join(few.sorted(lambda one: (len(one.parent_ids), one.name)).mapped("name"))),
            (self.lower, self.lower.company_ids, "Commune"),
        ):
            with self.subTest(words):
                of_user = breaker.with_user(user).with_context(allowed_company_ids=selected.ids)
                self.assertEqual(of_user.company_words, words)

    def test_statistics_are_told_by_office_too(self):
        self.waiting(self.ward, 2)
        rows = self.env["kho.dl.retrieval"].sudo().search([("company_id", "=", self.ward.id)])
        now = fields.Datetime.now()
        rows.write({"state": "failed", "closed_on": now})
        self.env.flush_all()
        told = statistics_of(self.env, self.company, day_of(now), 1, is_by_unit=True)
        [entry] = told["files"]
        self.assertEqual((entry["unit"], entry["outcome"], entry["count"]), (f"#{self.ward.id}", "failed", 2))
