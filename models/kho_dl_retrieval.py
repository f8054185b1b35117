import time
from datetime import datetime, timedelta
from functools import partial

from markupsafe import Markup
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import mute_logger

from ..protocol import download, filenames
from .chatter import bullet_list
from .clerk_words import error_kind, error_words
from .retrieval_run import RetrievalRun
from .transactions import LOST_RACES, commit_or_retry, keys_alive

# How long one run of the scheduled action starts new files; Odoo starts the next run by itself. Together with the
# longest download this stays below the 120 s that Odoo gives a scheduled action.
CRON_SECONDS = 25
# A row is nobody's again once its worker must have ended: the longest download, and this for waiting its turn.
LEASE_MARGIN = timedelta(minutes=2)
# A file whose worker died this often is not tried again: it may be what kills the workers.
MAX_TRIES = 5
WAITING_STATES = ("pending", "running")


class KhoDLRetrieval(models.Model):
    """Journal and queue: one row a file that a clerk selected.

    The row is committed before the first byte moves; it ends as an attachment or as a reason. A row is
    taken by setting it running under a row lock and committing. Another worker may take it over when the
    first one's sign of life is gone, or when its lease is over.
    """

    _name = "kho.dl.retrieval"
    _description = "Fetching of a file"
    _inherit = ["kho.dl.journal"]
    _order = "id desc"
    _rec_name = "file_name"

    case_document_id = fields.Many2one(
        "kho.dl.case.document", "Document", required=True, readonly=True, index=True, ondelete="restrict"
    )
    case_id = fields.Many2one(related="case_document_id.case_id", store=True, index=True)
    query_id = fields.Many2one("kho.dl.query", "Found by", readonly=True, index=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", "Selected by", required=True, readonly=True, ondelete="restrict")
    requested_on = fields.Datetime("Selected on", required=True, readonly=True, default=fields.Datetime.now)
    result_code_id = fields.Many2one("kho.dl.result.code", readonly=True, ondelete="restrict")
    paper_name = fields.Char("Paper", readonly=True)
    paper_number = fields.Char("Number on the paper", readonly=True)
    agency_code = fields.Char(readonly=True)
    agency_name = fields.Char("Agency", readonly=True)
    file_name = fields.Char("File", required=True, readonly=True)
    link = fields.Char(
        required=True, readonly=True, groups="kho_dl.group_administrator,kho_dl.group_auditor"
    )
    link_key = fields.Char(required=True, readonly=True)
    provider_host = fields.Char(readonly=True, index=True)
    server_id = fields.Many2one("kho.dl.security.server", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [("pending", "Waiting"), ("running", "Being fetched"), ("done", "Attached"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    tries = fields.Integer(readonly=True)
    started_on = fields.Datetime(readonly=True)
    lease_until = fields.Datetime(readonly=True)
    # Char: a key has 62 bits, an integer column 32.
    worker_key = fields.Char(readonly=True)
    closed_on = fields.Datetime(readonly=True)
    error = fields.Text("Reason", readonly=True)
    error_kind = fields.Char(readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True)
    attachment_id = fields.Many2one("ir.attachment", readonly=True, index="btree_not_null", ondelete="set null")
    company_id = fields.Many2one(related="case_document_id.company_id", store=True, index=True)

    # The same link is never twice on a document; a file that was taken off may be fetched again.
    _link_once = models.UniqueIndex(
        "(case_document_id, link_key) "
        "WHERE state IN ('pending', 'running') OR (state = 'done' AND attachment_id IS NOT NULL)",
        "This file is attached already, or on its way.",
    )
    _waiting_idx = models.Index("(company_id, id) WHERE state IN ('pending', 'running')")

    _chain_fields = (
        "case_document_id",
        "query_id",
        "user_id",
        "requested_on",
        "result_code_id",
        "agency_code",
        "agency_name",
        "link_key",
        "provider_host",
        "server_id",
        "state",
        "tries",
        "started_on",
        "closed_on",
        "error_kind",
        "size",
        "sha256",
        "company_id",
    )
    _payload_fields = ("link", "paper_name", "paper_number", "file_name", "error")

    def _is_closed(self):
        return self.state not in WAITING_STATES

    # -- filling the queue -------------------------------------------------------------------------

    @api.model
    def _enqueue(self, vals_list, remember=None):
        """Commit one pending row for each of `vals_list` and return the rows, in any order.

        Where a row for the same link on the same document stands already (waiting, or attached), that
        row is returned instead, also when another clerk makes it at this very moment. `remember(rows)` is called
        before the commit, for what must be kept together with the rows.
        """
        wanted = {(vals["case_document_id"], vals["link_key"]): vals for vals in vals_list}
        self.env.cr.commit()
        lost_races = (*LOST_RACES, UniqueViolation)
        try:
            # Losing the race is no error, and the log must not print the row that lost.
            with mute_logger("odoo.sql_db"):
                return commit_or_retry(self.env, partial(self._add_missing, wanted, remember), lost_races)
        except lost_races as error:
            raise UserError(
                self.env._("Colleagues are attaching the same papers right now. Nothing was lost: please try again.")
            ) from error

    @api.model
    def _add_missing(self, wanted, remember):
        standing = self._standing(wanted)
        known = {(row.case_document_id.id, row.link_key) for row in standing}
        # sudo: the journal is written by this code only.
        created = self.sudo().create([vals for key, vals in wanted.items() if key not in known])
        rows = standing | created
        if remember:
            remember(rows)
        return rows

    @api.model
    def _standing(self, wanted):
        candidates = self.sudo().search(
            Domain("case_document_id", "in", [document_id for document_id, _key in wanted])
            & (
                Domain("state", "in", WAITING_STATES)
                | (Domain("state", "=", "done") & Domain("attachment_id", "!=", False))
            )
        )
        return candidates.filtered(lambda row: (row.case_document_id.id, row.link_key) in wanted)

    # -- working on the queue ----------------------------------------------------------------------

    @api.model
    def _cron_process(self):
        """Finish what requests could not: files still waiting, and files of workers that died."""
        commit_or_retry(self.env, self.env["kho.dl.query"]._close_abandoned)
        self._seal_all()
        give_up_at = time.monotonic() + CRON_SECONDS
        for company in self._companies_waiting():
            closed = RetrievalRun(self.env, company, Domain("company_id", "=", company.id), give_up_at).run()
            # sudo: the queue is one for all companies.
            left = self.sudo().search_count(self._takeable())
            if not self.env["ir.cron"]._commit_progress(len(closed), remaining=left):
                break

    @api.model
    def _companies_waiting(self):
        """Return the companies with files to fetch, the one served longest ago first: none starves the others."""
        last_served = self.sudo()._read_group(self._takeable(), ["company_id"], ["started_on:max"])
        last_served.sort(key=lambda entry: entry[1] or datetime.min)
        return [company for company, _started_on in last_served]

    def _process_now(self, seconds):
        """Work on these rows for `seconds`; what has not arrived by then goes on in the background at once."""
        give_up_at = time.monotonic() + seconds
        # sudo: the journal is written by this code only.
        rows = self.sudo()
        for company, own in rows.grouped("company_id").items():
            RetrievalRun(self.env, company, Domain("id", "in", own.ids), give_up_at, grace=0).run()
        if not all(row._is_closed() for row in rows):
            # sudo: clerks have no rights on scheduled actions.
            self.env.ref("kho_dl.ir_cron_process").sudo()._trigger()
            self.env.cr.commit()

    @api.model
    def _takeable(self):
        """Return the domain of rows that a worker may take: waiting, or left running by a dead process."""
        alive = [str(key) for key in keys_alive(self.env)]
        is_dead = Domain("worker_key", "not in", alive) | Domain("lease_until", "<", fields.Datetime.now())
        return Domain("state", "=", "pending") | (Domain("state", "=", "running") & is_dead)

    @api.model
    def _take(self, domain, limit, worker_key):
        """Set up to `limit` rows of `domain` running for this worker, commit, and return them.

        Rows that another worker holds are passed over. Rows whose workers died too often are closed.
        """
        return commit_or_retry(self.env, partial(self._set_running, domain, limit, worker_key))

    @api.model
    def _set_running(self, domain, limit, worker_key):
        # More are looked at than taken: the first ones may be in other workers' hands.
        candidates = self.search(domain & self._takeable(), order="id", limit=limit * 10)
        rows = candidates.try_lock_for_update(limit=limit)
        hopeless = rows.filtered(lambda row: row.tries >= MAX_TRIES)
        hopeless._close_failed(
            "interrupted",
            self.env._("Fetching this file was interrupted too often. Ask the applicant for the paper."),
        )
        rows -= hopeless
        for row in rows:
            row.write(
                {"state": "running", "tries": row.tries + 1, "worker_key": str(worker_key), **row._lease()}
            )
        return rows

    def _lease(self):
        """Return when this row was taken, and until when no other worker may take it."""
        now = fields.Datetime.now()
        longest = download.total_seconds_allowed(self.company_id.kho_dl_timeout)
        return {"started_on": now, "lease_until": now + timedelta(seconds=longest) + LEASE_MARGIN}

    def _fail(self, error):
        """Close these rows with the typed `error` in words for a clerk."""
        for row in self:
            row._close_failed(error_kind(error), error_words(row._in_language_of_user().env, error))

    def _close_failed(self, kind, words):
        self.write(
            {"state": "failed", "error_kind": kind, "error": words, "closed_on": fields.Datetime.now()}
        )

    def _attach(self, downloads):
        """Attach `downloads`, {row of self: protocol Download}, each to its document, and close the rows."""
        attachments = (
            self.env["ir.attachment"]
            .with_context(
                # The bytes stay as the office sent them: no resizing, and markup only as plain text.
                image_no_postprocess=True,
                attachments_mime_plainxml=True,
            )
            .create([row._prepare_attachment(download) for row, download in downloads.items()])
        )
        for (row, received), attachment in zip(downloads.items(), attachments, strict=True):
            row.case_document_id._attach(attachment, row._prepare_provenance(received))
            row.write(
                {
                    "state": "done",
                    "attachment_id": attachment.id,
                    "size": received.size,
                    "sha256": received.sha256,
                    "closed_on": fields.Datetime.now(),
                }
            )

    def _prepare_attachment(self, received):
        received.file.seek(0)
        return {
            "name": filenames.with_extension(self.file_name, received.mimetype),
            "raw": received.file.read(),
            "mimetype": received.mimetype,
            "res_model": "kho.dl.case.document",
            "res_id": self.case_document_id.id,
        }

    def _prepare_provenance(self, received):
        return {
            "source": "national",
            "provenance_agency_code": self.agency_code,
            "provenance_agency": self.agency_name,
            "provenance_result_code_id": self.result_code_id.id,
            "provenance_paper_name": self.paper_name,
            "provenance_paper_number": self.paper_number,
            "provenance_sha256": received.sha256,
        }

    def _summary(self):
        """Return these closed rows of one case as markup for its chatter, in the language of the clerk."""
        rows = self._in_language_of_user()
        done = rows.filtered(lambda row: row.state == "done")
        failed = rows - done
        parts = []
        if done:
            parts.append(bullet_list(rows.env._("Attached from the national store:"), [row._line() for row in done]))
        if failed:
            parts.append(
                bullet_list(rows.env._("Could not be attached:"), [f"{row._line()} – {row.error}" for row in failed])
            )
        return Markup().join(parts)

    def _line(self):
        return f"{self.case_document_id.name}: {self.file_name} ({self.agency_name or self.agency_code or '?'})"

    def _in_language_of_user(self):
        return self.with_context(lang=self[:1].user_id.lang)

    @api.model
    def _hosts_by_server(self):
        """Return {server id: hosts that it has served}, read from the files that arrived."""
        served = self.sudo()._read_group(
            [("state", "=", "done"), ("server_id", "!=", False), ("provider_host", "!=", False)],
            ["server_id", "provider_host"],
        )
        hosts = {}
        for server, host in served:
            hosts[server.id] = (*hosts.get(server.id, ()), host)
        return hosts
