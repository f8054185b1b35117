from odoo import api, fields, models

from .kho_dl_digitise import NamesAnother


class KhoDLDigitise(models.TransientModel):
    """What the form says in the end: of what it is in doubt, or where the result went, and whether its owner hears of it."""

    _inherit = "kho.dl.digitise"

    mail_words = fields.Text(compute="_compute_mail_words")
    can_print_slip = fields.Boolean(compute="_compute_mail_words")

    @api.depends("paper_id", "case_id.is_open", "case_id.to_bring_count", "owner_id")
    def _compute_mail_words(self):
        for form in self:
            is_unheard = form.paper_id and not form._has_address()
            form.mail_words = form._no_mail_words() if is_unheard else False
            # A processed case asks for nothing any more.
            case = form.case_id
            form.can_print_slip = case.is_open and bool(case.to_bring_count)

    def _has_address(self):
        """Whether a mail about the paper finds its owner; also where the office writes none at all."""
        # sudo: whether mails are written is no secret; the settings are not everybody's to read.
        if not self.company_id.sudo().kho_dl_tell_applicant:
            return True
        # sudo: of the contact only that there is an address, as the mail itself looks.
        return bool(self.owner_id.sudo().email if self.case_id else self.paper_id._verified_contacts())

    def _no_mail_words(self):
        return self.env._(
            "No mail was sent: no mail address of %s is known. Print the paper and hand it over, or write the address down "
            "on the applicant.",
            self.owner_id.display_name,
        )

    def action_digitise_or_ask(self):
        """As `action_digitise`, for the form: where a file seems to name somebody else it asks whether it is right all the same."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                return self._digitise()
        except NamesAnother as doubt:
            self.doubt = str(doubt)
        name = self.env._("Digitise a result") if self.case_id else self.env._("Digitise a paper")
        return self._opened(name)

    def _action_done(self):
        """Return the action that says where the paper is; a form of its own where something is left to do."""
        if self.mail_words:
            return self._opened(self.env._("In our own store"), "kho_dl.view_kho_dl_digitise_result_form")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("In our own store"),
                "message": "%s",
                "links": [{"label": self.paper_id.display_name, "url": self._paper_address()}],
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _opened(self, name, view=None):
        """Return the action that opens this form in the place of what is open, in its `view` of that xmlid."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref(view).id if view else False, "form")],
            "target": "new",
        }

    def _paper_address(self):
        return f"/odoo/action-kho_dl.action_kho_dl_paper/{self.paper_id.id}"

    def action_open_paper(self):
        """Open the paper that was made."""
        self.ensure_one()
        if not self.paper_id:
            return False
        self.paper_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "kho.dl.paper",
            "res_id": self.paper_id.id,
            "views": [(False, "form")],
        }

    def action_print_paper(self):
        """Show the files of the paper that was made, to be printed."""
        self.ensure_one()
        self.paper_id.check_access("read")
        file = self.paper_id.attachment_ids[:1]
        return {"type": "ir.actions.act_url", "url": f"/web/content/{file.id}", "target": "new"} if file else False

    def action_print_slip(self):
        """Print what the applicant still has to bring."""
        self.ensure_one()
        return self.can_print_slip and self.case_id.action_print_slip()
