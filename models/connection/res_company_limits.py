from odoo import api, models
from odoo.exceptions import ValidationError

# The least and the most of each, in the unit that the field's label names.
_LIMITS = {
    "kho_dl_token_lifetime": (1, 1440),
    "kho_dl_timeout": (1, 300),
    "kho_dl_max_file_mb": (1, 1024),
    "kho_dl_uploads_per_day": (1, 1000),
    "kho_dl_connect_timeout": (1, 300),
    "kho_dl_total_timeout": (1, 3600),
    "kho_dl_parallel_downloads": (1, 32),
    "kho_dl_parallel_per_server": (1, 32),
    "kho_dl_account_downloads": (1, 256),
    "kho_dl_parallel_messages": (1, 32),
    "kho_dl_answer_minutes": (1, 1440),
    "kho_dl_give_up_hours": (1, 720),
    "kho_dl_serve_per_minute": (1, 100_000),
    "kho_dl_citizen_questions": (1, 1000),
    "kho_dl_draft_days": (1, 365),
}
_ALARMS = {
    "kho_dl_alarm_directory_days": (1, 365),
    "kho_dl_alarm_waiting_hours": (1, 720),
    "kho_dl_alarm_agency_hours": (1, 720),
    "kho_dl_alarm_failed_percent": (1, 100),
    "kho_dl_alarm_rejected": (1, 100_000),
    "kho_dl_alarm_certificate_days": (1, 365),
}
# Some hundred years, which the calendar has; 0 keeps for ever.
_DAYS = dict.fromkeys(
    ("kho_dl_retention_days", "kho_dl_unused_days", "kho_dl_message_days", "kho_dl_count_days"), (0, 36_500)
)
_RANGES = _LIMITS | _ALARMS | _DAYS


def _check(ranges):
    return f"CHECK ({' AND '.join(f'{name} BETWEEN {least} AND {most}' for name, (least, most) in ranges.items())})"


class ResCompany(models.Model):
    """How small and how large a number among the settings may be.

    Checked before the database does: its words would hold the whole row of the company, accounts and keys included.
    """

    _inherit = "res.company"

    _kho_dl_limits = models.Constraint(_check(_LIMITS), "A limit of Kho DL is out of range.")
    _kho_dl_alarms = models.Constraint(_check(_ALARMS), "A threshold of an alarm of Kho DL is out of range.")
    _kho_dl_days = models.Constraint(_check(_DAYS), "A number of days that Kho DL keeps something is out of range.")

    @api.constrains(*_RANGES)
    def _check_kho_dl_ranges(self):
        # sudo: who makes a company, or changes its name, may not read its settings.
        for company in self.sudo():
            for name, (least, most) in _RANGES.items():
                if not least <= company[name] <= most:
                    raise ValidationError(
                        self.env._(
                            "“%(setting)s” must be from %(least)s to %(most)s. Nothing was changed.",
                            setting=self._fields[name]._description_string(self.env),
                            least=least,
                            most=most,
                        )
                    )
