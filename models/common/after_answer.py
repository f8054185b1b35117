"""What nobody has to wait for who waits for an answer is done when the answer has been sent, beside the next request."""

import functools
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from odoo import api, models
from odoo.http import request
from odoo.modules import module

from .unforeseen import log_unforeseen

_logger = logging.getLogger(__name__)
_LATER = "kho_dl_later"
# A request by which OCA's queue_job does a job: it may take minutes, and nobody waits for its answer.
_JOBS = "/queue_job/"


def is_answer_awaited():
    """Return whether this serves a request whose answer somebody waits for. A test has one cursor for all, and no later."""
    return bool(request) and not module.current_test and not request.httprequest.path.startswith(_JOBS)


def after_answer(what, action):
    """Call `action()` when the answer to this request has been sent, once for each `what`, which names it in the log.

    For news that may be lost: where this process dies, it is not called. It runs in a thread, with a cursor of its own if it
    needs any: the worker serves the next request meanwhile.
    """
    later = _later()
    if later is None:
        action()
    else:
        later[what] = action


def hand_over(answer):
    """Have what is to be done after `answer` done when it has been sent: a response, or the error that will become one.

    Also what is said between now and then, as Odoo commits when it has the answer.
    """
    begin = partial(_begin, _later(), getattr(threading.current_thread(), "dbname", None))
    if hasattr(answer, "call_on_close") and not answer.direct_passthrough:
        answer.call_on_close(begin)
    else:
        # Nobody is told when an error, or a file that is passed through, has been sent.
        begin()
        setattr(request, _LATER, None)


def _later():
    """Return {what: action} of this request, None where nothing can be done later."""
    if not hasattr(request, _LATER):
        setattr(request, _LATER, {})
    return getattr(request, _LATER)


def _begin(later, database):
    if later:
        _thread().submit(_act, dict(later), database)
        later.clear()


@functools.cache
def _thread():
    # One for all: where PostgreSQL hangs, threads of each request would wait for a connection that the next one needs.
    return ThreadPoolExecutor(1, thread_name_prefix="kho_dl_after_answer")


os.register_at_fork(after_in_child=_thread.cache_clear)


def _act(later, database):
    # For the log.
    threading.current_thread().dbname = database
    for what, action in later.items():
        try:
            action()
        except Exception as problem:  # noqa: BLE001 - the answer is right all the same
            log_unforeseen(_logger, what, problem)


class IrCron(models.Model):
    _inherit = "ir.cron"

    @api.model
    def _notifydb(self):
        # Odoo opens a connection of its own for each such note; who does not hear it looks within a minute anyway.
        if is_answer_awaited() and not self.env.context.get("cron_id"):
            return after_answer("scheduled actions were not woken up", super()._notifydb)
        return super()._notifydb()
