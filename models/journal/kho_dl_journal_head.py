import logging
import os
import re
from collections import defaultdict
from functools import partial

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config, email_normalize_all

from ..common.office_language import in_office_language
from ..common.office_time import moment_words
from ..common.transactions import LOST_RACES, commit_or_retry
from ..common.unforeseen import log_unforeseen
from ..connection.kho_dl_database import rests_in_copies

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

    @api.model
    def _kho_dl_setting_groups(self):
        groups = super()._kho_dl_setting_groups()
        # Each office's journal is a chain of its own, so each sends its own last seal.
        return {**groups, "privacy": (*groups["privacy"], "kho_dl_head_email")}

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
    # No link: Odoo deletes mails that it sent, and would change this row meanwhile, which each sealing writes.
    head_mail_no = fields.Integer("Number of the last mail", readonly=True)
    head_problem = fields.Char("Why it could not be sent", readonly=True)

    @api.model
    @rests_in_copies
    def _cron_send_heads(self):
        """Send the last position and seal of each journal to whom its company names, and add them to the server's files.

        Whoever is named by many offices gets one mail with the seals of all.
        """
        # sudo: the scheduled action works for all companies.
        chains = in_office_language(self).sudo()
        for alike in chains.search([("position", ">", 0)], order="id").grouped(_addresses).values():
            mailed, problem = commit_or_retry(self.env, alike._mail_heads_apart)
            alike._send_heads(mailed, problem)

    def _send_heads(self, mailed, problem):
        """Add these seals to the files, and note what became of each: `mailed` is the id of their mail, False without one.

        Noted when all is written: heads are changed by each sealing, and a line that was added is not added once more.
        """
        self.invalidate_recordset()
        folder = config.get(FOLDER_OPTION)
        mails = self.env["mail.mail"].browse({chain.head_mail_no for chain in self if chain.head_mail_no}).exists()
        noted = defaultdict(self.browse)
        for chain in self:
            problems = [chain._undelivered_words(mails), problem]
            is_filed = bool(folder) and chain._file_head(folder, problems)
            noted[bool(mailed or is_filed), " ".join(filter(None, problems)) or False] += chain
        commit_or_retry(self.env, partial(self._note_heads, mailed, noted))

    @api.model
    def _note_heads(self, mailed, noted):
        for (is_sent, problem), chains in noted.items():
            values = {"head_mail_no": mailed, "head_problem": problem}
            chains.write(values | ({"head_sent_on": fields.Datetime.now()} if is_sent else {}))

    def _undelivered_words(self, mails):
        """Return what is to be said of the mail of the last time, "" where it went: in the queue it is not sent yet.

        It is one of `mails`, or was deleted.
        """
        mail = mails.filtered(lambda one: one.id == self.head_mail_no)
        if not mail or mail.state == "sent" or not self.company_id.kho_dl_head_email:
            return ""
        moment = moment_words(self.env, mail.create_date)
        return self.env._("The mail of %(moment)s did not go out; look at Odoo's outgoing mails.", moment=moment)

    def _mail_heads_apart(self):
        """Return the id of the mail, False where there is none, and why it could not be made, "".

        One that cannot be made must not stop the other companies'.
        """
        self.invalidate_recordset()
        try:
            with self.env.cr.savepoint():
                return self._mail_heads(), ""
        except LOST_RACES:
            raise
        except Exception as problem:  # noqa: BLE001 - anything may be wrong with a template that somebody changed
            log_unforeseen(_logger, f"the mail with the heads of journals {self.ids} could not be made", problem)
            return False, self.env._("The mail could not be made: its template or the addresses are wrong.")

    def _file_head(self, folder, problems):
        """Add to the company's file in `folder`; return whether that was done."""
        try:
            self._add_to_file(folder)
        except OSError as error:
            why = error.strerror or type(error).__name__
            problems.append(self.env._("The file could not be written: %s", why))
            _logger.warning("The head of the journal could not be written into %s: %s", folder, error)
            return False
        return True

    def _mail_heads(self):
        """Put the mail of these, who name the same addresses, into Odoo's queue; return its id, False where there is none."""
        template = self.env.ref("kho_dl.mail_template_head", raise_if_not_found=False)
        # The agency before its offices.
        heads = self.sorted(lambda chain: chain.company_id.parent_path)
        to = heads[0].company_id.kho_dl_head_email
        if not template or not to:
            return False
        moment = fields.Datetime.to_string(fields.Datetime.now())
        template = template.with_context(lang=self.env.lang, moment=moment)
        values = {"email_to": ",".join(email_normalize_all(to)), "recipient_ids": []}
        mail = self.env["mail.mail"].browse(template.send_mail(heads[0].id, email_values=values))
        if len(heads) > 1:
            # Not by the template, which somebody may have changed: all seals must be in it.
            mail.body_html += heads._as_table(moment)
        return mail.id

    def _as_table(self, moment):
        titles = (self.env._("Office"), self.env._("Position"), self.env._("Seal"), self.env._("Time (UTC)"))
        rows = [titles, *((head.company_id.name, head.position, head.hash, moment) for head in self)]
        cells = (Markup("").join(Markup("<td>%s</td>") % cell for cell in row) for row in rows)
        return Markup('<table border="1">%s</table>') % Markup("").join(Markup("<tr>%s</tr>") % row for row in cells)

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


def _addresses(chain):
    """Return to whom the seal goes, in whatever order they are written."""
    return tuple(sorted(email_normalize_all(chain.company_id.kho_dl_head_email or "")))
