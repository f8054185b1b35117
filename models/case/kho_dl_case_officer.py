from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class KhoDLCase(models.Model):
    """Who received a case: somebody of the office where it lies, because the national store is told this officer's own number."""

    _inherit = "kho.dl.case"

    # Not copied: whoever makes a case anew receives it, also where the officer of old has moved.
    officer_id = fields.Many2one(
        domain="[('share', '=', False), ('company_ids', 'in', held_by_id or company_id)]", copy=False
    )

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._check_officer()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if "officer_id" in vals:
            self._check_officer()
        return result

    def _check_officer(self):
        # Imports and other applications that work as superuser say who it was: a constraint could not tell them.
        if self.env.su:
            return
        for case in self:
            if case.officer_id and not case._is_received_here():
                raise ValidationError(case._stranger_words())

    def _is_received_here(self):
        """Return whether the officer of this case is somebody who works for the office where it lies."""
        # sudo: the companies of a colleague.
        officer = self.officer_id.sudo()
        # Of a wide row what is told of an officer.
        officer.fetch(["share", "partner_id", "kho_dl_id_number"])
        officer.partner_id.fetch(["name"])
        return bool(officer) and not officer.share and self._office().id in officer._get_company_ids()

    def _stranger_words(self):
        return self.env._(
            "%(officer)s does not work for %(company)s. Choose a receiving officer of this company.",
            # sudo: who it is stands on the case.
            officer=self.officer_id.sudo().name,
            company=self._office().name,
        )

    def _check_officer_for_question(self):
        """Refuse a question to the national store that no officer of this company could be named for."""
        if not self.officer_id:
            # As after a handover, until somebody takes it over.
            raise UserError(
                self.env._(
                    "The national store was not asked: this case has no receiving officer. Choose one on the case, then look again."
                )
            )
        if not self._is_received_here():
            raise UserError(self.env._("The national store was not asked: %(reason)s", reason=self._stranger_words()))
        # sudo: the officer's number is readable by the officer and user administrators only.
        officer = self.officer_id.sudo()
        if not officer.kho_dl_id_number:
            raise UserError(
                self.env._(
                    "The national store was not asked: it wants the id number of the receiving officer %(officer)s, "
                    "which is not known. An administrator can enter it on the user.",
                    officer=officer.name,
                )
            )
