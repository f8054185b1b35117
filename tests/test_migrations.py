from odoo.modules.migration import load_script
from odoo.tests import TransactionCase
from odoo.tools.misc import file_path


class TestMigrations(TransactionCase):
    def test_the_queue_is_looked_at_every_minute_unless_somebody_chose_otherwise(self):
        script = load_script(file_path("kho_dl/migrations/19.0.1.1.0/post-every_minute.py"), "post_every_minute")
        cron = self.env.ref("kho_dl.ir_cron_process")
        for before, after in ((5, 1), (7, 7)):
            with self.subTest(before=before):
                cron.interval_number = before
                script.migrate(self.env.cr, "19.0.1.0.0")
                self.assertEqual(cron.interval_number, after)
