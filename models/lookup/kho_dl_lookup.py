from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError

from ...protocol import channels
from ..case.kho_dl_case_document_status import TO_BRING
from ..common.id_number_field import IdNumber
from ..common.own_fields import check_only
from ..common.transactions import commit_or_retry


class KhoDLLookup(models.Model):
    """What one asker (the officers of a case, or the citizen) asks, is offered and chooses for a case.

    It outlives the window in which it began, is the same for all officers, and is good for the time that the company has
    set: `_open`, `_look`, `_attach`. Then it goes; what was asked stays in the journal, and so does what was selected.
    """

    _name = "kho.dl.lookup"
    _description = "Lookup of existing papers"
    _inherit = ["kho.dl.guarded"]
    _order = "id desc"
    _rec_name = "case_id"
    _is_made_by_code = True

    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner",
        "Citizen who asks",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: the officers of the case.",
    )
    procedure_id = fields.Many2one("kho.dl.procedure", readonly=True, ondelete="cascade")
    owner_id = fields.Many2one("res.partner", "Applicant", readonly=True, index="btree_not_null", ondelete="cascade")
    owner_id_number = IdNumber("Applicant's id number", readonly=True)
    channel = fields.Selection(channels.SELECTION, readonly=True)
    consent_given = fields.Boolean(
        "The applicant agrees that we fetch these papers",
        help="At the counter and by post the national store may be asked only when the applicant has agreed. "
        "Ticking records who confirmed it, when, and for which case.",
    )
    consent_user_id = fields.Many2one("res.users", "Consent confirmed by", readonly=True)
    consent_on = fields.Datetime("Consent confirmed on", readonly=True)
    document_ids = fields.One2many("kho.dl.lookup.document", "lookup_id", "Required documents")
    candidate_ids = fields.One2many("kho.dl.lookup.candidate", "lookup_id", "Papers offered")
    query_id = fields.Many2one("kho.dl.query", "Question", readonly=True, index="btree_not_null", ondelete="cascade")
    asked_on = fields.Datetime(readonly=True, help="When the oldest part of the answer was asked for.")
    good_until = fields.Datetime(required=True, readonly=True, index=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, precompute=True, index=True)
    held_by_id = fields.Many2one(related="case_id.held_by_id", store=True, precompute=True, index="btree_not_null")
    outcome = fields.Selection(related="query_id.outcome", related_sudo=False)
    message = fields.Text(compute="_compute_message")
    is_said_on_line = fields.Boolean(
        compute="_compute_message", help="What went wrong is about one document only, and stands there."
    )
    missing_names = fields.Text(compute="_compute_missing_names", help="Required ones that the applicant has to bring.")
    optional_names = fields.Text(compute="_compute_missing_names", help="The same of those that are not required.")
    asked_words = fields.Char(compute="_compute_asked_words")
    ask_count = fields.Integer(compute="_compute_counts")
    number_count = fields.Integer(compute="_compute_counts")

    _one_for_an_asker = models.UniqueIndex(
        "(case_id, COALESCE(partner_id, 0))", "This case is being looked at already: open it again."
    )

    @api.depends("document_ids.plan")
    def _compute_counts(self):
        for lookup in self:
            plans = lookup.document_ids.mapped("plan")
            lookup.ask_count = plans.count("ask") + plans.count("failed")
            lookup.number_count = plans.count("number")

    @api.depends("query_id", "document_ids.plan")
    def _compute_message(self):
        for lookup in self:
            lookup.message = lookup.query_id.message if lookup.outcome == "failed" else False
            lookup.is_said_on_line = bool(lookup.message) and lookup.document_ids.mapped("plan").count("failed") == 1

    @api.depends("asked_on", "document_ids.plan")
    def _compute_missing_names(self):
        none = self.env["kho.dl.lookup.document"]
        for lookup in self:
            plans = lookup.document_ids.mapped("plan")
            # Before the stores have told what they have nobody knows what is missing.
            is_known = lookup.asked_on or not {"ask", "number", "failed"}.intersection(plans)
            to_bring = lookup.document_ids.filtered(lambda one: one.plan in TO_BRING) if is_known else none
            lookup.missing_names = ", ".join(to_bring.filtered("required").mapped("name"))
            lookup.optional_names = ", ".join(to_bring.filtered(lambda one: not one.required).mapped("name"))

    @api.depends("asked_on", "good_until")
    @api.depends_context("tz", "lang")
    def _compute_asked_words(self):
        for lookup in self:
            lookup.asked_words = lookup.asked_on and self.env._(
                "Answer of %(asked)s, good until %(end)s.",
                asked=lookup._clock(lookup.asked_on),
                end=lookup._clock(lookup.good_until),
            )

    def write(self, vals):
        check_only(self, vals, {"consent_given", "document_ids", "candidate_ids"})
        if vals.get("consent_given"):
            for lookup in self:
                # A question may rest on it: of whoever works on the case, and not of whoever only sees it.
                lookup._check_asker("write")
            # Who ticks has the case as it is now before them.
            for lookup in self.filtered(lambda lookup: lookup.case_id and not lookup._is_about_case()):
                lookup._begin_anew()
        result = super().write(vals)
        if "consent_given" in vals:
            # Who ticks again what is ticked confirms nothing anew.
            changed = self.filtered(lambda lookup: lookup.consent_given != bool(lookup.consent_on))
            # sudo: who confirmed it is recorded by this code only.
            changed.sudo().write(self._confirmed(vals["consent_given"]))
        return result

    def _confirmed(self, is_given):
        """Return the values that tell who confirms a consent, and when; of none where it is not given."""
        return {
            "consent_user_id": bool(is_given) and self.env.uid,
            "consent_on": bool(is_given) and fields.Datetime.now(),
        }

    # -- what is offered ---------------------------------------------------------------------------

    def _show_documents(self):
        missing = self.case_id.document_ids - self.document_ids.case_document_id
        # sudo: which documents it shows is not the asker's choice.
        self.document_ids.sudo().create(
            [{"lookup_id": self.id, "case_document_id": document.id} for document in missing]
        )

    def _look_in_own_store(self):
        """Offer what we keep ourselves, the first of each document ticked; what the asker does not want stays unticked.

        Return whether anything at all is kept of the applicant.
        """
        documents = self.case_id.document_ids
        is_kept = documents._is_anything_kept(along=documents._note_without_files)
        documents = documents.filtered(lambda document: not document._is_settled())
        own = documents._kept_papers() if is_kept else {}
        found = {(document, paper.origin): paper for document, papers in own.items() for paper in papers}
        local = self.candidate_ids.filtered(
            lambda candidate: candidate.source == "local" and candidate.case_document_id in documents
        )
        known = {(candidate.case_document_id, candidate._own_record()): candidate for candidate in local}
        # sudo: candidates are made and removed by this code only.
        local.browse([candidate.id for key, candidate in known.items() if key not in found]).sudo().unlink()
        offered = set(self.candidate_ids.case_document_id)
        values = []
        for (document, _origin), paper in found.items():
            if (document, paper.origin) not in known:
                values.append({**self._prepare_own(document, paper), "selected": document not in offered})
            offered.add(document)
        # sudo: candidates are made by this code only.
        self.candidate_ids.sudo().create(values)
        return is_kept

    def _prepare_own(self, document, paper):
        is_stored = paper.origin._name == "kho.dl.paper"
        return {
            "lookup_id": self.id,
            "case_document_id": document.id,
            "source": "local",
            "name": paper.name,
            "number": paper.number,
            "agency": paper.where,
            "agency_code": paper.agency_code,
            "file_names": "\n".join(paper.files.mapped("name")),
            "file_count": len(paper.files),
            "paper_id": paper.origin.id if is_stored else False,
            "origin_document_id": False if is_stored else paper.origin.id,
        }

    def _offered(self):
        """Return the candidates among which there is something to choose."""
        candidates = self.candidate_ids
        candidates.case_document_id._note_without_files()
        return candidates.filtered(lambda candidate: not candidate.case_document_id._is_settled())

    # -- attaching ---------------------------------------------------------------------------------

    def _attach(self, candidates, seconds):
        """Attach the selected ones of `candidates`, working on their files for about `seconds`; return whether all are attached.

        The selection is committed before anything is fetched; what takes longer goes on in the background. Each candidate
        tells afterwards what became of it; calling again tries the failed ones again. Raises UserError when something
        speaks against it: nothing is attached then.
        """
        self.ensure_one()
        self._check_case()
        if candidates.lookup_id - self:
            raise AccessError(self.env._("Only papers that were found in this lookup can be attached by it."))
        selected = candidates.filtered("selected")
        if not selected:
            raise UserError(self.env._("Nothing is selected. Tick the papers that belong on the case."))
        if not all(selected.mapped("file_count")):
            raise UserError(
                self.env._(
                    "The store has no file of one of the selected papers. Nothing was attached: untick it, "
                    "and ask the applicant for that paper."
                )
            )
        if local := selected.filtered(lambda candidate: candidate.source == "local"):
            # A colleague who corrects the number waits until the copies are there, or was first and is read.
            self.case_id._hold_still()
        # sudo: links in answers are for no clerk; all that is asked of the question here and below, in one statement.
        (selected - local).query_id.sudo().fetch(["answer", "asked", "case_id", "owner_id_number", "trace_id"])
        selected._check_current()
        selected._check_reasons()
        if documents := local._attach_local():
            self.env.cr.commit()  # pylint: disable=invalid-commit
            commit_or_retry(self.env, lambda: self.case_id._documents_attached(documents))
        national = selected - local
        if national and national._fetch(seconds) and not local:
            # As nearly always: nothing is read anew to know it.
            return True
        try:
            return all(status == "attached" for status in selected.mapped("status"))
        except MissingError as error:
            raise self._no_longer_offered() from error

    def _no_longer_offered(self):
        return UserError(
            self.env._(
                "The applicant withdrew the consent, or the case has changed, while the files were fetched. What had come by "
                "then is on the case; the rest is not attached."
            )
        )
