"""What the national catalogue says of a procedure, as it is kept, and how it is told from what people changed here."""

from odoo import Command

DOCUMENT_FIELDS = ("code", "name", "form_name", "form_url")
# Parts of a procedure whose records have a code and a name, with their models.
NAMED_PARTS = {"sectors": "kho.dl.sector", "agencies": "kho.dl.agency", "results": "kho.dl.result.code"}


def content(procedure, base):
    """Return what the catalogue says of `procedure`, of `protocol.catalogue`, for a Json field.

    What it does not say this time is what it said before, in `base`.
    """
    said = {
        "name": procedure.name or None,
        "sector": None if procedure.sectors is None else next((part.code for part in procedure.sectors), ""),
        "agencies": _codes(procedure.agencies),
        "results": _codes(procedure.results),
        "variants": None if procedure.variants is None else list(procedure.variants),
        "documents": _documents(procedure.documents, base.get("documents", {})),
    }
    nothing = {"name": "", "sector": "", "documents": {}}
    return {
        **{part: base.get(part, nothing.get(part, [])) if value is None else value for part, value in said.items()},
        "names": {kind: _names(getattr(procedure, kind), names_in(base, kind)) for kind in NAMED_PARTS},
    }


def names_in(base, kind):
    """Return {code: name} as `base` has it of the part `kind`."""
    return base.get("names", {}).get(kind, {})


def merge_value(current, base, wanted, name, values, details, what=None, where=()):
    """Put `wanted` into `values` unless `current` is that already, or was changed by hand since `base`.

    Adds to `details` what was changed or kept: `what` (else `name`), and `where` it is.
    """
    if current == wanted:
        return
    # An empty value is nobody's; and what the catalogue says as before was answered before.
    if current in (base, "", False):
        values[name] = wanted
        details.append([what or name, current or "", wanted, *where])
    elif base != wanted:
        details.append([f"kept_{what or name}", current, wanted, *where])


def merge_links(current, base, known, wanted, what, details):
    """Return the commands for what is new in, and what went from, the catalogue's codes `wanted` since `base`."""
    codes = set(current.mapped("code"))
    added = [code for code in wanted if code not in base and code not in codes]
    removed = current.filtered(lambda record: record.code in base and record.code not in wanted)
    details += [[what, "", known[code].name] for code in added]
    details += [[what, record.name, ""] for record in removed]
    return [
        *(Command.link(known[code].id) for code in added),
        *(Command.unlink(record.id) for record in removed),
    ]


def _codes(parts):
    return None if parts is None else [part.code for part in parts]


def _names(parts, before):
    if parts is None:
        return before
    return {part.code: part.name or before.get(part.code, "") for part in parts}


def _documents(documents, before):
    if documents is None:
        return None
    return {
        document.key: {
            **{name: getattr(document, name) for name in DOCUMENT_FIELDS},
            "name": document.name or before.get(document.key, {}).get("name", ""),
            "variants": list(document.variants),
        }
        for document in documents
    }
