import logging

from odoo import models
from odoo.exceptions import AccessError
from odoo.modules.module import Manifest

from ..common.kho_dl_guarded import check_one
from .support_file import support_file

_logger = logging.getLogger(__name__)

# What one exchange leaves behind, in the order in which it goes on.
TRACED = ("kho.dl.query", "kho.dl.retrieval", "kho.dl.outbox")


class KhoDLTraced(models.AbstractModel):
    """The file with which an administrator asks others for help; what is in it, see `support_file`."""

    _inherit = "kho.dl.traced"

    def action_support_file(self):
        """Return the action that downloads what is known of this exchange, without anything about people."""
        check_one(self)
        self._check_may_ask_for_support()
        return {
            "type": "ir.actions.act_url",
            "url": f"/kho_dl/support/{self._name}/{self.id}",
            "target": "download",
        }

    def _check_may_ask_for_support(self):
        if not self.env.user.has_group("kho_dl.group_administrator"):
            raise AccessError(self.env._("Only administrators download exchanges for support."))
        self.check_access("read")

    def _support_file(self):
        """Return (the bytes of the file, its name). Raises AccessError."""
        self._check_may_ask_for_support()
        name = self.trace_id or f"{self._table}-{self.id}"
        _logger.info("Kho DL: trace %s: downloaded for support by user %d", self.trace_id or "-", self.env.uid)
        addon_version = Manifest.for_addon("kho_dl")["version"]
        return support_file(self.trace_id, *self._of_same_exchange(), addon_version), f"support-{name}.json"

    def _of_same_exchange(self):
        """Return the rows of each of `TRACED` with the id of this one; rows of before have none, and are alone."""
        if not self.trace_id:
            return [self if name == self._name else self.env[name] for name in TRACED]
        return [self.env[name].search([("trace_id", "=", self.trace_id)], order="id") for name in TRACED]
