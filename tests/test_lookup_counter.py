import re
from pathlib import Path

from odoo import Command
from odoo.tests import HttpCase, TransactionCase, tagged

from .common import AN, CHAU, CRIMINAL_RECORD, LAND, KhoDLFixtures
from .inspection.authority import Authority, pdf

_ADDON = Path(__file__).parent.parent


class TestButtons(TransactionCase):
    def test_no_button_blocks_the_screen(self):
        """Odoo lifts `block-ui` only when the call of the button succeeds."""
        views = self.env["ir.ui.view"].search([("model", "=like", "kho.dl.%")])
        self.assertGreater(len(views), 50)
        self.assertFalse(views.filtered(lambda view: "block-ui" in view.arch_db).mapped("xml_id"))
        files = [path for path in (_ADDON / "static" / "src").rglob("*") if path.suffix in (".js", ".xml")]
        self.assertFalse([path.name for path in files if re.search(r"block-ui|\.block\(", path.read_text())])


class CounterTours(KhoDLFixtures, HttpCase):
    """A clerk at the counter, in a real browser."""

    def setUp(self):
        super().setUp()
        # A database made for Vietnam may have Vietnamese alone; the tours read English.
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        self.clerk.write({"password": "kho_clerk_of_the_test", "lang": "en_US"})

    def start(self, tour, case=None):
        place = f"/{case.id}" if case else ""
        self.start_tour(f"/odoo/action-kho_dl.action_kho_dl_case{place}", tour, login="kho_clerk")


@tagged("-at_install", "post_install")
class TestAttachTours(CounterTours):
    def test_what_is_missing_is_said_on_its_line_and_nothing_freezes(self):
        broken = Authority().sign(pdf("Amount: 1")).replace(b"/Title", b"/Titel", 1)
        self.simulator.world.put_content(self.simulator.world.link_of(AN, CRIMINAL_RECORD), broken)
        case = self.make_case(AN)
        self.start("kho_dl_attach_faults", case)
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual(len(document.attachment_ids), 1)
        rows = self.retrievals(case)
        self.assertEqual(rows.mapped("state"), ["failed", "done"])
        self.assertEqual(rows[-1].gate_reason, "The original was shown")

    def test_that_a_file_is_on_its_way_is_said_once(self):
        self.simulator.order("file", "server_error", times=None, status=429)
        case = self.make_case(AN)
        self.start("kho_dl_waits_for_a_file", case)
        self.assertEqual(set(self.retrievals(case).mapped("state")), {"pending"})

    def test_a_call_that_fails_leaves_the_form_usable(self):
        self.clerk.kho_dl_id_number = False
        case = self.make_case(AN)
        self.start("kho_dl_search_fails", case)
        self.assertFalse(self.asked())

    def test_a_number_that_is_missing_is_said_where_it_is_typed(self):
        land = self.env["kho.dl.result.code"].create({"code": LAND, "name": "Land certificate", "holds_many": True})
        self.procedure.document_ids = [
            Command.clear(),
            Command.create({"name": "Land certificate", "result_code_ids": [Command.set(land.ids)]}),
        ]
        case = self.make_case(CHAU)
        self.start("kho_dl_number_is_missing", case)
        [body] = self.asked()
        self.assertEqual([row["SoKyHieu"] for row in body["DanhSachDanhMucKetQua"]], ["CH 1"])
