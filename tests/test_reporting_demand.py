import io
from datetime import date

import openpyxl

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, tagged

from ..models.reporting.demand_sheet import Demand, demand_sheet
from .common import AN, CHAU, CRIMINAL_RECORD, DEGREE, KhoDLCase, KhoDLFixtures, new_test_user
from .test_migrations import migrate

COLUMNS = ("Mã kết quả", "Tên kết quả", "Tần suất khai thác theo tháng")


def rows_of(content):
    """Return the rows of the only sheet of an XLSX file."""
    [sheet] = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    return list(sheet.values)


class TestDemand(KhoDLCase):
    users = {
        "administrator": {"login": "counter", "groups": "kho_dl.group_administrator"},
    }

    def setUp(self):
        super().setUp()
        self.demand = self.env["kho.dl.demand"].with_user(self.administrator)

    def ask(self, case):
        wizard = self.make_wizard(case)
        wizard.action_search()
        return wizard.query_id.sudo()

    def counts(self):
        return {(row.month, row.code): row.case_count for row in self.demand.search([])}

    def test_what_neither_store_has_counts_once_a_case_and_month(self):
        with freeze_time("2026-03-10 03:00:00"):
            case = self.make_case(CHAU)
            query = self.ask(case)
            wanted = {code for entry in query.asked.values() for code in entry["codes"]}
            self.assertIn(CRIMINAL_RECORD, wanted)
            self.assertEqual(self.counts(), {(date(2026, 3, 1), code): 1 for code in wanted})
            self.ask(case)
            self.assertEqual(self.counts()[date(2026, 3, 1), CRIMINAL_RECORD], 1)
            self.ask(self.make_case(CHAU))
            self.assertEqual(self.counts()[date(2026, 3, 1), CRIMINAL_RECORD], 2)
        with freeze_time("2026-04-02 03:00:00"):
            self.ask(case)
            self.assertEqual(self.counts()[date(2026, 4, 1), CRIMINAL_RECORD], 1)

    def test_months_are_those_of_vietnam(self):
        with freeze_time("2026-03-31 17:30:00"):
            self.ask(self.make_case(CHAU))
        self.assertEqual({month for month, _code in self.counts()}, {date(2026, 4, 1)})

    def test_what_was_found_or_could_not_be_asked_does_not_count(self):
        query = self.ask(self.make_case(AN))
        found = {code for entry in query.asked.values() if entry["outcome"] == "found" for code in entry["codes"]}
        self.assertTrue(found)
        self.assertFalse(found & {code for _month, code in self.counts()})
        before = self.counts()
        self.simulator.order("papers", "server_error")
        self.assertEqual(self.ask(self.make_case(CHAU)).outcome, "failed")
        self.assertEqual(self.counts(), before)

    def test_each_of_several_results_counts(self):
        document = self.procedure.document_ids.filtered(lambda doc: doc.result_code_ids.code == DEGREE)
        document.result_code_ids |= self.codes[CRIMINAL_RECORD]
        self.ask(self.make_case(CHAU))
        self.assertEqual({self.counts()[key] for key in self.counts()}, {1})

    def test_counts_outlive_the_personal_data_of_the_journal(self):
        query = self.ask(self.make_case(CHAU))
        before = self.counts()
        query._empty_payload()
        self.env.flush_all()
        self.assertFalse(query.asked)
        self.env["kho.dl.unmet.need"]._count(query)
        self.assertEqual(self.counts(), before)

    def test_names_are_those_of_the_catalogue_today(self):
        self.ask(self.make_case(CHAU))
        self.codes[CRIMINAL_RECORD].name = "Phiếu lý lịch tư pháp số 1"
        row = self.demand.search([("code", "=", CRIMINAL_RECORD)])
        self.assertEqual(row.name, "Phiếu lý lịch tư pháp số 1")

    def test_questions_of_earlier_versions_are_counted_by_the_upgrade(self):
        self.ask(self.make_case(CHAU))
        before = self.counts()
        self.env.cr.execute("DELETE FROM kho_dl_unmet_need")
        self.env.invalidate_all()
        self.assertFalse(self.counts())
        for _twice in range(2):
            migrate(self.env.cr, "19.0.1.2.0")
            self.env.invalidate_all()
            self.assertEqual(self.counts(), before)

    # -- the list for the portal's form --------------------------------------------------------------

    def form(self, **values):
        return self.env["kho.dl.demand.request"].with_user(self.administrator).create(values)

    def count_by_hand(self, month, code, cases):
        self.env["kho.dl.unmet.need"].create(
            [
                {"company_id": self.company.id, "case_id": self.make_case().id, "month": month, "code": code}
                for _ in range(cases)
            ]
        )

    # Proves III.1-5.
    def test_the_sheet_has_the_columns_of_the_form_and_the_frequency_a_month(self):
        self.count_by_hand("2026-01-01", CRIMINAL_RECORD, 3)
        self.count_by_hand("2026-03-01", CRIMINAL_RECORD, 2)
        self.count_by_hand("2026-02-01", "KQ.UNKNOWN", 1)
        self.count_by_hand("2026-04-01", DEGREE, 1)
        form = self.form(date_from="2026-01-15", date_to="2026-03-15")
        self.assertEqual((form.month_count, form.code_count, form.case_count), (3, 2, 6))
        self.assertEqual(
            rows_of(form._sheet()),
            [
                COLUMNS,
                (CRIMINAL_RECORD, self.codes[CRIMINAL_RECORD].name, 1.67),
                ("KQ.UNKNOWN", "KQ.UNKNOWN", 0.33),
            ],
        )
        self.assertEqual(form.action_download()["url"], f"/kho_dl/demand/{form.id}")

    def test_the_form_opens_with_the_last_three_whole_months(self):
        with freeze_time("2026-01-20 05:00:00"):
            form = self.form()
        self.assertEqual((form.date_from, form.date_to), (date(2025, 10, 1), date(2025, 12, 1)))

    def test_nothing_to_request_is_said(self):
        for values in (
            {"date_from": "2020-01-01", "date_to": "2020-02-01"},
            {"date_from": "2020-02-01", "date_to": "2020-01-01"},
            {"date_from": "1990-01-01", "date_to": "2020-01-01"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self.form(**values).action_download()

    def test_text_stays_text(self):
        rows = rows_of(demand_sheet([Demand("=1+1", "https://x.vn", 2)]))
        self.assertEqual(rows[1], ("=1+1", "https://x.vn", 2))

    def test_companies_and_clerks(self):
        self.ask(self.make_case(CHAU))
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "other_counter",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.demand.with_user(stranger).search([]))
        month = fields.Date.context_today(self.demand).replace(day=1)
        form = self.form(date_from=month, date_to=month)
        with self.assertRaises(AccessError):
            form.with_user(stranger)._sheet()
        with self.assertRaises(AccessError):
            self.demand.with_user(self.clerk).search([])


@tagged("-at_install", "post_install")
class TestDemandDownload(KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.prepare()
        self.administrator = new_test_user(self.env, "kho_counter", groups="kho_dl.group_administrator")
        self.env["kho.dl.unmet.need"].create(
            {"company_id": self.company.id, "case_id": self.make_case().id, "month": "2026-01-01", "code": DEGREE}
        )
        self.form = (
            self.env["kho.dl.demand.request"]
            .with_user(self.administrator)
            .create({"date_from": "2026-01-01", "date_to": "2026-01-01"})
        )

    def test_only_whoever_made_the_request_downloads_it(self):
        path = f"/kho_dl/demand/{self.form.id}"
        self.authenticate("kho_counter", "kho_counter")
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("kho-dl-2026-01-2026-01.xlsx", answer.headers["Content-Disposition"])
        self.assertEqual(rows_of(answer.content), [COLUMNS, (DEGREE, self.codes[DEGREE].name, 1)])
        self.assertEqual(self.url_open("/kho_dl/demand/999999999").status_code, 404)
        new_test_user(self.env, "kho_counter2", groups="kho_dl.group_administrator")
        for login in ("kho_clerk", "kho_counter2"):
            self.authenticate(login, login)
            self.assertEqual(self.url_open(path).status_code, 404)
