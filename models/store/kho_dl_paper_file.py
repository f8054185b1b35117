import hashlib
import secrets
from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...protocol.content import sniff_whole
from ...protocol.filenames import safe_name
from ...protocol.own_links import own_link
from ..case import paper_states
from ..common.own_fields import ours_besides

# Bytes of randomness in the token of an address: beyond guessing, also for who asks a million times a second.
_TOKEN_BYTES = 32
ADDRESS_PATH = "kho_dl/papers"
# Where anybody checks a paper; printed on certified copies.
CHECK_PATH = "kho-dl/check"


class KhoDLPaperFile(models.Model):
    """A file of a paper as it entered the store, and the token under which others fetch it."""

    _name = "kho.dl.paper.file"
    _description = "File of a paper of our own store"
    _inherit = ["kho.dl.guarded"]
    _order = "paper_id, id"

    paper_id = fields.Many2one("kho.dl.paper", required=True, readonly=True, index=True, ondelete="cascade")
    attachment_id = fields.Many2one("ir.attachment", "File", required=True, readonly=True, ondelete="restrict")
    name = fields.Char(required=True, readonly=True)
    mimetype = fields.Char(readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    sha256 = fields.Char("SHA-256", required=True, readonly=True, index=True)
    # Who knows it may fetch the file through a security server.
    token = fields.Char(required=True, readonly=True, copy=False, groups="base.group_system", exportable=False)
    withdrawn_on = fields.Datetime("Not given to others since", readonly=True, copy=False)
    is_served = fields.Boolean("Given to others", compute="_compute_is_served")
    company_id = fields.Many2one(related="paper_id.company_id", store=True, precompute=True, index=True)

    _token_once = models.UniqueIndex("(token)", "This token exists already.")
    _file_once = models.Constraint("unique(attachment_id)", "This file is in the store already.")

    @api.depends("paper_id.state", "paper_id.date_expiry", "withdrawn_on")
    def _compute_is_served(self):
        for file in self:
            paper = file.paper_id
            file.is_served = paper.state in paper_states.SERVED and not paper.is_expired and not file.withdrawn_on

    @api.model
    def _keep(self, papers):
        """Note the files of `papers`, which have just entered the store, with size and hash."""
        # sudo: what is in the store is recorded by this code only.
        return self.sudo().create(
            [
                {
                    "paper_id": paper.id,
                    "attachment_id": attachment.id,
                    "name": attachment.name,
                    "mimetype": sniff_whole(attachment.raw),
                    "size": attachment.file_size,
                    "sha256": hashlib.sha256(attachment.raw).hexdigest(),
                    "token": secrets.token_urlsafe(_TOKEN_BYTES),
                }
                for paper in papers
                # A browser may ask for sizes in place of contents.
                for attachment in paper.attachment_ids.with_context(bin_size=False)
            ]
        )

    def write(self, vals):
        if ours_besides(self, vals, {"withdrawn_on", "token"}):
            raise UserError(self.env._("A file of the store stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A file of the store stays as it is."))

    def action_withdraw(self):
        """Stop giving these files to others; the paper stays in our own store."""
        self.paper_id.check_access("write")
        # sudo: what is in the store is recorded by this code only.
        self.sudo().filtered(lambda file: not file.withdrawn_on).write({"withdrawn_on": fields.Datetime.now()})
        self._addresses_changed()
        return True

    def action_give_again(self):
        """Give these files to others again, under a new address: the old one stays dead."""
        self.paper_id.check_access("write")
        # sudo: what is in the store is recorded by this code only.
        for file in self.sudo().filtered("withdrawn_on"):
            file.write({"withdrawn_on": False, "token": secrets.token_urlsafe(_TOKEN_BYTES)})
        self._addresses_changed()
        return True

    def _addresses_changed(self):
        """Called for files whose addresses have begun or ceased to work; extend it to let others know."""

    def _address(self):
        """Return where others fetch this file, in the first or second form of guideline V.3; "" without an address."""
        self.ensure_one()
        # sudo: the token is for those whom the portal tells the address.
        file = self.sudo()
        providerurl = file.company_id.kho_dl_own_providerurl
        if not providerurl:
            return ""
        settings = self.env["kho.dl.gateway"]._settings(file.company_id)
        path = f"{ADDRESS_PATH}/{file.token}/{quote(safe_name(file.name), safe='')}"
        return own_link(settings, providerurl, path, file.company_id.kho_dl_own_dstcode or "")
