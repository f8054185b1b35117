from contextlib import contextmanager
from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command, api
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import TransactionCase, freeze_time, tagged
from odoo.tools import mute_logger

from ..models.common import cron_budget
from ..models.reporting import audit_triggers
from .common import AN, BINH, KhoDLCase
from .test_reporting_audit import DAY, MORNING, AuditFixtures

_COUNTED_BACK_TO = "kho_dl.audit_counted_back_to"
_COUNTS = (
    "question_count",
    "person_count",
    "case_count",
    "off_hours_count",
    "closed_case_count",
    "own_count",
    "file_count",
)


class TestAuditTotals(AuditFixtures, KhoDLCase):
    def kept(self):
        """Return {(company, user, day): totals} as PostgreSQL keeps them."""
        self.env.flush_all()
        self.env.cr.execute(f"SELECT company_id, user_id, day, {', '.join(_COUNTS)} FROM kho_dl_audit_total")  # pylint: disable=sql-injection
        return {(company, user, day): tuple(counts) for company, user, day, *counts in self.env.cr.fetchall()}

    def counted(self):
        """Return the same, counted here from the records of the journal."""
        self.env.invalidate_all()
        days = {}
        for query in self.env["kho.dl.query"].sudo().search([]):
            moment = query.asked_on + timedelta(hours=7)
            questions, _files = days.setdefault((query.company_id.id, query.user_id.id, moment.date()), ([], []))
            questions.append((query, moment))
        for file in self.env["kho.dl.retrieval"].sudo().search([("retried_by_id", "=", False)]):
            day = (file.requested_on + timedelta(hours=7)).date()
            days.setdefault((file.company_id.id, file.user_id.id, day), ([], []))[1].append(file)
        return {
            key: (
                len(questions),
                len({query.person_of_day for query, _moment in questions}),
                len({query.case_id for query, _moment in questions}),
                sum(moment.isoweekday() > 5 or not 7 <= moment.hour < 18 for _query, moment in questions),
                sum(query.was_case_closed for query, _moment in questions),
                sum(query.was_own_number for query, _moment in questions),
                len(files),
            )
            for key, (questions, files) in days.items()
        }

    def check(self):
        self.assertEqual(self.kept(), self.counted())

    def test_totals_follow_whatever_happens_to_the_journal(self):
        case, closed = self.make_case(AN), self.make_case(BINH)
        closed.state = "10"
        self.check()
        rows = (
            self.asked(case) | self.asked(closed, on="2026-03-10 16:59:59") | self.asked(case, on="2026-03-10 17:00:00")
        )
        rows |= self.asked(case, clerk=self.auditor) | self.asked(case, owner_id_number=self.clerk.kho_dl_id_number)
        self.check()
        self.attach_all(case)
        self.check()
        for row in rows:
            row._empty_payload()
        self.check()
        # Nothing of Odoo does this, and totals are right all the same.
        files = self.retrievals(case)
        self.env.cr.execute(
            """
            UPDATE kho_dl_query SET asked_on = asked_on + interval '1 day' WHERE id = %(query)s;
            UPDATE kho_dl_query SET user_id = %(user)s WHERE id = %(other)s;
            UPDATE kho_dl_retrieval SET retried_by_id = %(user)s WHERE id = %(file)s;
            UPDATE kho_dl_retrieval SET requested_on = '2026-01-01' WHERE id = %(last)s;
            DELETE FROM kho_dl_query WHERE id = %(gone)s
            """,
            {
                "query": rows[0].id,
                "other": rows[1].id,
                "gone": rows[2].id,
                "file": files[0].id,
                "last": files[-1].id,
                "user": self.auditor.id,
            },
        )
        self.check()
        self.assertNotIn(0, [questions + files for questions, *_others, files in self.kept().values()])

    def test_a_day_keeps_its_id_and_counting_uses_up_no_numbers(self):
        case = self.make_case(AN)
        self.asked(case)
        before = self.days()[DAY].id
        for _ in range(5):
            self.asked(case)
        self.asked(case, on="2026-03-11 03:00:00")
        days = self.days()
        self.assertEqual((days[DAY].id, days[DAY + timedelta(days=1)].id), (before, before + 1))

    def test_sealing_and_fetching_count_nothing_anew(self):
        case = self.make_case(AN)
        self.attach_all(case)
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_audit_total SET question_count = 77")
        self.env.cr.execute(
            "UPDATE kho_dl_query SET chain_hash = 'x', message = 'y'; UPDATE kho_dl_retrieval SET tries = 3"
        )
        self.assertEqual({counts[0] for counts in self.kept().values()}, {77})

    def test_the_night_corrects_only_what_is_wrong(self):
        case = self.make_case(AN)
        for on in ("2024-01-05 03:00:00", "2025-06-05 03:00:00", MORNING):
            self.asked(case, on=on)
        before = self.kept()
        self.env.cr.execute("SELECT id, xmin FROM kho_dl_audit_total ORDER BY day DESC LIMIT 1")
        untouched = self.env.cr.fetchall()
        self.env.cr.execute(
            """
            UPDATE kho_dl_audit_total SET question_count = 9 WHERE day = '2024-01-05';
            DELETE FROM kho_dl_audit_total WHERE day = '2025-06-05';
            INSERT INTO kho_dl_audit_total (company_id, user_id, day, question_count) VALUES (%s, %s, '2023-01-01', 1)
            """,
            [self.company.id, self.clerk.id],
        )
        with freeze_time(MORNING):
            self.env["kho.dl.audit.total"]._cron_count_all()
        self.assertEqual(self.kept(), before)
        self.env.cr.execute("SELECT id, xmin FROM kho_dl_audit_total ORDER BY day DESC LIMIT 1")
        self.assertEqual(self.env.cr.fetchall(), untouched)

    def test_a_night_that_is_too_short_goes_on_in_the_next(self):
        case = self.make_case(AN)
        for on in ("2025-06-05 03:00:00", "2026-01-05 03:00:00", MORNING):
            self.asked(case, on=on)
        before = self.kept()
        totals = self.env["kho.dl.audit.total"]
        parameters = self.env["ir.config_parameter"].sudo()
        self.env.cr.execute("UPDATE kho_dl_audit_total SET question_count = 9")

        def wrong():
            return sorted(day for (_company, _user, day), counts in self.kept().items() if counts[0] == 9)

        with freeze_time(MORNING):
            for nights, expected in ((12, [date(2025, 6, 5)]), (12, [date(2025, 6, 5)]), (99, [])):
                left = iter([9] * nights + [0])
                with patch.object(cron_budget, "report", lambda *_told, left=left: next(left)):
                    totals._cron_count_all()
                self.assertEqual(wrong(), expected)
        self.assertEqual(self.kept(), before)
        self.assertFalse(parameters.get_param(_COUNTED_BACK_TO))

    def test_a_night_without_time_says_that_something_is_left(self):
        self.asked(self.make_case(AN))
        told = []
        for is_in_time in ((False,), (True, False)):
            left = iter(is_in_time)

            def report(_env, done, remaining, _give_up_at, left=left):
                told.append((done, remaining))
                return next(left, True)

            with freeze_time("2026-03-20 19:00:00"), patch.object(cron_budget, "report", report):
                self.env["kho.dl.audit.total"]._cron_count_all()
        self.assertEqual(told, [(0, 1), (0, 1), (0, 0)])

    def test_an_earlier_version_gets_its_totals_with_the_upgrade(self):
        case = self.make_case(AN)
        self.asked(case)
        self.asked(case, on="2026-03-11 03:00:00")
        before = self.kept()
        audit_triggers.remove(self.env.cr)
        self.env.cr.execute("DELETE FROM kho_dl_audit_total")
        self.env["kho.dl.audit.total"]._install_triggers()
        self.assertEqual(self.kept(), before)
        self.asked(case)
        self.check()

    def test_days_that_do_not_exist_and_none_at_all_are_answered_in_words(self):
        self.asked(self.make_case(AN))
        row = self.days()[DAY]
        missing = row.browse(10**9)
        for method in ("action_open_questions", "action_open_files"):
            with self.assertRaises(MissingError):
                getattr(missing, method)()
            with self.assertRaises(MissingError):
                getattr(row | missing, method)()
            with self.assertRaises(UserError):
                getattr(row.browse(), method)()
            with self.assertRaises(AccessError):
                getattr(row.with_user(self.clerk), method)()
        company = self.env["res.company"].create({"name": "Other agency"})
        self.auditor.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        with self.assertRaises(AccessError):
            row.with_context(allowed_company_ids=company.ids).action_open_questions()


