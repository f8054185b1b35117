import logging
import time
from functools import partial

from odoo import models
from odoo.fields import Domain

from ...protocol.catalogue import Procedure
from ...protocol.errors import (
    AnswerNotUnderstood,
    CatalogueUnusable,
    KhoDLError,
    OutOfTime,
    PortalRejected,
    TimedOut,
)
from ..common.queue_run import all_or_each
from ..common.unforeseen import log_unforeseen
from ..connection.error_messages import error_message

_logger = logging.getLogger(__name__)

# So many procedures are asked for, and brought in, between two commits.
_BATCH = 25
# A list with all parts makes rows of some 5 kB each.
_BATCH_OF_ROWS = 500
# One procedure that is answered with nonsense is asked for so often; so many in a row are the portal's trouble.
_MOST_TRIES, _MOST_IN_A_ROW = 3, 5
_KINDS = ("new", "changed", "unchanged", "failed")


class KhoDLCatalogueSync(models.Model):
    """What a run does while it works: reads the lists, then brings in one procedure after the other."""

    _inherit = "kho.dl.catalogue.sync"

    def _list(self, client, keep):
        """Read the lists, and note each procedure as work to do; `keep(action)` commits. Raises what stops the run."""
        remarks = []
        sectors, agencies = (self._read_list(ask, remarks) for ask in (client.sectors, client.agencies))
        self.env.cr.commit()  # pylint: disable=invalid-commit
        listing = client.procedures()
        keep(partial(self._note_lists, sectors, agencies, listing, "\n".join(remarks) or False))

    def _note_lists(self, sectors, agencies, listing, remark):
        if sectors:
            self.env["kho.dl.sector"]._follow_list({part.code: {"name": part.name} for part in sectors})
        if agencies:
            entries = {part.code: {"name": part.name, "level": part.level} for part in agencies}
            self.env["kho.dl.agency"]._follow_list(entries)
        work = [{"code": part.code, "name": part.name, "payload": part.as_json()} for part in listing.whole]
        work += [{"code": code} for code in listing.codes]
        changes = self.env["kho.dl.catalogue.change"]
        for start in range(0, len(work), _BATCH_OF_ROWS):
            changes.create([{**values, "sync_id": self.id} for values in work[start : start + _BATCH_OF_ROWS]])
            self.env.flush_all()
            changes.invalidate_model()
        values = {"total_count": len(work), "skipped_count": listing.skipped, "remark": remark}
        self.write({"is_listed": True, **values})

    def _read_list(self, ask, remarks):
        """Return what `ask` returns, None where there is no such list: procedures name their own fields and agencies."""
        # No transaction stays open while the portal thinks.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        try:
            return ask()
        except (CatalogueUnusable, PortalRejected) as error:
            if error.is_transient:
                raise
            remarks.append(
                self._in_their_words().env._(
                    "A list of fields or agencies could not be read, so those that procedures name are used: %s",
                    error_message(self._in_their_words().env, error),
                )
            )
            return None

    def _next_batch(self, client, give_up_at, keep):
        """Bring in the next procedures, as many as are read until `give_up_at`; return whether there are more.

        `keep(action)` commits. Raises what stops the whole run.
        """
        waiting = Domain("sync_id", "=", self.id) & Domain("kind", "=", "waiting")
        batch = self.env["kho.dl.catalogue.change"].search(waiting, order="tries, id", limit=_BATCH)
        if not batch:
            keep(self._finish)
            return False
        asked = [(change.id, change.code, change.payload) for change in batch]
        # No transaction stays open while the portal thinks.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        answers = self._read(client, asked, give_up_at)
        # One procedure must not hold up all others.
        all_or_each(
            self.env,
            lambda some: keep(partial(self._bring_in, batch.browse([change.id for change in some]), answers)),
            list(batch.filtered(lambda change: change.id in answers)),
            lambda change, problem: keep(partial(self._pass_over, change, problem)),
        )
        # What was read is not needed any more; 10,000 documents need not stay in memory.
        self.env.invalidate_all()
        if all(isinstance(answer, KhoDLError) and answer.is_transient for answer in answers.values()):
            raise next(iter(answers.values()))
        return True

    def _read(self, client, asked, give_up_at):
        """Return {change id: its Procedure, or the error that says why it cannot be read}, for one at least.

        What was read when an answer took too long is returned, too; who cannot wait for more sees that next time.
        `asked` are (change id, code, payload). Raises what stops the whole run.
        """
        answers, in_a_row = {}, 0
        for change_id, code, payload in asked:
            if answers and time.monotonic() > give_up_at:
                break
            try:
                answers[change_id] = Procedure.from_json(payload) if payload else client.procedure(code)
                in_a_row = 0
            except (PortalRejected, AnswerNotUnderstood) as error:
                answers[change_id] = error
                in_a_row += error.is_transient
                if in_a_row >= _MOST_IN_A_ROW:
                    break
            except (OutOfTime, TimedOut):
                if not answers:
                    raise
                break
        return answers

    def _pass_over(self, change, problem):
        log_unforeseen(_logger, f"procedure {change.code} of the catalogue was passed over", problem)
        words = self._in_their_words().env._(
            "The procedure could not be brought in: an error that nobody foresaw. The log of the server names it."
        )
        change.write({"kind": "failed", "error": words, "payload": False})
        self.write({"failed_count": self.failed_count + 1, "tries": 0})

    def _bring_in(self, batch, answers):
        read = [answers[change.id] for change in batch]
        found = [answer for answer in read if isinstance(answer, Procedure) and not answer.is_ended]
        outcomes = self.env["kho.dl.procedure"]._follow_catalogue(self.company_id, found)
        counts = dict.fromkeys(_KINDS, 0)
        for change, answer in zip(batch, read, strict=True):
            if isinstance(answer, KhoDLError) and answer.is_transient and change.tries + 1 < _MOST_TRIES:
                change.tries += 1
                continue
            values = self._change_values(answer, outcomes)
            change.write({**values, "payload": False})
            counts[values["kind"]] += 1
        values = {f"{kind}_count": self[f"{kind}_count"] + count for kind, count in counts.items()}
        # Whoever gets on, if only past what cannot be read, has tries left.
        self.write({**values, "tries": 0} if any(counts.values()) else values)

    def _change_values(self, answer, outcomes):
        if isinstance(answer, KhoDLError):
            return {"kind": "failed", "error": error_message(self._in_their_words().env, answer)}
        if answer.is_ended:
            return {"kind": "unchanged", "name": answer.name}
        procedure, kind, details = outcomes[answer.code]
        return {"kind": kind, "name": procedure.name, "procedure_id": procedure.id, "details": details or False}
