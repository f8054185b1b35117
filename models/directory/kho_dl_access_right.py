from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...protocol.agencies import canonical, national_forms
from ...protocol.subsystems import parse_dstcode
from ..common.own_fields import ours_besides
from ..connection.res_company import PORTAL_DSTCODE

STATES = [("not_yet", "Not yet"), ("granted", "Granted"), ("refused", "Refused")]
# What a person may change; who decided and when is recorded.
_PERSONS_FIELDS = {"state", "note"}


class KhoDLAccessRight(models.Model):
    """Whether our security server lets one subsystem of another agency fetch files from us (guideline V.4).

    The security server has no interface that could be asked, so this is the administrator's own record of what was
    done on its screen. There is a row for each account of companies with a unit code and each subsystem of the directory,
    and for the portal's own; `_follow_directory` keeps them so. Branches read those of the company whose account they use.
    """

    _name = "kho.dl.access.right"
    _description = "Access right on our security server"
    _inherit = ["mail.thread", "kho.dl.guarded"]
    _order = "is_portal desc, agency_code, dstcode"
    _rec_name = "dstcode"
    _rec_names_search = ["agency", "agency_code", "dstcode"]

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    dstcode = fields.Char("Subsystem", required=True, readonly=True)
    agency_code = fields.Char(readonly=True)
    agency = fields.Char(readonly=True)
    is_portal = fields.Boolean("The national portal", readonly=True)
    active = fields.Boolean(default=True, readonly=True, help="Off: the directory does not list it any more.")
    state = fields.Selection(STATES, "Access right", required=True, default="not_yet", index=True, tracking=True)
    state_user_id = fields.Many2one("res.users", "Marked by", readonly=True, copy=False)
    state_on = fields.Datetime("Marked on", readonly=True, copy=False)
    note = fields.Text(tracking=True)
    # In the words of the security server's screen.
    instance = fields.Char(compute="_compute_parts")
    member_class = fields.Char(compute="_compute_parts")
    member_code = fields.Char(compute="_compute_parts")
    subsystem_code = fields.Char(compute="_compute_parts")
    keyword = fields.Char("Search for", compute="_compute_parts")
    subject = fields.Char("Choose", compute="_compute_parts")
    succeeds = fields.Char(
        "Has the papers of", compute="_compute_succeeds", help="Closed agencies whose papers this one has now."
    )

    _once = models.UniqueIndex("(company_id, dstcode)", "This subsystem stands here already.")

    @api.depends("dstcode")
    def _compute_parts(self):
        for right in self:
            parts = parse_dstcode(right.dstcode or "")
            right.instance = parts and parts.instance
            right.member_class = parts and parts.member_class
            right.member_code = parts and parts.member_code
            right.subsystem_code = parts and parts.subsystem_code
            right.keyword = parts.keyword if parts else right.dstcode
            right.subject = parts.subject if parts else right.dstcode

    @api.depends("agency_code")
    def _compute_succeeds(self):
        # What belongs to a closed code is fetched from its successor: that one needs the right.
        closed = self.env["kho.dl.agency.succession"]._closed_by_successor() if self else {}
        for right in self:
            right.succeeds = ", ".join(sorted(closed.get(canonical(right.agency_code or ""), ())))

    def write(self, vals):
        if not self.env.su and ours_besides(self, vals, _PERSONS_FIELDS):
            raise AccessError(self.env._("Only the access right and the note can be changed; the rest is recorded."))
        if "state" in vals:
            vals = {**vals, "state_user_id": self.env.uid, "state_on": fields.Datetime.now()}
        return super().write(vals)

    # -- what people do ----------------------------------------------------------------------------

    @api.model
    def action_open(self):
        """Bring the rows in step with the directory, and return the action that lists them. Needs no record."""
        self.check_access("write")
        self._follow_directory()
        return self.env["ir.actions.act_window"]._for_xml_id("kho_dl.action_kho_dl_access_right")

    def action_mark_granted(self):
        """Record that the security server grants these subsystems access; tells how many are granted by now."""
        return self._mark("granted")

    def action_mark_refused(self):
        """Record that these subsystems are not to have access."""
        return self._mark("refused")

    def action_mark_not_yet(self):
        """Take back what was marked."""
        return self._mark("not_yet")

    def _mark(self, state):
        self.check_access("write")
        self.filtered(lambda right: right.state != state).write({"state": state})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self._progress_in_words(self.company_id),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _progress_in_words(self, companies):
        """Return how many of the subsystems that `companies` have listed are granted, e.g. "37 of 63 granted"."""
        groups = self._read_group([("company_id", "in", companies.ids)], ["state"], ["__count"])
        counts = dict(groups)
        return self.env._(
            "%(granted)s of %(total)s granted", granted=counts.get("granted", 0), total=sum(counts.values())
        )

    # -- in step with the directory ----------------------------------------------------------------

    @api.model
    def _follow_directory(self):
        """Make, bring back and archive rows for all companies, so that they are those of the directory.

        What was marked stays marked, also while a subsystem is gone. One statement, however many rows.
        """
        own_codes = self._own_codes()
        for name in ("kho.dl.security.server", "res.company", self._name):
            self.env[name].flush_model()
        self.env.execute_query(
            SQL(
                _FOLLOW_DIRECTORY,
                companies=list(own_codes),
                codes=list(own_codes.values()),
                portal=PORTAL_DSTCODE,
                now=fields.Datetime.now(),
                uid=self.env.uid,
            )
        )
        self.invalidate_model()

    @api.model
    def _own_codes(self):
        """Return {id of the company of an account: its own code in the directory, maybe ""}: nobody grants access to oneself."""
        # sudo: the directory is one for all companies, also for those that this user does not see.
        companies = self.env["res.company"].sudo().search([("kho_dl_unit_code", "!=", False)])
        # What is granted is granted to the account: its branches ask with it.
        codes = {account.id: account.sudo().kho_dl_unit_code or "" for account in companies._kho_dl_accounts()}
        return {company_id: next(iter(national_forms(code)), code) for company_id, code in codes.items()}


