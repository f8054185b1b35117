"""What may be a mail address."""

from odoo.tools import email_normalize


def is_mail_address(text):
    """Whether mails may reach `text`: one address, whose domain has a point, as `lan@gmail` has not."""
    return "." in (email_normalize(text) or "").rpartition("@")[2]
