from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...protocol.errors import KhoDLError
from ..gate import virus_scanner
from .kho_dl_breaker import portal_lane

# Settings of an agency are for those who work with them, system administrators included: not for portal users, who read
# their company.
KHO_DL_PEOPLE = "base.group_system,kho_dl.group_clerk,kho_dl.group_auditor"
PORTAL_DSTCODE = "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"
PAPERS_PROVIDERURL = "https://apigiaytocanhan.dichvucong.gov.vn"


class ResCompany(models.Model):
    _inherit = "res.company"

    # Who may change the address could have the account sent elsewhere.
    kho_dl_ss_url = fields.Char("Security server address", help="e.g. http://10.0.0.1:8080", groups="base.group_system")
    # What is known of far systems is shared by all that use the same one.
    kho_dl_own_server = fields.Char(compute="_compute_kho_dl_own_server", store=True, groups="base.group_system")
    kho_dl_portal_lane = fields.Char(
        "Way to the portal", compute="_compute_kho_dl_portal_lane", store=True, groups="base.group_system"
    )
    kho_dl_unit_code = fields.Char(
        "Unit code", help="Code of this agency at the national portal, e.g. H46", groups=KHO_DL_PEOPLE
    )
    kho_dl_username = fields.Char("Account", groups="base.group_system")
    kho_dl_password = fields.Char("Password", groups="base.group_system", exportable=False)
    kho_dl_papers_username = fields.Char(
        "Account for papers", groups="base.group_system", help="Empty: the same account."
    )
    kho_dl_papers_password = fields.Char("Password for papers", groups="base.group_system", exportable=False)
    kho_dl_api_adapter = fields.Char("Adapter for questions", default="XrdAdapter", groups=KHO_DL_PEOPLE)
    kho_dl_download_adapter = fields.Char("Adapter for files", default="VXPAdapter", groups=KHO_DL_PEOPLE)
    kho_dl_directory_login_path = fields.Char("Login path of the directory", default="mapi/login", groups=KHO_DL_PEOPLE)
    kho_dl_directory_path = fields.Char("Path of the directory", default="mapi/call", groups=KHO_DL_PEOPLE)
    kho_dl_directory_dstcode = fields.Char(
        "Destination code of the directory", help="Empty: not sent.", groups=KHO_DL_PEOPLE
    )
    kho_dl_directory_providerurl = fields.Char(
        "Provider address of the directory", help="Empty: not sent.", groups=KHO_DL_PEOPLE
    )
    kho_dl_papers_login_path = fields.Char(
        "Login path of the papers", default="bndp/public/v1/login", groups=KHO_DL_PEOPLE
    )
    kho_dl_papers_path = fields.Char("Path of the papers", default="bndp/public/v1/user/papers", groups=KHO_DL_PEOPLE)
    kho_dl_papers_dstcode = fields.Char("Destination code of the papers", default=PORTAL_DSTCODE, groups=KHO_DL_PEOPLE)
    kho_dl_papers_providerurl = fields.Char(
        "Provider address of the papers", default=PAPERS_PROVIDERURL, groups=KHO_DL_PEOPLE
    )
    kho_dl_dstcode_in = fields.Selection(
        [("query", "In the address"), ("header", "In a header"), ("both", "Both")],
        "Destination code is sent",
        default="query",
        required=True,
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_auth_scheme = fields.Selection(
        [("bare", "Token alone"), ("bearer", "Bearer and token")],
        "Authorization header",
        default="bare",
        required=True,
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_token_lifetime = fields.Integer(
        "Token lifetime (minutes)",
        default=30,
        help="Used where the portal does not say how long a token lasts.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_timeout = fields.Integer("Longest wait for an answer (seconds)", default=30, groups=KHO_DL_PEOPLE)
    kho_dl_connect_timeout = fields.Integer("Longest wait for a connection (seconds)", default=10, groups=KHO_DL_PEOPLE)
    kho_dl_total_timeout = fields.Integer(
        "Longest time for one file (seconds)",
        default=90,
        groups=KHO_DL_PEOPLE,
        help="In the background a file has some 35 seconds at the most, even where more is set here.",
    )
    kho_dl_max_file_mb = fields.Integer("Largest file (MB)", default=50, groups=KHO_DL_PEOPLE)
    kho_dl_uploads_per_day = fields.Integer(
        "Uploads of one citizen in a day",
        default=60,
        groups=KHO_DL_PEOPLE,
        help="Each with several files; also those that were refused.",
    )
    kho_dl_parallel_downloads = fields.Integer(
        "Files fetched at once",
        default=8,
        help="By one worker, for one clerk or in the background.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_parallel_per_server = fields.Integer(
        "Of these from one agency",
        default=4,
        help="One agency gets the same share of what all workers fetch together.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_account_downloads = fields.Integer(
        "By all workers together",
        default=32,
        help="Companies with the same account share the largest number.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_parallel_messages = fields.Integer(
        "Cases told to the portal at once",
        default=8,
        help="Messages of one case go one after the other. Companies with the same account share the largest number.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_give_up_hours = fields.Integer("Keep trying for (hours)", default=24, groups=KHO_DL_PEOPLE)
    kho_dl_answer_minutes = fields.Integer(
        "An answer stays good for (minutes)",
        default=30,
        groups=KHO_DL_PEOPLE,
        help="So long the papers that were found for a case are shown again, without another question or consent.",
    )
    kho_dl_file_kind_ids = fields.Many2many(
        "kho.dl.file.kind", string="Kinds of files", help="None: all of them.", groups=KHO_DL_PEOPLE
    )
    kho_dl_scanner_address = fields.Char(
        "Virus scanner",
        groups="base.group_system",
        help="ClamAV's daemon: host:port, or the path of its socket. Empty: files are not scanned.",
    )
    kho_dl_seal_pkcs12 = fields.Binary(
        "Key file of the seal",
        attachment=False,
        groups="base.group_system",
        exportable=False,
        help="PKCS#12: .p12 or .pfx",
    )
    kho_dl_seal_password = fields.Char("Password of the key file", groups="base.group_system", exportable=False)
    kho_dl_catalogue_daily = fields.Boolean(
        "Synchronise the catalogue daily",
        help="Procedures, their documents and results follow the national catalogue.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_sync_enabled = fields.Boolean(
        "Tell the portal of our cases",
        help="Cases, their progress and the links to their results are sent by themselves.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_tell_applicant = fields.Boolean(
        "Write to people about their papers in our store", default=True, groups=KHO_DL_PEOPLE
    )
    kho_dl_citizen_store_url = fields.Char(
        "Where people keep papers in their own store",
        default="https://dichvucong.gov.vn/",
        help="The address at the National Public Service Portal (guideline III.1, step 4). Empty: nothing is said of it.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_pay_where = fields.Text(
        "Where fees are paid",
        translate=True,
        help="Shown to applicants who have a fee to pay: counter, account, opening hours.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_retention_days = fields.Integer(
        "Personal data in the journal is kept for (days)",
        help="Counted from the closing of a row; rows of open cases are kept. 0: for ever.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_unused_days = fields.Integer(
        "Answers that were not used are kept for (days)",
        default=90,
        help="Of questions of whose answer no file was attached; also of open cases. 0: as long as the rest of the journal.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_message_days = fields.Integer(
        "Messages that the portal accepted are kept for (days)",
        default=365,
        help="Counted from the message that took their place; the last one of each kind stays with its case. 0: for ever.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_count_days = fields.Integer(
        "Counts of clerks' days and of missing papers are kept for (days)",
        help="Numbers that are counted besides the journal. 0: for ever.",
        groups=KHO_DL_PEOPLE,
    )

    kho_dl_apply_online = fields.Boolean(
        "Applications can be made online",
        help="People with a login and a verified number find the procedures of this office and apply for them.",
        groups=KHO_DL_PEOPLE,
    )
    kho_dl_citizen_questions = fields.Integer(
        "Questions to the national store by one person in an hour",
        default=10,
        groups=KHO_DL_PEOPLE,
        help="Of citizens online. Who asks more often is told to go on later; officers have no limit.",
    )
    kho_dl_draft_days = fields.Integer(
        "Applications that nobody goes on with are kept for (days)",
        default=30,
        groups=KHO_DL_PEOPLE,
        help="Those that their applicant began online and has not submitted, since they last worked on them.",
    )

    @api.depends("kho_dl_ss_url")
    def _compute_kho_dl_own_server(self):
        for company in self:
            try:
                company.kho_dl_own_server = self.env["kho.dl.gateway"]._settings(company).server_key
            except KhoDLError:
                company.kho_dl_own_server = False

    @api.depends("kho_dl_directory_dstcode", "kho_dl_directory_providerurl")
    def _compute_kho_dl_portal_lane(self):
        for company in self:
            company.kho_dl_portal_lane = portal_lane(
                company.kho_dl_directory_dstcode, company.kho_dl_directory_providerurl
            )

    @api.constrains("kho_dl_scanner_address")
    def _check_kho_dl_scanner_address(self):
        # sudo: also the check of what somebody without the right to read it was allowed to write.
        for company in self.sudo().filtered("kho_dl_scanner_address"):
            if not virus_scanner.is_scanner_address(company.kho_dl_scanner_address):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is no address of a virus scanner. Write it like 127.0.0.1:3310, or as the path "
                        "of a socket like /run/clamav/clamd.ctl.",
                        address=company.kho_dl_scanner_address,
                    )
                )
            if not virus_scanner.IS_INSTALLED:
                raise ValidationError(
                    self.env._(
                        "The Python library clamav-client is not installed on this server, so no file could be "
                        "attached any more. Install it, restart Odoo, then enter the address again."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._forget_cached({name for vals in vals_list for name in vals})
        return companies

    def write(self, vals):
        result = super().write(vals)
        self._forget_cached(vals)
        return result

    def _forget_cached(self, names):
        if "kho_dl_file_kind_ids" in names:
            self.env.registry.clear_cache()

    @api.constrains("kho_dl_citizen_store_url")
    def _check_kho_dl_citizen_store_url(self):
        # sudo: also the check of what somebody without the right to read it was allowed to write.
        for company in self.sudo().filtered("kho_dl_citizen_store_url"):
            if not company.kho_dl_citizen_store_url.startswith("https://"):
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is no address for people's own store. Write it like https://dichvucong.gov.vn/.",
                        address=company.kho_dl_citizen_store_url,
                    )
                )

    @api.constrains("kho_dl_ss_url")
    def _check_kho_dl_ss_url(self):
        # sudo: also the check of what somebody without the right to read it was allowed to write.
        for company in self.sudo().filtered("kho_dl_ss_url"):
            try:
                self.env["kho.dl.gateway"]._settings(company).base_url  # noqa: B018 - read for its check
            except KhoDLError as error:
                raise ValidationError(
                    self.env._(
                        "“%(address)s” is no address of a security server. Write it like http://10.0.0.1:8080.",
                        address=company.kho_dl_ss_url,
                    )
                ) from error
