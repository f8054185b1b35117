import io
import logging

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..inspection.identity import OwnerMatch
from ..inspection.sandbox import PDF
from ..models.common.request_time import request_ends_at
from ..models.connection.error_messages import error_message
from ..models.gate.child_python import child_python
from ..models.gate.file_gate import ENCRYPTED, UNEXAMINED, UNREADABLE, Question
from ..models.gate.finding_words import doubt_words, mark_words
from ..protocol.content import sniff_whole
from ..protocol.errors import DatabaseNotConfirmed
from ..protocol.filenames import JPEG, PNG, TIFF, safe_name, with_extension
from ..sealing.copy_mark import CopyMark
from ..sealing.faults import SealingError, WorkshopBroken, WorkshopBusy
from ..sealing.workshop import marked_copy

_logger = logging.getLogger(__name__)
_SCANS = (PDF, JPEG, PNG, TIFF)
_BROKEN = ("broken", "revoked")
_PAPER_FIELDS = (
    "case_id",
    "owner_id",
    "owner_id_number",
    "result_code_id",
    "name",
    "number",
    "agency",
    "agency_code",
    "date_issued",
    "date_expiry",
    "is_unlimited",
    "abstract",
    "scope",
    "company_id",
)


class NamesAnother(Exception):
    """A file seems to name somebody else than the owner of the paper; says so."""


