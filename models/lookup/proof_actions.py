import re

from odoo import models
from odoo.exceptions import AccessError

from ..common.text import plain
from .proof_pack import proof_pack

PROVABLE = ("kho.dl.case", "kho.dl.query", "kho.dl.retrieval", "kho.dl.file.decision")
# So many letters of what something is called are in a name of a file.
_LONGEST_NAME = 60


def _check_may_prove(records):
    user = records.env.user
    if not (user.has_group("kho_dl.group_administrator") or user.has_group("kho_dl.group_auditor")):
        raise AccessError(records.env._("Only administrators and auditors make proof packs."))
    records.check_access("read")


def _action_proof_pack(record):
    record.ensure_one()
    _check_may_prove(record)
    return {"type": "ir.actions.act_url", "url": f"/kho_dl/proof/{record._name}/{record.id}", "target": "download"}


def _proof_name(record, case_number, called=""):
    """Return the name of the pack of `record`, in letters that every system has: its case's, or what it is `called` there."""
    number = re.sub(r"[^A-Za-z0-9.]+", "-", case_number)[:_LONGEST_NAME].strip("-")
    # Digits of a name from outside may be the number of a person.
    words = re.sub(r"[0-9]+", "", plain(called))[:_LONGEST_NAME].split()
    which = [] if number and record._name == "kho.dl.case" else [*words, str(record.id)]
    return "-".join(filter(None, [record.env._("proof"), number, *which])) + ".zip"


class KhoDLJournal(models.AbstractModel):
    _inherit = "kho.dl.journal"

    def action_proof_pack(self):
        """Return the action that downloads a zip which shows what this row is about, and that nobody changed it."""
        return _action_proof_pack(self)


class KhoDLQuery(models.Model):
    _inherit = "kho.dl.query"

    def _proof_pack(self):
        _check_may_prove(self)
        retrievals = self.env["kho.dl.retrieval"].search([("query_id", "=", self.id)], order="id")
        return proof_pack(self, retrievals, retrievals._decisions())

    def _proof_name(self):
        # sudo: whoever reads a row of the journal reads on it which case it is of.
        return _proof_name(self, self.case_id.sudo().name, self.display_name)


class KhoDLRetrieval(models.Model):
    _inherit = "kho.dl.retrieval"

    def _proof_pack(self):
        _check_may_prove(self)
        return proof_pack(self.query_id, self, self._decisions())

    def _proof_name(self):
        # sudo: as above.
        return _proof_name(self, self.case_id.sudo().name, self.paper_name or "")

    def _decisions(self):
        """Return what was decided about these files later."""
        return self.env["kho.dl.file.decision"].search([("retrieval_id", "in", self.ids)], order="id")


class KhoDLFileDecision(models.Model):
    _inherit = "kho.dl.file.decision"

    def _proof_pack(self):
        _check_may_prove(self)
        return proof_pack(self.retrieval_id.query_id, self.retrieval_id, self)

    def _proof_name(self):
        return _proof_name(self, self.case_name, self.document_name)


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def action_proof_pack(self):
        """Return the action that downloads a zip with all that the journal knows of this case."""
        return _action_proof_pack(self)

    def _proof_pack(self):
        _check_may_prove(self)
        of_case = [("case_id", "=", self.id)]
        return proof_pack(
            self.env["kho.dl.query"].search(of_case, order="id"),
            self.env["kho.dl.retrieval"].search(of_case, order="id"),
            self.env["kho.dl.file.decision"].search(of_case, order="id"),
            self.env["kho.dl.case.decision"].search(of_case, order="id"),
            self.env["kho.dl.withdrawal"].search(of_case, order="id"),
        )

    def _proof_name(self):
        return _proof_name(self, self.name)

    def action_compare_file(self):
        """Open the form that tells whether a file is one of this case."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare a file"),
            "res_model": "kho.dl.compare.file",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }
