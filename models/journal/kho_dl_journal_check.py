from dataclasses import replace
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..common.office_time import moment_words
from ..common.transactions import commit_or_retry
from .journal_walk import Verdict, walk_on, with_forgotten

# So many rows are checked while somebody waits: some seconds. A longer check goes on in the background.
MOST_AT_ONCE = 50_000
# So many lines of a notification are read; a province has a journal for each of its offices.
_MOST_LINES = 5


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
    round_faults = fields.Integer("Faults in this round", readonly=True)
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
        ],
        readonly=True,
    )
    fault_model = fields.Char(readonly=True)
    fault_row_id = fields.Integer(readonly=True)
    fault_position = fields.Integer(readonly=True)
    fault_count = fields.Integer("Faults that were found", readonly=True)
    # The last sound row before it: checks begin there until nothing is wrong any more.
    fault_after_position = fields.Integer(readonly=True)
    fault_after_hash = fields.Char(readonly=True)
    outcome = fields.Text("What was found", compute="_compute_outcome")
    progress = fields.Float(compute="_compute_progress", help="In percent.")
    progress_text = fields.Char("How far it is", compute="_compute_progress")

    @api.depends(
        "fault", "fault_model", "fault_row_id", "fault_position", "fault_count", "checked_position", "checked_on"
    )
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
        seal, faults = self.fault_after_hash or "", self.fault_count
        return Verdict(0, self.fault_after_position, self.fault, *place, seal=seal, faults=faults)

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
                left -= verdict.came_to[0] - begin[0]
                if verdict.is_end or verdict.fault:
                    verdicts[chain] = verdict
                    continue
            if chain.check_state == "rest":
                chain._ask("on")
        return verdicts

    def _notification(self, verdicts):
        broken = {chain: verdict for chain, verdict in verdicts.items() if verdict and verdict.is_broken}
        waiting = [chain for chain, verdict in verdicts.items() if not verdict]
        whole = [verdict for verdict in verdicts.values() if verdict and not verdict.fault]
        are_summed = len(whole) > _MOST_LINES
        told = broken or {chain: one for chain, one in verdicts.items() if one and (one.fault or not are_summed)}
        lines = [self._words(chain.company_id, verdict) for chain, verdict in told.items()]
        lines += [self._words_waiting(chain) for chain in waiting]
        # What is broken is named whole.
        shown = max(_MOST_LINES, len(broken))
        if more := len(lines[shown:]):
            lines[shown:] = [self.env._("… and %s more offices", more)]
        if are_summed and not broken:
            rows = sum(verdict.rows for verdict in whole)
            lines.append(
                self.env._("%(count)s journals are whole; checked now: %(rows)s rows.", count=len(whole), rows=rows)
            )
        kind, title = "success", self.env._("The journal is whole")
        if broken:
            kind, title = "danger", self.env._("The journal is broken")
        elif any(verdict and verdict.fault for verdict in verdicts.values()):
            kind, title = "warning", self.env._("Rows of the journal wait to be sealed")
        elif waiting:
            kind, title = "info", self.env._("The journal is being checked")
        params = {"type": kind, "title": title, "message": "\n".join(lines), "sticky": kind in ("danger", "warning")}
        # The list from which somebody has checked says how it stands now.
        params["next"] = self._action_open(waiting) if waiting else {"type": "ir.actions.client", "tag": "soft_reload"}
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
        self.env.cr.commit()  # pylint: disable=invalid-commit
        if not commit_or_retry(self.env, partial(chain._note, begin, verdict, is_round)):
            return replace(verdict, is_end=False)
        if verdict.fault:
            return replace(verdict, faults=max(verdict.faults, chain.fault_count))
        return with_forgotten(self.env, chain.company_id, verdict) if verdict.is_end else verdict

    def _note(self, begin, verdict, is_round):
        """Keep `verdict` of a walk from `begin`; return False where it was of a round that was begun anew meanwhile."""
        self.invalidate_recordset()
        values = {"checked_on": fields.Datetime.now()}
        is_current = not is_round or begin == (self.round_position, self.round_hash or "")
        if verdict.fault and (not self.fault or begin[0] <= self.fault_after_position):
            values |= self._fault_values(verdict)
        elif self.fault and not is_round and begin[0] <= self.fault_after_position:
            is_over = verdict.is_end or verdict.position >= self.fault_position > 0
            values |= self._fault_values(None if is_over else verdict)
        if not verdict.fault and verdict.position > self.checked_position and begin[0] <= self.checked_position:
            values |= {"checked_position": verdict.position, "checked_hash": verdict.seal}
        if is_current and (is_round or (verdict.is_end and not begin[0])):
            values |= self._round_values(begin, verdict)
        elif verdict.fault:
            values["fault_count"] = max(self.fault_count, verdict.faults)
        self.write(values)
        return is_current

    def _round_values(self, begin, verdict):
        """Return the values that keep how far the round over all rows is, which goes on behind faults."""
        faults = verdict.faults + (self.round_faults if begin[0] else 0)
        if verdict.is_end:
            now = fields.Datetime.now()
            return {
                "round_position": 0,
                "round_hash": False,
                "round_faults": 0,
                "round_ended_on": now,
                "fault_count": faults,
            }
        position, seal = verdict.came_to
        counted = max(self.fault_count, faults)
        return {"round_position": position, "round_hash": seal, "round_faults": faults, "fault_count": counted}

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
                "fault_count",
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
