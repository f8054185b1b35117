import io
import math

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...protocol.content import sniff_whole
from ..case.paper_states import DRAFT, EFFECTIVE, IN_STORE, REVOKED, SUPERSEDED
from ..connection.error_messages import error_message
from ..gate.gate_errors import GateError

# So many papers of one person are offered for one case at most.
_MOST_OFFERED = 200
# How a paper that is in the store stands today.
IN_FORCE, OVER, WITHDRAWN = "in_force", "over", "withdrawn"


class KhoDLPaper(models.Model):
    """How a paper comes into the store, is found there, is replaced, and is taken back."""

    _inherit = "kho.dl.paper"

    # -- in ----------------------------------------------------------------------------------------

    def action_enter(self):
        """Put these drafts into the store; from then on they can be reused and are not changed any more.

        Raises UserError, and enters none of them, when one lacks what the store wants of every paper.
        """
        drafts = self._drafts()
        drafts._take_files()
        scanners, known = drafts._scanners(), set()
        for paper in drafts:
            if paper.number and paper._identity() in known:
                raise UserError(self._twin_words())
            known.add(paper._identity())
            if paper.missing:
                raise UserError(
                    self.env._(
                        "“%(paper)s” is not in the store yet and stays a draft. Still missing: %(missing)s.",
                        paper=paper.display_name,
                        missing=paper.missing,
                    )
                )
            if problem := paper._file_problem(scanners[paper.company_id]):
                raise UserError(problem)
        drafts._publish()
        return True

    def _take_files(self):
        """Make the files of these drafts theirs alone, from now on unchanged by anybody else.

        Who changes one of them at this moment has come first, and is seen; or comes later, and begins anew: their
        snapshot does not show that it is in the store.
        """
        if not self.attachment_ids:
            return
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE ir_attachment SET write_date = %s WHERE id IN %s RETURNING id",
                fields.Datetime.now(),
                self.attachment_ids._ids,
            )
        )
        self.attachment_ids.invalidate_recordset()
        self._adopt_files()
        # What anybody could open by its number would be given out beside the journal.
        self.attachment_ids._close()

    def _publish(self):
        if not self:
            return
        # Before the new ones: a corrected version may bear the number of the one it replaces.
        self.supersedes_id.filtered("is_in_store")._retire(SUPERSEDED)
        self.env.flush_all()
        # sudo: what is in the store is recorded by this code only.
        self.sudo()._write_below_the_guard({"state": EFFECTIVE, "entered_on": fields.Datetime.now()})
        self.env["kho.dl.paper.file"]._keep(self)
        # Their twins among the drafts lack something from now on.
        self.invalidate_model(["missing"])
        self._published()

    def _scanners(self, until=math.inf):
        """Return {company: its virus scanner or None}; one that does not answer is asked once, none after `until`."""
        return {company: self.env["kho.dl.gateway"]._scanner(company, until) for company in self.company_id}

    def _file_problem(self, scanner):
        """Return why a file of this draft is not kept, in words; False when all are.

        Looked at when the draft enters: a file may have changed since it was put there.
        """
        for file in self.attachment_ids.with_context(bin_size=False):
            content = file.raw or b""
            if refusal := self._refusal(file.name, content):
                return refusal
            try:
                if scanner:
                    scanner.scan(io.BytesIO(content))
            except GateError as error:
                return error_message(self.env, error)
        return False

    def _published(self):
        """Called for papers that have just entered the store; extend it to let others know."""
        self.case_id._note_results(self)

    def _refusal(self, name, content):
        """Return why the store does not keep a file with `content`, False when it does."""
        accepted = self.env["kho.dl.gateway"]._accepted_kinds(self.company_id)
        if sniff_whole(content) in accepted:
            return False
        return self.env._(
            "The file “%(file)s” is not of a kind that the store keeps. The paper was not changed: "
            "choose a PDF or an image.",
            file=name,
        )

    def _adopt_files(self):
        """Make the files of these drafts theirs, so that they follow the access rules of the paper.

        A file that belongs to another record is copied, if the user may read it.
        """
        for paper in self:
            strangers = paper.attachment_ids.filtered(
                lambda file, paper=paper: (file.res_model, file.res_id) != (paper._name, paper.id)
            )
            if not strangers:
                continue
            # A browser may ask for sizes in place of contents.
            for file in strangers.with_context(bin_size=False):
                if refusal := paper._refusal(file.name, file.raw or b""):
                    raise UserError(refusal)
            copies = strangers._move_to(paper)
            kept = paper.attachment_ids.filtered(lambda file, copies=copies: file not in copies)
            paper._write_below_the_guard({"attachment_ids": [Command.set(kept.concat(*copies.values()).ids)]})

    def _standing(self, files):
        """Return how this paper stands today by these `files` of it: IN_FORCE, WITHDRAWN (none is given out) or OVER.

        Once it left the store, the state in which it is.
        """
        if not self.is_in_store or self.is_expired:
            return OVER if self.is_in_store else self.state
        return WITHDRAWN if files and all(files.mapped("withdrawn_on")) else IN_FORCE

    # -- looking up --------------------------------------------------------------------------------

    @api.model
    def _of_owners(self, owner_id_numbers, result_codes, companies, wanted):
        """Return the papers of the store that are `wanted`, a domain, of these owners for these results, newest first.

        Read with the user's rights.
        """
        return self.search(
            Domain("owner_id_number", "in", list(owner_id_numbers))
            & Domain("result_code_id", "in", result_codes.ids)
            & Domain("state", "in", IN_STORE)
            & Domain("company_id", "in", companies.ids)
            & wanted,
            order="date_issued DESC NULLS LAST, id DESC",
            limit=_MOST_OFFERED,
        )

    def _is_over(self):
        """Whether this paper, if there is one, is reused no more."""
        return bool(self) and (not self.is_in_store or self.is_expired)

    # -- out ---------------------------------------------------------------------------------------

    def action_supersede(self):
        """Begin a corrected version of this paper, or go on with the one begun; the paper is replaced when it is entered."""
        self.ensure_one()
        self._check_in_store()
        # sudo: which version replaces which is recorded by this code only.
        papers = self.sudo()
        begun = papers.search([("supersedes_id", "=", self.id), ("state", "=", DRAFT)], limit=1)
        successor = begun or papers.copy({"supersedes_id": self.id, "version": self.version + 1})
        return successor.sudo(False)._action_open()

    def action_revoke(self):
        """Open the form that asks why this paper is revoked."""
        self.ensure_one()
        self._check_in_store()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke a paper"),
            "res_model": "kho.dl.revoke.paper",
            "view_mode": "form",
            "target": "new",
            "context": {"default_paper_id": self.id},
        }

    def _revoke(self, reason):
        """Take these papers back: nobody reuses or fetches them from now on."""
        self.check_access("write")
        self._check_in_store()
        self._retire(REVOKED, reason)

    def _check_in_store(self):
        if not all(self.mapped("is_in_store")):
            raise UserError(self.env._("Only a paper that is in the store can be replaced or revoked."))

    def _retire(self, state, reason=False):
        # sudo: what is in the store is recorded by this code only.
        self.sudo()._write_below_the_guard({"state": state, "ended_on": fields.Datetime.now(), "revoke_reason": reason})
        self.invalidate_model(["missing"])

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Paper of our own store"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
