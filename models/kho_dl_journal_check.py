from collections import deque
from datetime import datetime, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from . import cron_budget
from .journal_walk import Verdict, walk_on
from .office_time import is_night, moment_words
from .transactions import commit_or_retry

# So many rows are checked while somebody waits: some seconds. A longer check goes on in the background.
MOST_AT_ONCE = 50_000
# So many rows are checked between two commits of the scheduled action.
SLICE = 20_000
# How long a slice may take, on a slow machine.
_SECONDS_A_SLICE = 10
# The whole journal is begun anew once a night.
_ROUND_EVERY = timedelta(hours=20)


class KhoDLJournalChain(models.Model):
    """How far the journal was checked, and what was found.

    Walking the whole of it may take hours, so a check goes on behind the last position that was checked, and a round over
    all rows begins anew every night, in slices. What is kept here spares time and proves nothing: it stands in the same
    database as the rows.
    """

    _inherit = "kho.dl.journal.chain"

    checked_position = fields.Integer("Checked up to position", readonly=True)
    checked_hash = fields.Char("Seal at that position", readonly=True)
    checked_on = fields.Datetime("Last checked on", readonly=True)
    round_position = fields.Integer("Round has come to position", readonly=True)
    round_hash = fields.Char("Seal where the round is", readonly=True)
    round_ended_on = fields.Datetime("Last checked from the beginning on", readonly=True)
    check_state = fields.Selection(
        [("rest", "At rest"), ("on", "Being checked"), ("anew", "Being checked from the beginning")],
        "Check",
        required=True,
        readonly=True,
        default="rest",
    )
    check_user_id = fields.Many2one("res.users", "Check asked for by", readonly=True, ondelete="set null")
    fault = fields.Selection(
        [
            ("changed", "Changed after it was closed"),
            ("missing", "Missing"),
            ("order", "Out of order"),
            ("rewritten", "Sealed anew by hand"),
            ("head", "Last position does not fit"),
            ("unsealed", "Never sealed"),
        ],
        readonly=True,
    )
    fault_model = fields.Char(readonly=True)
    fault_row_id = fields.Integer(readonly=True)
    fault_position = fields.Integer(readonly=True)
    # The last sound row before it: checks begin there until nothing is wrong any more.
    fault_after_position = fields.Integer(readonly=True)
    fault_after_hash = fields.Char(readonly=True)
    outcome = fields.Text("What was found", compute="_compute_outcome")
    progress = fields.Float(compute="_compute_progress", help="In percent.")
    progress_text = fields.Char("How far it is", compute="_compute_progress")

    @api.depends("fault", "fault_model", "fault_row_id", "fault_position", "checked_position", "checked_on")
    @api.depends_context("lang", "tz")
    def _compute_outcome(self):
        for chain in self:
            if chain.fault:
                chain.outcome = self._words(chain.company_id, chain._known_fault())
            elif chain.checked_on:
                chain.outcome = self.env._(
                    "Whole up to position %(position)s, as of %(moment)s.",
                    position=chain.checked_position,
                    moment=moment_words(self.env, chain.checked_on),
                )
            else:
                chain.outcome = self.env._("Not checked yet.")

    @api.depends("check_state", "position", "checked_position", "round_position")
    @api.depends_context("lang")
    def _compute_progress(self):
        for chain in self:
            done = chain.round_position if chain.check_state == "anew" else chain.checked_position
            chain.progress = min(100.0 * done / chain.position, 100.0) if chain.position else 100.0
            chain.progress_text = self.env._(
                "%(done)s of %(total)s rows",
                done=formatLang(self.env, done, digits=0),
                total=formatLang(self.env, chain.position, digits=0),
            )

    def _known_fault(self):
        place = (self.fault_model, self.fault_row_id, self.fault_position)
        return Verdict(0, self.fault_after_position, self.fault, *place, seal=self.fault_after_hash or "")

    # -- asked for -----------------------------------------------------------------------------------

    @api.model
    def action_verify(self, _ids=None):
        """Check the journals of all companies at hand; return a notification that tells the result.

        Needs no record; `_ids` is what a button sends along, and only those are checked then. A short journal is walked
        from its beginning, a long one from the last position that was checked. What would take longer than somebody
        waits goes on in the background: the notification says so, and opens how far it is.
        """
        self.check_access("read")
        chains = self.browse(_ids) if _ids else self.union(*map(self._head, self.env.companies)).sudo(False)
        chains.check_access("read")
        return chains._notification(chains._check_at_once())

    def action_check_anew(self):
        """Check these journals from their beginning, in the background; their form shows how far it is."""
        self.check_access("read")
        if not self:
            raise UserError(self.env._("Choose the journals that should be checked."))
        self._ask("anew")
        return True

    def _ask(self, state):
        values = {"check_state": state, "check_user_id": self.env.uid}
        if state == "anew":
            values |= {"round_position": 0, "round_hash": False}
        # sudo: whoever may read the journal may have it checked.
        self.sudo().write(values)
        # sudo: auditors have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_verify").sudo()._trigger()

    def _check_at_once(self):
        """Check as much of these chains as somebody may wait for; return {chain: `Verdict`}, None for what goes on."""
        verdicts, left = {}, MOST_AT_ONCE
        for chain in self:
            chain.invalidate_recordset()
            begin = (0, "") if chain.position <= left else chain._begin()
            verdicts[chain] = None
            # Where something is known to be wrong, it is seen at once whether it still is.
            if chain.position - begin[0] <= left or chain.fault:
                verdict = chain._check(begin, begin[0] + max(left, 1))
                left -= verdict.rows
                if verdict.is_end:
                    verdicts[chain] = verdict
                    continue
            chain._ask("on")
        return verdicts

    def _notification(self, verdicts):
        broken = {chain: verdict for chain, verdict in verdicts.items() if verdict and verdict.fault}
        waiting = [chain for chain, verdict in verdicts.items() if not verdict]
        lines = [self._words(chain.company_id, verdict) for chain, verdict in (broken or verdicts).items() if verdict]
        lines += [self._words_waiting(chain) for chain in waiting]
        kind, title = "success", self.env._("The journal is whole")
        if broken:
            kind, title = "danger", self.env._("The journal is broken")
        elif waiting:
            kind, title = "info", self.env._("The journal is being checked")
        params = {"type": kind, "title": title, "message": "\n".join(lines), "sticky": bool(broken)}
        if waiting:
            params["next"] = self._action_open(waiting)
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    def _words_waiting(self, chain):
        return self.env._(
            "%(company)s: the check goes on in the background. %(done)s.",
            company=chain.company_id.name,
            done=chain.progress_text,
        )

    def _action_open(self, chains):
        is_one = len(chains) == 1
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Seals of the journal"),
            "res_model": self._name,
            "views": [(False, "form")] if is_one else [(False, "list"), (False, "form")],
            **({"res_id": chains[0].id} if is_one else {"domain": [("id", "in", [chain.id for chain in chains])]}),
        }

    # -- walking ---------------------------------------------------------------------------------------

    def _begin(self):
        """Return the position and the seal behind which the next check begins."""
        if self.fault:
            return self.fault_after_position, self.fault_after_hash or ""
        return self.checked_position, self.checked_hash or ""

    def _check(self, begin, until, is_round=False):
        """Walk from `begin` to the position `until`, keep and commit what was found, and return it, a `Verdict`."""
        # sudo: how far the journal was checked is written by this code only.
        chain = self.sudo()
        marks = {
            position: seal
            for position, seal in (
                (chain.checked_position, chain.checked_hash),
                (chain.round_position, chain.round_hash),
            )
            if position
        }
        verdict = walk_on(self.env, chain.company_id, begin, until, marks)
        # The head is written at each sealing: what was read for long is kept in a transaction of its own.
        self.env.cr.commit()
        commit_or_retry(self.env, partial(chain._note, begin, verdict, is_round))
        return verdict

    def _note(self, begin, verdict, is_round):
        self.invalidate_recordset()
        values = {"checked_on": fields.Datetime.now()}
        if verdict.fault:
            values |= self._fault_values(verdict)
        elif self.fault and not is_round and begin[0] <= self.fault_after_position:
            is_over = verdict.is_end or verdict.position >= self.fault_position > 0
            values |= self._fault_values(None if is_over else verdict)
        if not verdict.fault and verdict.position > self.checked_position and begin[0] <= self.checked_position:
            values |= {"checked_position": verdict.position, "checked_hash": verdict.seal}
        if not verdict.fault and is_round:
            values |= {"round_position": verdict.position, "round_hash": verdict.seal}
        if not verdict.fault and verdict.is_end and (is_round or not begin[0]):
            values |= {"round_position": 0, "round_hash": False, "round_ended_on": fields.Datetime.now()}
        self.write(values)

    def _fault_values(self, verdict):
        """Return the values that keep a fault, move on the row behind which it is looked for, or (None) forget it."""
        values = {"fault_after_position": verdict.position, "fault_after_hash": verdict.seal} if verdict else {}
        if not verdict:
            names = (
                "fault",
                "fault_model",
                "fault_row_id",
                "fault_position",
                "fault_after_position",
                "fault_after_hash",
            )
            return dict.fromkeys(names, False)
        if verdict.fault:
            values |= {
                "fault": verdict.fault,
                "fault_model": verdict.model,
                "fault_row_id": verdict.row_id,
                "fault_position": verdict.broken_position,
            }
        return values

    # -- in the background -------------------------------------------------------------------------------

    @api.model
    def _cron_verify(self):
        """Check what was asked for, then what came since, and at night go on with the round over everything."""
        # sudo: the scheduled action works for all companies. Those that somebody waits for come first.
        chains = self.sudo().search([], order="check_state, checked_on NULLS FIRST, id")
        anew = chains.filtered(lambda chain: chain.check_state == "anew")
        give_up_at = cron_budget.ends_at() - _SECONDS_A_SLICE
        is_done = chains._go_on_in_turn(give_up_at) and anew._go_on_in_turn(give_up_at, is_round=True)
        if is_done and is_night(fields.Datetime.now()):
            # Nobody waits for it: what is left of it is not reported, and goes on half an hour later.
            chains._in_round()._go_on_in_turn(give_up_at, is_round=True, is_awaited=False)

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
            verdict = chain._check(begin, begin[0] + SLICE, is_round)
            rows = verdict.rows
            if verdict.is_end:
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
        user = self.check_user_id
        told = self.with_context(lang=user.lang or self.env.lang)
        commit_or_retry(self.env, partial(self.write, {"check_state": "rest", "check_user_id": False}))
        if user:
            user._bus_send("simple_notification", told._notification({told: verdict})["params"])
            self.env.cr.commit()
