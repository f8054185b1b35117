import secrets
from functools import lru_cache

from odoo import api, fields, models

from ...protocol.errors import SettingsIncomplete
from ...sealing.faults import KeyUnusable
from ...sealing.seal import SealKey
from ..common.kho_dl_guarded import check_one
from ..common.uploads import content_of
from ..connection.res_company import KHO_DL_PEOPLE
from .checks.account import account_keys, tested_key
from .health_setup import setup_steps

# What a login depends on.
_LOGIN_SETTINGS = frozenset(
    {
        "kho_dl_ss_url",
        "kho_dl_username",
        "kho_dl_password",
        "kho_dl_papers_username",
        "kho_dl_papers_password",
        "kho_dl_api_adapter",
        "kho_dl_directory_login_path",
        "kho_dl_directory_dstcode",
        "kho_dl_directory_providerurl",
        "kho_dl_papers_login_path",
        "kho_dl_papers_dstcode",
        "kho_dl_papers_providerurl",
        "kho_dl_directory_login_dstcode",
        "kho_dl_directory_login_providerurl",
        "kho_dl_papers_login_dstcode",
        "kho_dl_papers_login_providerurl",
        "kho_dl_login_as",
        "kho_dl_dstcode_in",
    }
)


class ResCompany(models.Model):
    """From when on something is a trouble, and what the health of a company is read from."""

    _inherit = "res.company"

    kho_dl_alarm_directory_days = fields.Integer("Directory not refreshed for (days)", default=2, groups=KHO_DL_PEOPLE)
    kho_dl_alarm_waiting_hours = fields.Integer(
        "Files or messages waiting for (hours)", default=4, groups=KHO_DL_PEOPLE
    )
    kho_dl_alarm_agency_hours = fields.Integer("Agency unreachable for (hours)", default=4, groups=KHO_DL_PEOPLE)
    kho_dl_alarm_failed_percent = fields.Integer("Files of a day that failed (%)", default=50, groups=KHO_DL_PEOPLE)
    kho_dl_alarm_rejected = fields.Integer("Messages refused by the portal", default=10, groups=KHO_DL_PEOPLE)
    kho_dl_alarm_certificate_days = fields.Integer(
        "Certificate or account ends within (days)", default=30, groups=KHO_DL_PEOPLE
    )
    kho_dl_account_valid_until = fields.Date(
        "Account valid until",
        copy=False,
        help="The last day, as the portal named it. Empty: it named none.",
        groups=KHO_DL_PEOPLE,
    )
    # Kept, because opening the key file takes long on purpose.
    kho_dl_seal_valid_until = fields.Datetime(
        "Certificate of the seal ends on",
        compute="_compute_kho_dl_seal_valid_until",
        store=True,
        compute_sudo=True,
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_account_changed_on = fields.Datetime(
        "Account changed on",
        copy=False,
        groups="base.group_system",
        help="What the portal said before tells nothing of these settings.",
    )
    kho_dl_tested_on = fields.Datetime("Connection tested on", copy=False, groups="base.group_system")
    kho_dl_test_problem = fields.Char("What the test said", copy=False, groups="base.group_system")
    # Of `account_key`s, see there.
    kho_dl_tested_key = fields.Char(
        copy=False, groups="base.group_system", exportable=False, help="Names the accounts that were tested."
    )

    kho_dl_health_token = fields.Char("Token for monitoring", copy=False, groups="base.group_system", exportable=False)

    @api.model
    def _kho_dl_setting_groups(self):
        groups = super()._kho_dl_setting_groups()
        connection = ("kho_dl_account_valid_until", "kho_dl_tested_on", "kho_dl_test_problem", "kho_dl_tested_key")
        return {
            **groups,
            # What is known of the account goes with it.
            "connection": (*groups["connection"], *connection),
            "alarms": (
                "kho_dl_alarm_directory_days",
                "kho_dl_alarm_waiting_hours",
                "kho_dl_alarm_agency_hours",
                "kho_dl_alarm_failed_percent",
                "kho_dl_alarm_rejected",
                "kho_dl_alarm_certificate_days",
            ),
        }

    def write(self, vals):
        result = super().write(vals)
        if _LOGIN_SETTINGS.intersection(vals):
            # sudo: when it was is noted by this code, for whoever may write the settings themselves.
            super(ResCompany, self.sudo()).write({"kho_dl_account_changed_on": fields.Datetime.now()})
        return result

    @api.depends("kho_dl_seal_pkcs12", "kho_dl_seal_password")
    def _compute_kho_dl_seal_valid_until(self):
        # Once for all branches that have the same.
        for alike in self._kho_dl_by_seal():
            try:
                key = self.env["kho.dl.gateway"]._seal_key(alike[0])
            except KeyUnusable:
                alike.kho_dl_seal_valid_until = False
            else:
                alike.kho_dl_seal_valid_until = key.valid_until.replace(tzinfo=None)

    def _kho_dl_seal_until(self):
        """Return when the certificate of the seal ends (naive UTC), False where there is none."""
        # sudo: only the day is told of the seal, which may be another company's.
        if not self._kho_dl_outside("kho_dl_seal_pkcs12"):
            return self.sudo().kho_dl_seal_valid_until
        content, password = (self._kho_dl_secret(name) for name in ("kho_dl_seal_pkcs12", "kho_dl_seal_password"))
        return _valid_until(content or b"", password or "")


@lru_cache(maxsize=8)
def _valid_until(content, password):
    """Return when the certificate of a key file from outside ends: nobody tells when that file becomes another."""
    try:
        return SealKey(content_of(content), password).valid_until.replace(tzinfo=None)
    except KeyUnusable:
        return False


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kho_dl_alarm_directory_days = fields.Integer(related="company_id.kho_dl_alarm_directory_days", readonly=False)
    kho_dl_alarm_waiting_hours = fields.Integer(related="company_id.kho_dl_alarm_waiting_hours", readonly=False)
    kho_dl_alarm_agency_hours = fields.Integer(related="company_id.kho_dl_alarm_agency_hours", readonly=False)
    kho_dl_alarm_failed_percent = fields.Integer(related="company_id.kho_dl_alarm_failed_percent", readonly=False)
    kho_dl_alarm_rejected = fields.Integer(related="company_id.kho_dl_alarm_rejected", readonly=False)
    kho_dl_alarm_certificate_days = fields.Integer(related="company_id.kho_dl_alarm_certificate_days", readonly=False)
    kho_dl_account_valid_until = fields.Date(related="company_id.kho_dl_account_valid_until", readonly=False)
    # {step: {"state": "done", "todo" or "failed", "words": str}}
    kho_dl_setup = fields.Json("First steps", compute="_compute_kho_dl_setup")
    kho_dl_health_token = fields.Char(related="company_id.kho_dl_health_token")
    kho_dl_health_address = fields.Char("Address for monitoring", compute="_compute_kho_dl_health_address")

    @api.depends("company_id")
    @api.depends_context("lang", "tz")
    def _compute_kho_dl_setup(self):
        now = fields.Datetime.now()
        for settings in self:
            steps = setup_steps(self.env, settings.company_id, now)
            settings.kho_dl_setup = {name: {"state": step.state, "words": step.words} for name, step in steps.items()}

    def _compute_kho_dl_health_address(self):
        for settings in self:
            settings.kho_dl_health_address = f"{settings.get_base_url()}/kho_dl/health"

    def action_kho_dl_sync_catalogue(self):
        """Fetch the national catalogue for the company in the background; opens the run."""
        check_one(self)
        return self.env["kho.dl.catalogue.sync"].with_company(self.company_id).action_sync()

    def action_kho_dl_new_health_token(self):
        """Give the company's monitoring a new token; the one of before opens nothing any more."""
        check_one(self)
        self.company_id.kho_dl_health_token = secrets.token_urlsafe(32)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_kho_dl_no_health_token(self):
        """Let nobody monitor this company any more."""
        check_one(self)
        self.company_id.kho_dl_health_token = False
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _kho_dl_connection_problem(self):
        """Return the first problem in words, or False; keep both for the first steps and the health of the company."""
        problem = super()._kho_dl_connection_problem()
        try:
            keys = account_keys(self.env, self.company_id)
        except SettingsIncomplete:
            # Nothing was tested: the steps say what is missing.
            return problem
        # sudo: what was tested is the account that counts, also where it is of a company above, closed to who tests.
        self.company_id._kho_dl_account().sudo().write(
            {
                "kho_dl_tested_on": fields.Datetime.now(),
                "kho_dl_test_problem": problem,
                "kho_dl_tested_key": tested_key(keys, self.company_id),
            }
        )
        return problem
