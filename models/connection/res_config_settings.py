import time
from contextlib import suppress

from odoo import api, fields, models
from odoo.tools import format_date

from ...protocol.errors import (
    AccountRefused,
    AnswerOutOfTime,
    DatabaseNotConfirmed,
    KhoDLError,
    SecurityServerUnreachable,
    SettingsIncomplete,
    TimedOut,
)
from ...sealing.faults import KeyUnusable
from ..common.kho_dl_guarded import check_one
from ..gate.gate_errors import ScannerUnreachable
from . import kho_dl_gateway
from .connection_messages import connection_messages
from .error_messages import error_message
from .portal_profiles import PROFILE_WORDS, PROFILES, profile_of
from .server_fault_words import lacks_right

# Failures of which another way to speak is no cure.
_ABOUT_NO_WAY = (SecurityServerUnreachable, TimedOut, AnswerOutOfTime)
# So long (s) a test takes at the most, whatever wait is set, and then all other ways together: a person waits.
_SECONDS_FOR_TEST, _SECONDS_FOR_WAYS = 60, 20


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kho_dl_ss_url = fields.Char(related="company_id.kho_dl_ss_url", readonly=False)
    kho_dl_unit_code = fields.Char(related="company_id.kho_dl_unit_code", readonly=False)
    kho_dl_username = fields.Char(related="company_id.kho_dl_username", readonly=False)
    kho_dl_password = fields.Char(related="company_id.kho_dl_password", readonly=False)
    kho_dl_papers_username = fields.Char(related="company_id.kho_dl_papers_username", readonly=False)
    kho_dl_papers_password = fields.Char(related="company_id.kho_dl_papers_password", readonly=False)
    kho_dl_api_adapter = fields.Char(related="company_id.kho_dl_api_adapter", readonly=False)
    kho_dl_download_adapter = fields.Char(related="company_id.kho_dl_download_adapter", readonly=False)
    kho_dl_directory_login_path = fields.Char(related="company_id.kho_dl_directory_login_path", readonly=False)
    kho_dl_directory_path = fields.Char(related="company_id.kho_dl_directory_path", readonly=False)
    kho_dl_directory_dstcode = fields.Char(related="company_id.kho_dl_directory_dstcode", readonly=False)
    kho_dl_directory_providerurl = fields.Char(related="company_id.kho_dl_directory_providerurl", readonly=False)
    kho_dl_papers_login_path = fields.Char(related="company_id.kho_dl_papers_login_path", readonly=False)
    kho_dl_papers_path = fields.Char(related="company_id.kho_dl_papers_path", readonly=False)
    kho_dl_papers_dstcode = fields.Char(related="company_id.kho_dl_papers_dstcode", readonly=False)
    kho_dl_papers_providerurl = fields.Char(related="company_id.kho_dl_papers_providerurl", readonly=False)
    kho_dl_directory_login_dstcode = fields.Char(related="company_id.kho_dl_directory_login_dstcode", readonly=False)
    kho_dl_directory_login_providerurl = fields.Char(
        related="company_id.kho_dl_directory_login_providerurl", readonly=False
    )
    kho_dl_papers_login_dstcode = fields.Char(related="company_id.kho_dl_papers_login_dstcode", readonly=False)
    kho_dl_papers_login_providerurl = fields.Char(related="company_id.kho_dl_papers_login_providerurl", readonly=False)
    kho_dl_lookup_path = fields.Char(related="company_id.kho_dl_lookup_path", readonly=False)
    kho_dl_lookup_dstcode = fields.Char(related="company_id.kho_dl_lookup_dstcode", readonly=False)
    kho_dl_lookup_providerurl = fields.Char(related="company_id.kho_dl_lookup_providerurl", readonly=False)
    kho_dl_sync_path = fields.Char(related="company_id.kho_dl_sync_path", readonly=False)
    kho_dl_sync_dstcode = fields.Char(related="company_id.kho_dl_sync_dstcode", readonly=False)
    kho_dl_sync_providerurl = fields.Char(related="company_id.kho_dl_sync_providerurl", readonly=False)
    kho_dl_login_as = fields.Selection(related="company_id.kho_dl_login_as", readonly=False)
    kho_dl_updating_as = fields.Selection(related="company_id.kho_dl_updating_as", readonly=False)
    kho_dl_tell_states = fields.Boolean(related="company_id.kho_dl_tell_states", readonly=False)
    kho_dl_lacks_right = fields.Boolean(readonly=True, help="What the last test in this form met.")
    kho_dl_profile = fields.Selection(
        PROFILE_WORDS,
        "Way the portal speaks",
        compute="_compute_kho_dl_profile",
        inverse="_inverse_kho_dl_profile",
        readonly=False,
        help="Sets what stands under “Advanced”. Empty: something was changed there. The test of the connection finds out "
        "which way the portal answers.",
    )
    kho_dl_dstcode_in = fields.Selection(related="company_id.kho_dl_dstcode_in", readonly=False)
    kho_dl_auth_scheme = fields.Selection(related="company_id.kho_dl_auth_scheme", readonly=False)
    kho_dl_token_lifetime = fields.Integer(related="company_id.kho_dl_token_lifetime", readonly=False)
    kho_dl_timeout = fields.Integer(related="company_id.kho_dl_timeout", readonly=False)
    kho_dl_connect_timeout = fields.Integer(related="company_id.kho_dl_connect_timeout", readonly=False)
    kho_dl_total_timeout = fields.Integer(related="company_id.kho_dl_total_timeout", readonly=False)
    kho_dl_max_file_mb = fields.Integer(related="company_id.kho_dl_max_file_mb", readonly=False)
    kho_dl_uploads_per_day = fields.Integer(related="company_id.kho_dl_uploads_per_day", readonly=False)
    kho_dl_parallel_downloads = fields.Integer(related="company_id.kho_dl_parallel_downloads", readonly=False)
    kho_dl_parallel_per_server = fields.Integer(related="company_id.kho_dl_parallel_per_server", readonly=False)
    kho_dl_account_downloads = fields.Integer(related="company_id.kho_dl_account_downloads", readonly=False)
    kho_dl_parallel_messages = fields.Integer(related="company_id.kho_dl_parallel_messages", readonly=False)
    kho_dl_give_up_hours = fields.Integer(related="company_id.kho_dl_give_up_hours", readonly=False)
    kho_dl_answer_minutes = fields.Integer(related="company_id.kho_dl_answer_minutes", readonly=False)
    kho_dl_file_kind_ids = fields.Many2many(related="company_id.kho_dl_file_kind_ids", readonly=False)
    kho_dl_scanner_address = fields.Char(related="company_id.kho_dl_scanner_address", readonly=False)
    kho_dl_seal_pkcs12 = fields.Binary(related="company_id.kho_dl_seal_pkcs12", readonly=False)
    kho_dl_seal_password = fields.Char(related="company_id.kho_dl_seal_password", readonly=False)
    kho_dl_seal_holder = fields.Char("Seals as", compute="_compute_kho_dl_seal")
    # Without a name the form shows the content of the file.
    kho_dl_seal_file_name = fields.Char("Name of the key file", compute="_compute_kho_dl_seal_file_name")
    kho_dl_catalogue_daily = fields.Boolean(related="company_id.kho_dl_catalogue_daily", readonly=False)
    kho_dl_sync_enabled = fields.Boolean(related="company_id.kho_dl_sync_enabled", readonly=False)
    kho_dl_own_providerurl = fields.Char(related="company_id.kho_dl_own_providerurl", readonly=False)
    kho_dl_own_dstcode = fields.Char(related="company_id.kho_dl_own_dstcode", readonly=False)
    kho_dl_serve_addresses = fields.Char(related="company_id.kho_dl_serve_addresses", readonly=False)
    kho_dl_serve_per_minute = fields.Integer(related="company_id.kho_dl_serve_per_minute", readonly=False)
    kho_dl_tell_applicant = fields.Boolean(related="company_id.kho_dl_tell_applicant", readonly=False)
    kho_dl_apply_online = fields.Boolean(related="company_id.kho_dl_apply_online", readonly=False)
    kho_dl_citizen_questions = fields.Integer(related="company_id.kho_dl_citizen_questions", readonly=False)
    kho_dl_draft_days = fields.Integer(related="company_id.kho_dl_draft_days", readonly=False)
    kho_dl_citizen_store_url = fields.Char(related="company_id.kho_dl_citizen_store_url", readonly=False)
    kho_dl_pay_where = fields.Text(related="company_id.kho_dl_pay_where", readonly=False)
    kho_dl_keep_files = fields.Boolean(
        "Keep the files when Kho DL is removed",
        config_parameter="kho_dl.keep_files",
        help="Files of cases and of our own store become files of the contacts that they are about.",
    )
    kho_dl_retention_days = fields.Integer(related="company_id.kho_dl_retention_days", readonly=False)
    kho_dl_unused_days = fields.Integer(related="company_id.kho_dl_unused_days", readonly=False)
    kho_dl_message_days = fields.Integer(related="company_id.kho_dl_message_days", readonly=False)
    kho_dl_count_days = fields.Integer(related="company_id.kho_dl_count_days", readonly=False)

    @api.depends(*PROFILES["printed"])
    def _compute_kho_dl_profile(self):
        for settings in self:
            settings.kho_dl_profile = profile_of(settings)

    def _inverse_kho_dl_profile(self):
        for settings in self:
            settings._onchange_kho_dl_profile()

    @api.onchange("kho_dl_profile")
    def _onchange_kho_dl_profile(self):
        chosen = self.kho_dl_profile
        if chosen and chosen != profile_of(self):
            self.update(PROFILES[chosen])

    @api.depends("kho_dl_seal_pkcs12")
    def _compute_kho_dl_seal_file_name(self):
        for settings in self:
            settings.kho_dl_seal_file_name = settings.kho_dl_seal_pkcs12 and "seal.p12"

    @api.depends("kho_dl_seal_pkcs12", "kho_dl_seal_password")
    def _compute_kho_dl_seal(self):
        for settings in self:
            try:
                key = self.env["kho.dl.gateway"]._seal_key(settings.company_id)
            except KeyUnusable:
                settings.kho_dl_seal_holder = False
                continue
            settings.kho_dl_seal_holder = self.env._(
                "%(holder)s, valid until %(day)s", holder=key.subject, day=format_date(self.env, key.valid_until.date())
            )

    def action_kho_dl_test_connection(self):
        """Log in to both services of the portal and say in words how it went."""
        check_one(self)
        problem = self._kho_dl_connection_problem()
        links = self._kho_dl_links() if problem else []
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if problem else "success",
                "title": self.env._("No connection") if problem else self.env._("The connection works"),
                "message": " ".join([problem, *("%s" for _link in links)])
                if problem
                else self.env._("Our security server answers, and the portal accepts the account for both services."),
                "links": links,
                "sticky": bool(problem),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _kho_dl_connection_problem(self):
        """Return the first problem in words, or False."""
        company = self.company_id
        services = {
            "directory": self.env._("Directory"),
            "papers": self.env._("Papers"),
        }
        try:
            gateway = self.env["kho.dl.gateway"]
            settings = gateway._settings(company)
            with gateway._client(company, time.monotonic() + _SECONDS_FOR_TEST) as client:
                # No transaction stays open while the portal thinks; what was entered is saved by then.
                kho_dl_gateway.end_transaction(self.env.cr)
                for name, service_label in services.items():  # noqa: B007 - told where the login fails
                    gateway._log_in(client, getattr(settings, name))
        except SettingsIncomplete as error:
            names = dict.fromkeys(_field_name(name, error.missing) for name in error.missing)
            labels = self.fields_get(list(names), ["string"])
            missing = self.env._(
                "Still to be filled in: %(fields)s.", fields=", ".join(labels[name]["string"] for name in names)
            )
            # One that comes from outside has no field to fill in.
            outside = self.kho_dl_outside or {}
            return " ".join([missing, *(outside[name] for name in names if name in outside)])
        except DatabaseNotConfirmed as error:
            return error_message(self.env, error)
        except KhoDLError as error:
            if not isinstance(error, _ABOUT_NO_WAY) and (way := self._kho_dl_way_that_answers(error)):
                return way
            reason = connection_messages(self.env, settings, error)
            self.kho_dl_lacks_right = lacks_right(error)
            return self.env._("%(service)s: %(reason)s", service=service_label, reason=reason)
        return False

    def _kho_dl_links(self):
        """Return where to go on after a test, as a notification has it."""
        if not (self.kho_dl_lacks_right and self.env.user.has_group("kho_dl.group_administrator")):
            return []
        action = "/odoo/action-kho_dl.action_kho_dl_access_right_open"
        return [{"label": self.env._("Open the list of access rights"), "url": action}]

    def _kho_dl_way_that_answers(self, error):
        """Return in words in which other way the portal accepts the account, False where it does in none.

        After a refused login only what is written otherwise is tried: an account is locked by too many wrong ones.
        """
        company, gateway = self.company_id, self.env["kho.dl.gateway"]
        ways = [
            (name, gateway._client(company.new(values, origin=company)))
            for name, values in PROFILES.items()
            if name != profile_of(company)
            and not (isinstance(error, AccountRefused) and values["kho_dl_login_as"] == company.kho_dl_login_as)
        ]
        labels = dict(self._fields["kho_dl_profile"]._description_selection(self.env))
        kho_dl_gateway.end_transaction(self.env.cr)
        until = time.monotonic() + _SECONDS_FOR_WAYS
        for name, client in ways:
            with client, suppress(KhoDLError):
                client.log_in(client.settings.directory, until=until)
                client.log_in(client.settings.papers, until=until)
                return self.env._(
                    "The portal answers in another way: choose “%(way)s” in step 2, save, and test again.",
                    way=labels[name],
                )
        return False

    def action_kho_dl_test_scanner(self):
        """Tell in a notification whether the virus scanner of the company answers."""
        check_one(self)
        until = time.monotonic() + _SECONDS_FOR_TEST
        scanner = self.env["kho.dl.gateway"]._scanner(self.company_id, until)
        # As above.
        kho_dl_gateway.end_transaction(self.env.cr)
        try:
            if scanner:
                scanner.check()
        except ScannerUnreachable:
            problem = self.env._(
                "The virus scanner does not answer at %(address)s. Files are not attached until it does. Look whether it runs, "
                "and whether Odoo's user may use that address.",
                address=self.company_id.kho_dl_scanner_address,
            )
        else:
            problem = False if scanner else self.env._("No virus scanner is entered, so files are not scanned.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if problem else "success",
                "title": self.env._("Virus scanner"),
                "message": problem or self.env._("The virus scanner answers."),
                "sticky": bool(problem),
            },
        }

    def action_kho_dl_refresh_directory(self):
        check_one(self)
        return self.env["kho.dl.security.server"].with_company(self.company_id).action_refresh()


def _field_name(name, missing):
    """Return our field for `name`, one of `SettingsIncomplete.missing`, e.g. "papers.account.password" """
    service, _dot, part = name.rpartition(".")
    if part == "adapter":
        return "kho_dl_api_adapter"
    if service.endswith(".account"):
        # The papers' own account is optional: what both miss is the common one.
        is_common = f"directory.account.{part}" in missing
        return f"kho_dl_{part}" if is_common else f"kho_dl_papers_{part}"
    return "kho_dl_" + (f"{service}_{part}" if service else part)
