import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...protocol.telling import Telling
from ..common import cron_budget
from ..common.office_language import in_office_language
from ..connection.kho_dl_database import rests_in_copies
from .kho_dl_case_message import NotTellable
from .outbox_lane import LEAST_SECONDS
from .outbox_run import OutboxRun

# What was answered in the last moment is kept, and the rest given back, in so long (s).
_END_SECONDS = 2
# A database that is gone, or another transaction that was faster, is no fault of a row.
_FAULTS_OF_DATABASE = (psycopg2.OperationalError, psycopg2.InterfaceError)


class KhoDLOutbox(models.Model):
    """The messages as a queue: which of them a worker may take, and what is sent for them."""

    _inherit = "kho.dl.outbox"
    _served_on = "closed_on"

    @api.model
    @rests_in_copies
    def _cron_send(self):
        """Send what waits, for as long as the scheduled action has time."""
        # sudo: the outbox is one for all companies.
        queue = in_office_language(self).sudo()
        ends_at = cron_budget.ends_at() - _END_SECONDS
        if not self.env["kho.dl.engine"]._begin("messages", queue._count_sendable(queue.env["res.company"])):
            return
        run = OutboxRun(queue, ends_at, cron_budget.pass_ends_at() - _END_SECONDS)
        run.run()
        remaining = queue._count_sendable(run.resting_companies)
        cron_budget.report(self.env, run.unreported, remaining, ends_at - LEAST_SECONDS)

    # -- which are taken -----------------------------------------------------------------------------

    @api.model
    def _wake(self, at=None):
        # sudo: clerks and administrators of Kho DL have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_send").sudo()._trigger(at)

    @api.model
    def _lane_domain(self, lanes):
        return Domain("company_id.kho_dl_portal_lane", "in", lanes)

    @api.model
    def _next_rows(self, domain, limit):
        rows_of = self._next_of(self._telling_companies(), domain, limit)
        return self.browse(row_id for ids in rows_of.values() for row_id in ids)

    @api.model
    def _telling_companies(self):
        # An office that was archived has told the portal of cases, and owes it how they ended.
        return self.env["res.company"].with_context(active_test=False).search([("kho_dl_sync_enabled", "=", True)])

    @api.model
    def _next_of(self, companies, domain, most):
        """Return {company id: ids}: of each of these up to `most` rows of `domain`, the oldest first.

        Of a case, only the first message that is not accepted yet; what was refused of its steps and states holds back nothing.
        """
        query = self._search(domain)
        query.add_where(
            """
            kho_dl_outbox.company_id = company.id
            AND NOT EXISTS (SELECT FROM kho_dl_outbox AS earlier
                             WHERE earlier.case_id = kho_dl_outbox.case_id
                               AND earlier.id < kho_dl_outbox.id
                               AND earlier.state != 'accepted'
                               AND (earlier.kind = 'case' OR earlier.state != 'rejected'))
            """
        )
        query.order, query.limit = SQL("kho_dl_outbox.id"), most
        found = self.env.execute_query(
            SQL(
                "SELECT company.id, waiting.id FROM unnest(%s::integer[]) AS company(id) CROSS JOIN LATERAL (%s) AS waiting",
                companies.ids,
                query.select(SQL("kho_dl_outbox.id")),
            )
        )
        rows_of = {}
        for company_id, row_id in found:
            rows_of.setdefault(company_id, []).append(row_id)
        return rows_of

    @api.model
    def _count_sendable(self, resting):
        """Return how many messages could be sent now: nothing before them in their case waits for its time or a person.

        Those of the companies `resting` are not counted, nor those behind a portal that is spared.
        """
        is_theirs = Domain("company_id", "in", (self._telling_companies() - resting).ids)
        free = self._search(self._takeable() & is_theirs).select(SQL("kho_dl_outbox.id, kho_dl_outbox.case_id"))
        [(count,)] = self.env.execute_query(
            SQL(
                """
                WITH free AS (%s)
                SELECT COUNT(*) FROM free
                 WHERE NOT EXISTS (SELECT FROM kho_dl_outbox AS earlier
                                    WHERE earlier.case_id = free.case_id
                                      AND earlier.id < free.id
                                      AND earlier.state != 'accepted'
                                      AND (earlier.kind = 'case' OR earlier.state != 'rejected')
                                      AND earlier.id NOT IN (SELECT id FROM free))
                """,
                free,
            )
        )
        return count

    # -- what is sent --------------------------------------------------------------------------------

    def _running_values(self, worker_key):
        is_uncertain = self.is_uncertain or self.state == "running"
        return {**super()._running_values(worker_key), "is_uncertain": is_uncertain}

    def _close_interrupted(self):
        self._close_rejected(
            "interrupted",
            self.env._(
                "Sending this message was interrupted too often, so it is not tried any more. Nothing else is lost. "
                "Tell your administrator, then send it again."
            ),
            is_uncertain=True,
        )

    def _prepare_tellings(self):
        """Return {row: (`Telling`, ids of its rows)}, each made of its case as it is now.

        What cannot be told is closed with its reason.
        """
        self._drop_superseded()
        accepted = Domain("case_id", "in", self.case_id.ids) & Domain("kind", "=", "case")
        known = self.search(accepted & Domain("state", "=", "accepted")).case_id
        return self._take_along({row: telling for row, telling in self._prepare_all(known).items() if telling})

    def _drop_superseded(self):
        """Let the rows go that wait behind these and tell of the same cases: they would say the same once more."""
        firsts = self.filtered(lambda row: row.kind == "case")
        same = Domain("kind", "=", "case") & Domain("state", "=", "pending") & Domain("is_uncertain", "=", False)
        same &= Domain("case_id", "in", firsts.case_id.ids) & Domain("id", "not in", firsts.ids)
        # Who holds one has a change that is not read here.
        self.search(same).try_lock_for_update().unlink()

    def _prepare_all(self, known):
        """Return {row: `Telling` or None}; `known` are the cases that the portal has accepted before."""
        try:
            with self.env.cr.savepoint():
                return {row: row._prepare_or_close(row.case_id in known) for row in self}
        except _FAULTS_OF_DATABASE:
            raise
        except psycopg2.Error as error:
            # Nothing else can be read before this is undone: then each by itself, to find out whose fault it is.
            if len(self) > 1:
                return {row: telling for each in self for row, telling in each._prepare_all(known).items()}
            self._close_faulty(error)
            return {}

    def _prepare_or_close(self, is_known):
        """Return the `Telling` of this row; None where none can be made, which is kept as its reason.

        The one boundary of the queue: whatever goes wrong with one message in here, also in the code of another
        application, closes that message and no other.
        """
        try:
            return self._prepare_telling(is_known)
        except NotTellable as error:
            self._close_rejected("incomplete", str(error))
        except UserError as error:
            self._close_rejected("refused", str(error))
        except psycopg2.Error:
            raise
        except Exception as error:  # noqa: BLE001 - see above; logged with its traceback
            self._close_faulty(error)
        return None

    def _prepare_telling(self, is_known):
        case = self.case_id
        if self.kind == "case":
            message = case._prepare_case_message()
        elif self.kind == "state":
            message = case._prepare_state_message(self)
        else:
            message = case._prepare_progress_message(self)
        return Telling(message=message, is_update=is_known or self.kind != "case", is_uncertain=self.is_uncertain)
