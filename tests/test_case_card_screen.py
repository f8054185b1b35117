from odoo import Command
from odoo.tests import tagged

from .common import AN
from .test_lookup_counter import CounterTours


@tagged("-at_install", "post_install")
class TestCardScreen(CounterTours):
    # Proves J.1-3, J.1-6.
    def test_a_card_is_scanned_and_the_case_fits(self):
        missing = range(7 - len(self.procedure.document_ids))
        self.procedure.document_ids = [Command.create({"name": f"Document {position}"}) for position in missing]
        self.start("kho_dl_card")
        case = self.env["kho.dl.case"].search([("owner_id_number", "=", "001090000013")])
        self.assertEqual(len(case.document_ids), 7)
        self.assertEqual((case.owner_id.name, case.owner_id.kho_dl_birth), ("Trần Văn Mới", "01/02/1990"))
        self.assertEqual(case.owner_id.company_id, self.company)

    # Proves J.1-1.
    def test_from_a_scan_to_attached_files_it_is_a_key_a_tick_and_a_key(self):
        self.start("kho_dl_card_keys")
        # One after the other, in the same form.
        cases = self.env["kho.dl.case"].search([("owner_id_number", "=", AN)], order="id desc", limit=2)
        self.assertEqual(cases.procedure_id, self.procedure)
        self.assertEqual([bool(case.attached_count) for case in cases], [False, True])

    def test_the_second_of_two_scans_in_a_row_chooses_nothing(self):
        before = self.env["kho.dl.case"].search_count([])
        self.start("kho_dl_card_twice")
        self.assertEqual(self.env["kho.dl.case"].search_count([]), before)

    def test_a_number_that_is_asked_about_and_a_name_lead_on_by_enter(self):
        self.start("kho_dl_number_keys")

    def test_a_name_that_lost_letters_is_corrected_first(self):
        self.start("kho_dl_lost_letters_keys")
        case = self.env["kho.dl.case"].search([("owner_id_number", "=", "001090000013")])
        self.assertEqual(case.owner_id.name, "Trần Văn Mới")


@tagged("-at_install", "post_install")
class TestZoomedCardScreen(CounterTours):
    # 1366 pixels at 200 % zoom.
    browser_size = "683x384"

    def test_a_key_chooses_the_procedure_at_200_percent_zoom(self):
        self.start("kho_dl_card_zoomed")
