import hashlib
from dataclasses import dataclass

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...protocol.answers import text
from ...protocol.content import sniff_whole
from ...protocol.download import Download
from ...protocol.readable_names import sides_and_places
from ..case.kho_dl_case import FINISHED_STATES
from ..gate.file_gate import Arrival

# {model: fields} that tell whether we keep anything of a person.
_KEPT_BY = {
    "kho.dl.case": ["owner_id", "owner_id_number", "state"],
    "kho.dl.id.number": ["number", "partner_id", "verified_how"],
    "kho.dl.paper": ["owner_id_number"],
}


@dataclass(frozen=True)
class OwnPaper:
    """A paper that we keep ourselves: of our own store, or of an earlier case that is finished.

    `origin` is that record (`kho.dl.paper` or `kho.dl.case.document`), `files` its attachments, `code` the result
    code under which it is kept (may be empty), `where` who issued it and where it was found, for a clerk.
    """

    origin: models.BaseModel
    name: str
    number: str
    agency_code: str
    agency: str
    where: str
    code: models.BaseModel
    files: models.BaseModel

    def contents(self):
        """Return what tells two papers of the same content: the checksums of their files."""
        return frozenset(self.files.mapped("checksum"))


class KhoDLCaseDocument(models.Model):
    """What we keep ourselves is looked up, and put on the case, without asking anybody (rule 1 of the house)."""

    _inherit = "kho.dl.case.document"

    origin_document_id = fields.Many2one(
        "kho.dl.case.document", "Taken from", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    origin_paper_id = fields.Many2one(
        "kho.dl.paper",
        "Taken from our store",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )

    def _own_papers(self):
        """Return {document: [OwnPaper]}: what we keep of the same owner, our store first, the newest first.

        Read with the rights of the user: a company's clerk finds the papers of that company only.
        """
        return self._kept_papers() if self._is_anything_kept() else {document: [] for document in self}

    def _kept_papers(self):
        """Return the same, for who has seen that `_is_anything_kept`."""
        owners = self.case_id._owner_numbers()
        if not owners or not self.result_code_ids:
            return {document: [] for document in self}
        papers = self._stored_papers(owners, self.env["kho.dl.paper"]._valid_domain())
        earlier = self._of_finished_cases(_all_of(owners))
        return {document: document._chosen(papers, earlier, owners.get(document.case_id, ())) for document in self}

    def _is_anything_kept(self, along=lambda _is_kept: None):
        """Return whether we keep anything at all of the applicants of these documents, whatever it is and whoever may read it.

        One statement in place of several: of most people who come to a counter there is nothing. `along` may ask for an SQL
        expression in a statement of its own, and return what it gives.
        """
        if not self:
            return False
        cases = self.case_id
        if cases != cases._origin:
            # What is typed into a form stands in no table.
            return True
        for model, names in _KEPT_BY.items():
            self.env[model].flush_model(names)
        kept = SQL(
            """
            EXISTS (
                SELECT
                  FROM kho_dl_case AS job
                  CROSS JOIN LATERAL (
                      SELECT job.owner_id_number AS number
                       UNION ALL
                      SELECT number FROM kho_dl_id_number
                       WHERE partner_id = job.owner_id AND verified_how IS NOT NULL
                  ) AS known
                 WHERE job.id = ANY(%(cases)s)
                   AND (EXISTS (SELECT FROM kho_dl_paper WHERE owner_id_number = known.number)
                        OR EXISTS (
                            SELECT FROM kho_dl_case AS earlier
                             WHERE earlier.owner_id_number = known.number AND earlier.id <> job.id
                               AND earlier.state IN %(finished)s
                        ))
            )
            """,
            cases=cases.ids,
            finished=FINISHED_STATES,
        )
        is_kept = along(kept)
        return self.env.execute_query(SQL("SELECT %s", kept))[0][0] if is_kept is None else is_kept

    def _stored_papers(self, owners, wanted):
        """Return the papers of our store that are `wanted`, a domain, for the results of these documents.

        `owners` is {case: id numbers of its applicant}.
        """
        papers = self.env["kho.dl.paper"]
        return papers._of_owners(_all_of(owners), self.result_code_ids, self._office(), wanted)

    def _of_finished_cases(self, numbers):
        return self.search(
            Domain("case_id.owner_id_number", "in", list(numbers))
            & Domain("case_id.state", "in", FINISHED_STATES)
            & Domain("case_id", "not in", self.case_id.ids)
            & Domain("company_id", "in", self._office().ids)
            & Domain("attachment_ids", "!=", False)
            & Domain("procedure_document_id.result_code_ids", "in", self.result_code_ids.ids),
            order="provenance_time desc, id desc",
            limit=1000,
        )

    def _chosen(self, papers, earlier, numbers):
        """Return those of `papers` and of the documents `earlier`, of owners with one of `numbers`, that satisfy this document.

        Each content once.
        """
        self.ensure_one()
        own = [self._from_store(paper) for paper in papers if self._is_satisfied_by_paper(paper, numbers)]
        known = {paper.contents() for paper in own}
        fitting = earlier.filtered(lambda document: self._is_satisfied_by(document, numbers))
        handed_in = [self._from_case(document) for document in fitting if not document._is_paper_over()]
        return own + [paper for paper in handed_in if paper.contents() not in known]

    def _is_paper_over(self):
        """Whether the paper on this document is valid no longer: a copy of a paper of our store is worth what the paper is."""
        # sudo: so it is of a paper that another office keeps, which received the case.
        return self.sudo().origin_paper_id._is_over()

    def _is_satisfied_by_paper(self, paper, numbers):
        """Whether `paper`, of an owner with one of `numbers`, is one that this document asks for."""
        return (
            paper.owner_id_number in numbers
            and paper.company_id == self._office()
            # Also on a form that was never saved.
            and paper.result_code_id in self.result_code_ids._origin
            and (not self.paper_number or same_number(paper.number, self.paper_number))
        )

    def _is_satisfied_by(self, earlier, numbers):
        """Whether the paper on document `earlier`, of an owner with one of `numbers`, is one that this document asks for."""
        held = earlier.provenance_result_code_id or earlier.result_code_ids
        paper_numbers = (earlier.provenance_paper_number, earlier.paper_number)
        return (
            earlier.case_id.owner_id_number in numbers
            # A file that was left there with a reason is about somebody else all the same.
            and not earlier.check_ids._of_another_person()
            and earlier.company_id == self._office()
            and bool(held & self.result_code_ids._origin)
            and (not self.paper_number or any(same_number(number, self.paper_number) for number in paper_numbers))
        )

    def _from_store(self, paper):
        return OwnPaper(
            origin=paper,
            name=paper.name,
            number=paper.number or "",
            agency_code=paper.agency_code or "",
            agency=paper.agency or "",
            where=paper.agency or paper.company_id.name,
            code=paper.result_code_id,
            files=self._in_order(paper.attachment_ids),
        )

    def _from_case(self, earlier):
        agency = earlier.provenance_agency or self._office().name
        return OwnPaper(
            origin=earlier,
            name=earlier.provenance_paper_name or earlier.name,
            number=earlier.provenance_paper_number or earlier.paper_number or "",
            agency_code=earlier.provenance_agency_code or self._office()._kho_dl_unit() or "",
            agency=agency,
            where=self.env._("%(agency)s, from case %(case)s", agency=agency, case=earlier.case_id.name),
            code=earlier.provenance_result_code_id or (earlier.result_code_ids & self.result_code_ids._origin)[:1],
            files=self._in_order(earlier.attachment_ids),
        )

    def _look_at_own(self, paper):
        """Return the `Arrival` of each file of `paper`, an `OwnPaper`, with what the gate finds in it as one for this case."""
        gate = self.env["kho.dl.gateway"]._gate(self._office())
        question = self.case_id._gate_question()
        arrivals = []
        # A browser may ask for sizes in place of contents.
        for file in paper.files.with_context(bin_size=False):
            content = file.raw or b""
            download = Download.of(content, sniff_whole(content), file.name)
            arrivals.append(Arrival(download, gate.look(download.file, download.mimetype, question)))
        return arrivals

    def _attach_own(self, paper, findings, reason):
        """Copy the files of `paper`, an `OwnPaper`, onto this document, with where they came from.

        `findings` are those in its files, `reason` is a clerk's word for attaching it all the same, or False.
        """
        self.ensure_one()
        # The copies share their bytes with the originals in Odoo's file store.
        copies = paper.files._copy_to([self] * len(paper.files), self._names_of_own(paper))
        checks = {copy: (self, found, reason) for copy, found in zip(copies, findings, strict=True)}
        self.env["kho.dl.file.check"]._keep(checks, is_fetched=True)
        is_stored = paper.origin._name == "kho.dl.paper"
        self._attach(
            copies,
            {
                "source": "local",
                "origin_paper_id": paper.origin.id if is_stored else False,
                "origin_document_id": False if is_stored else paper.origin.id,
                "provenance_agency_code": paper.agency_code,
                "provenance_agency": paper.agency,
                "provenance_result_code_id": paper.code.id,
                "provenance_paper_name": paper.name,
                "provenance_paper_number": paper.number,
                "provenance_sha256": "\n".join(hashlib.sha256(copy.raw).hexdigest() for copy in copies),
            },
        )

    def _names_of_own(self, paper):
        taken, places = set(self.attachment_ids.mapped("name")), sides_and_places(paper.files.mapped("name"))
        return [
            self._name_of_file(paper.name, paper.agency, file, side, place, self.env, taken)
            for file, (side, place) in zip(paper.files, places, strict=True)
        ]

    def _origin_words(self):
        """Return in a few words where a paper of our own came from."""
        if self.origin_paper_id:
            return self.origin_paper_id.display_name
        return self.origin_document_id.case_id.name


def _all_of(owners):
    return frozenset().union(*owners.values())


def same_number(one, other):
    """Whether two numbers printed on papers are the same, as people write them."""
    one, other = ("".join(text(number).split()).casefold() for number in (one, other))
    return one == other
