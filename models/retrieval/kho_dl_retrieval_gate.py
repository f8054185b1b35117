from dataclasses import replace

from odoo import fields, models

from ..gate.file_gate import Question
from .kho_dl_retrieval import KhoDLRetrieval as Retrieval


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def _gate_question(self):
        """Return the `Question` about a file of which nothing is known but this case."""
        return Question(self.owner_id.name or "", self.owner_id_number or "")


class KhoDLRetrieval(models.Model):
    """What the gate found in the file of a row, and why a clerk wanted it all the same."""

    _name = "kho.dl.retrieval"
    _inherit = ["kho.dl.retrieval", "kho.dl.file.findings"]

    gate_reason = fields.Text("Reason for attaching all the same", readonly=True)
    gate_accepted = fields.Char(
        "Content that the reason is about", readonly=True, help="SHA-256 of the file that the clerk was warned of."
    )

    gate_overruled = fields.Char(
        "What the reason is about", readonly=True, help="Codes of what the clerk was warned of, with commas."
    )

    _chain_fields = (
        *Retrieval._chain_fields,
        "signature_state",
        "gate_marks",
        "identity_state",
        "scan_state",
        "gate_accepted",
        "gate_overruled",
    )
    _payload_fields = (*Retrieval._payload_fields, "gate_report", "gate_reason")

    def _gate_question(self):
        """Return the `Question` that the gate answers about the file of this row."""
        texts = tuple(filter(None, [self.paper_name]))
        return replace(
            self.case_id._gate_question(),
            texts=texts,
            accepted_sha256=self.gate_accepted or "",
            accepted_objections=frozenset((self.gate_overruled or "").split(",")),
        )

    def _needs_reason(self):
        """Whether this row ended because a clerk has to say why its file is to be attached."""
        return self.state == "failed" and self.error_kind == "file_questioned"
