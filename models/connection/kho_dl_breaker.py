from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...protocol.errors import AnswerNotUnderstood
from ..common.retry import pause
from ..common.transactions import locked_worker_keys
from .error_messages import error_kind, shared_waiting_message

# So many failures in a row, and a far system is spared, and so are the files of all others.
FAILURES_TO_OPEN = 3
# Trials come no rarer than after so many failures: an agency that is back should not be waited for.
LONGEST_PAUSE_AFTER = 4
# A trial is somebody's for this long, unless that worker dies.
TRIAL_LEASE = timedelta(minutes=3)
# Behind which no file waits so long after its trial was due, nobody knows whether it still fails.
_UNASKED = timedelta(hours=1)
# Far systems that fail in the same way within this time may fail for the same reason.
_TOGETHER = timedelta(minutes=15)
# So long at most an agency answers again within one outage.
_INTERRUPTED_FOR = timedelta(hours=1)
_NOT_SPARED = {"trials": 0, "opened_on": False, "next_trial_on": False, "tried_by": False}
# The lane of our own security server: behind it lies every far system.
OWN_SERVER = "own"
# The lane of what the portal itself does for us; behind it stands which one, where a company names another.
PORTAL = "portal"


def portal_lane(dstcode, providerurl):
    """Return the lane of the portal that these settings name, each maybe empty."""
    return " ".join((PORTAL, *(part.strip().rstrip("/") for part in (dstcode, providerurl) if part)))


def portal_lane_of(settings):
    """Return the lane of the portal of a `protocol.settings.Settings`."""
    return portal_lane(settings.directory.dstcode, settings.directory.providerurl)


