from odoo import api, fields, models

from ...inspection.reports import FileReport
from .file_gate import CLEAN, INFECTED, objections_to
from .finding_words import doubt_words, mark_words, signature_words

# How a file's signatures look at a glance, in the colours of Odoo's badges.
SIGNATURE_COLOURS = {
    "valid": "success",
    "unknown_signer": "warning",
    "expired": "warning",
    "unverified": "warning",
    "revoked": "danger",
    "broken": "danger",
    "unsigned": "secondary",
    "unknown": "warning",
}
SIGNATURE_STATES = [
    ("valid", "Signature valid"),
    ("unknown_signer", "Signer not known here"),
    ("expired", "Certificate expired"),
    ("unverified", "Signature cannot be checked"),
    ("revoked", "Certificate revoked"),
    ("broken", "Signature broken"),
    ("unsigned", "Not signed"),
    ("unknown", "Signature not checked"),
]


class KhoDLFileFindings(models.AbstractModel):
    """What the gate found in a file: sealed in the journal as on arrival, and beside the file as it is now."""

    _name = "kho.dl.file.findings"
    _description = "Findings in a file"
    _inherit = ["kho.dl.guarded"]

    signature_state = fields.Selection(SIGNATURE_STATES, "Signature", readonly=True)
    gate_marks = fields.Char("Marks", readonly=True, help="Codes of what nobody must overlook, with commas.")
    identity_state = fields.Selection(
        [("match", "Names the applicant"), ("mismatch", "Names somebody else"), ("unknown", "Does not tell")],
        "Whose paper",
        readonly=True,
    )
    scan_state = fields.Selection([(CLEAN, "No virus found"), (INFECTED, "Virus found")], "Virus scan", readonly=True)
    # Names of signers stand in it; shapes: `as_json` of `inspection/reports.py`.
    gate_report = fields.Json("Report", readonly=True, prefetch=False)
    signature_words = fields.Text("Signatures", compute="_compute_finding_words")
    mark_words = fields.Text("To be looked at", compute="_compute_finding_words")

    def _objections(self):
        """Return the names of what needs a clerk's reason in this file, () when nothing does."""
        marks = (self.gate_marks or "").split(",")
        return objections_to(self.signature_state, marks, self.identity_state)

    def _doubts(self):
        """Return why it cannot be told whether a signature is right, a sentence each; [] when it can."""
        return doubt_words(self.env, FileReport.from_json(self.gate_report) if self.gate_report else None)

    def _finding_warnings(self):
        """Return sentences about what was found, each of which somebody should read before relying on the file."""
        warnings = (
            [self.env._("It names somebody else, not the applicant.")] if self.identity_state == "mismatch" else []
        )
        if self.signature_state == "unverified":
            warnings += self._doubts()
        return warnings + mark_words(self.env, (self.gate_marks or "").split(","))

    def _as_seen(self):
        """Return what a viewer shows beside the file: its signatures, what must not be overlooked, whom it names."""
        labels = dict(self._fields["signature_state"]._description_selection(self.env))
        return {
            "label": labels.get(self.signature_state, ""),
            "colour": SIGNATURE_COLOURS.get(self.signature_state, ""),
            "signature_words": self.signature_words or "",
            "warnings": self._finding_warnings(),
        }

    @api.depends_context("lang", "tz")
    @api.depends("gate_report", "gate_marks")
    def _compute_finding_words(self):
        for findings in self:
            findings.signature_words = signature_words(self.env, findings.gate_report)
            findings.mark_words = "\n".join(mark_words(self.env, (findings.gate_marks or "").split(",")))
