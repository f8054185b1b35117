from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.kho_dl_case_document import SOURCES
from ..protocol import links


class KhoDLRetrieveWizardLine(models.TransientModel):
    """One existing paper that a clerk may put on the case."""

    _name = "kho.dl.retrieve.wizard.line"
    _description = "Existing paper in the retrieval form"
    _order = "wizard_id, document_sequence, case_document_id, id"

    wizard_id = fields.Many2one("kho.dl.retrieve.wizard", required=True, index=True, ondelete="cascade")
    case_document_id = fields.Many2one("kho.dl.case.document", "Document", readonly=True, ondelete="cascade")
    document_sequence = fields.Integer(related="case_document_id.sequence", store=True)
    document_name = fields.Char(related="case_document_id.name", string="Required document")
    source = fields.Selection(SOURCES, "Kept in", readonly=True)
    name = fields.Char("Paper", readonly=True)
    number = fields.Char(readonly=True)
    agency = fields.Char("Issued by", readonly=True)
    agency_code = fields.Char(readonly=True)
    file_names = fields.Text("Files", readonly=True)
    file_count = fields.Integer(readonly=True)
    selected = fields.Boolean("Attach")
    # Where the paper is: in a document of an earlier case, or at a place of an answer in the journal.
    # Links are read from the journal only, never from what a browser sends back.
    origin_document_id = fields.Many2one("kho.dl.case.document", readonly=True, ondelete="cascade")
    query_id = fields.Many2one("kho.dl.query", readonly=True, ondelete="cascade")
    paper_index = fields.Integer(readonly=True)
    server_id = fields.Many2one(
        "kho.dl.security.server", "Serving office", help="Needed where the directory does not tell who keeps the files."
    )
    needs_server = fields.Boolean(readonly=True)
    retrieval_ids = fields.Many2many("kho.dl.retrieval", readonly=True)
    status = fields.Selection(
        [("new", "Not attached"), ("waiting", "On its way"), ("attached", "Attached"), ("failed", "Failed")],
        compute="_compute_status",
    )
    message = fields.Text("Remark", compute="_compute_status")

    @api.depends("retrieval_ids.state", "case_document_id.attachment_ids", "file_count", "needs_server", "server_id")
    def _compute_status(self):
        for line in self:
            states = line.retrieval_ids.mapped("state")
            errors = [row.error for row in line.retrieval_ids if row.state == "failed"]
            if errors:
                line.status, line.message = "failed", "\n".join(dict.fromkeys(errors))
            elif "pending" in states or "running" in states:
                line.status, line.message = "waiting", False
            elif states or line._is_local_attached():
                line.status, line.message = "attached", False
            else:
                line.status, line.message = "new", line._remark()

    def _is_local_attached(self):
        return bool(self.origin_document_id) and self.case_document_id.origin_document_id == self.origin_document_id

    def _remark(self):
        if not self.file_count:
            return self.env._("The store knows this paper but has no file of it.")
        if self.needs_server and not self.server_id:
            return self.env._("Choose the office that keeps the files.")
        return False

    @api.onchange("server_id")
    def _onchange_server_id(self):
        if self.server_id and self.file_count:
            self.selected = True

    def _preselect(self):
        """Tick the best paper of each document: the first that can be fetched as it is."""
        best = {}
        for line in self.sorted("id"):
            if line.file_count and not line.needs_server:
                best.setdefault(line.case_document_id, line)
        # The same paper under two documents is offered twice and ticked once.
        chosen = {(line.query_id, line.paper_index): line for line in reversed(best.values())}
        self.browse([line.id for line in chosen.values()]).selected = True

    def _check_own(self):
        """Make sure that each line is one that this form found: its values travel through a browser."""
        for line in self:
            case = line.wizard_id.case_id
            is_own = line.case_document_id.case_id == case and (
                line.query_id.case_id == case
                if line.source == "national"
                else line.case_document_id._is_satisfied_by(line.origin_document_id)
            )
            if not is_own:
                raise UserError(self.env._("These lines are out of date. Nothing was attached: please look again."))

    def _attach_local(self):
        lines = self.filtered(lambda line: line.status != "attached")
        for line in lines:
            line.case_document_id._attach_local(line.origin_document_id)
        lines.case_document_id.case_id._local_papers_attached(lines.case_document_id)

    def _fetch(self, seconds):
        """Queue every file of these lines, and work on them for about `seconds`."""
        servers = self.env["kho.dl.security.server"]._known_servers()
        prepared = {line: line._prepare_retrievals(servers) for line in self}
        rows = self.env["kho.dl.retrieval"]._enqueue([vals for vals_list in prepared.values() for vals in vals_list])
        row_of = {(row.case_document_id.id, row.link_key): row.id for row in rows}
        for line, vals_list in prepared.items():
            line.retrieval_ids = [
                (6, 0, [row_of[vals["case_document_id"], vals["link_key"]] for vals in vals_list])
            ]
        self.env.cr.commit()
        rows._process_now(seconds)

    def _paper(self):
        """Return what the national store said of this paper, as the journal keeps it."""
        # sudo: answers hold links, which clerks do not read; see `_check_own`.
        return self.query_id.sudo().answer[self.paper_index]

    def _prepare_retrievals(self, servers):
        """Return the values of one `kho.dl.retrieval` a file; `servers` is the known directory."""
        paper = self._paper()
        code = self.case_document_id.result_code_ids.filtered(lambda code: code.code == paper["result_code"])
        return [
            {
                "case_document_id": self.case_document_id.id,
                "query_id": self.query_id.id,
                "user_id": self.env.uid,
                "result_code_id": code.id,
                "paper_name": paper["name"],
                "paper_number": paper["number"],
                "agency_code": paper["agency_code"],
                "agency_name": self.server_id.name or self.agency,
                "file_name": file["name"],
                "link": file["link"],
                "link_key": links.link_key(file["link"]),
                "provider_host": links.provider_host(file["link"]),
                "server_id": (self.server_id or servers.find(paper["agency_code"], file["link"])).id,
            }
            for file in paper["files"]
        ]
