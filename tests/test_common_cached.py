from odoo import api
from odoo.tests import TransactionCase, tagged


@tagged("-at_install", "post_install")
class TestCachedAtOnce(TransactionCase):
    """Real transactions that overlap: what a process keeps of the directory is what was committed last."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.registry.clear_cache)
        with self.registry.cursor() as cr:
            values = {"code": "000.00.00.Z98", "name": "Before", "dstcode": "VN:GOV:000.00.00.Z98:svc"}
            self.server_id = self.servers(cr).create(values).id
        self.addCleanup(self.forget)

    def servers(self, cr):
        return api.Environment(cr, self.uid, {})["kho.dl.security.server"]

    def forget(self):
        with self.registry.cursor() as cr:
            self.servers(cr).browse(self.server_id).unlink()

    def kept(self, cr=None):
        """Return the name that a process keeps, read in a transaction of its own where none is given."""
        if cr is None:
            with self.registry.cursor() as cr:
                return self.kept(cr)
        known = self.servers(cr)._active_directory()
        return dict(zip(known.ids, known.columns["name"], strict=True)).get(self.server_id)

    def test_what_came_to_nothing_is_not_kept(self):
        with self.registry.cursor() as cr:
            self.servers(cr).browse(self.server_id).name = "Never"
            self.assertEqual(self.kept(cr), "Never")
            cr.rollback()
            self.assertEqual(self.kept(), "Before")
            self.servers(cr).browse(self.server_id).name = "Never"
            self.assertEqual(self.kept(cr), "Never")
            cr.commit()
            self.servers(cr).browse(self.server_id).active = False
            self.assertIsNone(self.kept(cr))
            cr.rollback()
        self.assertEqual(self.kept(), "Never")

    def test_what_another_thread_read_before_a_commit_is_not_kept(self):
        with self.registry.cursor() as cr:
            for name in ("Once", "Twice"):
                server = self.servers(cr).browse(self.server_id)
                before = server.name
                server.name = name
                self.assertEqual(self.kept(), before)
                cr.commit()
                self.assertEqual(self.kept(), name)
