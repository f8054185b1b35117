import logging
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from odoo import api, fields, models, tools
from odoo.tools import SQL

from ..common import cron_budget
from ..common.office_time import is_night
from ..common.transactions import commit_or_retry
from ..common.unforeseen import apart

_logger = logging.getLogger(__name__)

# So many rows are checked between two commits of the scheduled action.
SLICE = 20_000
# How long a slice may take, on a slow machine.
_SECONDS_A_SLICE = 8
# The whole journal is begun anew once a night.
_ROUND_EVERY = timedelta(hours=20)


class KhoDLJournalChain(models.Model):
    """Checks that go on in the background: what somebody asked for, and the round over all rows at night."""

    _inherit = "kho.dl.journal.chain"

    @api.model
    def _cron_verify(self):
        """Check what was asked for, then what came since, and at night go on with the round over everything."""
        # sudo: the scheduled action works for all companies. Those that somebody waits for come first.
        chains = self.sudo().search([], order="check_state, checked_on NULLS FIRST, id")  # pylint: disable=no-search-all
        anew = chains.filtered(lambda chain: chain.check_state == "anew")
        give_up_at = cron_budget.ends_at() - _SECONDS_A_SLICE
        # Of 150 offices nearly all have nothing new: those that have are walked.
        look = partial(commit_or_retry, self.env, chains._note_unchanged)
        news = chains - (
            apart(self.env, _logger, "which journals have anything new is not known", look) or self.browse()
        )
        is_done = news._go_on_in_turn(give_up_at) and anew._go_on_in_turn(give_up_at, is_round=True)
        if is_done and is_night(fields.Datetime.now()):
            # Nobody waits for it: what is left of it is not reported, and goes on half an hour later.
            chains._in_round()._go_on_in_turn(give_up_at, is_round=True, is_awaited=False)

    @api.model
    def _note_unchanged(self):
        """Note that all those chains were checked now that end as they did when they were last checked; return them.

        That is all that a walk would look at there: the last row of all journals is the one that was checked, its seal is as
        it was, and so are position and seal of the head. Whose check somebody asked for, and where there is a fault, is not
        among them; nor is what somebody seals at this moment.
        """
        self.env.flush_all()
        unchanged = self.env.execute_query(
            SQL(
                """
                UPDATE kho_dl_journal_chain
                   SET checked_on = %s
                 WHERE id IN (SELECT id
                                FROM kho_dl_journal_chain
                                LEFT JOIN LATERAL (%s) AS last ON TRUE
                               WHERE check_state = 'rest'
                                 AND fault IS NULL
                                 AND (COALESCE(checked_position, 0), COALESCE(checked_hash, '')) = (position, hash)
                                 AND (COALESCE(last.chain_position, 0), COALESCE(last.chain_hash, '')) = (position, hash)
                                 AND COALESCE(round_position, 0) <= position
                                 FOR NO KEY UPDATE OF kho_dl_journal_chain SKIP LOCKED)
             RETURNING id
                """,
                fields.Datetime.now(),
                self._last_sealed(),
            )
        )
        self.invalidate_model(["checked_on"])
        return self.browse(chain_id for (chain_id,) in unchanged)

    @api.model
    @tools.ormcache()
    def _last_sealed(self):
        """Return the SQL of the position and the seal of the last row of all journals, of the chain that is selected."""
        of_journals = [
            SQL(
                """
                (SELECT chain_position, chain_hash
                   FROM %s
                  WHERE company_id = kho_dl_journal_chain.company_id AND chain_position > 0
                  ORDER BY chain_position DESC LIMIT 1)
                """,
                SQL.identifier(self.env[name]._table),
            )
            for name in self.env["kho.dl.journal"]._journals()
        ]
        return SQL("%s ORDER BY chain_position DESC LIMIT 1", SQL(" UNION ALL ").join(of_journals))

    def _in_round(self):
        """Return those of these chains whose round is under way or due, the one that waited longest first."""
        due = fields.Datetime.now() - _ROUND_EVERY
        chains = self.filtered(
            lambda chain: chain.round_position or not chain.round_ended_on or chain.round_ended_on < due
        )
        return chains.sorted(lambda chain: chain.round_ended_on or datetime.min)

    def _go_on_in_turn(self, give_up_at, is_round=False, is_awaited=True):
        """Check these chains slice by slice, each in its turn; return whether nothing was left at `give_up_at`."""
        todo, rows = deque(self), 0

        def left():
            return sum(chain._rows_left(is_round) for chain in todo) if is_awaited else 0

        while cron_budget.report(self.env, rows, left(), give_up_at) and todo:
            chain = todo.popleft()
            begin = (chain.round_position, chain.round_hash or "") if is_round else chain._begin()
            check = partial(chain._check, begin, begin[0] + SLICE, is_round)
            verdict = apart(self.env, _logger, f"journal {chain.id} could not be checked", check)
            rows = verdict.came_to[0] - begin[0] if verdict else 0
            if not verdict:
                continue
            # Nobody waits for what is behind a fault: the round goes on there.
            if verdict.is_end or (verdict.fault and not is_round):
                chain._tell_result(verdict, "anew" if is_round else "on")
            else:
                todo.append(chain)
        return not todo

    def _rows_left(self, is_round):
        return max(self.position - (self.round_position if is_round else self.checked_position), 1)

    def _tell_result(self, verdict, state):
        """Tell who asked for this check, wherever in Odoo they are, that it has ended."""
        if self.check_state != state:
            return
        if state == "anew":
            # The last slice ends it, and says nothing of those before.
            whole = replace(verdict, rows=verdict.position)
            verdict = self._known_fault() if self.fault else whole
        user = self.check_user_id
        told = self.with_context(lang=user.lang or self.env.lang)
        commit_or_retry(self.env, partial(self.write, {"check_state": "rest", "check_user_id": False}))
        if user:
            user._bus_send("simple_notification", told._notification({told: verdict})["params"])
            self.env.cr.commit()  # pylint: disable=invalid-commit
