from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.common.id_number import id_number_kind
from ..models.common.transactions import commit_or_retry
from ..protocol import filenames, links
from .own_fields import check_only

# How long the clerk's own request works on the files before the rest goes on in the background.
ATTACH_SECONDS = 12


class KhoDLRetrieveWizard(models.TransientModel):
    """The clerk's form: look in our own store, ask the national one, choose, attach.

    Works the same without a browser: create it with `case_id` and `consent_given`, call
    `action_search()`, choose among `line_ids` by `selected`, call `action_attach()`.
    """

    _name = "kho.dl.retrieve.wizard"
    _description = "Look for existing papers"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "case_id"

    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, ondelete="cascade")
    procedure_id = fields.Many2one(related="case_id.procedure_id", related_sudo=False)
    owner_id = fields.Many2one(related="case_id.owner_id", related_sudo=False)
    owner_id_number = fields.Char(related="case_id.owner_id_number", related_sudo=False)
    channel = fields.Selection(related="case_id.channel", related_sudo=False)
    company_id = fields.Many2one(related="case_id.company_id", related_sudo=False)
    consent_needed = fields.Boolean(compute="_compute_consent_needed")
    consent_given = fields.Boolean(
        "The applicant agrees that we fetch these papers",
        help="At the counter and by post the national store may be asked only when the applicant has agreed. "
        "Ticking records who confirmed it, when, and for which case.",
    )
    document_ids = fields.One2many("kho.dl.retrieve.wizard.document", "wizard_id", "Required documents")
    line_ids = fields.One2many("kho.dl.retrieve.wizard.line", "wizard_id", "Existing papers")
    query_id = fields.Many2one("kho.dl.query", "Question", readonly=True, ondelete="cascade")
    outcome = fields.Selection(related="query_id.outcome", related_sudo=False)
    message = fields.Text(compute="_compute_message")
    missing_names = fields.Text(compute="_compute_message")
    ask_count = fields.Integer(compute="_compute_counts")
    number_count = fields.Integer(compute="_compute_counts")

    @api.depends("channel")
    def _compute_consent_needed(self):
        for wizard in self:
            wizard.consent_needed = wizard.channel in ("1", "3")

    @api.depends("document_ids.plan")
    def _compute_counts(self):
        for wizard in self:
            plans = wizard.document_ids.mapped("plan")
            wizard.ask_count = plans.count("ask")
            wizard.number_count = plans.count("number")

    @api.depends("query_id", "document_ids.plan")
    def _compute_message(self):
        for wizard in self:
            wizard.message = wizard.query_id.message if wizard.outcome == "failed" else False
            none = wizard.document_ids.filtered(lambda document: document.plan == "none")
            wizard.missing_names = ", ".join(none.mapped("name"))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_only(self, vals, {"case_id", "consent_given", "document_ids", "line_ids"})
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._show_documents()
            wizard._look_in_own_store()
        return wizards

    def write(self, vals):
        check_only(self, vals, {"consent_given", "document_ids", "line_ids"})
        return super().write(vals)

    def _show_documents(self):
        # sudo: which documents the form shows is not the clerk's choice.
        self.env["kho.dl.retrieve.wizard.document"].sudo().create(
            [{"wizard_id": self.id, "case_document_id": document.id} for document in self.case_id.document_ids]
        )

    # -- looking -----------------------------------------------------------------------------------

    def action_search(self):
        """Look in our own store, then ask the national one for what is still missing.

        The outcome is on `query_id` ("found", "none", "failed"), the papers are in `line_ids`. Raises
        UserError when the question may not or cannot be put: nothing is asked then.
        """
        self.ensure_one()
        self._check_case()
        self._start_over()
        asking = self.document_ids.filtered(lambda document: document.plan in ("ask", "number"))
        codes = {document.case_document_id: pairs for document in asking if (pairs := document._codes())}
        if codes:
            self._check_may_ask()
            # sudo: which answer the form shows is not the clerk's choice.
            self.sudo().query_id = self.env["kho.dl.query"]._ask(self.case_id, codes, self._consent_values())
            self._take_answer(codes)
        else:
            self._check_nothing_left(asking)
        return self._action_open()

    def _check_case(self):
        case = self.case_id
        case.check_access("write")
        if not case.is_open:
            raise UserError(self.env._("This case is closed, so no papers are fetched for it any more."))
        if not id_number_kind(case.owner_id_number):
            raise UserError(
                self.env._(
                    "This case has no valid id number of the applicant, so nobody can be asked about their papers. "
                    "Nothing was changed. Type the number on the case and look again."
                )
            )
        if not case.document_ids.result_code_ids:
            raise UserError(
                self.env._(
                    "No document of this procedure is linked to a national result code, so there is nothing to "
                    "ask for. Ask the applicant for the papers, and tell your administrator to map the procedure “%s”.",
                    case.procedure_id.display_name,
                )
            )

    def _start_over(self):
        """Look in our own store anew; papers of it that the clerk does not want stay unticked."""
        declined = self.line_ids.filtered(lambda line: line.source == "local" and not line.selected)
        unwanted = {line._own_record() for line in declined}
        # sudo: lines are made and removed by this code only.
        self.sudo().line_ids.unlink()
        self.sudo().query_id = False
        self._look_in_own_store()
        self.line_ids.filtered(lambda line: line._own_record() in unwanted).selected = False

    def _look_in_own_store(self):
        found = self.case_id.document_ids.filtered(
            lambda doc: doc.status not in ("attached", "other_number")
        )._own_papers()
        # sudo: lines are made by this code only.
        self.env["kho.dl.retrieve.wizard.line"].sudo().create(
            [
                {
                    "wizard_id": self.id,
                    "case_document_id": document.id,
                    "source": "local",
                    "name": paper.name,
                    "number": paper.number,
                    "agency": paper.where,
                    "agency_code": paper.agency_code,
                    "file_names": "\n".join(paper.files.mapped("name")),
                    "file_count": len(paper.files),
                    "paper_id": paper.origin.id if paper.origin._name == "kho.dl.paper" else False,
                    "origin_document_id": paper.origin.id if paper.origin._name != "kho.dl.paper" else False,
                    "selected": position == 0,
                }
                for document, papers in found.items()
                for position, paper in enumerate(papers)
            ]
        )

    def _check_may_ask(self):
        if not self.consent_needed:
            return
        if not self.consent_given:
            raise UserError(
                self.env._(
                    "The national store was not asked: tick that the applicant agrees first. "
                    "Papers of our own store can be attached without it."
                )
            )
        self.case_id._check_officer_for_question()

    def _consent_values(self):
        if not self.consent_needed:
            return {}
        return {"consent_given": True, "consent_user_id": self.env.uid, "consent_on": fields.Datetime.now()}

    def _check_nothing_left(self, documents):
        if documents:
            raise UserError(
                self.env._(
                    "A person can hold several of these papers: %(documents)s. "
                    "Type the number of the paper wanted, then look again.",
                    documents=", ".join(documents.mapped("name")),
                )
            )

    def _take_answer(self, codes_by_document):
        """Turn the answer of the national store into lines."""
        # sudo: answers hold links, which clerks do not read.
        papers = sorted(enumerate(self.query_id.sudo().answer or []), key=lambda entry: newest_first(entry[1]))
        servers = self.env["kho.dl.security.server"]._known_servers()
        # sudo: lines are made by this code only.
        lines = (
            self.env["kho.dl.retrieve.wizard.line"]
            .sudo()
            .create(
                [
                    self._prepare_line(document, index, paper, servers)
                    for document, codes in codes_by_document.items()
                    for index, paper in papers
                    if paper["result_code"] in {code.code for code, _number in codes}
                ]
            )
        )
        lines._preselect()

    def _prepare_line(self, case_document, index, paper, servers):
        found = [servers.find(paper["agency_code"], file["link"]) for file in paper["files"]]
        office = next(filter(None, found), self.env["kho.dl.security.server"])
        return {
            "wizard_id": self.id,
            "case_document_id": case_document.id,
            "source": "national",
            "name": paper["name"] or case_document.name,
            "number": paper["number"],
            "agency": office.name or paper["agency_code"],
            "agency_code": paper["agency_code"],
            "file_names": "\n".join(file["name"] for file in paper["files"]),
            "file_count": len(paper["files"]),
            "query_id": self.query_id.id,
            "paper_index": index,
            "needs_server": not all(
                server or links.composed_dstcode(file["link"])
                for server, file in zip(found, paper["files"], strict=True)
            ),
        }

    # -- attaching ---------------------------------------------------------------------------------

    def action_attach(self):
        """Attach the selected papers; what takes longer than a moment goes on in the background.

        The selection is committed before anything is fetched. Each line tells afterwards what became
        of it; calling again tries the failed ones again.
        """
        self.ensure_one()
        self._check_case()
        selected = self.line_ids.filtered("selected")
        if not selected:
            raise UserError(self.env._("Nothing is selected. Tick the papers that belong on the case."))
        if not all(selected.mapped("file_count")):
            raise UserError(
                self.env._(
                    "The store has no file of one of the selected papers. Nothing was attached: untick it, "
                    "and ask the applicant for that paper."
                )
            )
        if local := selected.filtered(lambda line: line.source == "local"):
            # A colleague who corrects the number waits until the copies are there, or was first and is read.
            self.case_id._hold_still()
        selected._check_current()
        selected._check_reasons()
        documents = local._attach_local()
        if documents:
            self.env.cr.commit()  # pylint: disable=invalid-commit
            commit_or_retry(self.env, lambda: self.case_id._documents_attached(documents))
        if national := selected - local:
            national._fetch(ATTACH_SECONDS)
        return self._action_after_attach(selected)

    def _action_after_attach(self, selected):
        if any(line.status != "attached" for line in selected):
            return self._action_open()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Attached to the case"),
                "message": ", ".join(selected.mapped("document_name")),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Look for existing papers"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }


def newest_first(paper):
    """Return the sort key of a paper of an answer: newest known first, those of unknown age last."""
    stamps = [filenames.upload_stamp(file["name"]) or 0 for file in paper["files"]]
    return -max(stamps, default=0)
