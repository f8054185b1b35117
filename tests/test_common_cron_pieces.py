import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from ..models.common import cron_budget
from .common import AN, BINH
from .paper_case import PaperCase

# These answer to nobody how far they are: one question, one look, one letter.
# Helpers do nothing where nobody is at work.
HELPERS = {f"ir_cron_help_{name}_1" for name in ("files", "messages", "catalogue", "seals")}
HELPERS |= {"ir_cron_help_files_2", "ir_cron_help_files_3"}
WITHOUT_PIECES = HELPERS | {
    "ir_cron_refresh_directory",
    "ir_cron_alarm",
    "ir_cron_send_heads",
    "ir_cron_forget_lookups",
}


class OwnTime:
    """The clock, less what a busy machine gave to others: no more has passed than twice what this thread worked."""

    def __init__(self):
        self._began, self._worked = time.monotonic(), time.thread_time()

    def monotonic(self):
        return min(time.monotonic(), self._began + 2 * (time.thread_time() - self._worked))


class TestLeastShare(PaperCase):
    """Every action of ours does a piece of its work in the least time that the budget gives it."""

    def prepare(self):
        super().prepare()
        self.company.write({"kho_dl_sync_enabled": True, "kho_dl_retention_days": 1})
        # Results of a processed case that wait for the scanner, which is back.
        self.company.kho_dl_scanner_address = "127.0.0.1:1"
        case = self.make_case(AN)
        self.paper = self.make_paper(case_id=case.id)
        case.state = "9"
        self.company.kho_dl_scanner_address = False
        self.simulator.order("file", "server_error", times=None)
        wizard = self.attach_all(self.make_case(AN))
        # Closed while nobody sealed.
        wizard = self.make_wizard(self.make_case(BINH))
        query = self.registry["kho.dl.query"]
        with (
            patch.object(query, "_seal_along", lambda *_told: False),
            patch.object(query, "_seal_now", lambda *_told: None),
        ):
            wizard.action_search()
        self.simulator.clear_faults()
        self.env["kho.dl.breaker"].sudo().search([]).unlink()
        retrievals = self.env["kho.dl.retrieval"].sudo()
        retrievals.search([("state", "=", "pending")])._make_due()
        self.assertTrue(retrievals.search_count(retrievals._takeable()))
        self.env["kho.dl.catalogue.sync"].sudo()._start(self.company)
        self.env["kho.dl.procedure.document"]._forget_candidates()
        self.env.flush_all()
        long_ago = fields.Datetime.now() - timedelta(days=9)
        self.env.cr.execute("UPDATE kho_dl_query SET closed_on = %s WHERE chain_position > 0", [long_ago])
        self.env.cr.execute("UPDATE kho_dl_case SET state = '10'")
        self.env.invalidate_all()

    def test_in_the_least_time_each_does_a_piece(self):
        crons = self.env["ir.model.data"].search([("module", "=", "kho_dl"), ("model", "=", "ir.cron")])
        told = []
        report = cron_budget.report

        def noted(env, done, remaining, give_up_at):
            is_in_time = report(env, done, remaining, give_up_at)
            told.append((done, is_in_time))
            return is_in_time

        for name in sorted(
            set(crons.mapped("name")) - WITHOUT_PIECES, reverse=True
        ):  # sealing before what seals by the way
            with self.subTest(name), patch.object(cron_budget, "report", noted):
                # Whom a busy machine kept from its turn has the next one.
                for _turn in range(3):
                    told.clear()
                    ends_at = time.monotonic() + cron_budget._LEAST_SECONDS
                    with patch.object(cron_budget, "time", OwnTime()), cron_budget._ending(ends_at, ends_at):
                        self.env.ref(f"kho_dl.{name}").method_direct_trigger()
                    self.assertTrue(told, "asked for its time")
                    if told[0][1]:
                        break
                self.assertTrue(told[0][1], "began")
                if name not in {"ir_cron_count_audit", "ir_cron_count_indicators"}:
                    self.assertTrue(any(done for done, _is_in_time in told), "did something")
