from odoo import models
from odoo.fields import Domain

from ..case.paper_states import REVOKED


class KhoDLPaper(models.Model):
    """Whose papers enter the store, are replaced or are revoked, gets a mail: one for what happened, without numbers."""

    _inherit = "kho.dl.paper"

    def _published(self):  # pylint: disable=missing-return
        super()._published()
        # Of a correction people hear as such, and else as the applicants of the case.
        corrected = self.filtered("supersedes_id")
        told = corrected._tell_owners("replaced")
        told |= self.case_id._tell_applicants(self - told)
        (self - corrected - told)._tell_owners("entered")

    def _retire(self, state, reason=False):  # pylint: disable=missing-return
        super()._retire(state, reason)
        if state == REVOKED:
            self._tell_owners(REVOKED)

    def _tell_owners(self, event):
        """Write to those whose papers these are, once each, and return the papers about which somebody was written to.

        `event` is "entered", "replaced" (by these) or REVOKED. The number of a paper says whose it is only where it is
        verified; the contact that has it is the one that is written to.
        """
        template = self.env["kho.dl.database"]._mail_template("kho_dl.mail_template_papers")
        wanted = self.filtered(lambda paper: paper.company_id.kho_dl_tell_applicant and paper.owner_id_number)
        if not (wanted and template):
            return self.browse()
        contacts = wanted._verified_contacts()
        news = {}
        for paper in wanted:
            if contact := contacts.get((paper.company_id.root_id, paper.owner_id_number)):
                news.setdefault((paper.company_id, contact), []).append(paper.id)
        by_first = {ids[0]: {"contact": contact, "papers": ids} for (_company, contact), ids in news.items()}
        template.with_context(kho_dl_event=event, kho_dl_news=by_first).send_mail_batch(list(by_first))
        return self.browse(paper_id for ids in news.values() for paper_id in ids)

    def _verified_contacts(self):
        """Return {(agency, id number): contact with an address} for the owners of these, where the number is verified."""
        # sudo: the contact may be one that the user does not see; nothing of it is shown to the user.
        numbers = self.env["kho.dl.id.number"].sudo()
        found, by_contact = numbers._verified(
            Domain("number", "in", list(set(self.mapped("owner_id_number"))))
            & Domain("partner_id.active", "=", True)
            & Domain("partner_id.email", "!=", False),
            self.company_id,
        )
        return {
            (number.company_id, number.number): number.partner_id
            for number in found
            if by_contact[number.partner_id, number.company_id]._can_be_one_person()
        }
