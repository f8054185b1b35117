import logging
import os
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config, email_normalize_all

from .kho_dl_database import rests_in_copies
from .office_language import in_office_language
from .transactions import commit_or_retry

_logger = logging.getLogger(__name__)

# In the server's configuration file, so that who rules the database alone cannot change it.
FOLDER_OPTION = "kho_dl_head_folder"


class ResCompany(models.Model):
    _inherit = "res.company"

    kho_dl_head_email = fields.Char(
        "Send the journal's last seal daily to",
        groups="base.group_system",
        help="Mail addresses, parted by commas, best of somebody who does not run this system. Empty: to nobody.",
    )

    @api.constrains("kho_dl_head_email")
    def _check_kho_dl_head_email(self):
        # sudo: also the check of what somebody without the right to read it was allowed to write.
        for company in self.sudo().filtered("kho_dl_head_email"):
            addresses = company.kho_dl_head_email.split(",")
            if not all(len(email_normalize_all(address)) == 1 for address in addresses):
                raise ValidationError(
                    self.env._(
                        "“%(addresses)s” are no mail addresses. Write them like archive@example.gov.vn, parted by commas.",
                        addresses=company.kho_dl_head_email,
                    )
                )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kho_dl_head_email = fields.Char(related="company_id.kho_dl_head_email", readonly=False)


class KhoDLJournalChain(models.Model):
    """The last position and seal, sent away once a day: whoever rules the database can seal all rows anew, and the head too.

    What was sent is compared with `kho.dl.compare.seal`.
    """

    _inherit = "kho.dl.journal.chain"

    head_sent_on = fields.Datetime("Last seal sent away on", readonly=True)
    head_problem = fields.Char("Why it could not be sent", readonly=True)

    @api.model
    @rests_in_copies
    def _cron_send_heads(self):
        """Send the last position and seal of each journal to whom its company names, and add them to the server's files."""
        # sudo: the scheduled action works for all companies.
        chains = in_office_language(self).sudo()
        for chain in chains.search([("position", ">", 0)], order="id"):
            commit_or_retry(self.env, chain._send_head)

    def _send_head(self):
        self.invalidate_recordset()
        is_mailed, problem = self._mail_head(), False
        folder = config.get(FOLDER_OPTION)
        if folder:
            try:
                self._add_to_file(folder)
            except OSError as error:
                problem = self.env._("The file could not be written: %s", error.strerror or type(error).__name__)
                _logger.warning("The head of the journal could not be written into %s: %s", folder, error)
        if is_mailed or (folder and not problem):
            self.head_sent_on = fields.Datetime.now()
        self.head_problem = problem

    def _mail_head(self):
        """Put the mail into Odoo's queue; return whether there is one."""
        template = self.env.ref("kho_dl.mail_template_head", raise_if_not_found=False)
        to = self.company_id.kho_dl_head_email
        if not template or not to:
            return False
        moment = fields.Datetime.to_string(fields.Datetime.now())
        template = template.with_context(lang=self.env.lang, moment=moment)
        template.send_mail(self.id, email_values={"email_to": ",".join(email_normalize_all(to)), "recipient_ids": []})
        return True

    def _add_to_file(self, folder):
        """Add a line to the company's file in `folder`, which must be there: time, position, seal, company, with tabs."""
        database = re.sub(r"[^\w-]", "_", self.env.cr.dbname)
        path = os.path.join(folder, f"kho-dl-{database}-{self.company_id.id}.txt")
        name = " ".join(self.company_id.name.split())
        line = f"{fields.Datetime.to_string(fields.Datetime.now())}Z\t{self.position}\t{self.hash}\t{name}\n"
        # Never through a link that somebody else put there.
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o640)
        with os.fdopen(file, "ab") as opened:
            opened.write(line.encode())
            opened.flush()
            os.fsync(opened.fileno())
