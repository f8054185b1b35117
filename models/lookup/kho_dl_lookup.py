from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ...protocol import channels
from ..common.office_time import OFFICE_TIMEZONE
from ..common.own_fields import check_only
from ..common.transactions import commit_or_retry

# What an answer is about: when one of these is another on the case, it is no longer good.
_ABOUT = ("procedure_id", "owner_id", "owner_id_number", "channel")
# So many are removed at once.
_GC_BATCH = 1000


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
    owner_id_number = fields.Char("Applicant's id number", readonly=True)
    channel = fields.Selection(channels.SELECTION, readonly=True)
    consent_given = fields.Boolean(
        "The applicant agrees that we fetch these papers",
        help="At the counter and by post the national store may be asked only when the applicant has agreed. "
        "Ticking records who confirmed it, when, and for which case.",
    )
    consent_user_id = fields.Many2one("res.users", "Consent confirmed by", readonly=True)
    consent_on = fields.Datetime("Consent confirmed on", readonly=True)
    document_ids = fields.One2many("kho.dl.lookup.document", "lookup_id", "Required documents")
    candidate_ids = fields.One2many("kho.dl.lookup.candidate", "lookup_id", "Existing papers")
    query_id = fields.Many2one("kho.dl.query", "Question", readonly=True, index="btree_not_null", ondelete="cascade")
    asked_on = fields.Datetime(readonly=True, help="When the oldest part of the answer was asked for.")
    good_until = fields.Datetime(required=True, readonly=True, index=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    outcome = fields.Selection(related="query_id.outcome", related_sudo=False)
    message = fields.Text(compute="_compute_message")
    missing_names = fields.Text(compute="_compute_message")
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
            none = lookup.document_ids.filtered(lambda document: document.plan == "none")
            lookup.missing_names = ", ".join(none.mapped("name"))

    @api.depends("asked_on", "good_until")
    @api.depends_context("tz", "lang")
    def _compute_asked_words(self):
        for lookup in self:
            lookup.asked_words = lookup.asked_on and self.env._(
                "Answer of %(asked)s, good until %(end)s.",
                asked=lookup._clock(lookup.asked_on),
                end=lookup._clock(lookup.good_until),
            )

    def _clock(self, moment):
        zone = self.env.context.get("tz") or self.env.user.tz or OFFICE_TIMEZONE
        return format_datetime(self.env, moment, tz=zone, dt_format="HH:mm")

    def write(self, vals):
        check_only(self, vals, {"consent_given", "document_ids", "candidate_ids"})
        result = super().write(vals)
        if "consent_given" in vals:
            # Who ticks again what is ticked confirms nothing anew.
            changed = self.filtered(lambda lookup: lookup.consent_given != bool(lookup.consent_on))
            given = {"consent_user_id": self.env.uid, "consent_on": fields.Datetime.now()}
            # sudo: who confirmed it is recorded by this code only.
            changed.sudo().write(given if vals["consent_given"] else dict.fromkeys(given, False))
        return result

    # -- how long it is good -----------------------------------------------------------------------

    @api.model
    def _open(self, case):
        """Return the lookup of the user for `case`: the one that is still good, or one that begins anew.

        Our own store has been looked at then, nobody was asked. Raises AccessError where the user may not look.
        """
        case.ensure_one()
        citizen = self._citizen()
        # sudo: made and begun by this code only; the same one for all officers.
        lookups = self.sudo()
        lookup = lookups.search([("case_id", "=", case.id), ("partner_id", "=", citizen.id)])
        if not lookup:
            lookup = lookups.new({"case_id": case.id, "partner_id": citizen.id})
        lookup.sudo(self.env.su)._check_asker("read")
        if not lookup.id:
            # A colleague who opens it at this moment waits, or was first and is read.
            case._hold_still()
            lookup = lookups.create({"case_id": case.id, "partner_id": citizen.id, **lookup._as_of_now(case)})
        elif not lookup._is_good():
            lookup._begin_anew()
            lookup.consent_given = False
        lookup = lookup.sudo(self.env.su)
        lookup._show_documents()
        lookup._look_in_own_store()
        return lookup

    def _is_good(self):
        """Whether it is young enough, and about what the case is now."""
        return self.good_until > fields.Datetime.now() and all(self[name] == self.case_id[name] for name in _ABOUT)

    def _check_still_good(self):
        if not self._is_good():
            raise UserError(
                self.env._(
                    "The answer of the national store is no longer good: it is of %(time)s. Nothing was attached: please "
                    "look again.",
                    time=self._clock(self.asked_on or self.create_date),
                )
            )

    def _as_of_now(self, case):
        about = {name: case._fields[name].convert_to_write(case[name], case) for name in _ABOUT}
        return {
            **about,
            "asked_on": False,
            "query_id": False,
            "good_until": self._good_from(fields.Datetime.now(), case),
        }

    @api.model
    def _good_from(self, moment, case):
        # sudo: settings are not everybody's to read.
        return moment + timedelta(minutes=case.company_id.sudo().kho_dl_answer_minutes)

    def _begin_anew(self):
        """Forget what the national store said, and look for what the case is now."""
        # sudo: what was found is recorded by this code only.
        lookup = self.sudo()
        lookup.candidate_ids.filtered(lambda candidate: candidate.source == "national").unlink()
        lookup.document_ids.query_id = False
        lookup.write(self._as_of_now(lookup.case_id))

    @api.autovacuum
    def _gc_lookups(self):
        """Remove what is no longer good: what was found, ticked and typed about people."""
        ended = self.sudo().search(Domain("good_until", "<=", fields.Datetime.now()), limit=_GC_BATCH)
        ended.unlink()
        return len(ended), len(ended) == _GC_BATCH

    # -- what is offered ---------------------------------------------------------------------------

    def _show_documents(self):
        missing = self.case_id.document_ids - self.document_ids.case_document_id
        # sudo: which documents it shows is not the asker's choice.
        self.document_ids.sudo().create(
            [{"lookup_id": self.id, "case_document_id": document.id} for document in missing]
        )

    def _look_in_own_store(self):
        """Offer what we keep ourselves, the first of each document ticked; what the asker does not want stays unticked."""
        documents = self.case_id.document_ids.filtered(lambda document: not document._is_settled())
        found = {
            (document, paper.origin): paper for document, papers in documents._own_papers().items() for paper in papers
        }
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
        return self.candidate_ids.filtered(lambda candidate: not candidate.case_document_id._is_settled())

    # -- attaching ---------------------------------------------------------------------------------

    def _attach(self, candidates, seconds):
        """Attach the selected ones of `candidates`, and work on their files for about `seconds`; return the selected.

        The selection is committed before anything is fetched; what takes longer goes on in the background. Each candidate
        tells afterwards what became of it; calling again tries the failed ones again. Raises UserError when something
        speaks against it: nothing is attached then.
        """
        self.ensure_one()
        self._check_case()
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
        selected._check_current()
        selected._check_reasons()
        if documents := local._attach_local():
            self.env.cr.commit()  # pylint: disable=invalid-commit
            commit_or_retry(self.env, lambda: self.case_id._documents_attached(documents))
        if national := selected - local:
            national._fetch(seconds)
        return selected
