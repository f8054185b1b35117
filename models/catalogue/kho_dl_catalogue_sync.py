import math
import time
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..common.office_language import in_office_language
from ..common.office_time import moment_words
from ..connection.kho_dl_database import rests_in_copies
from .catalogue_run import CatalogueRun

# A daily action that begins a little earlier than yesterday's must not skip a day.
_DAY = timedelta(hours=20)


class KhoDLCatalogueSync(models.Model):
    """One run that brings the procedures of a company in line with the national catalogue (wire §7).

    In the background and in pieces: each batch is committed, and a run that was interrupted goes on where it was.
    What each procedure met is a `kho.dl.catalogue.change`.
    """

    _name = "kho.dl.catalogue.sync"
    _description = "Synchronisation of the catalogue"
    _inherit = ["kho.dl.queue"]
    _order = "id desc"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one("res.users", "Started by", readonly=True, default=lambda self: self.env.user)
    started_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    ended_on = fields.Datetime(readonly=True)
    state = fields.Selection(
        [("pending", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    is_listed = fields.Boolean(readonly=True, help="The list of procedures was read; what is left is their parts.")
    total_count = fields.Integer("Procedures", readonly=True)
    new_count = fields.Integer("New", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)
    gone_count = fields.Integer("Gone", readonly=True)
    unchanged_count = fields.Integer("Unchanged", readonly=True)
    failed_count = fields.Integer("Could not be read", readonly=True)
    skipped_count = fields.Integer("Rows not usable", readonly=True)
    done_count = fields.Integer("Done", compute="_compute_progress")
    progress = fields.Float(compute="_compute_progress", help="In percent.")
    progress_text = fields.Char("How far it is", compute="_compute_progress_text")
    summary = fields.Char("What it did", compute="_compute_summary")
    remark = fields.Text(readonly=True)
    is_latest = fields.Boolean(
        "Newest run", compute="_compute_is_latest", help="No later run of the company has begun."
    )
    change_ids = fields.One2many("kho.dl.catalogue.change", "sync_id", "Changes", readonly=True)

    _one_at_a_time = models.UniqueIndex(
        "(company_id) WHERE state IN ('pending', 'running')", "The catalogue is being synchronised already."
    )

    @api.depends("total_count", "new_count", "changed_count", "unchanged_count", "failed_count", "state")
    def _compute_progress(self):
        for sync in self:
            done = sync.new_count + sync.changed_count + sync.unchanged_count + sync.failed_count
            sync.done_count = done
            sync.progress = (
                100.0 if sync.state == "done" else 100.0 * done / sync.total_count if sync.total_count else 0
            )

    @api.depends("started_on")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for sync in self:
            moment = moment_words(self.env, sync.started_on) if sync.started_on else ""
            sync.display_name = self.env._("Run of %s", moment)

    @api.depends("is_listed", "done_count", "total_count")
    @api.depends_context("lang")
    def _compute_progress_text(self):
        for sync in self:
            sync.progress_text = (
                self.env._(
                    "%(done)s of %(total)s procedures",
                    done=self._number(sync.done_count),
                    total=self._number(sync.total_count),
                )
                if sync.is_listed
                else self.env._("The list of procedures is being read.")
            )

    @api.depends("state", "new_count", "changed_count", "gone_count", "failed_count", "error")
    @api.depends_context("lang")
    def _compute_summary(self):
        for sync in self:
            words = self.env._(
                "%(new)s new, %(changed)s changed, %(gone)s gone",
                new=self._number(sync.new_count),
                changed=self._number(sync.changed_count),
                gone=self._number(sync.gone_count),
            )
            if sync.failed_count:
                failed = self._number(sync.failed_count)
                words = self.env._("%(counts)s, %(failed)s could not be read", counts=words, failed=failed)
            sync.summary = sync.error if sync.state == "failed" else words

    def _number(self, count):
        return formatLang(self.env, count, digits=0)

    def _compute_is_latest(self):
        # sudo: whether there is a later one is no secret.
        latest = {
            run_id
            for _company, run_id in self.sudo()._read_group(
                [("company_id", "in", self.company_id.ids)], ["company_id"], ["id:max"]
            )
        }
        for sync in self:
            sync.is_latest = sync.id in latest

    # -- starting ----------------------------------------------------------------------------------

    @api.model
    def action_sync(self, _ids=None):
        """Bring the current company's procedures in line with the national catalogue; opens the run.

        Needs no record, `_ids` is what a button on a list sends along. A run that is still going on is opened instead.
        """
        self.env["kho.dl.procedure"].check_access("write")
        self.env["kho.dl.database"]._check_confirmed()
        company = self.env.company
        above = company._kho_dl_source("catalogue")
        if above != company:
            raise UserError(
                self.env._(
                    "The procedures of this office are those of %(company)s, where they are synchronised. Nothing was "
                    "changed. To fetch a catalogue of its own, let the office differ there in the Kho DL settings.",
                    # sudo: the name of the company above is known to whoever works in its branch.
                    company=above.sudo().name,
                )
            )
        if company not in self.env["kho.dl.security.server"]._asking_companies():
            raise UserError(
                self.env._(
                    "The connection to the national portal is not set up yet. Nothing was changed. "
                    "Complete address, unit code and account in the Kho DL settings first."
                )
            )
        return self._start(company)._action_open()

    def action_go_on(self):
        """Let these failed runs go on where they were.

        Raises UserError where a later run has begun, or the list is of another day: what the catalogue said then would
        undo what it says now.
        """
        self.env["kho.dl.procedure"].check_access("write")
        yesterday = fields.Datetime.now() - timedelta(days=1)
        if self.filtered(lambda sync: not sync.is_latest or sync.started_on < yesterday):
            raise UserError(
                self.env._(
                    "This run is out of date: the catalogue may have changed since. Nothing was changed. "
                    "Press “Synchronise now” to begin a new one."
                )
            )
        for sync in self.filtered(lambda sync: sync.state == "failed"):
            # sudo: how far a run got is recorded by this code only.
            sync.sudo().write(
                {
                    "state": "pending",
                    "tries": 0,
                    "interruptions": 0,
                    "error": False,
                    "error_kind": False,
                    "next_try_on": False,
                    "ended_on": False,
                }
            )
        self._wake()
        return True

    @api.model
    def _start(self, company):
        # sudo: runs are recorded by this code only.
        runs = self.sudo()
        open_run = runs.search([("company_id", "=", company.id), ("state", "in", ("pending", "running"))], limit=1)
        sync = open_run or runs.create({"company_id": company.id, "user_id": self.env.uid})
        self._wake()
        return sync.sudo(False)

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Synchronisation of the catalogue"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    # -- working -----------------------------------------------------------------------------------

    @api.model
    @rests_in_copies
    def _cron_sync(self):
        """Begin the daily runs, and go on with those that are open, for as long as the scheduled action has time."""
        # sudo: the scheduled action works for all companies.
        runs = in_office_language(self).sudo()
        companies = runs.env["res.company"].search([("kho_dl_catalogue_daily", "=", True)])
        recent = runs._read_group([("started_on", ">", fields.Datetime.now() - _DAY)], ["company_id"])
        # Branches work with what is brought in for the company that they follow.
        followed = companies.filtered(lambda one: one._kho_dl_source("catalogue") == one)
        for company in followed - companies.browse().union(*(company for (company,) in recent)):
            runs._start_daily(company)
        if self.env["kho.dl.engine"]._begin("catalogue", runs._count_takeable(Domain.TRUE)):
            runs._take_turns()

    @api.model
    def _start_daily(self, company):
        try:
            with self.env.cr.savepoint():
                self._start(company)
        except UniqueViolation:
            # Somebody pressed the button at this moment: theirs is today's.
            return

    @api.model
    def _turn(self, companies, domain, until):
        # What was read last is still to be brought in.
        give_up_at = until - (until - time.monotonic()) / 3
        run = CatalogueRun(self, domain & Domain("company_id", "in", companies.ids), give_up_at, until)
        return run.run_apart()

    @api.model
    def _lane_domain(self, lanes):
        return Domain("company_id.kho_dl_portal_lane", "in", lanes)

    @api.model
    def _wake(self, at=None):
        # sudo: administrators of Kho DL have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_catalogue").sudo()._trigger(at)

    def _work_seconds(self):
        return super()._work_seconds() + 4 * self.company_id.kho_dl_timeout

    def _running_values(self, worker_key):
        # The reason of the last try is over.
        return {**super()._running_values(worker_key), "error": False, "error_kind": False}

    def _go_on(self, give_up_at, ends_at=math.inf):
        """Work on this run, where it may be taken; see `CatalogueRun`."""
        CatalogueRun(self, Domain("id", "=", self.id), give_up_at, ends_at).run()
