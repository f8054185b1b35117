from freezegun import freeze_time

from odoo.modules.migration import load_script
from odoo.tools.misc import file_path

from .common import AN, HEALTH, KhoDLCase
from .test_outbox import OutboxCase


def migrate(cr, version="19.0.1.1.0", phase="post"):
    """Run the script of the upgrade to `version`, before (`pre`) or after (`post`) its models are there."""
    name = f"{phase}-migration"
    load_script(file_path(f"kho_dl/migrations/{version}/{name}.py"), name).migrate(cr, "19.0.1.0.0")


class TestMigrations(KhoDLCase):
    def test_what_each_company_knew_of_agencies_is_forgotten_and_shared_from_then_on(self):
        rule = self.env.ref("kho_dl.rule_breaker_company")
        now = rule.domain_force
        before = "[('company_id', 'in', company_ids)]"
        self.env.cr.execute("UPDATE ir_rule SET domain_force = %s WHERE id = %s", [before, rule.id])
        breakers = self.env["kho.dl.breaker"]
        breakers.create({"own_server": self.company.kho_dl_own_server, "lane": "x"})
        self.env.flush_all()
        migrate(self.env.cr, "19.0.1.4.0", phase="pre")
        self.env.invalidate_all()
        self.assertEqual((rule.domain_force, breakers.search_count([])), (now, 0))

    def test_mails_that_nobody_changed_say_what_they_say_now(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        alarm, news = self.env.ref("kho_dl.mail_template_alarm"), self.env.ref("kho_dl.mail_template_news")
        before = alarm.body_html
        self.assertIn("Go where it is seen to", before)
        for template in (alarm, news):
            template.write({"body_html": "<p>As it was</p>", "email_from": "old@example.gov.vn"})
            template.with_context(lang="vi_VN").subject = "Như trước"
        news.with_user(self.env.ref("base.user_admin")).subject = "Ours"
        self.env.flush_all()
        migrate(self.env.cr, "19.0.1.5.0")
        self.env.invalidate_all()
        self.assertEqual(alarm.body_html, before)
        self.assertNotIn("old@", alarm.email_from)
        self.assertIn("object.title", alarm.with_context(lang="vi_VN").subject)
        self.assertEqual((news.subject, str(news.body_html)), ("Ours", "<p>As it was</p>"))
        self.assertTrue(self.env["ir.model.data"].search([("name", "=", "mail_template_alarm")]).noupdate)

    def test_alarms_of_one_person_are_hidden_from_others_after_an_upgrade_too(self):
        rule = self.env.ref("kho_dl.rule_alarm_company")
        now = rule.domain_force
        self.assertIn("for_user_id", now)
        # As all versions up to 19.0.1.4.0 have it.
        rule.domain_force = "[('company_id', 'in', company_ids + [False])]"
        self.env.flush_all()
        migrate(self.env.cr, "19.0.1.5.0")
        self.assertEqual(rule.domain_force, now)

    def test_the_queue_is_looked_at_every_minute_unless_somebody_chose_otherwise(self):
        cron = self.env.ref("kho_dl.ir_cron_process")
        for before, after in ((5, 1), (7, 7)):
            with self.subTest(before=before):
                cron.interval_number = before
                migrate(self.env.cr)
                self.assertEqual(cron.interval_number, after)

    def test_earlier_questions_get_a_closing_time_until_they_are_sealed(self):
        wizard = self.make_wizard(self.make_case())
        wizard.action_search()
        query = wizard.query_id
        self.env.flush_all()
        for position, is_filled in ((0, True), (1, False)):
            with self.subTest(position=position):
                self.env.cr.execute(
                    "UPDATE kho_dl_query SET closed_on = NULL, chain_position = %s WHERE id = %s", [position, query.id]
                )
                migrate(self.env.cr)
                query.invalidate_recordset()
                self.assertEqual(bool(query.closed_on), is_filled)
                if is_filled:
                    self.assertGreaterEqual(query.closed_on, query.asked_on)

    def test_candidates_of_before_are_looked_for_anew(self):
        document = self.env["kho.dl.procedure.document"].create(
            {"procedure_id": self.procedure.id, "name": "Health certificates"}
        )
        document.sudo().candidates_on = "2026-01-01 00:00:00"
        self.env["kho.dl.mapping.candidate"].sudo().create(
            {"document_id": document.id, "result_code_id": self.codes[HEALTH].id, "score": 97}
        )
        desk = self.env["kho.dl.procedure.document"]
        self.assertEqual(desk.mapping_accept_above(90, is_trial=True), 1)
        self.env.flush_all()
        migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertEqual(desk.mapping_accept_above(90, is_trial=True), 0)

    def test_what_was_to_be_kept_longer_than_a_hundred_years_is_kept_for_ever(self):
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE res_company DROP CONSTRAINT res_company_kho_dl_days")
        self.env.cr.execute("UPDATE res_company SET kho_dl_retention_days = 800000, kho_dl_message_days = 36500")
        migrate(self.env.cr, "19.0.1.5.0", phase="pre")
        self.env.invalidate_all()
        self.assertEqual((self.company.kho_dl_retention_days, self.company.kho_dl_message_days), (0, 36500))

    def test_days_and_dates_that_no_calendar_has_keep_nothing_from_the_upgrade(self):
        case = self.make_case(AN)
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE kho_dl_procedure DROP CONSTRAINT kho_dl_procedure_days_possible")
        for days, after in ((-5, 0), (99999, 3650), (20, 20)):
            self.env.cr.execute("UPDATE kho_dl_procedure SET processing_days = %s", [days])
            self.env.cr.execute(
                """
                UPDATE kho_dl_case SET date_due = '9999-12-31 23:59:59', date_received = '0001-01-01',
                                       date_submitted = '2026-01-02 03:04:05'
                 WHERE id = %s
                """,
                [case.id],
            )
            migrate(self.env.cr, "19.0.1.5.0", phase="pre")
            self.env.invalidate_all()
            self.assertEqual(self.procedure.processing_days, after)
            self.assertEqual((case.date_due, case.date_received), (False, False))
            self.assertEqual(str(case.date_submitted), "2026-01-02 03:04:05")

    def test_forms_of_before_are_closed_and_what_was_asked_in_them_stays(self):
        wizard = self.make_wizard(self.make_case())
        wizard.action_search()
        query, lines = wizard.query_id, wizard.line_ids
        self.assertTrue(lines)
        self.env.flush_all()
        migrate(self.env.cr, "19.0.1.5.0", phase="pre")
        self.env.invalidate_all()
        self.assertEqual((wizard.exists(), lines.exists()), (wizard.browse(), lines.browse()))
        self.assertEqual(query.exists(), query)


class TestMigrationOfThe19015(KhoDLCase):
    def test_cases_ended_and_waited_as_their_history_tells(self):
        cases = {}
        with freeze_time("2026-03-10 02:00:00"):
            for state in ("7", "5"):
                # Odoo writes the history at the end of a transaction.
                cases[state] = self.make_case(AN, state="2")
                self.env.cr.flush()
                cases[state].state = state
                self.env.cr.flush()
        cases["8"] = self.make_case(AN, state="8")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM kho_dl_case_supplement")
        self.env.cr.execute(
            """
            UPDATE kho_dl_case SET date_stopped = NULL, supplement_on = NULL, supplement_count = NULL,
                   write_date = '2026-05-05' WHERE id = ANY(%s)
            """,
            [[case.id for case in cases.values()]],
        )
        migrate(self.env.cr, "19.0.1.5.0")
        self.env.invalidate_all()
        found = {state: str(case.date_stopped or case.supplement_on)[:10] for state, case in cases.items()}
        self.assertEqual(found, {"7": "2026-03-10", "5": "2026-03-10", "8": "2026-05-05"})
        self.assertEqual(cases["5"].supplement_count, 1)
        # What it waits for has its row, once, and ends as any other.
        migrate(self.env.cr, "19.0.1.5.0")
        self.env.invalidate_all()
        [asked] = self.env["kho.dl.case.supplement"].search([("case_id", "in", [case.id for case in cases.values()])])
        self.assertEqual((asked.case_id, str(asked.asked_on)[:10]), (cases["5"], "2026-03-10"))
        self.assertEqual((asked.asked_by, asked.company_id), (cases["5"].officer_id, cases["5"].company_id))
        cases["5"].state = "4"
        self.assertTrue(asked.received_on)

    def test_tax_codes_are_numbers_of_contacts_and_what_is_in_doubt_is_not(self):
        owners = {}
        for number in ("0101243150", "1099000001", "0000000000-001", "0101243150-001"):
            owners[number] = self.make_case(number).owner_id.sudo()
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM kho_dl_id_number")
        migrate(self.env.cr, "19.0.1.5.0")
        self.env.invalidate_all()
        found = {number for number, owner in owners.items() if owner.kho_dl_number_ids}
        self.assertEqual(found, {"0101243150", "0101243150-001"})


class TestMigrationOfThe19014(OutboxCase):
    def test_of_equal_papers_without_a_code_the_first_stays_and_the_index_can_be_made(self):
        self.env.cr.execute("DROP INDEX kho_dl_paper_once_in_the_store")
        cases = [self.make_case(AN) for _number in range(3)]
        papers = [self.make_paper(case_id=case.id, number=str(n)) for n, case in enumerate(cases)]
        other = self.make_paper(number="other")
        for paper in (*papers, other):
            paper.action_enter()
        self.send()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kho_dl_paper SET number = 'same', agency_code = NULL WHERE id = ANY(%s)", [[p.id for p in papers]]
        )
        self.env.cr.execute("UPDATE kho_dl_paper SET agency_code = '' WHERE id = %s", [papers[2].id])
        self.env.invalidate_all()
        for phase in ("pre", "post"):
            migrate(self.env.cr, "19.0.1.4.0", phase=phase)
        definition = self.env["kho.dl.paper"]._once_in_the_store.get_definition(self.registry)
        self.env.cr.execute(
            f"CREATE UNIQUE INDEX kho_dl_paper_once_in_the_store ON kho_dl_paper {definition.removeprefix('UNIQUE INDEX ')}"
        )
        self.env.invalidate_all()
        self.assertEqual([paper.state for paper in (*papers, other)], ["effective", "revoked", "revoked", "effective"])
        for paper in papers[1:]:
            self.assertTrue(paper.ended_on)
            self.assertTrue(paper.revoke_reason)
            self.assertTrue(paper.file_ids)
            self.assertFalse(paper.file_ids.is_served)
        told = self.env["kho.dl.outbox"].search([("state", "=", "pending")]).case_id
        self.assertEqual(told, cases[1] + cases[2])

    def test_cases_that_began_as_processed_get_the_dates_of_their_steps(self):
        made = {"9": self.make_case(AN, state="9"), "10": self.make_case(AN, state="10"), "4": self.make_case(AN)}
        said = self.make_case(AN, state="10")
        still = self.make_case(AN)
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE kho_dl_case SET create_date = '2026-03-05', date_submitted = '2026-03-05', date_received = NULL,
                   date_finished = NULL, date_returned = NULL, state = CASE id WHEN %s THEN '4' ELSE state END
             WHERE id = ANY(%s)
            """,
            [made["4"].id, [case.id for case in (*made.values(), said, still)]],
        )
        self.env.cr.execute("UPDATE kho_dl_case SET date_finished = '2026-02-01' WHERE id = %s", [said.id])
        migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        expected = {"4": (True, False, False), "9": (True, True, False), "10": (True, True, True)}
        names = ("date_received", "date_finished", "date_returned")
        for state, case in made.items():
            self.assertEqual(tuple(str(case[name])[:10] == "2026-03-05" for name in names), expected[state], state)
        self.assertEqual([str(said[name])[:10] for name in names], ["2026-02-01", "2026-02-01", "2026-03-05"])
        self.assertEqual([still[name] for name in names], [False] * 3)
