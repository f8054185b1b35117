import io
from datetime import date, datetime, timedelta

import openpyxl

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .common import AN, BINH, CHAU, KhoDLCase, KhoDLFixtures, new_test_user

# A Tuesday; 10 o'clock in Vietnam.
DAY, MORNING = date(2026, 3, 10), "2026-03-10 03:00:00"


def sheets_of(content):
    """Return {title: rows} of an XLSX file."""
    return {page.title: list(page.values) for page in openpyxl.load_workbook(io.BytesIO(content)).worksheets}


class AuditFixtures:
    """Rows of the journal as questions leave them, made without asking anybody."""

    users = {
        "auditor": {"login": "audit", "groups": "kho_dl.group_auditor"},
    }

    def asked(self, case, on=MORNING, clerk=None, **values):
        """Return the journal's row of a question about `case`."""
        vals = self.env["kho.dl.query"].with_user(clerk or self.clerk).sudo()._prepare(case.sudo(), [], {})
        return self.env["kho.dl.query"].sudo().create({**vals, "asked_on": on, "codes": "X", "asked": False, **values})

    def days(self, user=None):
        """Return {day: row} of the clerk, as the auditor reads it."""
        rows = self.env["kho.dl.audit.day"].with_user(user or self.auditor).search([("user_id", "=", self.clerk.id)])
        return {row.day: row for row in rows}


