import os
import tempfile
import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Domain
from odoo.tools import config

from ..models.journal import kho_dl_journal_head, kho_dl_journal_round
from ..models.retrieval import kho_dl_retrieval_queue
from .test_connection_branches import BranchCase
from .test_journal_sealing import SealingCase


class TestIdleOffices(BranchCase, SealingCase):
    """Of 150 offices nearly all have nothing to do at a time: they cost the scheduled actions nothing."""

    # Statements are counted.
    keeps_memory = False

    def setUp(self):
        super().setUp()
        # At whatever time of the day, and of the hour, this runs.
        self.patch(kho_dl_journal_round, "is_night", lambda _moment: True)
        self.patch(kho_dl_retrieval_queue, "_SLOW_MINUTES", kho_dl_retrieval_queue._SLOW_EVERY)
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(patch.dict(config.options, {kho_dl_journal_head.FOLDER_OPTION: folder}))
        self.enterContext(patch.dict(os.environ, KHO_DL_H46_PASSWORD="h46-demo"))
        self.company.write(
            {
                "kho_dl_sync_enabled": True,
                "kho_dl_catalogue_daily": True,
                "kho_dl_retention_days": 100,
                "kho_dl_unused_days": 10,
                "kho_dl_message_days": 10,
                "kho_dl_head_email": "archive@example.gov.vn",
            }
        )

    def add_offices(self, count, first):
        """Add so many offices, of which each has an account and a catalogue of its own, and once asked something."""
        offices = self.make_branches(self.company, *(f"Office {first + number}" for number in range(count)), logo=False)
        for number, office in enumerate(offices):
            office.write(
                {
                    "kho_dl_username": f"account {first + number}",
                    "kho_dl_password": "its own",
                    "kho_dl_unit_code": f"H46.{first + number}",
                    "kho_dl_ss_url": f"http://127.0.0.1:{first + number + 1}",
                }
            )
            office._kho_dl_differ("catalogue")
        for office in offices:
            self.closed(1, office)
        self.env.flush_all()

    def a_day_later(self):
        """Let all be as after a day on which no office did anything."""
        runs = self.env["kho.dl.catalogue.sync"].sudo()
        known = runs.search([])
        known.write({"state": "done", "started_on": fields.Datetime.now()})
        offices = self.env["res.company"].search([("kho_dl_catalogue_daily", "=", True)]) - known.company_id
        runs.create([{"company_id": office.id, "state": "done"} for office in offices])
        self.env["mail.mail"].search([]).write({"state": "sent"})
        self.env["res.company"].search([]).write(
            {
                "kho_dl_ends_told_before": fields.Date.today() - timedelta(days=1),
                "kho_dl_unused_gone_before": fields.Datetime.now() - timedelta(days=11),
                "kho_dl_links_left": 0,
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()

    def statements(self):
        """Return {action: how many statements it makes}."""
        crons = self.env["ir.model.data"].search([("module", "=", "kho_dl"), ("model", "=", "ir.cron")])
        counts = {}
        for name in sorted(crons.mapped("name")):
            self.a_day_later()
            before = self.cr.sql_log_count
            self.env.ref(f"kho_dl.{name}").method_direct_trigger()
            self.env.flush_all()
            counts[name] = self.cr.sql_log_count - before
        return counts

    def test_idle_offices_cost_scheduled_actions_nothing(self):
        measured = []
        for count, first in ((3, 1), (9, 4)):
            self.add_offices(count, first)
            for _ in range(2):
                self.statements()
            measured.append(self.statements())
        few, many = measured
        self.assertGreater(len(few), 20)
        self.assertFalse({name: (few[name], many[name]) for name in few if many[name] > few[name]})

    def test_a_pass_that_closed_nothing_wakes_no_action(self):
        # Another worker has what waited for these two.
        offices = self.company | self.commune
        before = self.triggers()
        self.env["kho.dl.retrieval"].sudo()._run(offices, Domain.FALSE, time.monotonic() + 1)
        self.assertEqual(self.triggers(), before)
