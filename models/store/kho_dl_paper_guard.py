from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from ..case.paper_states import DRAFT, EFFECTIVE
from ..common.id_number import clean_id_number
from ..common.own_fields import ours_besides

# What may still be said about a paper that is in the store; everything else stays as it was entered.
_FREE_FIELDS = {"abstract", "note"}


class KhoDLPaper(models.Model):
    """What may be typed in and changed: a draft, and nothing of what is in the store."""

    _inherit = "kho.dl.paper"

    @api.model_create_multi
    def create(self, vals_list):
        # A default in the caller's context is typed in, too.
        self = self.with_context(clean_context(self.env.context))
        self._check_not_forged(vals_list)
        wanted = [vals.get("state", DRAFT) for vals in vals_list]
        papers = super().create([self._cleaned(vals) for vals in vals_list])
        papers._adopt_files()
        entering = papers.browse(paper.id for paper, state in zip(papers, wanted, strict=True) if state == EFFECTIVE)
        entering.action_enter()
        (papers - entering)._publish_ready()
        return papers

    def write(self, vals):
        self._check_not_forged([vals])
        frozen = self.filtered("is_locked")
        is_moved = any(paper.state != vals.get("state", paper.state) for paper in frozen)
        if frozen and (is_moved or ours_besides(self, vals, _FREE_FIELDS | {"state"})):
            raise UserError(
                self.env._(
                    "“%(paper)s” is in the store and stays as it is. Nothing was changed. Make a corrected version: "
                    "it replaces this one.",
                    paper=frozen[0].display_name,
                )
            )
        if "company_id" in vals and any(paper.company_id.id != vals["company_id"] for paper in self):
            raise UserError(self.env._("A paper stays with its company: its files and addresses belong there."))
        # What a program says again is no news, and no reason to refuse what has moved to another company since.
        same = {name for name in ("company_id", "owner_id") if all(paper[name].id == vals.get(name) for paper in self)}
        news = {name: value for name, value in self._cleaned(vals).items() if name not in same | {"state"}}
        result = super().write(news)
        if "attachment_ids" in vals:
            self._adopt_files()
        if vals.get("state") == EFFECTIVE:
            self._drafts().action_enter()
        else:
            self._publish_ready()
        return result

    def _check_company(self, fnames=None):  # pylint: disable=missing-return
        # Whose a case or an earlier version was, its papers are, also where that contact is another company's by now.
        told = self.filtered(lambda paper: paper.owner_id in paper.case_id.owner_id | paper.supersedes_id.owner_id)
        super(KhoDLPaper, self - told)._check_company(fnames)
        super(KhoDLPaper, told)._check_company(set(fnames or self._fields) - {"owner_id", "company_id"})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_store(self):
        if any(self.mapped("is_locked")):
            raise UserError(
                self.env._("Nothing is deleted from the store. Revoke the paper, or replace it by a corrected version.")
            )

    @api.model
    def _check_not_forged(self, vals_list):
        """Let people say of a state only that a draft shall enter; all else about it is recorded by this code."""
        recorded = {"file_ids", "version", "supersedes_id", "entered_on", "ended_on", "revoke_reason"}
        recorded |= {"entry_problem", "entry_tried_on", "check_code"}
        for vals in vals_list:
            if vals.get("state", DRAFT) not in (DRAFT, EFFECTIVE) or (recorded & set(vals) and not self.env.su):
                raise UserError(self.env._("What became of a paper is recorded by the system and cannot be typed in."))

    @api.model
    def _cleaned(self, vals):
        cleaned = {name: value for name, value in vals.items() if name != "state" or value == DRAFT}
        for name in ("number", "agency_code", "owner_name"):
            if cleaned.get(name):
                cleaned[name] = " ".join(str(cleaned[name]).split())
        if cleaned.get("owner_id_number"):
            cleaned["owner_id_number"] = clean_id_number(cleaned["owner_id_number"])
        return cleaned

    def _write_below_the_guard(self, vals):
        # No flag in the context opens the guard: a remote caller could set it.
        return super().write(vals)  # pylint: disable=super-method-mismatch
