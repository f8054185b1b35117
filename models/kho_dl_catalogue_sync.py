import time
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..protocol.catalogue import Procedure
from ..protocol.errors import CatalogueUnusable, KhoDLError, PortalRejected
from .clerk_words import error_kind, error_words
from .transactions import commit_or_retry, sign_of_life

# How long one run of the scheduled action goes on; Odoo starts the next one by itself.
_CRON_SECONDS = 25
# So many procedures are asked for, and brought in, between two commits.
_BATCH = 25
# A list with all parts makes rows of some 5 kB each.
_BATCH_OF_ROWS = 500
_MOST_TRIES = 10
# A daily action that begins a little earlier than yesterday's must not skip a day.
_DAY = timedelta(hours=20)
_KINDS = ("new", "changed", "gone", "unchanged", "failed")


class KhoDLCatalogueSync(models.Model):
    """One run that brings the procedures of a company in line with the national catalogue (wire §7).

    In the background and in pieces: each batch is committed, and a run that was interrupted goes on where it was.
    What each procedure met is a `kho.dl.catalogue.change`.
    """

    _name = "kho.dl.catalogue.sync"
    _description = "Synchronisation of the catalogue"
    _inherit = ["kho.dl.queue"]
    _order = "id desc"
    _rec_name = "started_on"

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
    summary = fields.Char("What it did", compute="_compute_summary")
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

    @api.depends("state", "new_count", "changed_count", "gone_count", "failed_count", "error")
    @api.depends_context("lang")
    def _compute_summary(self):
        for sync in self:
            words = self.env._(
                "%(new)s new, %(changed)s changed, %(gone)s gone",
                new=sync.new_count,
                changed=sync.changed_count,
                gone=sync.gone_count,
            )
            if sync.failed_count:
                words = self.env._("%(counts)s, %(failed)s could not be read", counts=words, failed=sync.failed_count)
            sync.summary = sync.error if sync.state == "failed" else words

    # -- starting ----------------------------------------------------------------------------------

    @api.model
    def action_sync(self, _ids=None):
        """Bring the current company's procedures in line with the national catalogue; opens the run.

        Needs no record, `_ids` is what a button on a list sends along. A run that is still going on is opened instead.
        """
        self.env["kho.dl.procedure"].check_access("write")
        company = self.env.company
        if company not in self.env["kho.dl.security.server"]._asking_companies():
            raise UserError(
                self.env._(
                    "The connection to the national portal is not set up yet. Nothing was changed. "
                    "Complete address, unit code and account in the Kho DL settings first."
                )
            )
        return self._start(company)._action_open()

    def action_go_on(self):
        """Let these failed runs go on where they were."""
        self.env["kho.dl.procedure"].check_access("write")
        for sync in self.filtered(lambda sync: sync.state == "failed"):
            # sudo: how far a run got is recorded by this code only.
            sync.sudo().write(
                {
                    "state": "pending",
                    "tries": 0,
                    "error": False,
                    "error_kind": False,
                    "next_try_on": False,
                    "ended_on": False,
                }
            )
        self._trigger()
        return True

    @api.model
    def _start(self, company):
        # sudo: runs are recorded by this code only.
        runs = self.sudo()
        open_run = runs.search([("company_id", "=", company.id), ("state", "in", ("pending", "running"))], limit=1)
        sync = open_run or runs.create({"company_id": company.id, "user_id": self.env.uid})
        self._trigger()
        return sync.sudo(False)

    @api.model
    def _trigger(self, at=None):
        # sudo: administrators of Kho DL have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_catalogue").sudo()._trigger(at)

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
    def _cron_sync(self):
        """Begin the daily runs, and go on with those that are open, for as long as the scheduled action has time."""
        give_up_at = time.monotonic() + _CRON_SECONDS
        # sudo: the scheduled action works for all companies.
        runs = self.sudo()
        for company in runs.env["res.company"].search([("kho_dl_catalogue_daily", "=", True)]):
            recent = [("company_id", "=", company.id), ("started_on", ">", fields.Datetime.now() - _DAY)]
            if not runs.search_count(recent, limit=1):
                runs._start(company)
        for sync in runs.search(runs._free_domain(), order="id"):
            sync._go_on(give_up_at)
            remaining = runs.search_count(runs._free_domain())
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining) or time.monotonic() > give_up_at:
                break

    def _go_on(self, give_up_at):
        """Work on this run until it is done, until `give_up_at` (time.monotonic()), or until the portal fails."""
        with sign_of_life(self.env) as worker_key:
            if not commit_or_retry(self.env, partial(self._take, worker_key)):
                return
            sync = self.with_company(self.company_id)
            try:
                with self.env["kho.dl.gateway"]._client(self.company_id) as client:
                    if not sync.is_listed:
                        sync._list(client)
                    while time.monotonic() < give_up_at:
                        if not sync._next_batch(client):
                            return
            except KhoDLError as error:
                self.env.cr.rollback()
                commit_or_retry(self.env, partial(sync._not_now, error))
                return
            commit_or_retry(self.env, partial(sync.write, {"state": "pending", "lease_until": False, "tries": 0}))

    def _take(self, worker_key):
        row = self.filtered_domain(self._free_domain()).try_lock_for_update()
        if row:
            row.write(row._running_values(worker_key, _CRON_SECONDS + 4 * row.company_id.kho_dl_timeout))
        return row

    def _not_now(self, error):
        """Put this run back for another try, or end it with the reason."""
        if error.is_passing and self.tries < _MOST_TRIES:
            self._put_back(error_kind(error), error_words(self.env, error))
            self._trigger(self.next_try_on)
        else:
            self.write(
                {
                    "state": "failed",
                    "error_kind": error_kind(error),
                    "error": error_words(self.env, error),
                    "ended_on": fields.Datetime.now(),
                    "lease_until": False,
                }
            )

    def _list(self, client):
        """Read the lists, and note each procedure as work to do."""
        sectors, agencies, listing = client.sectors(), client.agencies(), client.procedures()
        self.env["kho.dl.sector"]._follow_names({part.code: {"name": part.name} for part in sectors}, is_whole=True)
        self.env["kho.dl.agency"]._follow_names(
            {part.code: {"name": part.name, "level": part.level} for part in agencies}, is_whole=True
        )
        work = [{"code": part.code, "name": part.name, "payload": part.as_json()} for part in listing.whole]
        work += [{"code": code} for code in listing.codes]
        changes = self.env["kho.dl.catalogue.change"]
        for start in range(0, len(work), _BATCH_OF_ROWS):
            changes.create([{**values, "sync_id": self.id} for values in work[start : start + _BATCH_OF_ROWS]])
            self.env.flush_all()
            changes.invalidate_model()
        self.write({"is_listed": True, "total_count": len(work), "skipped_count": listing.skipped})
        self.env.cr.commit()

    def _next_batch(self, client):
        """Bring in the next procedures; return whether there are more. Commits."""
        waiting = Domain("sync_id", "=", self.id) & Domain("kind", "=", "waiting")
        batch = self.env["kho.dl.catalogue.change"].search(waiting, order="id", limit=_BATCH)
        if not batch:
            commit_or_retry(self.env, self._finish)
            return False
        asked = [(change.id, change.code, change.payload) for change in batch]
        # No transaction stays open while the portal thinks.
        self.env.cr.commit()
        answers = {change_id: self._read(client, code, payload) for change_id, code, payload in asked}
        commit_or_retry(self.env, partial(self._bring_in, batch, answers))
        # What was read is not needed any more; 10,000 documents need not stay in memory.
        self.env.invalidate_all()
        return True

    def _read(self, client, code, payload):
        """Return the procedure `code`, or the error that says why it cannot be read. Raises what stops the whole run."""
        if payload:
            return Procedure.from_json(payload)
        try:
            return client.procedure(code)
        except (PortalRejected, CatalogueUnusable) as error:
            if error.is_passing:
                raise
            return error

    def _bring_in(self, batch, answers):
        found = {change: answer for change in batch if isinstance(answer := answers[change.id], Procedure)}
        standing = [procedure for procedure in found.values() if not procedure.is_ended]
        outcomes = self.env["kho.dl.procedure"]._follow_catalogue(self.company_id, standing)
        counts = dict.fromkeys(_KINDS, 0)
        for change in batch:
            values = self._change_values(answers[change.id], outcomes)
            change.write({**values, "payload": False})
            counts[values["kind"]] += 1
        self.write({f"{kind}_count": self[f"{kind}_count"] + count for kind, count in counts.items()})

    def _change_values(self, answer, outcomes):
        if not isinstance(answer, Procedure):
            return {"kind": "failed", "error": error_words(self.env, answer)}
        if answer.is_ended:
            return {"kind": "unchanged", "name": answer.name}
        procedure, kind, details = outcomes[answer.code]
        return {"kind": kind, "name": answer.name, "procedure_id": procedure.id, "details": details or False}
