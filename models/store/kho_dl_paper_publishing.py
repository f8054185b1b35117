import logging
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain

from ..case.kho_dl_case import FINISHED_STATES
from ..case.paper_states import DRAFT, sql_condition
from ..common import cron_budget
from ..common.office_language import in_office_language
from ..common.transactions import LOST_RACES
from ..common.unforeseen import log_unforeseen
from ..connection.kho_dl_database import rests_in_copies

_logger = logging.getLogger(__name__)

# So many are tried again in one run.
_MOST_AT_ONCE = 1000
# What the first paper of a pass has at the least, its scan included; others wait for the next pass.
_LEAST_SECONDS = 8
# The row of a paper is written in so long.
_END_SECONDS = 2
# The index that two equal papers break.
_TWIN = "kho_dl_paper_once_in_the_store"
# What was refused is tried again by the next run of the hour, not by Odoo's repeats of this one.
_TRIED_AGAIN_AFTER = timedelta(minutes=30)


class KhoDLPaper(models.Model):
    """What enters the store without a press, as its case is processed, and is tried again where it could not."""

    _inherit = "kho.dl.paper"

    entry_problem = fields.Char("Why it is not in the store yet", readonly=True, copy=False)
    entry_tried_on = fields.Datetime("Last tried on", readonly=True, copy=False)

    # In the order of its list.
    _own_newest_idx = models.Index("(company_id, date_issued DESC, id DESC)")
    _newest_idx = models.Index("(date_issued DESC, id DESC)")
    # Of a person in whatever state, as the form of a case has them; the papers that can be reused have an index of their own.
    _owner_number_idx = models.Index("(owner_id_number, id DESC)")
    _to_enter_idx = models.Index(f"(entry_tried_on, id) WHERE {sql_condition([DRAFT])} AND entry_problem IS NOT NULL")

    def _publish_ready(self, scanners=None):
        """Enter those drafts that need no press, as their case is processed; what lacks something waits for it."""
        ready = self._drafts().filtered(
            lambda paper: (
                (paper.enters_by_itself or paper.case_id.state in FINISHED_STATES)
                # A copy that is being corrected is right when somebody says so.
                and not paper.supersedes_id
                and not paper.missing
            )
        )
        ready._take_files()
        if scanners is None:
            scanners = ready._scanners()
        entering, known = self.browse(), set()
        # Of two that are equal the first one enters.
        for paper in ready.sorted("id"):
            problem = paper._file_problem(scanners[paper.company_id])
            if not problem and paper.number and paper._identity() in known:
                problem = self._twin_words()
            paper._note_problem(problem)
            if not problem:
                entering |= paper
                known.add(paper._identity())
        # Nearly always there is nothing, and a savepoint is two statements.
        for paper in entering and entering - entering._publish_unless_duplicate():
            paper._note_problem(self._twin_words())

    def _note_problem(self, problem):
        # A case waits for nothing here: what is wrong shows on the paper, and is tried again.
        if problem != self.entry_problem:
            # sudo: why a paper waits is recorded by this code only.
            self.sudo()._write_below_the_guard({"entry_problem": problem})

    @api.model
    def _twin_words(self):
        return self.env._("This paper is in the store already: same owner, result, agency and number.")

    def _publish_unless_duplicate(self):
        """Enter these drafts and return them, without those that another transaction has entered meanwhile."""
        try:
            with self.env.cr.savepoint():
                self._publish()
                return self
        except UniqueViolation as error:
            if error.diag.constraint_name != _TWIN:
                raise
            if len(self) == 1:
                return self.browse()
            return self.browse().union(*(paper._publish_unless_duplicate() for paper in self))

    @api.model
    @rests_in_copies
    def _cron_enter(self):
        """Try again what should enter by itself and could not, such as while the virus scanner was away."""
        # sudo: the scheduled action works for all companies.
        papers = in_office_language(self).sudo()
        tried_before = fields.Datetime.now() - _TRIED_AGAIN_AFTER
        waiting = (
            Domain("state", "=", DRAFT)
            & Domain("entry_problem", "!=", False)
            & (Domain("entry_tried_on", "=", False) | Domain("entry_tried_on", "<", tried_before))
        )
        give_up_at = cron_budget.ends_at() - _LEAST_SECONDS
        scans_end_at = cron_budget.pass_ends_at() - _END_SECONDS
        remaining, done = papers.search_count(waiting), 0
        batch = papers.search(waiting, order="entry_tried_on NULLS FIRST, id", limit=_MOST_AT_ONCE)
        scanners = batch._scanners(scans_end_at)
        # Who comes after the first one begins only where a scan has all its time; else it is the first of the next pass.
        longest = max((scanner.timeout for scanner in scanners.values() if scanner), default=0)
        give_up_next_at = min(give_up_at, scans_end_at - longest)
        for paper in batch:
            if not cron_budget.report(self.env, done, remaining, give_up_at):
                return
            paper._try_again(scanners)
            remaining, done, give_up_at = remaining - 1, 1, give_up_next_at
        cron_budget.report(self.env, done, remaining, give_up_at)

    def _try_again(self, scanners):
        """Enter this draft if it can be, and note that it was tried, also where that failed in an unforeseen way."""
        tried = {"entry_tried_on": fields.Datetime.now()}
        try:
            with self.env.cr.savepoint():
                self._publish_ready(scanners)
                self._write_below_the_guard(tried)
        except LOST_RACES:
            # Whoever was faster has it in hand; the next pass looks at what they left.
            self.env.cr.rollback()
        except Exception as problem:  # noqa: BLE001 - one paper must not hold up all others
            log_unforeseen(_logger, f"paper {self.id} could not be tried again", problem)
            self._write_below_the_guard(tried)
