from odoo.tests import HttpCase, tagged

from ..models.acceptance.kho_dl_acceptance_probe import PROBE
from ..models.connection import kho_dl_gateway
from .common import KhoDLFixtures
from .test_acceptance import AcceptanceMethods

PROVIDER = "https://dichvucong.quangbinh.gov.vn"
DSTCODE = "VN:GOV:000.00.00.H46:quangbinhsvc01"


@tagged("post_install", "-at_install")
class TestAcceptanceOwnFile(AcceptanceMethods, KhoDLFixtures, HttpCase):
    """The way back: through our security server to this Odoo."""

    def setUp(self):
        super().setUp()
        self.prepare()
        # What is committed in life is seen by the thread that serves.
        self.patch(kho_dl_gateway, "end_transaction", lambda cr: cr.flush())
        self.company.write({"kho_dl_own_providerurl": PROVIDER, "kho_dl_serve_addresses": "127.0.0.0/8"})
        self.simulator.world.add_agency("000.00.00.H46", "Quảng Bình", DSTCODE, PROVIDER)
        self.simulator.world.set_provider(PROVIDER, self.base_url())

    def own_file(self, **values):
        run = self.make_run(is_case_sent=False, **values)
        with self.allow_requests(all_requests=True):
            run.action_run()
        return self.step(run, "own_file")

    # Proves W.5-1.
    def test_a_paper_that_is_none_comes_back_through_our_security_server(self):
        before = self.counts()
        for dstcode in (False, DSTCODE):
            with self.subTest(dstcode=dstcode):
                self.company.kho_dl_own_dstcode = dstcode
                step = self.own_file()
                self.assertEqual(step.state, "passed", step.words)
                self.assertIn("nghiem-thu.pdf", step.sent)
                self.assertNotIn("%PDF", step.answered)
        self.assertEqual(self.counts(), before)

    def test_what_keeps_others_from_us_is_said(self):
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        step = self.own_file()
        self.assertEqual(step.state, "failed")
        self.assertIn("provider address", step.words)
        self.company.kho_dl_serve_addresses = "127.0.0.1"
        self.simulator.order("file", "server_fault", match="nghiem-thu")
        step = self.own_file()
        self.assertEqual(step.state, "not_tried")
        self.assertIn("only another agency", step.words)
        self.simulator.order(
            "file", "server_fault", match="nghiem-thu", code="Server.ServerProxy.ServiceFailed.HttpError"
        )
        self.assertEqual(self.own_file().state, "failed")
        self.company.kho_dl_own_providerurl = False
        self.assertIn("not entered", self.own_file().words)

    def test_nobody_else_gets_it_and_nobody_after_the_run(self):
        run = self.make_run()
        run.sudo()._new_probe_link()
        address = f"/kho_dl/papers/{run.sudo().probe_token}/nghiem-thu.pdf"
        self.env.flush_all()
        self.assertEqual(self.url_open(address).content, PROBE)
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        self.env.flush_all()
        self.assertEqual(self.url_open(address).status_code, 404)
        self.company.kho_dl_serve_addresses = "127.0.0.0/8"
        self.env["ir.config_parameter"].set_param("kho_dl.confirmed_database", "another")
        self.env.flush_all()
        self.assertEqual(self.url_open(address).status_code, 404)
        self.env["kho.dl.database"]._confirm()
        run.sudo().write({"user_id": self.administrator.id})
        run.sudo()._end()
        self.env.flush_all()
        self.assertEqual(self.url_open(address).status_code, 404)
        self.assertFalse(run.sudo().probe_token)
