from odoo.modules.migration import load_script
from odoo.tools.misc import file_path

from .common import HEALTH, KhoDLCase


def migrate(cr, name, version="19.0.1.1.0", phase="post"):
    """Run one script of the upgrade to `version`."""
    script = load_script(file_path(f"kho_dl/migrations/{version}/{phase}-{name}.py"), name)
    script.migrate(cr, "19.0.1.0.0")


class TestMigrations(KhoDLCase):
    def test_what_each_company_knew_of_agencies_is_forgotten_and_shared_from_then_on(self):
        rule = self.env.ref("kho_dl.rule_breaker_company")
        now = rule.domain_force
        before = "[('company_id', 'in', company_ids)]"
        self.env.cr.execute("UPDATE ir_rule SET domain_force = %s WHERE id = %s", [before, rule.id])
        breakers = self.env["kho.dl.breaker"]
        breakers.create({"own_server": self.company.kho_dl_own_server, "lane": "x"})
        self.env.flush_all()
        migrate(self.env.cr, "breaker", "19.0.1.4.0", phase="pre")
        self.env.invalidate_all()
        self.assertEqual((rule.domain_force, breakers.search_count([])), (now, 0))

    def test_the_queue_is_looked_at_every_minute_unless_somebody_chose_otherwise(self):
        cron = self.env.ref("kho_dl.ir_cron_process")
        for before, after in ((5, 1), (7, 7)):
            with self.subTest(before=before):
                cron.interval_number = before
                migrate(self.env.cr, "every_minute")
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
                migrate(self.env.cr, "closing_times")
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
        migrate(self.env.cr, "mapping", "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertEqual(desk.mapping_accept_above(90, is_trial=True), 0)
