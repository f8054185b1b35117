from functools import partial

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...protocol.readable_names import BACK, FRONT
from ..common import transactions
from ..common.kho_dl_queue import WAITING_STATES
from ..common.transactions import LOST_RACES, commit_or_retry
from ..connection.error_messages import error_code, error_kind, error_message, waiting_message
from ..connection.server_fault_words import lacks_right
from .kho_dl_query_asking import CLERK_LOCK
from .unused_answers import nothing_attached_of, nothing_used_of


class KhoDLRetrieval(models.Model):
    """Journal and queue: one row a file that a clerk selected.

    The row is committed before the first byte moves; it ends as an attachment or as a reason. See also
    `kho.dl.breaker`.
    """

    _name = "kho.dl.retrieval"
    _description = "Fetching of a file"
    # Who had the case when the file was chosen fetches it, as it asked for it: with its account, and through its gate.
    _inherit = ["kho.dl.traced", "kho.dl.journal", "kho.dl.held.once", "kho.dl.queue", "kho.dl.missing.right"]
    _order = "id desc"
    _rec_name = "file_name"

    case_document_id = fields.Many2one(
        "kho.dl.case.document", "Document", required=True, readonly=True, index=True, ondelete="restrict"
    )
    case_id = fields.Many2one(related="case_document_id.case_id", store=True, precompute=True, index=True)
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
        required=True, readonly=True, groups="kho_dl.group_administrator,kho_dl.group_auditor", exportable=False
    )
    link_key = fields.Char(required=True, readonly=True)
    provider_host = fields.Char(readonly=True, index=True)
    server_id = fields.Many2one("kho.dl.security.server", readonly=True, ondelete="restrict")
    present_server_id = fields.Many2one(
        related="server_id.present_id",
        string="Agency of today",
        groups="kho_dl.group_clerk,kho_dl.group_administrator",
    )
    lane = fields.Char("Destination code", readonly=True, help="Far system that serves the file.")
    state = fields.Selection(
        [("pending", "Waiting"), ("running", "Being fetched"), ("done", "Attached"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    started_on = fields.Datetime(readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True)
    attachment_id = fields.Many2one("ir.attachment", readonly=True, index="btree_not_null", ondelete="set null")
    error_code = fields.Char(
        "Code of the error", readonly=True, help="As the other side, or what lies on the way, named it."
    )
    # Where the file stands among those of its paper, whatever came first.
    side = fields.Selection([(FRONT, "Front"), (BACK, "Back")], readonly=True)
    place = fields.Integer("Place among the files of the paper", readonly=True)
    is_previewed = fields.Boolean(
        "Looked at before", readonly=True, help="It was fetched to be looked at before it was chosen, and not again."
    )
    company_id = fields.Many2one(related="case_document_id.company_id", store=True, precompute=True, index=True)

    # The same link is never twice on a document; a file that was taken off may be fetched again.
    _link_once = models.UniqueIndex(
        "(case_document_id, link_key) "
        "WHERE state IN ('pending', 'running') OR (state = 'done' AND attachment_id IS NOT NULL)",
        "This file is attached already, or on its way.",
    )
    _waiting_idx = models.Index("(company_id, lane, id) WHERE state IN ('pending', 'running')")

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
        "trace_id",
        "far_id",
    )
    _payload_fields = ("link", "paper_name", "paper_number", "file_name", "error")

    def _is_closed(self):
        return self.state not in WAITING_STATES

    @api.model
    def _unused_domain(self):
        # With the answer that it came from, and not before.
        return Domain("state", "=", "failed") & nothing_used_of("query_id")

    @api.model
    def _perhaps_unused_domain(self):
        return Domain("state", "=", "failed") & nothing_attached_of("query_id")

    # -- filling the queue -------------------------------------------------------------------------

    @api.model
    def _enqueue(self, vals_list, remember=None, make=None):
        """Commit one row for each of `vals_list`, made by `make(vals_list)` or pending, and return the rows, in any order.

        Where a row for the same link on the same document stands already (waiting, or attached), that
        row is returned instead, also when another clerk makes it at this very moment. `remember(rows)` is called
        before the commit, for what must be kept together with the rows.
        """
        wanted = {(vals["case_document_id"], vals["link_key"]): vals for vals in vals_list}
        documents = self.env["kho.dl.case.document"].browse({document_id for document_id, _key in wanted})
        cases = documents.case_id
        # What was written before must outlive a lost race. Else nothing is read anew: with the first write below it is
        # seen whether somebody else has changed the case since.
        if transactions.has_written(self.env):
            self.env.cr.commit()  # pylint: disable=invalid-commit
        # The index is the last word.
        lost_races = (*LOST_RACES, UniqueViolation)
        add = partial(self._add_missing, cases, wanted, remember, make)
        # All that one account selects counts in its one day: where it acts many times at once, it takes turns with itself.
        alone = partial(transactions.begin_alone, self.env, CLERK_LOCK, self.env.uid)
        try:
            return commit_or_retry(self.env, add, lost_races, before_again=alone)
        except lost_races as error:
            raise UserError(
                self.env._("Colleagues are attaching the same papers right now. Nothing was lost: please try again.")
            ) from error

    @api.model
    def _add_missing(self, cases, wanted, remember, make):
        # Colleagues take turns: whoever comes second begins anew, and sees what was selected for the same case.
        cases._hold_still()
        standing = self._standing(wanted)
        known = {(row.case_document_id.id, row.link_key) for row in standing}
        # sudo: the journal is written by this code only.
        make = make or self.sudo().create
        rows = standing | make([vals for key, vals in wanted.items() if key not in known])
        if remember:
            remember(rows)
        return rows

    @api.model
    def _standing(self, wanted):
        candidates = self.sudo().search(
            Domain("case_document_id", "in", [document_id for document_id, _key in wanted])
            & (self._waiting_domain() | (Domain("state", "=", "done") & Domain("attachment_id", "!=", False)))
        )
        return candidates.filtered(lambda row: (row.case_document_id.id, row.link_key) in wanted)

    # -- what becomes of a row ---------------------------------------------------------------------

    def _fail(self, error):
        """Keep the typed `error` in words for a clerk: as the end of these rows, or until their next try."""
        for row in self:
            kind, env = error_kind(error), row._in_language_of_user().env
            if error.is_transient and row._give_up_on() > fields.Datetime.now():
                row.error_code = error_code(error)
                row._reschedule(kind, waiting_message(env, error), error.retry_after)
            else:
                words = error_message(env, error)
                row._close_failed(kind, words, lacks_right=lacks_right(error), error_code=error_code(error))

    def _close_failed(self, kind, words, **values):
        failed = {"state": "failed", "error_kind": kind, "error": words, "closed_on": fields.Datetime.now()}
        self.write({**failed, **values})

    def _no_longer_wanted(self):
        """Close those of these rows that were selected for something else than their cases are now; return them.

        What is read here stays so until the transaction ends: somebody who changes a case waits, or is read first.
        """
        self.case_id._hold_still()
        reasons = {row: reason for row in self if (reason := row._why_unwanted())}
        for row, reason in reasons.items():
            row._close_failed(*reason)
        return self.browse([row.id for row in reasons])

    def _why_unwanted(self):
        """Return (kind of error, words) where the case is closed, or about another person or number than was asked for."""
        asked = self.query_id
        if self.case_id.is_open and (not asked or asked._outcome_for(self.case_document_id) == "found"):
            return None
        return "case_changed", self._in_language_of_user().env._(
            "The case has changed since this file was selected, so it was not attached. Look for papers again."
        )

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
