"""The page of a proof pack that a person reads: what was asked, by whom, on what consent, and what came of it."""

from operator import itemgetter

from ..common.office_time import in_office_time, moment_words

# {journal: (when it happened, what is told of it)}; what is empty is left out.
_TOLD = {
    "kho.dl.query": (
        "asked_on",
        (
            "user_id", "officer_name", "owner_id", "owner_id_number", "procedure_id", "channel", "consent_user_id",
            "consent_on", "codes", "outcome", "paper_count", "message",
        ),
    ),
    "kho.dl.retrieval": (
        "requested_on",
        (
            "user_id", "paper_name", "paper_number", "agency_name", "file_name", "state", "closed_on", "size", "sha256",
            "signature_words", "gate_reason", "error",
        ),
    ),
    "kho.dl.file.decision": (
        "decided_on", ("kind", "user_id", "document_name", "file_name", "source", "sha256", "fetched_for", "reason")
    ),
    "kho.dl.case.decision": ("decided_on", ("kind", "user_id", "state_before", "state_after", "missing", "reason")),
    "kho.dl.withdrawal": ("withdrawn_on", ("kind", "user_id", "owner_id_number", "file_count", "reason")),
}  # fmt: skip
_PLACE = ("chain_position", "chain_hash", "payload_emptied_on")


def proof_story(journals, checked):
    """Return the page, HTML in UTF-8, over `journals`, rows of each of them; `checked` is what a check of the seals says."""
    env = journals[0].env
    entries = sorted((entry for rows in journals for entry in _entries(in_office_time(rows))), key=itemgetter("at"))
    values = {"entries": entries, "checked": checked, "language": (env.lang or "en_US").replace("_", "-")}
    page = env["ir.qweb"]._render("kho_dl.proof_story", values)
    return f"<!DOCTYPE html>\n{page}".encode()


def _entries(rows):
    when, names = _TOLD[rows._name]
    names = (*names, *_PLACE)
    shown = rows.fields_get(names, ["string", "selection", "type"])
    # sudo: what a journal is called is told to whoever reads it.
    called = rows.env["ir.model"].sudo()._get(rows._name).name
    for row in rows.read([when, *names]):
        told = [(shown[name]["string"], _words(rows.env, shown[name], row[name])) for name in names if row[name]]
        yield {"at": row[when], "when": moment_words(rows.env, row[when]), "called": called, "told": told}


def _words(env, field, value):
    if field["type"] == "selection":
        return dict(field["selection"]).get(value, value)
    if field["type"] == "datetime":
        return moment_words(env, value)
    return value[1] if field["type"] == "many2one" else str(value)
