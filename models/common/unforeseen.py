"""What is noted of an error that nobody foresaw: its kind and where it arose; its own words may hold people's data."""

import traceback

from .transactions import is_connection_lost


def log_unforeseen(logger, what, problem):
    """Log as an error that `problem` befell `what`, words without personal data, with the lines that led there."""
    lines = "".join(traceback.format_tb(problem.__traceback__))
    logger.error("Kho DL: %s: %s\n%s", what, type(problem).__name__, lines)


def apart(env, logger, what, step):
    """Return what `step()` returns, which commits by itself; where it fails, undo and log that `what`, and return None.

    So that what one company has cannot keep the others waiting. Raises what says that the connection was lost.
    """
    try:
        return step()
    except Exception as problem:
        if is_connection_lost(problem):
            raise
        env.cr.rollback()
        log_unforeseen(logger, what, problem)
        return None