class TestAudit(AuditFixtures, KhoDLCase):
    def test_no_question_at_all_is_made_as_well(self):
        self.assertFalse(self.env["kho.dl.query"].sudo().create([]))

    def test_a_day_counts_questions_people_cases_and_files(self):
        case, other = self.make_case(AN), self.make_case(BINH)
        self.asked(case)
        self.asked(case)
        self.asked(other)
        self.asked(other, on="2026-03-10 17:00:00")
        days = self.days()
        self.assertEqual(set(days), {DAY, DAY + timedelta(days=1)})
        row = days[DAY]
        self.assertEqual((row.question_count, row.person_count, row.case_count, row.file_count), (3, 2, 2, 0))
        self.assertFalse(row.mark_count or row.reasons)

    def test_files_of_a_day_are_counted_beside_its_questions(self):
        case = self.make_case(AN)
        self.attach_all(case)
        [row] = self.days().values()
        self.assertEqual(row.question_count, 1)
        self.assertEqual(row.file_count, len(self.retrievals(case)))
        self.assertTrue(row.file_count)
        action = row.action_open_files()
        self.assertEqual(
            self.env["kho.dl.retrieval"].with_user(self.auditor).search(action["domain"]), self.retrievals(case)
        )

    def test_from_a_question_it_is_one_click_to_its_files(self):
        self.asked(self.make_case(AN))
        case = self.make_case(AN)
        self.attach_all(case)
        for query in self.env["kho.dl.query"].with_user(self.auditor).search([]):
            files = self.retrievals(case) if query.case_id == case else self.retrievals(case).browse()
            self.assertEqual(query.file_count, len(files))
            found = self.env["kho.dl.retrieval"].with_user(self.auditor).search(query.action_open_files()["domain"])
            self.assertEqual(found, files)

    # -- what is unusual ---------------------------------------------------------------------------

    def test_many_people_over_few_cases_are_marked(self):
        case = self.make_case(AN)
        for number in (AN, BINH, CHAU):
            self.asked(case, owner_id_number=number)
        row = self.days()[DAY]
        self.assertTrue(row.has_many_people)
        self.assertEqual((row.mark_count, row.reasons), (1, "Many people, few cases: 3 people, 1 cases."))

    def test_as_many_people_as_cases_are_a_clerks_work(self):
        for number in (AN, BINH, CHAU):
            self.asked(self.make_case(number))
        self.assertFalse(self.days()[DAY].mark_count)

    def test_much_more_than_the_clerks_usual_day_is_marked(self):
        case = self.make_case(AN)
        for number in range(6):
            for _ in range(4):
                self.asked(case, on=datetime(2026, 3, 2 + number // 5 * 7 + number % 5, 3))
        busy = datetime(2026, 3, 10, 3)
        for _ in range(20):
            self.asked(case, on=busy)
        days = self.days()
        self.assertEqual([day for day, row in days.items() if row.is_busy], [DAY])
        self.assertEqual(days[DAY].usual_count, 4)
        self.assertFalse(days[date(2026, 3, 5)].usual_count)

    def test_a_new_clerk_has_no_usual_day(self):
        case = self.make_case(AN)
        for _ in range(25):
            self.asked(case)
        self.assertFalse(self.days()[DAY].is_busy)

    def test_nights_and_weekends_are_those_of_vietnam(self):
        case = self.make_case(AN)
        expected = {
            "2026-03-09 23:59:59": 1,  # Tuesday 6:59
            "2026-03-11 00:00:00": 0,  # Wednesday 7:00
            "2026-03-12 10:59:59": 0,  # Thursday 17:59
            "2026-03-13 11:00:00": 1,  # Friday 18:00
            "2026-03-13 17:00:00": 1,  # Saturday 0:00
            "2026-03-15 03:00:00": 1,  # Sunday 10:00
        }
        for moment in expected:
            self.asked(case, on=moment)
        days = self.days()
        self.assertEqual([days[day].off_hours_count for day in sorted(days)], list(expected.values()))

    def test_asking_about_oneself_is_marked(self):
        self.asked(self.make_case(self.clerk.kho_dl_id_number))
        row = self.days()[DAY]
        self.assertEqual((row.own_count, row.mark_count), (1, 1))

    def test_a_question_for_a_closed_case_is_marked(self):
        case = self.make_case(AN)
        self.asked(case)
        case.state = "10"
        self.asked(case)
        self.assertEqual(self.days()[DAY].closed_case_count, 1)

    # -- what stays --------------------------------------------------------------------------------

    def test_reports_outlive_the_personal_data_of_the_journal(self):
        case = self.make_case(AN)
        rows = [
            self.asked(case, owner_id_number=number) for number in (AN, BINH, CHAU, AN, self.clerk.kho_dl_id_number)
        ]
        before = self.days()[DAY].read()
        self.assertEqual((before[0]["person_count"], before[0]["own_count"]), (4, 1))
        for row in rows:
            row._empty_payload()
        self.env.invalidate_all()
        self.assertFalse(any(row.owner_id_number for row in rows))
        self.assertEqual(self.days()[DAY].read(), before)

    def test_rows_of_earlier_versions_are_noted_by_the_upgrade(self):
        case, closed = self.make_case(AN), self.make_case(BINH)
        closed.state = "10"
        closed.sudo().date_finished = "2026-03-09 03:00:00"
        own = self.make_case(self.clerk.kho_dl_id_number)
        rows = [self.asked(case), self.asked(case), self.asked(closed), self.asked(own)]
        before = self.days()[DAY].read()
        ids = tuple(row.id for row in rows)
        self.env.cr.execute(
            SQL(
                "UPDATE kho_dl_query SET person_of_day = NULL, was_own_number = NULL, was_case_closed = NULL WHERE id IN %s",
                ids,
            )
        )
        self.env["kho.dl.query"]._note_for_auditor(SQL("TRUE"), SQL("job.date_finished < query.asked_on"))
        self.env.invalidate_all()
        self.assertEqual(self.days()[DAY].read(), before)
        self.assertEqual((before[0]["person_count"], before[0]["closed_case_count"], before[0]["own_count"]), (3, 1, 1))

    # -- drilling down, spreadsheet ------------------------------------------------------------------

    def test_a_day_opens_its_questions(self):
        case = self.make_case(AN)
        inside = self.asked(case, on="2026-03-09 17:00:00") | self.asked(case, on="2026-03-10 16:59:59")
        self.asked(case, on="2026-03-10 17:00:00")
        action = self.days()[DAY].action_open_questions()
        self.assertEqual(self.env["kho.dl.query"].with_user(self.auditor).search(Domain(action["domain"])), inside)

    def test_the_sheet_has_each_day_and_what_is_unusual(self):
        case = self.make_case(AN)
        for number in (AN, BINH, CHAU):
            self.asked(case, owner_id_number=number)
        self.asked(case, on="2026-03-11 03:00:00")
        form = (
            self.env["kho.dl.audit.sheet"].with_user(self.auditor).create({"date_from": DAY, "date_to": "2026-03-31"})
        )
        self.assertEqual(form.day_count, 2)
        sheets = sheets_of(form._sheet())
        [head, quiet, unusual] = sheets["Days"]
        self.assertEqual(head[:5], ("Day", "Clerk", "Questions", "People", "Cases"))
        self.assertEqual((quiet[0].date(), quiet[2:5], quiet[-1]), (date(2026, 3, 11), (1, 1, 1), None))
        self.assertEqual((unusual[2:5], unusual[-1]), ((3, 3, 1), "Many people, few cases: 3 people, 1 cases."))
        self.assertEqual(sheets["Clerks"][1][:5], ("Hoa", 2, 4, 4, 2))
        form.is_unusual_only = True
        self.assertEqual(form.day_count, 1)
        about = dict(sheets_of(form._sheet())["About this table"])
        period = "10/03/2026 – 31/03/2026"
        self.assertEqual((about["Period"], about["Only what is unusual"]), (period, "Yes"))
        form.date_from = form.date_to = "2020-01-01"
        with self.assertRaises(UserError):
            form.action_download()

    def test_people_and_cases_of_offices_are_summed_by_level(self):
        commune = self.env["res.company"].create({"name": "Commune", "parent_id": self.company.id})
        ward = self.env["res.company"].create({"name": "Ward", "parent_id": commune.id})
        (self.clerk | self.auditor).company_ids |= commune | ward
        for office, numbers in ((self.company, (AN,)), (commune, (AN, BINH)), (ward, (AN, BINH, CHAU))):
            case = self.make_case(company_id=office.id, officer_id=self.clerk.id)
            for number in numbers:
                self.asked(case, owner_id_number=number)
        offices = (self.company | commune | ward).ids
        days = self.env["kho.dl.audit.day"].with_user(self.auditor).with_context(allowed_company_ids=offices)
        for group, expected in {
            "level": {"1": (1, 1), "2": (2, 1), "3": (3, 1)},
            "branch_company_id": {self.company.id: (1, 1), commune.id: (5, 2)},
            "root_company_id": {self.company.id: (6, 3)},
        }.items():
            # As a list and a pivot ask for what they show.
            found = days.formatted_read_group([], [group], ["person_count:sum", "case_count:sum"])
            keys = {one[group] if group == "level" else one[group][0]: one for one in found}
            sums = {key: (one["person_count:sum"], one["case_count:sum"]) for key, one in keys.items()}
            self.assertEqual(sums, expected, group)
            if group == "branch_company_id":
                # Of the one on top, what is not of those below it.
                names = {one[group][1] for one in found}
                self.assertEqual(names, {f"{self.company.name} alone", "Commune"})
        shown = days.fields_get(["person_count", "case_count"], ["aggregator"])
        self.assertEqual({one["aggregator"] for one in shown.values()}, {"sum"})
        form = self.env["kho.dl.audit.sheet"].with_user(self.auditor).with_context(allowed_company_ids=offices)
        sheets = sheets_of(form.create({"date_from": DAY, "date_to": DAY})._sheet())
        self.assertEqual(
            {row[0]: row[3:5] for row in sheets["By branch"][1:]},
            {f"{self.company.name} alone": (1, 1), "Commune": (5, 2)},
        )
        self.assertEqual(len(sheets["Levels"]), 4)

    # -- who may see it ----------------------------------------------------------------------------

    def test_auditors_and_administrators_read_it_and_nobody_else(self):
        self.asked(self.make_case(AN))
        administrator = new_test_user(self.env, "boss", groups="kho_dl.group_administrator")
        self.assertTrue(self.days(administrator))
        with self.assertRaises(AccessError):
            self.days(self.clerk)

    def test_companies_do_not_see_each_other(self):
        self.asked(self.make_case(AN))
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "other_audit",
            groups="kho_dl.group_auditor",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.days(stranger))


@tagged("-at_install", "post_install")
class TestAuditDownload(AuditFixtures, KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.prepare()

    def test_the_owner_of_the_form_gets_the_file_and_strangers_nothing(self):
        self.asked(self.make_case(AN))
        form = self.env["kho.dl.audit.sheet"].with_user(self.auditor).create({"date_from": DAY, "date_to": DAY})
        self.env.flush_all()
        path = form.action_download()["url"]
        self.authenticate("audit", "audit")
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("kho-dl-2026-03-10-2026-03-10.xlsx", answer.headers["Content-Disposition"])
        # Its title is in the language of the person.
        days, _clerks, _about = sheets_of(answer.content).values()
        self.assertEqual(days[1][2], 1)
        new_test_user(self.env, "audit2", groups="kho_dl.group_auditor")
        for login in ("audit2", "kho_clerk"):
            self.authenticate(login, login)
            self.assertEqual(self.url_open(path).status_code, 404)
        self.assertEqual(self.url_open("/kho_dl/indicators/1").status_code, 404)
