from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ..case import paper_states
from ..common.office_time import OFFICE_TIMEZONE
from ..reporting.person_history import GIVEN, agencies_of
from ..store.kho_dl_paper_store import IN_FORCE, OVER, WITHDRAWN
from .kho_dl_citizen import Download, FileLine

_lt = LazyTranslate(__name__)

_WORDS = {
    IN_FORCE: _lt("In force"),
    OVER: _lt("No longer valid"),
    WITHDRAWN: _lt("Not given out any more: ask the agency"),
    **paper_states.ENDED,
}
# For each file of a page: whoever had them on more days is told so by the newest.
_MOST_GIVEN = 100


class PaperLine(NamedTuple):
    """A paper of ours as its owner sees it; `state` is a key of `_WORDS`, `given` [(agency, day in words)], newest first.

    `business` is the name of the one that it belongs to, "" where it is the citizen's own. `store_address` is where the owner
    puts it into the own store at the national portal, "" for one that others do not get.
    """

    id: int
    name: str
    number: str
    agency: str
    issued_on: str
    valid_until: str
    scope: str
    state: str
    state_words: str
    ended_on: str
    files: list
    given: list
    business: str
    store_address: str


class KhoDLCitizen(models.AbstractModel):
    """The papers of our own store that are the citizen's."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _own_papers_domain(self):
        # What is entered anew from old files has a number and no contact.
        contact = self._acting_domain(lambda row: Domain("owner_id", "=", False))
        return Domain("state", "in", paper_states.LOCKED) & (self._own_domain() | contact)

    @api.model
    def _paper_count(self):
        # sudo: a citizen reads no records; these are the own ones.
        return self.env["kho.dl.paper"].sudo().search_count(self._own_papers_domain())

    @api.model
    def _papers(self, offset=0, limit=None):
        """Return [PaperLine] of what is the citizen's in our own store, in force or not, newest first."""
        # sudo: as above.
        papers = self.env["kho.dl.paper"].sudo().search(self._own_papers_domain(), offset=offset, limit=limit)
        return self._paper_lines(papers)

    @api.model
    def _paper_lines(self, papers):
        given = self._given(papers.file_ids)
        businesses = {
            (row.company_id, row.number): row.partner_id.name
            for row in self._acting_numbers()
            if row.partner_id != self._contact()
        }
        return [
            PaperLine(
                paper.id,
                paper.name,
                paper.number or "",
                paper.agency or "",
                self._day(paper.date_issued),
                self._day(paper.date_expiry),
                paper.scope or "",
                state := paper._standing(paper.file_ids),
                self.env._(_WORDS[state]),
                self._moment(paper.ended_on),
                [FileLine(file.id, file.name, file.size, bool(file.withdrawn_on)) for file in paper.file_ids],
                given.get(paper, []),
                businesses.get((paper.company_id.root_id, paper.owner_id_number), ""),
                any(paper.file_ids.mapped("is_served")) and paper.company_id.kho_dl_citizen_store_url or "",
            )
            for paper in papers
        ]

    @api.model
    def _given(self, files):
        """Return {paper: [(agency, day in words)]}: once an agency and day, however many parts it asked for."""
        # sudo: a citizen reads no journal; of whom the own papers went to, agency and day are told.
        servings = self.env["kho.dl.serving"].sudo().with_context(tz=OFFICE_TIMEZONE)
        of_these = Domain("paper_file_id", "in", files.ids) & Domain("status", "in", GIVEN)
        # Who fetches a file in a hundred parts leaves room for who had it whole.
        rows = servings._read_group(
            of_these & Domain("method", "=", "GET"),
            ["served_on:day", "caller", "paper_file_id"],
            order="served_on:day desc",
            limit=_MOST_GIVEN * len(files),
        )
        agencies = agencies_of(self.env, [caller for _moment, caller, _file in rows])
        days = {}
        for moment, caller, file in rows:
            # Whom the directory does not know is an address, and tells nobody anything.
            agency = agencies.get(caller) or self.env._("Another agency")
            days.setdefault(file.paper_id, {})[agency, moment.date()] = None
        return {paper: [(agency, self._day(day)) for agency, day in found] for paper, found in days.items()}

    @api.model
    def _paper_download(self, paper_id, file_id):
        """Return the `Download` of a file of an own paper, or None where that is not the citizen's."""
        # sudo: as above.
        files = self.env["kho.dl.paper.file"].sudo()
        is_own = Domain("paper_id", "any", self._own_papers_domain() & Domain("id", "=", paper_id))
        file = files.search(is_own & Domain("id", "=", file_id))
        return Download(file.attachment_id.id, file.name, file.mimetype, file.size) if file else None
