import time
from collections import Counter

from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...protocol.directory import Server
from ...protocol.errors import KhoDLError, OutOfTime, SecurityServerUnreachable, TimedOut
from ..common import cron_budget
from ..common.office_language import in_office_language
from ..common.transactions import commit_or_retry
from ..connection import kho_dl_gateway
from ..connection.error_messages import error_message
from ..connection.kho_dl_database import rests_in_copies
from ..procedure.kho_dl_catalogued import is_too_many_gone

# What a person may change by hand; a refresh then leaves the row alone.
_HAND_FIELDS = {"code", "name", "dstcode", "active"}
# With less time (s) than this nobody is asked: the answer would come too late.
_LEAST_SECONDS = 5


class KhoDLSecurityServer(models.Model):
    _name = "kho.dl.security.server"
    _description = "Security server of an agency"
    _inherit = ["kho.dl.cached", "kho.dl.guarded", "kho.dl.kept"]
    _order = "code, id"
    _rec_names_search = ["name", "code"]

    code = fields.Char("Agency code", required=True)
    name = fields.Char("Agency", required=True)
    dstcode = fields.Char("Destination code", required=True)
    provider_hosts = fields.Char(
        help="Hosts of the systems behind this server, separated by blanks. They decide where the agency's code does not."
    )
    active = fields.Boolean(default=True)
    portal_dstcode = fields.Char(
        "Destination code at the portal", readonly=True, copy=False, help="What the portal's directory says."
    )
    hand_edited = fields.Boolean(
        "Edited by hand", readonly=True, copy=False, help="A refresh leaves this row as it is."
    )
    last_refresh = fields.Datetime("Last changed by a refresh", readonly=True, copy=False)

    _code_dstcode_uniq = models.Constraint(
        "unique(code, dstcode)", "This agency has a server with this destination code already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [{**vals, "hand_edited": vals.get("hand_edited", not vals.get("portal_dstcode"))} for vals in vals_list]
        )

    def write(self, vals):
        if _HAND_FIELDS.intersection(vals) and "hand_edited" not in vals:
            vals = {**vals, "hand_edited": True}
        return super().write(vals)

    def action_follow_portal(self):
        """Give up edits made by hand: take the portal's destination code and follow it again."""
        for server in self.filtered("portal_dstcode"):
            server.write({"dstcode": server.portal_dstcode, "active": True, "hand_edited": False})
        return True

    @api.model
    def action_refresh(self, _ids=None):
        """Ask the portal for the directory now. Needs no record. Returns a notification with the counts.

        `_ids` is what a button on a list sends along; it has no meaning here.
        """
        return self._refresh_and_tell()

    @api.model
    def _refresh_and_tell(self, ended=0):
        """Do what `action_refresh` does; `ended` as for `_refresh`."""
        # Who reads how refreshes went may start one: it takes over what the portal says, and nothing of the caller.
        self.env["kho.dl.directory.refresh"].check_access("read")
        if not self._asking_companies():
            raise UserError(
                self.env._(
                    "The connection to the national portal is not set up yet. Nothing was changed. "
                    "Complete address, unit code and account in the Kho DL settings first."
                )
            )
        refresh = self._refresh(ended)
        done = refresh.outcome == "done"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Directory refreshed") if done else self.env._("Directory not refreshed"),
                "message": refresh.message,
                "type": "success" if done else "danger",
                "sticky": not done,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    @rests_in_copies
    def _cron_refresh(self):
        """Refresh daily (guideline V.1). That it has not worked for long is seen by `kho.dl.alarm`."""
        # Some begin or end today, whoever answers.
        commit_or_retry(self.env, self.env["kho.dl.agency.succession"]._follow)
        # Who lost a race against somebody who edits a row asks again.
        if self._asking_companies() and not commit_or_retry(self.env, in_office_language(self)._refresh):
            # Nobody was asked: other actions had taken all the time there is.
            self.env.ref("kho_dl.ir_cron_refresh_directory")._trigger()

    @api.model
    def _asking_companies(self):
        """Return the companies that have an account, the current one first."""
        # sudo: account names are readable by system administrators only.
        companies = self.env["res.company"].sudo().search([("kho_dl_ss_url", "!=", False)], order="id")
        ready = companies.filtered(lambda company: company._kho_dl_unit() and company.kho_dl_username)
        return ready.sorted(lambda company: company != self.env.company)

    @api.model
    def _refresh(self, ended=0):
        """Fetch the directory through the first company that gets an answer; record how it went. Commits before.

        `ended`: of so many servers that it does not name any more somebody said that they have ended. Returns the record,
        an empty one where there was no time to ask anybody.
        """
        log = self.env["kho.dl.directory.refresh"].sudo()
        ends_at, silent, failure = cron_budget.ends_at(), set(), None
        # Branches would ask with the account that was asked with.
        accounts = dict.fromkeys(company._kho_dl_account() for company in self._asking_companies())
        for company in accounts:
            server, lane = company.kho_dl_own_server, company.kho_dl_portal_lane
            if silent.intersection([(server, None), (server, lane)]):
                continue
            if ends_at - time.monotonic() < _LEAST_SECONDS:
                break
            try:
                with self.env["kho.dl.gateway"]._client(company, ends_at) as client:
                    # No transaction stays open while the portal thinks.
                    kho_dl_gateway.end_transaction(self.env.cr)
                    directory = client.directory()
            except KhoDLError as problem:
                # The portal, whose directory nobody waits for any longer, did not answer in time.
                error = TimedOut() if isinstance(problem, OutOfTime) else problem
                if isinstance(error, SecurityServerUnreachable | TimedOut):
                    # Others would wait as long for the same: those behind that server, or also behind it for that portal.
                    silent.add((server, lane if error.blames_remote else None))
                failure = self.env._(
                    "%(reason)s The stored directory stays as it was.", reason=error_message(self.env, error)
                )
                continue
            try:
                with self.env.cr.savepoint():
                    # sudo: the directory is the portal's, not the rights of whoever refreshes it.
                    stored = self.sudo()
                    if (missing := stored._too_many_gone(directory.servers)) > ended:
                        return log.create({"outcome": "failed", "missing_count": missing})
                    counts = stored._apply(directory.servers)
            except IntegrityError:
                failure = self.env._(
                    "Rows of the directory that were edited by hand contradict the portal's. The stored directory "
                    "stays as it was. Let the edited rows follow the portal again, then refresh."
                )
                break
            # sudo: whoever refreshes has no rights on scheduled actions. An alarm about an old directory ends at once.
            self.env.ref("kho_dl.ir_cron_alarm").sudo()._trigger()
            values = {f"{verb}_count": count for verb, count in counts.items()}
            return log.create({"outcome": "done", "skipped_count": directory.skipped, **values})
        return log.create({"outcome": "failed", "reason": failure}) if failure else log

    @api.model
    def _apply(self, servers):
        """Bring the stored directory to `servers`; return a Counter of what happened to its rows.

        Values are only assigned here: Odoo writes them in one statement a batch when it flushes.
        """
        touched, unchanged = self._compare(servers)
        counts = Counter(unchanged=unchanged)
        stored = self.with_context(active_test=False).search([("code", "in", list(touched))])
        stored_by_code = stored.grouped("code")
        new = []
        for code, incoming in _by_code(server for server in servers if server.code in touched).items():
            stored = stored_by_code.pop(code, self.browse())
            for server, portal in stored._match(incoming):
                if server is None:
                    new.append(_portal_values(portal) | {"code": code, "last_refresh": fields.Datetime.now()})
                else:
                    counts[server._apply_one(portal)] += 1
        for vanished in stored_by_code.values():
            for server in vanished:
                counts[server._apply_one(None)] += 1
        self.create(new)
        counts["created"] = len(new)
        if touched:
            # An unchanged directory, the rule, costs nothing but its comparison; a new company shows when its list opens.
            self.env["kho.dl.access.right"]._follow_directory()
        return counts

    @api.model
    def _too_many_gone(self, servers):
        """Return how many servers are not named by `servers` any more where that is too many to believe it, else 0."""
        # Counted in the database: it is asked daily, and nearly always for nothing.
        followed = Domain("hand_edited", "=", False)
        gone = self.search_count(followed & Domain("code", "not in", [server.code for server in servers]))
        return gone if gone and is_too_many_gone(gone, self.search_count(followed)) else 0

    @api.model
    def _compare(self, servers):
        """Return the codes that need a closer look, and how many rows are as `servers` has them otherwise.

        In plain SQL: a day on which nothing has changed should cost little more than reading the table.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT code, name, dstcode, active AND NOT COALESCE(hand_edited, FALSE) AND portal_dstcode = dstcode
                  FROM kho_dl_security_server
                """
            )
        )
        followed = {tuple(values) for *values, is_followed in rows if is_followed}
        wanted = {(server.code, server.name or server.code, server.dstcode) for server in servers}
        touched = {code for code, *_values in followed ^ wanted}
        touched.update(code for code, *_values, is_followed in rows if not is_followed)
        return touched, sum(code not in touched for code, *_values in followed)

    def _match(self, incoming):
        """Pair these servers of one code with what the portal sent for it; None where one side has no partner.

        A server with the same destination code is the same server; what is left over is paired in order,
        so that a changed destination code is a change and not a new server.
        """
        left = list(self)
        partners = {}
        for name in ("dstcode", "portal_dstcode"):
            for portal in incoming:
                same = next((server for server in left if server[name] == portal.dstcode), None)
                if same and portal not in partners:
                    partners[portal] = same
                    left.remove(same)
        spare = iter(left)
        pairs = [(partners.get(portal) or next(spare, None), portal) for portal in incoming]
        return pairs + [(server, None) for server in spare]

    def _apply_one(self, portal):
        """Bring one server to what the portal says (None: nothing any more); return what that was."""
        if portal is None:
            values, verb = {"active": False}, "archived"
        else:
            values, verb = _portal_values(portal), "changed"
        if self.hand_edited:
            if portal is not None and self.portal_dstcode != portal.dstcode:
                self.write({"portal_dstcode": portal.dstcode, "hand_edited": True})
            return "kept"
        if all(self[name] == value for name, value in values.items()):
            return "unchanged"
        self.write({**values, "hand_edited": False, "last_refresh": fields.Datetime.now()})
        return verb

    def _for_protocol(self):
        """Return this server as a `protocol` Server without hosts; None when it is empty or archived."""
        return Server(self.code, self.name, self.dstcode) if self.active else None


def _by_code(servers):
    grouped = {}
    for server in servers:
        grouped.setdefault(server.code, []).append(server)
    return grouped


def _portal_values(portal):
    return {
        "name": portal.name or portal.code,
        "dstcode": portal.dstcode,
        "portal_dstcode": portal.dstcode,
        "active": True,
    }
