from .common import AN
from .test_catalogue import CatalogueCase

BARE, OURS = "1.004616", "1.004616.000.00.00.H46"


class TestSuffix(CatalogueCase):
    # Proves W.3-5.
    def test_a_procedure_typed_without_the_suffix_is_the_one_of_the_catalogue(self):
        typed = self.env["kho.dl.procedure"].create(
            {"code": BARE, "name": "Một thủ tục", "company_id": self.company.id}
        )
        self.row(OURS)
        sync = self.sync()
        self.assertEqual(sync.state, "done")
        self.assertEqual((typed.code, typed.in_catalogue), (OURS, True))
        self.assertFalse(self.procedure_of(BARE))
        # What comes again is nothing new, and no second one.
        self.sync()
        self.assertEqual(self.procedure_of(OURS), typed)
        self.company.kho_dl_sync_enabled = True
        self.make_case(AN, procedure_id=typed.id)
        self.env["kho.dl.outbox"]._cron_send()
        [told] = self.simulator.cases()
        self.assertEqual(told["MaTTHC"], OURS)

    def test_two_procedures_of_the_catalogue_stay_two(self):
        typed = self.env["kho.dl.procedure"].create(
            {"code": BARE, "name": "Một thủ tục", "company_id": self.company.id}
        )
        self.row(BARE)
        self.row(OURS)
        self.sync()
        self.assertEqual((typed.code, len(self.procedure_of(OURS))), (BARE, 1))
        self.assertNotEqual(self.procedure_of(OURS), typed)
