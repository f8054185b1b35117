from odoo import models
from odoo.addons.base_import.models.base_import import ImportValidationError

from .kho_dl_guarded import OURS
from .sheets import FormulaFailed, TooLarge, read_ods, read_xls, read_xlsx


class BaseImport(models.TransientModel):
    """Odoo's readers lose zeros in front of codes, links and line breaks, and move what stands beside merged cells."""

    _inherit = "base_import.import"

    def _read_xlsx(self, options):
        return self._kho_dl_read(read_xlsx, options) if self._is_kho_dl() else super()._read_xlsx(options)

    def _read_xls(self, options):
        return self._kho_dl_read(read_xls, options) if self._is_kho_dl() else super()._read_xls(options)

    def _read_ods(self, options):
        return self._kho_dl_read(read_ods, options) if self._is_kho_dl() else super()._read_ods(options)

    def _is_kho_dl(self):
        return (self.res_model or "").startswith(OURS)

    def _kho_dl_read(self, read, options):
        try:
            options["sheets"], rows = read(self.file or b"", options.get("sheet"))
        except (FormulaFailed, TooLarge) as error:
            raise ImportValidationError(sheet_words(self.env, error)) from error
        # What is Unreadable goes on to Odoo, which tries what else it may be: where Excel is, browsers take a CSV for XLS.
        options["sheet"] = options.get("sheet") or options["sheets"][0]
        return len(rows), [cells for _number, cells in rows]


def sheet_words(env, error):
    """Return what a FormulaFailed or TooLarge tells."""
    if isinstance(error, TooLarge):
        return env._("The table is too large, so nothing was brought in. Part it, and bring the parts in.")
    return env._(
        "Row %(row)s holds “%(cell)s”: its formula has no result, so nothing was brought in. Mend that cell, and bring the table "
        "in again.",
        row=error.row,
        cell=error.cell,
    )