class KhoDLDigitise(models.TransientModel):
    """Makes a paper of our own store of a result that exists on paper, or of one that was signed elsewhere.

    Works the same without a browser: create it with the fields of the paper and its files, call `action_digitise()`;
    the paper is in `paper_id`.
    """

    _name = "kho.dl.digitise"
    _description = "Digitise a result"
    _inherit = ["kho.dl.paper.owner", "kho.dl.guarded"]
    _rec_name = "name"

    case_id = fields.Many2one("kho.dl.case", readonly=True, ondelete="cascade")
    # What a case holds is copied with the rights of who asks: a stored compute would read it for anybody.
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", compute_sudo=False, store=True, precompute=True
    )
    owner_id = fields.Many2one(
        "res.partner", compute="_compute_owner", compute_sudo=False, store=True, readonly=False, precompute=True
    )
    owner_id_number = fields.Char(
        "Owner's id number",
        compute="_compute_owner",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
    )
    result_code_id = fields.Many2one(
        "kho.dl.result.code",
        "Result",
        compute="_compute_result_code_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
    )
    name = fields.Char("Paper", compute="_compute_name", store=True, readonly=False, precompute=True)
    number = fields.Char(help="Number printed on the paper.")
    agency = fields.Char(
        "Issued by", compute="_compute_agency", compute_sudo=False, store=True, readonly=False, precompute=True
    )
    agency_code = fields.Char(
        compute="_compute_agency", compute_sudo=False, store=True, readonly=False, precompute=True
    )
    date_issued = fields.Date("Issued on")
    date_expiry = fields.Date("Valid until")
    is_unlimited = fields.Boolean("Without end", default=True)
    abstract = fields.Text(help="What the paper says, in a sentence.")
    scope = fields.Char("Valid for")
    way = fields.Selection(
        [("seal", "Make a certified copy of the scan"), ("signed", "The file was signed elsewhere")],
        "What to do",
        required=True,
        default="seal",
    )
    copy_kind = fields.Selection(
        [("copy", "Copy"), ("excerpt", "Excerpt"), ("forwarded", "Copy of a copy")], required=True, default="copy"
    )
    signed_kind = fields.Selection(
        [("original", "Original"), ("certified", "Certified electronic copy")], required=True, default="original"
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Choose files", bypass_search_access=True)
    is_right_paper = fields.Boolean(
        "It is the right paper all the same", help="When the file seems to name somebody else."
    )
    # Why that is asked.
    doubt = fields.Char(readonly=True)
    paper_id = fields.Many2one("kho.dl.paper", "Paper made", readonly=True, ondelete="cascade")
    seal_problem = fields.Char(compute="_compute_seal_problem")

    # A method each: Odoo works out none of the fields of a method where one of them is given.
    @api.depends("case_id")
    def _compute_company_id(self):
        for form in self:
            form.company_id = form.case_id._office() or self.env.company

    @api.depends("case_id")
    def _compute_owner(self):
        for form in self:
            form.owner_id = form.case_id.owner_id or form.owner_id
            form.owner_id_number = form.case_id.owner_id_number or form.owner_id_number

    @api.depends("case_id")
    def _compute_result_code_id(self):
        for form in self:
            form.result_code_id = form.case_id.default_result_code_id or form.result_code_id

    @api.depends("company_id")
    def _compute_agency(self):
        for form in self:
            form.agency = form.agency or form.company_id.name
            form.agency_code = form.agency_code or form.company_id._kho_dl_unit()

    @api.depends("result_code_id")
    def _compute_name(self):
        for form in self:
            form.name = form.result_code_id.name

    @api.depends("company_id", "way")
    def _compute_seal_problem(self):
        for form in self:
            form.seal_problem = form.way == "seal" and form._seal_problem()

    def _seal_problem(self):
        try:
            key = self.env["kho.dl.gateway"]._sealing_key(self.company_id)
            key.check(self.env["kho.dl.gateway"]._now())
        except (SealingError, DatabaseNotConfirmed) as error:
            return error_message(self.env, error)
        return False

    @api.onchange("date_expiry")
    def _onchange_date_expiry(self):
        self.is_unlimited = not self.date_expiry

    @api.onchange("attachment_ids", "owner_id", "owner_id_number")
    def _onchange_files(self):
        # It was said of other files, or of another owner.
        self.is_right_paper = self.doubt = False

    def action_digitise(self):
        """Make the paper and put it into our own store.

        Raises UserError, and makes nothing, when something is missing or a file cannot be used.
        """
        self.ensure_one()
        try:
            return self._digitise()
        except NamesAnother as doubt:
            raise UserError(str(doubt)) from doubt

    def _digitise(self):
        # A browser may ask for sizes in place of contents.
        scans = [(file.name, file.raw or b"") for file in self.attachment_ids.with_context(bin_size=False)]
        if not scans:
            raise UserError(self.env._("Choose the scan first. Nothing was made."))
        findings = [self._look(name, content) for name, content in scans]
        self._check_owner(scans, findings)
        check_code = ""
        if self.way == "seal":
            self._check_plain(scans, findings)
            check_code, check_address = self.env["kho.dl.check"]._new_code(self.company_id)
            files = [self._sealed_copy([content for _name, content in scans], check_address)]
            values = {"kind": "copy", "trust_level": "3"}
        else:
            self._check_signed(scans, findings)
            is_trusted = all(found.signature_state == "valid" for found in findings)
            files, values = scans, {"kind": self.signed_kind, "trust_level": "4" if is_trusted else "2"}
        self._make_paper(files, values, check_code)
        return self._action_done()

    def _look(self, name, content):
        """Return the findings of the gate in one file. Raises UserError for what is no scan."""
        mimetype = sniff_whole(content)
        if mimetype not in _SCANS:
            raise UserError(
                self.env._("“%(file)s” is neither a PDF nor an image, so nothing was made. Choose the scan.", file=name)
            )
        question = Question(self.owner_id.name or "", self.owner_id_number or "")
        found = self.env["kho.dl.gateway"]._gate(self.company_id).look(io.BytesIO(content), mimetype, question)
        if found.report and found.report.is_worth_another_try:
            raise UserError(error_message(self.env, WorkshopBusy(found.report.reason)))
        if {ENCRYPTED, UNEXAMINED, UNREADABLE}.intersection(found.marks):
            raise UserError(
                self.env._(
                    "“%(file)s” cannot be read: it is locked, damaged or far too large. Nothing was made. Scan the "
                    "paper again.",
                    file=name,
                )
            )
        return found

    def _check_owner(self, scans, findings):
        """Raise NamesAnother where files seem to be somebody else's, for all of them, unless they are said to be right."""
        others = [scan[0] for scan, found in zip(scans, findings, strict=True) if found.owner is OwnerMatch.MISMATCH]
        if others and not self.is_right_paper:
            raise NamesAnother(
                self.env._(
                    "“%(file)s” seems to name somebody else than %(owner)s. Nothing was made. Choose the other file, or "
                    "tick that it is the right paper all the same.",
                    file="”, “".join(others),
                    owner=self.owner_id.name or "",
                )
            )

    def _check_plain(self, scans, findings):
        """Let a copy show a paper and do nothing else. Raises UserError for a scan that would."""
        for (name, _content), found in zip(scans, findings, strict=True):
            if words := mark_words(self.env, found.active_content):
                raise UserError(
                    self.env._(
                        "“%(file)s” is more than a picture of a paper, so nothing was made. %(reasons)s Print it and scan "
                        "the print.",
                        file=name,
                        reasons=" ".join(words),
                    )
                )

    def _check_signed(self, scans, findings):
        for (name, _content), found in zip(scans, findings, strict=True):
            state = found.signature_state or "unsigned"
            if state in _BROKEN:
                raise UserError(
                    self.env._("The signature of “%(file)s” is broken or revoked. Nothing was made.", file=name)
                )
            if state == "unverified":
                raise UserError(
                    self.env._(
                        "Whether the signature of “%(file)s” is right cannot be told, so nothing was made. %(reasons)s",
                        file=name,
                        reasons=" ".join(doubt_words(self.env, found.report)),
                    )
                )
            if state == "unsigned":
                raise UserError(
                    self.env._(
                        "Nobody has signed “%(file)s”, so nothing was made. Make a certified copy of it instead.",
                        file=name,
                    )
                )

    def _sealed_copy(self, contents, check_address):
        gateway = self.env["kho.dl.gateway"]
        now = gateway._now()
        mark = CopyMark(self.copy_kind, self.company_id.name, now, check_address)
        try:
            key = gateway._sealing_key(self.company_id)
            copied = marked_copy(contents, mark, None, child_python(self.env), request_ends_at())
            # What is sealed is looked at itself: nothing that hid from the first look goes out under the seal.
            copies, found = [(self.name, copied)], [self._look(self.name, copied)]
            self._check_owner(copies, found)
            self._check_plain(copies, found)
            sealed = key.seal(copied, now, reason=mark.text(), location="")
        except (SealingError, DatabaseNotConfirmed) as error:
            if isinstance(error, WorkshopBroken):
                _logger.error("Copies cannot be made: %s", error.kind)
            raise UserError(error_message(self.env, error)) from error
        return with_extension(safe_name(self.name, fallback="paper"), PDF), sealed

    def _make_paper(self, files, values, check_code):
        paper = self.env["kho.dl.paper"].create(
            {
                **{name: self._fields[name].convert_to_write(self[name], self) for name in _PAPER_FIELDS},
                **values,
                "attachment_ids": [Command.create({"name": name, "raw": content}) for name, content in files],
            }
        )
        if check_code:
            # sudo: what is printed on a copy is recorded by this code only.
            paper.sudo()._write_below_the_guard({"check_code": check_code})
        # A processed case enters its results by itself.
        paper.action_enter()
        self.paper_id = paper
