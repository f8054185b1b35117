from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol import filenames
from ..connection.error_messages import objection_words
from ..store.kho_dl_case_document_store import same_number


class KhoDLLookupCandidate(models.Model):
    """What a clerk should know of a paper before it is on the case, and after."""

    _inherit = "kho.dl.lookup.candidate"

    message = fields.Text("Remark", compute="_compute_message")

    @api.depends(
        "status",
        "own_objections",
        "retrieval_ids.error",
        "agency_code",
        "number",
        "file_names",
        "needs_server",
        "server_id",
        "case_document_id.attachment_ids",
    )
    def _compute_message(self):
        spared = self.env["kho.dl.breaker"]._open()
        for line in self:
            rows = line.retrieval_ids
            if line.own_objections and line.status == "failed":
                sentences = objection_words(self.env, line.own_objections.split(","))
            elif line.status == "failed":
                sentences = dict.fromkeys(row.error for row in rows if row.state == "failed")
            elif line.status == "waiting":
                sentences = rows._waiting_words(spared)
            else:
                sentences = line._warnings() if line.status == "attached" else line._remarks()
            line.message = "\n".join(sentences)

    def _remarks(self):
        if not self.file_count:
            return [self.env._("The store knows this paper but has no file of it.")]
        if self.needs_server and not self.server_id:
            return [self.env._("Choose the office that keeps the files.")]
        return self._comparisons()

    def _check_reasons(self):
        """Refuse to try again what was turned away as long as nobody says why it should be attached."""
        silent = self.filtered(lambda line: line.needs_reason and not (line.reason or "").strip())
        if silent:
            raise UserError(
                self.env._(
                    "Say why this paper is attached all the same, or untick it: %(papers)s. Nothing was attached now.",
                    papers=", ".join(dict.fromkeys(silent.mapped("name"))),
                )
            )

    def _comparisons(self):
        """Return sentences about how this paper stands to those on the case, and to the others that were found."""
        remarks = []
        if holders := self._holders_of_paper():
            remarks.append(
                self.env._("This paper is on the case already, under: %s.", ", ".join(holders.mapped("name")))
            )
        if newer := self._newer_lines():
            remarks.append(self.env._("There is a newer paper of this kind: %s.", newer[0].number or newer[0].name))
        return remarks

    def _holders_of_paper(self):
        """Return the documents of the case with a paper of the same number and issuer."""
        if not self.number:
            return self.case_document_id.browse()
        return self.case_document_id.case_id.document_ids.filtered(
            lambda document: (
                document.attachment_ids
                and document.provenance_agency_code == self.agency_code
                and same_number(document.provenance_paper_number, self.number)
            )
        )

    def _newer_lines(self):
        """Return the other papers for the same document that were uploaded later, the newest first."""
        own = self._uploaded_on()
        others = self.lookup_id.candidate_ids.filtered(lambda line: line.case_document_id == self.case_document_id)
        newer = others.filtered(lambda line: own and line._uploaded_on() > own)
        return newer.sorted(lambda line: -line._uploaded_on())

    def _uploaded_on(self):
        """Return when the newest file of this paper was uploaded, in milliseconds since 1970; 0 where nothing tells."""
        # sudo: by which names its files came is a fact about a paper, whoever fetched it.
        rows = self.origin_document_id.sudo().retrieval_ids.filtered("attachment_id")
        names = [*(self.file_names or "").split("\n"), *rows.mapped("file_name")]
        return max((filenames.upload_stamp(name) or 0 for name in names), default=0)

    def _warnings(self):
        """Return what a clerk should know of the files of this paper that are on the case now, each once."""
        badges = self.case_document_id.file_badges or {}
        files = self.retrieval_ids.attachment_id
        return list(
            dict.fromkeys(warning for file in files for warning in badges.get(str(file.id), {}).get("warnings", ()))
        )