class KhoDLBreaker(models.Model):
    """One far system behind one of our security servers: how often in a row it failed, and whether it is left alone.

    Open means: nothing is asked of it, except one trial from time to time; a trial that works closes it. The far
    system is named by its lane, the X-Road subsystem that serves it, OWN_SERVER or PORTAL. What one company learns of
    it holds for all that use the same security server. Which rows wait behind it is each `kho.dl.queue`'s to say.
    """

    _name = "kho.dl.breaker"
    _description = "Agency that cannot be reached"
    _inherit = ["kho.dl.guarded"]
    _order = "opened_on desc, id desc"
    _rec_name = "lane_name"

    own_server = fields.Char(
        "Our security server", required=True, readonly=True, help="Behind which it lies", groups="base.group_system"
    )
    lane = fields.Char("Destination code", required=True, readonly=True)
    lane_name = fields.Char("Agency", readonly=True)
    failures = fields.Integer("Failures in a row", readonly=True)
    trials = fields.Integer("Trials since", readonly=True)
    opened_on = fields.Datetime("Unreachable since", readonly=True, index="btree_not_null")
    last_failed_on = fields.Datetime("Last failure", readonly=True)
    next_trial_on = fields.Datetime("Next trial", readonly=True)
    # The sign of life (`worker_lock`) of who makes the trial.
    tried_by = fields.Char("Tried by", readonly=True)
    # Its last outage, with the minutes in between: what waited or was given up then is no trouble of its own.
    outage_since = fields.Datetime("Last outage since", readonly=True)
    outage_until = fields.Datetime("Last outage until", readonly=True)
    error = fields.Text("Reason", readonly=True)
    error_kind = fields.Char(readonly=True)

    _lane_uniq = models.UniqueIndex("(own_server, lane)", "This agency stands here already.")

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("What is known of an agency is recorded by the system and cannot be changed."))
        return super().write(vals)

    def _users(self):
        """Return the companies that reach these far systems through the same security servers."""
        # sudo: the addresses are readable by system administrators only.
        servers = self.sudo().mapped("own_server")
        all_companies = self.env["res.company"].sudo().with_context(active_test=False)
        companies = all_companies.search([("kho_dl_own_server", "in", servers)])
        return companies.sudo(self.env.su)

    def _is_waited_for(self, companies=None):
        """Return whether any row of any queue waits behind these far systems; of `companies` only where some are given."""
        return any(
            queue.search_count(
                queue._waiting_domain()
                & self._behind(queue)
                & (Domain.TRUE if companies is None else queue._of_offices(companies)),
                limit=1,
            )
            for queue in self._queues()
        )

    @api.model
    def _queues(self):
        """Return the models, with `sudo`, whose rows may wait behind a far system."""
        # sudo: workers serve all companies.
        names = self.env.registry.descendants(["kho.dl.queue"], "_inherit")
        return [self.env[name].sudo() for name in names if not self.env[name]._abstract]

    @api.model
    def _forget_unasked(self):
        """Forget agencies whose trial was due long ago and for which nothing waits any more, so that none can be made.

        So are those behind a server that no company uses any more.
        """
        # sudo: workers serve all companies.
        # An office that was archived still tells how its cases end.
        breakers, companies = self.sudo(), self.env["res.company"].sudo().with_context(active_test=False)
        used = companies.search([("kho_dl_own_server", "!=", False)]).mapped("kho_dl_own_server")
        breakers.search([("own_server", "not in", used)]).unlink()
        overdue = Domain("opened_on", "!=", False) & Domain("next_trial_on", "<", fields.Datetime.now() - _UNASKED)
        breakers.search(overdue).filtered(lambda breaker: not breaker._is_waited_for())._forget()

    def _forget(self):
        # The next failure opens them again at once.
        self.write({**_NOT_SPARED, "failures": FAILURES_TO_OPEN - 1, "outage_until": fields.Datetime.now()})

    # -- what workers ask and tell -----------------------------------------------------------------

    @api.model
    def _open(self):
        """Return all breakers that are open."""
        # sudo: workers serve all companies.
        return self.sudo().search([("opened_on", "!=", False)])

    def _lanes_alone(self):
        """Return those of these that hold up one far system, and not all that is behind our own security server."""
        return self.filtered(lambda breaker: breaker.lane != OWN_SERVER)

    def _due(self):
        """Return those of these open breakers whose trial is due: its time has come, or who makes it is dead."""
        now = fields.Datetime.now()
        alive = {str(key) for key in locked_worker_keys(self.env)} if any(self.mapped("tried_by")) else set()
        return self.filtered(lambda one: one.next_trial_on <= now or (one.tried_by and one.tried_by not in alive))

    def _claim(self, worker_key=None):
        """Return whether the trial of this open breaker is due, and now this transaction's to make.

        `worker_key` is the sign of life of who makes it, where there is one.
        """
        is_ours = self._due() and self.try_lock_for_update()
        if is_ours:
            until = fields.Datetime.now() + TRIAL_LEASE
            tried_by = str(worker_key) if worker_key else False
            self.write({"trials": self.trials + 1, "next_trial_on": until, "tried_by": tried_by})
        return bool(is_ours)

    def _unclaim(self, until):
        """Let others make the trial that was claimed until `until` and told nothing; not where more is known since."""
        if self.exists() and self.opened_on and self.next_trial_on == until:
            self.write({"trials": self.trials - 1, "next_trial_on": fields.Datetime.now(), "tried_by": False})

    def _behind(self, queue):
        """Return the domain of the rows of `queue`, a `kho.dl.queue`, that these hold up; of no row without any."""
        # sudo: the addresses are readable by system administrators only.
        by_server = self.sudo().grouped("own_server")
        companies = self._users().sudo().grouped("kho_dl_own_server") if self else {}
        domains = []
        for server, breakers in by_server.items():
            lanes = breakers.mapped("lane")
            behind = Domain.TRUE if OWN_SERVER in lanes else queue._lane_domain(lanes)
            users = companies.get(server, self.env["res.company"])
            domains.append(queue._of_offices(users) & behind)
        return Domain.OR(domains)

    @api.model
    def _blame(self, server, lane, name, error):
        """Count `error` against our security server, or `lane` behind it, called `name`; against both where it may be either's.

        As `_failed`.
        """
        is_either = error.may_be_own_server and self._others_fail_so(server, lane, error)
        spared = set() if error.blames_own_server else self._failed(server, lane, name, error)
        if error.blames_own_server or is_either:
            spared |= self._failed(server, OWN_SERVER, self.env._("Our own security server"), error)
        return spared

    @api.model
    def _others_fail_so(self, server, lane, error):
        """Return whether another far system behind `server`, or that one itself, last failed as `lane` does now."""
        # sudo: workers act for whoever selected the files.
        alike = Domain("own_server", "=", server) & Domain("lane", "!=", lane) & Domain("failures", ">", 0)
        lately = Domain("last_failed_on", ">", fields.Datetime.now() - _TOGETHER)
        return bool(self.sudo().search_count(alike & lately & Domain("error_kind", "=", error_kind(error)), limit=1))

    @api.model
    def _failed(self, server, lane, name, error):
        """Count the typed `error` against a far system; open its breaker when it is one too many: return the lanes spared.

        `server` is the `server_key` of the settings that were asked with: a company's own may be others by now.
        Raises psycopg2's SerializationFailure where another worker counts at this moment: for `commit_or_retry`.
        """
        # sudo: workers act for whoever selected the files.
        breakers = self.sudo()
        # Of two workers that meet the first failure at once none may run into the index.
        first = SQL(
            """
            INSERT INTO kho_dl_breaker (own_server, lane, failures, trials, create_uid, create_date, write_uid, write_date)
            SELECT %(server)s, %(lane)s, 0, 0, %(user)s, %(now)s, %(user)s, %(now)s
             WHERE NOT EXISTS (SELECT FROM kho_dl_breaker WHERE own_server = %(server)s AND lane = %(lane)s)
                ON CONFLICT DO NOTHING
            """,
            server=server,
            lane=lane,
            user=self.env.uid,
            now=fields.Datetime.now(),
        )
        self.env.cr.execute(first)
        breaker = breakers.search([("own_server", "=", server), ("lane", "=", lane)])
        now = fields.Datetime.now()
        failures = breaker.failures + 1
        values = {
            "failures": failures,
            "last_failed_on": now,
            "error_kind": error_kind(error),
            "error": shared_waiting_message(breaker.env, error),
            "lane_name": name,
            "tried_by": False,
        }
        if failures >= FAILURES_TO_OPEN:
            values["opened_on"] = breaker.opened_on or now
            values["outage_since"] = breaker._outage_since(now)
            values["next_trial_on"] = now + max(
                pause(min(2 + breaker.trials, LONGEST_PAUSE_AFTER)), timedelta(seconds=error.retry_after)
            )
        breaker.write(values)
        return {lane} if breaker.opened_on else set()

    def _outage_since(self, now):
        """Return since when this far system, which is to be spared `now`, is out.

        Where it answered for less time than it had been out, and not for long, that outage goes on.
        """
        since, until = self.outage_since, self.outage_until
        if self.opened_on:
            return since or self.opened_on
        goes_on = since and until and now - until < min(until - since, _INTERRUPTED_FOR)
        return since if goes_on else now

    @api.model
    def _portal_failed(self, settings, error):
        """Count `error` of a call to the portal of these `Settings`. As `_failed`."""
        name = self.env._("The national portal")
        return self._blame(settings.server_key, portal_lane_of(settings), name, error)

    @api.model
    def _portal_silent(self, settings, error):
        """Count `error` of a call to the portal of these `Settings` where it, or our server, did not answer. As `_failed`."""
        # An answer that cannot be used is no reason to spare the portal.
        is_silent = error.blames_remote and not isinstance(error, AnswerNotUnderstood)
        if error.blames_own_server or is_silent:
            self._portal_failed(settings, error)

    @api.model
    def _open_to_portal(self, settings):
        """Return the open breakers on the way to the portal of these `Settings`."""
        lanes = (OWN_SERVER, portal_lane_of(settings))
        return self._open().filtered(lambda one: one.own_server == settings.server_key and one.lane in lanes)

    @api.model
    def _portal_worked(self, settings):
        """Note that the portal of these `Settings` answered. As `_worked`."""
        return self._worked(settings.server_key, {OWN_SERVER, portal_lane_of(settings)})

    @api.model
    def _failing(self, server, lanes):
        """Return those of `lanes` whose last call failed; `server` as for `_failed`."""
        # sudo: workers act for whoever selected the files.
        return self.sudo().search([("own_server", "=", server), ("lane", "in", list(lanes)), ("failures", ">", 0)])

    @api.model
    def _is_any_failing(self, server, lanes):
        """Return the SQL of whether there are `_failing` ones, to be asked with something else."""
        self.flush_model(["own_server", "lane", "failures"])
        return SQL(
            "EXISTS (SELECT FROM kho_dl_breaker WHERE own_server = %s AND lane = ANY(%s) AND failures > 0)",
            server,
            list(lanes),
        )

    @api.model
    def _worked(self, server, lanes):
        """Close the breakers of far systems that answered; return whether rows may go on at once for it. As `_failed`."""
        answering = self._failing(server, lanes)
        was_open = answering.filtered("opened_on")
        answering.write({**_NOT_SPARED, "failures": 0})
        if was_open:
            was_open.outage_until = fields.Datetime.now()
            pausing = Domain("state", "=", "pending") & Domain("next_try_on", "!=", False)
            for queue in self._queues():
                queue.search(pausing & was_open._behind(queue))._make_due()
        return bool(was_open)

    def _holding(self, rows):
        """Return those of these breakers that any of `rows` of a queue waits behind."""
        # sudo: the addresses are readable by system administrators only.
        servers = set(rows._offices().sudo().mapped("kho_dl_own_server"))
        lanes = {OWN_SERVER, *rows.mapped("lane")}
        return self.filtered(lambda breaker: breaker.sudo().own_server in servers and breaker.lane in lanes)