@tagged("-at_install", "post_install")
class TestAuditAtOnce(TransactionCase):
    """Real transactions that overlap."""

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            procedure = env["kho.dl.procedure"].create({"code": "9.78", "name": "One paper"})
            owner = env["res.partner"].create({"name": "Applicant"})
            case = env["kho.dl.case"].create(
                {"procedure_id": procedure.id, "owner_id": owner.id, "owner_id_number": AN}
            )
            self.made = [case, procedure, owner]
            self.values = {**env["kho.dl.query"]._prepare(case, [], {}), "codes": "X", "asked_on": MORNING}
        self.addCleanup(self.forget)

    @contextmanager
    def committed(self):
        """Give an environment on a connection of its own, committed at the end, whose snapshot is of its beginning."""
        with self.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM kho_dl_query")
            yield api.Environment(cr, self.uid, {})

    def forget(self):
        with self.committed() as env:
            env.cr.execute("DELETE FROM kho_dl_query WHERE case_id = %s", [self.values["case_id"]])
            for record in self.made:
                record.with_env(env).exists().unlink()

    def ask(self, env):
        env["kho.dl.query"].sudo().create(self.values)
        env.flush_all()

    def count(self):
        with self.committed() as env:
            return env["kho.dl.audit.day"].search([("user_id", "=", self.uid), ("day", "=", DAY)]).question_count

    def test_two_questions_at_once_are_both_counted(self):
        for expected in (2, 4):
            with self.assertRaises(SerializationFailure), self.committed() as second, mute_logger("odoo.sql_db"):
                with self.committed() as first:
                    self.ask(first)
                self.ask(second)
            with self.committed() as again:
                self.ask(again)
            self.assertEqual(self.count(), expected)
