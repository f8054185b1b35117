from odoo import api, fields, models


class KhoDLRetrieval(models.Model):
    """How a file that came is put on its document, under which name, and with what is noted of where it came from."""

    _inherit = "kho.dl.retrieval"

    def _attach(self, arrivals):
        """Attach `arrivals`, {row of self: Arrival}, each to its document, and close the rows."""
        names = self._attached_names(arrivals)
        attachments = (
            self.env["ir.attachment"]
            .with_context(
                # The bytes stay as the office sent them: no resizing, and markup only as plain text.
                image_no_postprocess=True,
                attachments_mime_plainxml=True,
                # A disk that was full, or a process that was killed, may have left a piece of the same file.
                kho_dl_whole_files=True,
            )
            .create([row._prepare_attachment(arrival.download, names[row]) for row, arrival in arrivals.items()])
        )
        files = dict(zip(arrivals, attachments, strict=True))
        documents = self.env["kho.dl.case.document"]
        documents._link_recorded({attachment: row.case_document_id for row, attachment in files.items()})
        self._note_provenance(arrivals)
        checks = {}
        for row, attachment in files.items():
            received, findings = arrivals[row].download, arrivals[row].findings
            reason = findings.objections and row.gate_reason or False
            checks[attachment] = (row.case_document_id, findings, reason)
            row.write(
                {
                    **findings.as_values(),
                    "state": "done",
                    "error": False,
                    "error_kind": False,
                    "error_code": False,
                    "attachment_id": attachment.id,
                    # As it came: some offices name a file only with its content.
                    "file_name": received.name or row.file_name,
                    "size": received.size,
                    "sha256": received.sha256,
                    "far_id": received.far_id or row.far_id,
                    "closed_on": fields.Datetime.now(),
                }
            )
        self.env["kho.dl.file.check"]._keep(checks, is_fetched=True)

    def _kept_download(self):
        """Return the file of this row as a `Download` where it is here already, or None."""
        return None

    def _note_provenance(self, arrivals):
        """Note on the documents where `arrivals` came from: once a document, however many it gets."""
        for document, rows in self.browse([row.id for row in arrivals]).grouped("case_document_id").items():
            received = [arrivals[row].download for row in rows]
            provenance = rows[-1]._prepare_provenance(received[-1])
            provenance["provenance_sha256"] = "\n".join(download.sha256 for download in received)
            document._note_provenance(provenance)

    @api.model
    def _attached_names(self, arrivals):
        """Return {row: name} for `arrivals`: names that people read; the far side's own stays on the row."""
        # What has files has a source: nearly always none is read for nothing.
        taken = {
            document: set(document.attachment_ids.mapped("name")) if document.source else set()
            for document in self.case_document_id
        }
        names = {}
        for row in sorted(arrivals, key=lambda row: (row.place, row.id)):
            in_language, received = row._in_language_of_user(), arrivals[row].download
            document = row.case_document_id
            names[row] = document._name_of_file(
                row.paper_name, row.agency_name, received, row.side, row.place, in_language.env, taken[document]
            )
        return names

    def _prepare_attachment(self, received, name):
        received.file.seek(0)
        return {
            "name": name,
            "raw": received.file.read(),
            "mimetype": received.mimetype,
            "res_model": "kho.dl.case.document",
            "res_id": self.case_document_id.id,
        }

    def _prepare_provenance(self, received):
        return {
            "source": "national",
            "provenance_agency_code": self.agency_code,
            "provenance_agency": self.agency_name,
            "provenance_result_code_id": self.result_code_id.id,
            "provenance_paper_name": self.paper_name,
            "provenance_paper_number": self.paper_number,
            "provenance_sha256": received.sha256,
        }


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _kho_dl_nameless(self):
        # The journal says to whoever reads it which file came, and auditors open no case.
        nameless, rows = super()._kho_dl_nameless(), self.env["kho.dl.retrieval"]
        if not nameless or not rows.has_access("read"):
            return nameless
        # sudo: of rows that the user reads.
        return nameless - rows.search([("attachment_id", "in", nameless.ids)]).sudo().attachment_id.with_env(self.env)