_FOLLOW_DIRECTORY = """
WITH own AS (
    SELECT * FROM UNNEST(%(companies)s::integer[], %(codes)s::varchar[]) AS own(company_id, code)
), portal AS (
    -- Behind whichever of its subsystems a call goes, logins among them.
    SELECT DISTINCT own.company_id, TRIM(called.dstcode) AS dstcode
      FROM own
      JOIN res_company company ON company.id = own.company_id
     CROSS JOIN LATERAL (
           VALUES (COALESCE(NULLIF(TRIM(company.kho_dl_papers_dstcode), ''), %(portal)s)),
                  (company.kho_dl_papers_login_dstcode), (company.kho_dl_directory_dstcode),
                  (company.kho_dl_directory_login_dstcode), (company.kho_dl_lookup_dstcode), (company.kho_dl_sync_dstcode)
           ) AS called(dstcode)
     WHERE TRIM(called.dstcode) <> ''
), listed AS (
    SELECT own.company_id, server.dstcode, server.code, server.name
      FROM own
      JOIN kho_dl_security_server server ON server.active AND server.code <> own.code
     UNION ALL
    SELECT company_id, dstcode, NULL, NULL FROM portal
), wanted AS (
    -- A row of the directory knows the agency's name; the portal may stand there too, or not.
    SELECT DISTINCT ON (listed.company_id, listed.dstcode)
           listed.*, portal.company_id IS NOT NULL AS is_portal
      FROM listed
      LEFT JOIN portal ON portal.company_id = listed.company_id AND portal.dstcode = listed.dstcode
     ORDER BY listed.company_id, listed.dstcode, listed.code NULLS LAST
), vanished AS (
    UPDATE kho_dl_access_right present
       SET active = FALSE, write_date = %(now)s, write_uid = %(uid)s
     WHERE present.active
       AND NOT EXISTS (
           SELECT FROM wanted
            WHERE wanted.company_id = present.company_id AND wanted.dstcode = present.dstcode
       )
), changed AS (
    UPDATE kho_dl_access_right present
       SET agency_code = wanted.code, agency = wanted.name, is_portal = wanted.is_portal, active = TRUE,
           write_date = %(now)s, write_uid = %(uid)s
      FROM wanted
     WHERE wanted.company_id = present.company_id
       AND wanted.dstcode = present.dstcode
       AND (present.agency_code, present.agency, present.is_portal, present.active)
           IS DISTINCT FROM (wanted.code, wanted.name, wanted.is_portal, TRUE)
)
INSERT INTO kho_dl_access_right (
    company_id, dstcode, agency_code, agency, is_portal, active, state, create_date, write_date, create_uid, write_uid
)
SELECT company_id, dstcode, code, name, is_portal, TRUE, 'not_yet', %(now)s, %(now)s, %(uid)s, %(uid)s
  FROM wanted
 WHERE NOT EXISTS (
       SELECT FROM kho_dl_access_right present
        WHERE present.company_id = wanted.company_id AND present.dstcode = wanted.dstcode
 )
    ON CONFLICT DO NOTHING
"""
