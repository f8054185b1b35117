from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...protocol import links
from ..case.kho_dl_case import OPEN_STATES
from ..common.kho_dl_held import office_of, seen_by_offices
from ..common.transactions import commit_or_retry
from .kho_dl_alike import KhoDLAlike
from .kho_dl_health_agency import LOOKED_BACK

# Trying again would end the same way: a clerk decides, or nobody wants the file any more.
_FINAL_KINDS = (
    "case_changed",
    "consent_withdrawn",
    "file_infected",
    "file_questioned",
    "file_not_as_claimed",
    "link_not_usable",
)
# So many are tried again at one press of the button.
_MOST_AT_ONCE = 500
# What a new row of the journal takes over from the one that failed.
_TAKEN_OVER = (
    "case_document_id",
    "query_id",
    "user_id",
    "result_code_id",
    "paper_name",
    "paper_number",
    "agency_code",
    "agency_name",
    "file_name",
    "link",
    "link_key",
    "provider_host",
    "gate_reason",
    "gate_accepted",
    "gate_overruled",
)


class KhoDLHealthFailure(models.Model):
    """What fails at present, by cause: files not attached, files and messages that wait after a failure.

    A file counts until it was selected again, its document has a file, or its case is closed.
    """

    _name = "kho.dl.health.failure"
    _description = "What fails, by cause"
    _inherit = ["kho.dl.alike"]
    _auto = False
    _order = "item_count desc, id"
    _rec_name = "error"
    _depends = {
        "kho.dl.retrieval": [
            "company_id",
            "held_by_id",
            "state",
            "error_kind",
            "error",
            "closed_on",
            "case_id",
            "link_key",
        ],
        "kho.dl.outbox": ["company_id", "state", "error_kind", "error", "portal_code", "portal_message"],
        "kho.dl.case": ["company_id", "held_by_id", "state", "is_draft"],
        "kho.dl.case.document": ["attachment_ids"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    source = fields.Selection(
        [
            ("failed", "Files not attached"),
            ("waiting", "Files tried again by themselves"),
            ("rejected", "Messages refused by the portal"),
            ("unsent", "Messages sent again by themselves"),
        ],
        "What",
        readonly=True,
    )
    error_kind = fields.Char("Kind of error", readonly=True)
    error = fields.Text("Cause", readonly=True)
    item_count = fields.Integer("How many", readonly=True)
    last_on = fields.Datetime("Last time", readonly=True)
    can_retry = fields.Boolean(readonly=True)
    all_items = fields.Integer("How many in all offices", compute="_compute_together")
    all_last_on = fields.Datetime("Last time in any office", compute="_compute_together")

    _alike_by = ("source", "error_kind")
    _together = {**KhoDLAlike._together, "all_items": "item_count:sum", "all_last_on": "last_on:max"}

    @property
    def _table_query(self):
        # A group is named by its cause: no button acts on another one, whatever has become of its rows meanwhile.
        return SQL(
            """
            SELECT ('x' || SUBSTR(MD5(CONCAT_WS(' ', item.company_id, item.source, item.error_kind)), 1, 7))::bit(28)::integer
                       AS id, item.company_id, item.source, item.error_kind,
                   (ARRAY_AGG(item.error ORDER BY item.id DESC))[1] AS error,
                   COUNT(*)::integer AS item_count, MAX(item.seen_on) AS last_on,
                   item.error_kind NOT IN %(final)s AS can_retry
              FROM (%(files)s UNION ALL %(messages)s) AS item
             GROUP BY item.company_id, item.is_message, item.source, item.error_kind
            """,
            final=_FINAL_KINDS,
            files=self._files(),
            messages=self._messages(),
        )

    def _files(self):
        return SQL(
            """
            SELECT file.id, 0 AS is_message, file.office_id AS company_id,
                   CASE file.state WHEN 'failed' THEN 'failed' ELSE 'waiting' END AS source,
                   COALESCE(file.error_kind, '') AS error_kind, file.error,
                   COALESCE(file.closed_on, file.started_on, file.requested_on) AS seen_on, file.next_try_on
              -- Whose work it may be: so the files of an office are found by index.
              FROM %(seen)s AS file
              JOIN kho_dl_case job ON job.id = file.case_id AND job.state IN %(open)s AND job.is_draft IS NOT TRUE
             -- Who chose a file fetches it; of one that failed whoever has the case now chooses anew.
             WHERE file.office_id = CASE file.state WHEN 'failed' THEN %(has_case)s ELSE %(has_file)s END
               -- By itself, as indexes know it.
               AND ((file.state = 'pending' AND file.error IS NOT NULL)
                    OR (file.state = 'failed' AND file.closed_on >= %(since)s))
               AND (file.state = 'pending'
                    OR (file.link <> ''
                        -- Tried again since, or somebody chose another file in its place.
                        AND NOT EXISTS (SELECT FROM kho_dl_retrieval later
                                         WHERE later.case_document_id = file.case_document_id
                                           AND (later.link_key = file.link_key OR later.state IN ('pending', 'running'))
                                           AND later.id > file.id)
                        AND NOT EXISTS (SELECT FROM kho_dl_case_document_attachment_rel rel
                                         WHERE rel.case_document_id = file.case_document_id)))
            """,
            seen=SQL(seen_by_offices("kho_dl_retrieval")),
            has_case=SQL(office_of("job.")),
            has_file=SQL(office_of("file.")),
            open=OPEN_STATES,
            since=fields.Datetime.now() - LOOKED_BACK,
        )

    def _messages(self):
        return SQL(
            """
            SELECT message.id, 1 AS is_message, message.company_id,
                   CASE state WHEN 'rejected' THEN 'rejected' ELSE 'unsent' END AS source,
                   COALESCE(error_kind || COALESCE(' ' || portal_code, ''), '') AS error_kind,
                   COALESCE(portal_message, error) AS error,
                   COALESCE(message.closed_on, message.write_date) AS seen_on, message.next_try_on
              FROM kho_dl_outbox message
              -- Where nothing is told, nothing fails.
              JOIN res_company company ON company.id = message.company_id AND company.kho_dl_sync_enabled
             WHERE state = 'rejected' OR (state = 'pending' AND error IS NOT NULL)
            """
        )

    # -- the rows behind it ------------------------------------------------------------------------

    def _items(self):
        """Return the rows of the queue that this group counts, `_MOST_AT_ONCE` at most."""
        self.ensure_one()
        is_message = self.source in ("rejected", "unsent")
        model = "kho.dl.outbox" if is_message else "kho.dl.retrieval"
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (%s) AS item
                 WHERE company_id = %s AND source = %s AND error_kind = %s
                 -- Those that pause first: a second press takes the next ones.
                 ORDER BY next_try_on DESC NULLS LAST, id
                 LIMIT %s
                """,
                self._messages() if is_message else self._files(),
                self.company_id.id,
                self.source,
                self.error_kind,
                _MOST_AT_ONCE,
            )
        )
        return self.env[model].browse(row_id for (row_id,) in rows)

    def action_open_items(self):
        """Open the list of what this group counts."""
        items = self._items()
        return {
            "type": "ir.actions.act_window",
            "name": self.error or self.env._("Failing"),
            "res_model": items._name,
            "views": [(False, "list"), (False, "form")] if items._name == "kho.dl.retrieval" else [(False, "list")],
            "domain": [("id", "in", items.ids)],
        }

    def action_open_line(self):
        """Open what this group counts, or its offices where it is the line of several."""
        rows = self.search(self._alike())
        return self._open_offices() if len(rows) > 1 else rows.action_open_items()

    def action_retry_line(self):
        """Try all of this group again, with those of the other offices that are alike."""
        # sudo: as below, it may be no group any more.
        standing = self.sudo().search([("id", "in", self.ids)]).sudo(False)
        standing.check_access("read")
        return self.search(Domain.OR(line._alike() for line in standing)).action_retry()

    def action_retry(self):
        """Try all of this group again in the background; those that a clerk has to decide on are left out."""
        # sudo: what somebody else has tried again meanwhile is no group any more; who may read the others is asked below.
        standing = self.sudo().search([("id", "in", self.ids)]).sudo(False)
        # Only administrators read this.
        standing.check_access("read")
        groups = standing.filtered("can_retry")
        count = sum(group._retry() for group in groups)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "warning",
                "message": self.env._("%s are tried again now, in the background.", count)
                if count
                else self.env._("Nothing here can be tried again: a clerk has to decide, or it was done meanwhile."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _retry(self):
        items = self._items()
        # First: a group whose rows are all on their way again is no record any more.
        self._try_agencies(items)
        if self.source == "failed":
            self._select_again(items)
        elif self.source == "rejected":
            items.action_send_again()
        else:
            self._make_due(items)
        items._wake()
        return len(items)

    def _select_again(self, items):
        self.env["kho.dl.database"]._check_confirmed()
        # sudo: the journal is written by code only. Its closed rows stay; new ones carry the clerk's selection on.
        servers = self.env["kho.dl.security.server"]._server_resolver()
        self.env["kho.dl.retrieval"]._enqueue([_selected_again(row, servers) for row in items.sudo()])

    def _try_agencies(self, items):
        """Let agencies that are spared be tried at once, or their files would wait for it all the same."""
        spared = self.env["kho.dl.breaker"]
        now = fields.Datetime.now()
        # Committed at once: a worker may write the same row, and what follows is run again without this.
        commit_or_retry(self.env, lambda: spared._open()._holding(items.sudo()).write({"next_trial_on": now}))

    def _make_due(self, items):
        # sudo: the queue is written by code only. A worker may have taken some of them meanwhile.
        due = Domain("id", "in", items.ids) & Domain("state", "=", "pending")
        commit_or_retry(self.env, lambda: items.sudo().search(due).write({"next_try_on": False}))


def _selected_again(row, servers):
    """Return the values of a new row for the file of `row`, on the way that the directory names today."""
    server = row.server_id.filtered("active") or servers.find(row.agency_code, row.link)
    values = {name: row._fields[name].convert_to_write(row[name], row) for name in _TAKEN_OVER}
    return {
        **values,
        "retried_by_id": row.env.uid,
        "server_id": server.id,
        "lane": links.lane_of(row.link, server._for_protocol()),
    }
