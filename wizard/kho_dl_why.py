from collections import Counter

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..models.common.id_number import clean_id_number, id_number_kind
from ..protocol.agencies import issuing_agency

# So many of our own papers are named for one document.
_MOST_SHOWN = 5


class KhoDLWhy(models.TransientModel):
    """What would be asked for a procedure and a person, and why; asks nobody.

    Works the same without a browser: create it, call `action_look()`, read `line_ids`.
    """

    _name = "kho.dl.why"
    _description = "What would be asked, and why"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "procedure_id"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    procedure_id = fields.Many2one("kho.dl.procedure", required=True, ondelete="cascade")
    variant_id = fields.Many2one(
        "kho.dl.procedure.variant", "Circumstances", domain="[('procedure_id', '=', procedure_id)]", ondelete="cascade"
    )
    has_variants = fields.Boolean(compute="_compute_has_variants")
    owner_id_number = fields.Char("Id number", help="Empty: what is in our own store is not looked at.")
    line_ids = fields.One2many("kho.dl.why.line", "why_id", readonly=True)
    summary = fields.Char(readonly=True)

    def _compute_display_name(self):
        # The title of the page: there is no list that it could be a record of.
        self.display_name = self.env._("What would be asked, and why")

    @api.depends("procedure_id.variant_ids")
    def _compute_has_variants(self):
        for why in self:
            why.has_variants = len(why.procedure_id.variant_ids) > 1

    @api.onchange("procedure_id")
    def _onchange_procedure_id(self):
        self.variant_id = self.procedure_id.variant_ids[:1]

    def action_look(self):
        """Fill the lines: one for each document that a case of this procedure asks for."""
        self.ensure_one()
        number = clean_id_number(self.owner_id_number or "")
        if number and not id_number_kind(number):
            raise UserError(self.env._("This is no valid id number. Nothing was looked up."))
        variant = self.variant_id or self.procedure_id.variant_ids[:1]
        documents = self.procedure_id.document_ids.filtered(
            lambda document: not document.variant_ids or variant in document.variant_ids
        )
        own = self._own(number, documents)
        servers = self.env["kho.dl.security.server"]._server_resolver()
        lines = [self._line_values(document, own, servers) for document in documents]
        self.write({"line_ids": [Command.clear(), *map(Command.create, lines)], "summary": self._summary_words(lines)})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What would be asked, and why"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _summary_words(self, lines):
        outcomes = Counter(values["outcome"] for values in lines)
        words = self.env._(
            "Of %(all)s documents, %(asked)s would be asked for.", all=len(lines), asked=outcomes["asked"]
        )
        if outcomes["number"]:
            more = self.env._("%s more only when the number on the paper is typed.", outcomes["number"])
            words = f"{words} {more}"
        return words

    def _own(self, number, documents):
        """Return {document: [where our own papers of the person are, in words]}, those that are taken first ahead.

        Looked up as the retrieval form does it, for a case that is never saved.
        """
        if not number:
            return {}
        values = {"procedure_id": self.procedure_id.id, "company_id": self.company_id.id, "owner_id_number": number}
        case = self.env["kho.dl.case"].new(values)
        case_documents = self.env["kho.dl.case.document"]
        for document in documents:
            case_documents |= case_documents.new({"case_id": case, "procedure_document_id": document.id})
        found = case_documents._own_papers()
        return {
            one.procedure_document_id: [self._where(paper.origin) for paper in papers] for one, papers in found.items()
        }

    def _where(self, origin):
        if origin._name == "kho.dl.paper":
            return origin.display_name
        return self.env._("case %s", origin.case_id.name)

    def _line_values(self, document, own, servers):
        codes = document.result_code_ids.filtered("active")
        found = list(dict.fromkeys(own.get(document, [])))[:_MOST_SHOWN]
        return {
            "document_id": document.id,
            "outcome": _outcome(document, codes, found),
            "codes": "\n".join(map(self._code_words, codes)),
            "mapping": self._mapping_words(document),
            "own": "\n".join(found),
            "servers": "\n".join(self._server_words(code, servers) for code in codes),
        }

    def _code_words(self, code):
        words = f"{code.code} {code.name}"
        # As the retrieval form does it: several per person cannot be asked for without saying which.
        return self.env._("%s (only when its number is typed)", words) if code.holds_many else words

    def _mapping_words(self, document):
        decided = [("document_id", "=", document.id), ("undone_on", "=", False), ("kind", "!=", "skip")]
        decision = self.env["kho.dl.mapping.decision"].search(decided, limit=1)
        if decision and decision._still_stands():
            moment = format_datetime(self.env, decision.create_date, dt_format="HH:mm dd/MM/yyyy")
            return self.env._("%(who)s at the mapping desk, %(when)s", who=decision.user_id.name, when=moment)
        if document.result_code_ids:
            return self.env._("Entered on the procedure")
        return (
            self.env._("Said to be not reusable")
            if not document.is_reusable
            else self.env._("Nobody has mapped it yet")
        )

    def _server_words(self, code, servers):
        agency = issuing_agency(code.code)
        server = servers.find(agency, "") if agency else self.env["kho.dl.security.server"]
        if server:
            return f"{server.name} ({server.dstcode})"
        return self.env._("Known only when the portal names the agency")


class KhoDLWhyLine(models.TransientModel):
    _name = "kho.dl.why.line"
    _description = "What would be asked for a document, and why"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "document_id"

    why_id = fields.Many2one("kho.dl.why", required=True, index=True, ondelete="cascade")
    document_id = fields.Many2one("kho.dl.procedure.document", required=True, readonly=True, ondelete="cascade")
    outcome = fields.Selection(
        [
            ("own", "Taken from our own store"),
            ("asked", "Asked for"),
            ("number", "Asked for when its number is typed"),
            ("unmapped", "Handed in: not mapped"),
            ("not_reusable", "Handed in: not reusable"),
        ],
        "What happens",
        readonly=True,
    )
    codes = fields.Text("Results that satisfy it", readonly=True)
    mapping = fields.Char("Where the mapping comes from", readonly=True)
    own = fields.Text("In our own store", readonly=True)
    servers = fields.Text("Server that would serve it", readonly=True)


def _outcome(document, codes, found):
    if found:
        return "own"
    if not codes:
        return "unmapped" if document.is_reusable else "not_reusable"
    return "asked" if any(not code.holds_many for code in codes) else "number"
