"""What is noted of an error that nobody foresaw: its kind and where it arose; its own words may hold people's data."""

import traceback


def log_unforeseen(logger, what, problem):
    """Log as an error that `problem` befell `what`, words without personal data, with the lines that led there."""
    lines = "".join(traceback.format_tb(problem.__traceback__))
    logger.error("Kho DL: %s: %s\n%s", what, type(problem).__name__, lines)
