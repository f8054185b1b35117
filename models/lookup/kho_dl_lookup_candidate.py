from functools import partial

from psycopg2.errors import ForeignKeyViolation

from odoo import Command, api, fields, models

from ...protocol import links
from ...protocol.readable_names import sides_and_places
from ..case.kho_dl_case_document import SOURCES
from ..common.own_fields import check_only
from ..gate.file_gate import INCOMPLETE
from ..store.kho_dl_case_document_store import same_number

# What of a candidate is people's.
_CHOICES = {"selected", "server_id", "reason"}


class KhoDLLookupCandidate(models.Model):
    """One existing paper that may be put on the case: why it is offered, whether it is wanted, what became of it."""

    _name = "kho.dl.lookup.candidate"
    _description = "Existing paper in a lookup"
    _inherit = ["kho.dl.guarded", "kho.dl.placed"]
    _is_made_by_code = True
    _is_read_whole = True
    _order = "lookup_id.id, document_sequence, case_document_id.id, id"

    lookup_id = fields.Many2one("kho.dl.lookup", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="lookup_id.company_id", store=True, precompute=True, index=True)
    held_by_id = fields.Many2one(related="lookup_id.held_by_id", store=True, precompute=True, index="btree_not_null")
    case_document_id = fields.Many2one(
        "kho.dl.case.document", "Document", readonly=True, index=True, ondelete="cascade"
    )
    document_sequence = fields.Integer(related="case_document_id.sequence", store=True, precompute=True)
    document_name = fields.Char(related="case_document_id.name", related_sudo=False, string="Required document")
    source = fields.Selection(SOURCES, "Kept in", readonly=True)
    name = fields.Char("Paper", readonly=True)
    number = fields.Char(readonly=True)
    agency = fields.Char("Issued by", readonly=True)
    agency_code = fields.Char(readonly=True)
    file_names = fields.Text("Files", readonly=True)
    file_count = fields.Integer(readonly=True)
    selected = fields.Boolean("Attach")
    # Whose choice it is: another one's is shown before it is acted upon.
    chosen_by = fields.Integer(readonly=True, help="Id of the user; read by this code only.")
    chosen_on = fields.Datetime(readonly=True)
    # Where the paper is: in our store, in a document of an earlier case, or at a place of an answer in the journal.
    # Links are read from the journal only, never from what a browser sends back.
    paper_id = fields.Many2one("kho.dl.paper", "Paper of our store", readonly=True, ondelete="cascade")
    origin_document_id = fields.Many2one("kho.dl.case.document", readonly=True, ondelete="cascade")
    query_id = fields.Many2one("kho.dl.query", readonly=True, index="btree_not_null", ondelete="cascade")
    paper_index = fields.Integer(readonly=True)
    server_id = fields.Many2one(
        "kho.dl.security.server", "Serving office", help="Needed where the directory does not tell who keeps the files."
    )
    needs_server = fields.Boolean(readonly=True)
    retrieval_ids = fields.Many2many("kho.dl.retrieval", readonly=True)
    # What speaks against a paper of our own, found when it was to be attached; codes of the gate, with commas.
    own_objections = fields.Char(readonly=True)
    needs_reason = fields.Boolean(compute="_compute_status")
    reason = fields.Char(help="Kept in the journal. Why this paper is attached although something is wrong with it.")
    status = fields.Selection(
        [("new", "Not attached"), ("waiting", "On its way"), ("attached", "Attached"), ("failed", "Failed")],
        compute="_compute_status",
    )

    def write(self, vals):
        check_only(self, vals, _CHOICES)
        chosen = self.browse() if self.env.su else self.filtered(lambda candidate: candidate._is_other_choice(vals))
        super(KhoDLLookupCandidate, chosen).write({**vals, **self._chosen()})
        return super(KhoDLLookupCandidate, self - chosen).write(vals)

    def _is_other_choice(self, vals):
        """Whether `vals` say something else than is chosen: a tick where one is, is nobody's choice."""
        said = ((self[name], vals[name]) for name in _CHOICES.intersection(vals))
        return any((old.id if isinstance(old, models.BaseModel) else old) != (new or False) for old, new in said)

    def _chosen(self):
        return {"chosen_by": self.env.uid, "chosen_on": self.env.cr.now()}

    @api.depends(
        "retrieval_ids.state", "retrieval_ids.attachment_id", "case_document_id.attachment_ids", "file_count", "needs_server", "server_id",
        "own_objections",
    )  # fmt: skip
    def _compute_status(self):
        for line in self:
            rows = line.retrieval_ids
            line.needs_reason = bool(line.own_objections) or any(row._needs_reason() for row in rows)
            if "failed" in rows.mapped("state") or (line.own_objections and not line._is_local_attached()):
                line.status = "failed"
            elif not all(row._is_closed() for row in rows):
                line.status = "waiting"
            else:
                # A file that was taken off again is not there.
                is_there = all(row.attachment_id for row in rows) if rows else line._is_local_attached()
                line.status = "attached" if is_there else "new"

    def _is_local_attached(self):
        # By content: a copy shares the checksum of its original.
        wanted = set(self._own_record().attachment_ids.mapped("checksum"))
        return bool(wanted) and wanted.issubset(self.case_document_id.attachment_ids.mapped("checksum"))

    def _own_record(self):
        """Return the record of ours that this paper stands on; empty for one of the national store."""
        return self.paper_id or self.origin_document_id

    @api.model
    def _preselect(self, vals_list):
        """Tick the best paper of each document among `vals_list`, of one answer: the first that can be fetched as it is."""
        documents = self.env["kho.dl.case.document"].browse(vals["case_document_id"] for vals in vals_list)
        best = {}
        for document, vals in zip(documents, vals_list, strict=True):
            if document not in best and self._can_be_best(document, vals):
                best[document] = vals
        # The same paper under two documents is offered twice and ticked once.
        chosen = {vals["paper_index"]: vals for vals in reversed(best.values())}
        for vals in vals_list:
            vals["selected"] = vals is chosen.get(vals["paper_index"])

    @api.model
    def _can_be_best(self, document, vals):
        return vals["file_count"] and not vals["needs_server"] and self._has_number_asked(document, vals)

    @api.model
    def _has_number_asked(self, document, vals):
        """Whether this is the paper that the clerk named by its number, if one was named."""
        if not document.paper_number or not document.needs_number:
            return True
        return same_number(vals["number"], document.paper_number)

    def _check_current(self):
        """Refuse papers that were found for something else than the case is now: another owner, another number."""
        in_own_store = self.filtered(lambda line: line.source == "local").case_document_id._own_papers()
        for line in self:
            document = line.case_document_id
            if line.source == "national":
                is_current = line.query_id._outcome_for(document) == "found"
            else:
                is_current = line._own_record() in [paper.origin for paper in in_own_store[document]]
            if not is_current:
                raise line.lookup_id._case_has_changed()
            # What was selected in time goes on. sudo: whether anything was is asked without the rules, which cost more than it.
            if line.source == "national" and not line.sudo().retrieval_ids:
                line.lookup_id._check_still_good()

    def _attach_local(self):
        """Copy the files of these papers of our own; return the documents that got some.

        What speaks against one is kept on its line, and it is attached only when a clerk has said why.
        """
        documents = self.env["kho.dl.case.document"]
        own_papers = self.case_document_id._own_papers() if self else {}
        for line in self:
            # Looked at one by one: two earlier cases may hold the same file.
            if line._is_local_attached():
                continue
            document, origin = line.case_document_id, line._own_record()
            paper = next(paper for paper in own_papers[document] if paper.origin == origin)
            findings = [arrival.findings for arrival in document._look_at_own(paper)]
            # Nothing was lost on its way: it is as it was handed in, or entered.
            objections = {name for found in findings for name in found.objections} - {INCOMPLETE}
            seen = set((line.own_objections or "").split(","))
            if objections - seen or (objections and not (line.reason or "").strip()):
                # sudo: what was found is recorded by this code only.
                line.sudo().own_objections = ",".join(sorted(objections))
                continue
            document._attach_own(paper, findings, line.reason if objections else False)
            documents |= document
        documents.case_id._local_papers_attached(documents)
        return documents

    def _fetch(self, seconds):
        """Queue every file of these lines, and work on them for about `seconds`; return whether all were attached."""
        servers = self.env["kho.dl.security.server"]._server_resolver()
        prepared = {line: line._prepare_retrievals(servers) for line in self}
        try:
            return self.env["kho.dl.retrieval"]._fetch_now(
                self.lookup_id.case_id._office(),
                [vals for vals_list in prepared.values() for vals in vals_list],
                seconds,
                remember=partial(self._remember, prepared),
            )
        except ForeignKeyViolation as error:
            # These lines went while others held the case.
            self.env.cr.rollback()
            raise self.env["kho.dl.lookup"]._no_longer_offered() from error

    def _remember(self, prepared, rows):
        row_of = {(row.case_document_id.id, row.link_key): row.id for row in rows}
        for line, vals_list in prepared.items():
            fetched = rows.browse(row_of[vals["case_document_id"], vals["link_key"]] for vals in vals_list)
            # sudo: what became of a line is recorded by this code only.
            if fetched != line.sudo().retrieval_ids:
                line.sudo().retrieval_ids = fetched

    def _key(self):
        return candidate_key(self.case_document_id.id, self._paper())

    def _paper(self):
        """Return what the national store said of this paper, as the journal keeps it."""
        # sudo: answers hold links, which clerks do not read.
        return self.query_id.sudo().answer[self.paper_index]

    def _prepare_retrievals(self, servers):
        """Return the values of one `kho.dl.retrieval` a file; `servers` is the known directory."""
        paper = self._paper()
        # sudo: as in `_check_current`, in whose statement they were read.
        warned = {row.link_key: row for row in self.sudo().retrieval_ids if row._needs_reason()}
        office = self.server_id if self.needs_server else self.env["kho.dl.security.server"]
        # sudo: which files of it are here is known to this code only.
        kept = set(self.sudo().preview_ids.mapped("link_key")) if self.previewed_on else ()
        places = sides_and_places([file["name"] for file in paper["files"]])
        return [
            {
                "case_document_id": self.case_document_id.id,
                "query_id": self.query_id.id,
                "trace_id": self.query_id.trace_id,
                "user_id": self.env.uid,
                "result_code_id": self.env["kho.dl.result.code"]._id_of(paper["result_code"]),
                "paper_name": paper["name"],
                "paper_number": paper["number"],
                "agency_code": paper["agency_code"],
                "agency_name": office.name or self.agency,
                "file_name": file["name"],
                "side": side,
                "place": place,
                "link": file["link"],
                "link_key": key,
                "provider_host": links.provider_host(file["link"]),
                "server_id": server.id,
                "is_previewed": key in kept,
                "lane": links.lane_of(file["link"], server._for_protocol()),
                # For all lines in one statement.
                "candidate_ids": [Command.link(self.id)],
                "gate_reason": self.validity == "over" and (self.reason or "").strip(),
                **self._prepare_reason(warned.get(key)),
            }
            for file, (side, place) in zip(paper["files"], places, strict=True)
            for key in [links.link_key(file["link"])]
            for server in [office or servers.find(paper["agency_code"], file["link"])]
        ]

    def _prepare_reason(self, warned):
        """Return what lets a file pass the gate of which the clerk was `warned`, by that row of the journal."""
        if not warned or not self.reason:
            return {}
        return {
            "gate_reason": self.reason.strip(),
            "gate_accepted": warned.sha256,
            "gate_overruled": ",".join(warned._objections()),
        }


class KhoDLRetrieval(models.Model):
    _inherit = "kho.dl.retrieval"

    candidate_ids = fields.Many2many("kho.dl.lookup.candidate", readonly=True, groups=fields.NO_ACCESS)


def candidate_key(case_document_id, paper):
    """Return what two papers of answers, as the journal keeps them, have in common that are one for a document."""
    files = frozenset(links.link_key(file["link"]) for file in paper["files"])
    return case_document_id, paper["result_code"], paper["agency_code"], paper["number"], paper["name"], files
