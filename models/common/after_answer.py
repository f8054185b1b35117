"""What nobody has to wait for who waits for an answer is done when the answer has been sent."""

import logging

from odoo.http import request
from odoo.modules import module

from .unforeseen import log_unforeseen

_logger = logging.getLogger(__name__)
_LATER = "kho_dl_later"


def is_answer_awaited():
    """Return whether this serves a request whose answer somebody waits for. A test has one cursor for all, and no later."""
    return bool(request) and not module.current_test


def after_answer(env, what, action):
    """Call `action(env)` in a transaction of its own when the answer to this request has been sent; `what` for the log.

    For news that may be lost: where the answer is an error after all, or this process dies, it is not called.
    """

    def act():
        try:
            with env.registry.cursor() as cr:
                action(env(cr=cr))
        except Exception as problem:  # noqa: BLE001 - the answer is right all the same
            log_unforeseen(_logger, what, problem)

    setattr(request, _LATER, [*getattr(request, _LATER, ()), act])


def hand_over(response):
    """Have what is to be done after the answer `response` done when it has been sent."""
    for act in getattr(request, _LATER, ()):
        response.call_on_close(act)
