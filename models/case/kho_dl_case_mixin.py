import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError
from odoo.tools import clean_context

from ..common.kho_dl_guarded import check_links, check_one, check_readable
from ..common.transactions import LOST_RACES, is_connection_lost
from ..common.unforeseen import log_unforeseen

_logger = logging.getLogger(__name__)


class KhoDLCaseMixin(models.AbstractModel):
    """Gives a case model of another application the button that fetches papers.

    Inherit it, implement `_prepare_kho_dl_case`, put a button `action_kho_dl_retrieve` on the form, and
    take what arrived in `_kho_dl_documents_attached`.
    """

    _name = "kho.dl.case.mixin"
    _description = "Fetches papers from Kho DL"

    kho_dl_case_id = fields.Many2one("kho.dl.case", "Kho DL case", copy=False, index="btree_not_null")

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        try:
            _check_case(self, defaults)
        except (AccessError, MissingError):
            if "default_kho_dl_case_id" in self.env.context:
                raise
            # What somebody keeps as a default may be gone, or another's, by now: a form begins without it.
            del defaults["kho_dl_case_id"]
        return defaults

    def onchange(self, values, field_names, fields_spec):
        # Odoo names what a form links, whoever asks.
        _check_case(self, values)
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._check_kho_dl_case()
        return records

    def write(self, vals):
        result = super().write(vals)
        if "kho_dl_case_id" in vals:
            self._check_kho_dl_case()
        return result

    def _check_kho_dl_case(self):
        """Refuse a link to a case that the user may not read: its files would be brought here as superuser."""
        if cases := self.kho_dl_case_id:
            check_readable(cases)

    def action_kho_dl_retrieve(self):
        """Open the form that looks for existing papers, on a Kho DL case made at the first use."""
        check_one(self)
        self.check_access("read")
        # Two clicks at once must not make two cases.
        self.lock_for_update(allow_referencing=True)
        # What the page proposes for its own records is none of ours.
        cases = self.env["kho.dl.case"].with_context(clean_context(self.env.context))
        if not self.kho_dl_case_id:
            self.kho_dl_case_id = cases.create({**self._own_company(), **self._prepare_kho_dl_case()})
        return self.kho_dl_case_id.with_env(cases.env).action_kho_dl_retrieve()

    def _own_company(self):
        """Return whose case it becomes unless the application says it: that of this record, where it has one."""
        company = self.company_id if "company_id" in self._fields else self.env["res.company"]
        return {"company_id": company.id} if company._name == "res.company" and company else {}

    def _prepare_kho_dl_case(self):
        """Return the values of the `kho.dl.case` that stands for this record.

        At least `procedure_id`, `owner_id`, `owner_id_number` and `channel`.
        """
        raise TypeError(f"{self._name} must implement _prepare_kho_dl_case()")

    def _call_documents_attached(self, documents):
        """Call the hook; what an application raises is logged and undone, the files stay.

        Raises LOST_RACES where another transaction was faster: for `commit_or_retry`, which calls again. Raises what says
        that the connection was lost, too.
        """
        try:
            with self.env.cr.savepoint():
                self._kho_dl_documents_attached(documents)
        except LOST_RACES:
            raise
        except Exception as problem:
            if is_connection_lost(problem):
                raise
            log_unforeseen(_logger, f"{self._name} {self.ids} failed to take documents", problem)

    def _kho_dl_documents_attached(self, documents):
        """Called after files were attached; `documents` are the `kho.dl.case.document` that got some.

        Called as superuser, with the clerk as user where a clerk attached them. The files are committed by
        then: an error raised here is logged and loses none of them. Where another transaction was faster, what was done
        here is undone, and this is called again.
        """


def _check_case(model, values):
    """Refuse in `values` a case that the user may not read; what else is linked is the other application's."""
    check_links(model, [{name: value for name, value in values.items() if name == "kho_dl_case_id"}])
