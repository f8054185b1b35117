"""The rooms, floor by floor from below: imports go downwards only (`import-linter` in the gates)."""

from . import (
    common,
    gate,
    connection,
    procedure,
    case,
    journal,
    directory,
    retrieval,
    mapping,
    store,
    outbox,
    reporting,
    catalogue,
    health,
    acceptance,
    lookup,
    portal,
)
