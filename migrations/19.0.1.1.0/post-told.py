"""Nobody is told now about files that ended before there were notices."""


def migrate(cr, version):
    """Mark all closed rows as told."""
    cr.execute("UPDATE kho_dl_retrieval SET is_told = true WHERE state IN ('done', 'failed')")
