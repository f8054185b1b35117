from odoo import api, models

from .catalogue_sheet import catalogue_csv, catalogue_sheet, column_words, entry, entry_lines, tidy

_WRITERS = {"xlsx": catalogue_sheet, "csv": catalogue_csv}


class KhoDLProcedure(models.Model):
    """Procedures as a table, one row a document, as `kho.dl.catalogue.import` reads it."""

    _inherit = "kho.dl.procedure"

    @api.model
    def _catalogue_table(self, file_type="xlsx"):
        """Return the procedures of the current company as the bytes of a file of `file_type`, "xlsx" or "csv"."""
        above = self._catalogue_ids(self.env.company)
        procedures = self.search([("company_id", "in", above)])
        # Of a procedure that others have, too, that of the nearest company stands there: a code stands there once.
        nearest = {one.code: one for one in procedures.sorted(lambda one: above.index(one.company_id.id))}
        procedures = procedures.filtered(lambda procedure: nearest[procedure.code] == procedure)
        rows = (row for procedure in procedures for row in procedure._catalogue_rows())
        return _WRITERS[file_type](column_words(self.env), rows)

    @api.model
    def _catalogue_example(self, file_type="xlsx"):
        """Return a table with an example as the bytes of a file of `file_type`, "xlsx" or "csv"."""
        example = {
            "procedure_code": "1.001193",
            "procedure_name": "Đăng ký khai sinh",
            "sector": "HT Hộ tịch",
            "agencies": "H46.1 UBND xã",
            "results_issued": "KQ.X.000001 Giấy khai sinh",
            "document_code": "GT01",
            "document_name": "Thẻ căn cước của cha, mẹ",
            "required": "x",
            "reusable": "x",
            "result_codes": "KQ.X.000002 Thẻ căn cước",
        }
        return _WRITERS[file_type](column_words(self.env), [example])

    def _catalogue_rows(self):
        """Return one row for each document; before them one without, where that says more or there is none."""
        self.ensure_one()
        common = {
            "procedure_code": self.code,
            "procedure_name": self.name,
            "sector": _lines(self.sector_id),
            "agencies": _lines(self.agency_ids),
            "results_issued": _lines(self.result_code_ids),
        }
        rows = [
            {
                **common,
                "circumstances": "\n".join(tidy(variant.name) for variant in document.variant_ids),
                "document_code": document.code or "",
                "document_name": document.name,
                "form_name": document.form_name or "",
                "form_url": document.form_url or "",
                "required": "x" if document.required else "-",
                "reusable": "x" if document.is_reusable else "-",
                "result_codes": _lines(document.result_code_ids),
                "substitute_codes": _lines(document.substitute_code_ids),
            }
            for document in self.document_ids
        ]
        named = list(dict.fromkeys(variant for document in self.document_ids for variant in document.variant_ids))
        if rows and named == list(self.variant_ids):
            return rows
        # The documents do not tell which circumstances there are, or in which order: a row without a document does.
        return [{**common, "circumstances": "\n".join(tidy(variant.name) for variant in self.variant_ids)}, *rows]


def _lines(records):
    return entry_lines(entry(record.code, record.name) for record in records)
