import logging
from datetime import date, datetime, timedelta
from functools import partial

from markupsafe import escape
from psycopg2.errors import UniqueViolation

from odoo import Command, api, fields, models

from ..common.office_language import in_office_language
from ..common.office_time import OFFICE_TIMEZONE
from ..common.transactions import LOST_RACES
from ..common.unforeseen import log_unforeseen
from ..connection.kho_dl_database import rests_in_copies
from .health_check import CHECKS, Trouble, trouble_words

_logger = logging.getLogger(__name__)

# What comes back so soon is the same trouble: nobody gets a second mail.
_SAME_WITHIN = timedelta(hours=1)
_KEPT = timedelta(days=365)


class KhoDLAlarm(models.Model):
    """A trouble that administrators were told of: once when it begins, with an activity each and one mail.

    The row lasts as long as the trouble; its activities go when it ends. What is a trouble is decided in
    `checks/`.
    """

    _name = "kho.dl.alarm"
    _description = "Alarm"
    _inherit = ["mail.thread", "mail.activity.mixin", "kho.dl.guarded"]
    # Those that last come first: they have no end.
    _order = "ended_on desc, since desc, id desc"
    _rec_name = "title"
    # The title is made of the rest when it is read.
    _rec_names_search = ["kind"]

    kind = fields.Char(required=True, readonly=True)
    level = fields.Selection([("warning", "Needs a look"), ("danger", "Needs help now")], required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade", help="Empty: all of them.")
    for_user_id = fields.Many2one(
        "res.users",
        "Told to one person",
        readonly=True,
        ondelete="cascade",
        help="It tells of this person's offices, and nobody else sees it. Empty: all who work in the company.",
    )
    since = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    ended_on = fields.Datetime(readonly=True)
    told_user_ids = fields.Many2many("res.users", string="Told to", readonly=True)
    # Of its words, as `Trouble` has them, times as text.
    facts = fields.Json(readonly=True)
    title = fields.Char("What it is", compute="_compute_words")
    advice = fields.Char("What to do", compute="_compute_words")

    _once = models.UniqueIndex(
        "(kind, level, COALESCE(company_id, 0), COALESCE(for_user_id, 0)) WHERE ended_on IS NULL",
        "There is an alarm for this already.",
    )

    @api.depends("kind", "level", "facts")
    @api.depends_context("lang", "tz")
    def _compute_words(self):
        for alarm in self:
            try:
                alarm.title, alarm.advice = trouble_words(self.env, Trouble(alarm.kind, alarm.level, alarm.facts or {}))
            except (KeyError, TypeError, ValueError, AttributeError):
                # Kept by a version that knew other kinds, or other values of this one.
                alarm.title = self.env._("A trouble that an earlier version told of (%s)", alarm.kind)
                alarm.advice = self.env._(
                    "This version does not know it any more. What is still wrong has an alarm of its own."
                )

    def action_open_place(self):
        """Open where this trouble is seen to."""
        self.ensure_one()
        return self.env["kho.dl.health"].action_open_place(self.kind)

    @api.autovacuum
    def _gc_ended(self):
        self.search([("ended_on", "<", fields.Datetime.now() - _KEPT)]).unlink()

    # -- checking ----------------------------------------------------------------------------------

    @api.model
    @rests_in_copies
    def _cron_check(self):
        """Tell administrators of each new trouble, and take back what they were told of those that are over."""
        present, unknown, is_decided = self._present()
        # sudo: alarms are written by this code only.
        checks = in_office_language(self).sudo()
        alarms = {alarm._key(): alarm for alarm in checks.search([("ended_on", "=", False)])}
        for key in alarms.keys() - present.keys():
            # Of what could not be measured nobody knows whether it is over.
            if alarms[key].company_id not in unknown and (alarms[key].company_id or is_decided):
                self._apart(f"alarm {alarms[key].id} could not be ended", alarms[key]._end)
        for key, trouble in present.items():
            step = (
                partial(alarms[key]._keep_current, trouble) if key in alarms else partial(checks._begin, key, trouble)
            )
            self._apart(f"nobody was told of {trouble.kind}", step)

    @api.model
    def _present(self):
        """Return the troubles of all companies that are worth an alarm, {(kind, level, company id or False): Trouble}, what
        branches share once for all of them; the companies that could not be measured; and whether it is known nevertheless
        what is a trouble of all: one company that is connected, or was to be, tells it for them all.
        """
        # sudo: the scheduled action looks after all companies.
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all
        measured = self._measured(companies)
        # What those that could not be measured may share with companies above them, nobody knows either.
        unknown = companies.filtered(lambda company: company.id not in measured).parent_ids
        present, is_decided = {}, not unknown
        for company in companies.filtered(lambda company: company.id in measured):
            facts, troubles = measured[company.id]
            is_decided = is_decided or facts.is_begun
            for trouble in troubles:
                if not trouble.is_quiet:
                    check = CHECKS[trouble.kind]
                    owner = False if trouble.is_for_all else check.owner(facts, company).id
                    key = (trouble.kind, trouble.level, owner)
                    present[key] = check.together(present[key], trouble) if key in present else trouble
        return present, unknown, is_decided

    @api.model
    def _measured(self, companies):
        """Return {company id: (facts, troubles)} of `companies`, all at once; without those that cannot be measured."""
        try:
            with self.env.cr.savepoint():
                return self.env["kho.dl.health"]._measured(companies)
        except LOST_RACES:
            raise
        except Exception as problem:  # noqa: BLE001 - one company's alarms must not silence those of all others
            if len(companies) == 1:
                log_unforeseen(_logger, f"company {companies.id} could not be measured", problem)
                return {}
        # Which one it is, is soon found among hundreds.
        half = len(companies) // 2
        return self._measured(companies[:half]) | self._measured(companies[half:])

    @api.model
    def _apart(self, what, step):
        """Return what `step()` returns; where it fails in an unforeseen way, log `what` of it, undo it, and return None."""
        try:
            with self.env.cr.savepoint():
                return step()
        except LOST_RACES:
            raise
        except Exception as problem:  # noqa: BLE001 - one company's alarms must not silence those of all others
            log_unforeseen(_logger, what, problem)
            return None

    def _key(self):
        return self.kind, self.level, self.company_id.id

    @api.model
    def _values_of(self, key, trouble):
        _kind, _level, company_id, *_ = key
        return {"company_id": company_id, "facts": _as_json(trouble.values)}

    def _keep_current(self, trouble):
        # Who joined since is told, who does not administer any more is not reminded.
        values = self._values_of(self._key(), trouble)
        is_changed = values["facts"] != self.facts
        if is_changed:
            self.write(values)
        former = self.told_user_ids - self._administrators()
        if former:
            self._ours().filtered(lambda activity: activity.user_id in former).unlink()
            self.told_user_ids -= former
        self._give_activities()
        if is_changed:
            for activity in self._ours():
                told = self._for(activity.user_id)
                activity.write({"summary": told._summary_for(activity.user_id), "note": escape(told.advice)})

    def _ours(self):
        """Return the activities that tell of this alarm; people may have added others."""
        warning = self.env.ref("mail.mail_activity_data_warning")
        return self.activity_ids.filtered(lambda activity: activity.activity_type_id == warning)

    def _end(self):
        self.ended_on = fields.Datetime.now()
        self.activity_ids.unlink()

    @api.model
    def _begin(self, key, trouble):
        kind, level, *_ = key
        lately = [("kind", "=", kind), ("level", "=", level), ("ended_on", ">=", fields.Datetime.now() - _SAME_WITHIN)]
        if just_over := self.search(lately).filtered(lambda alarm: alarm._key() == key)[:1]:
            just_over.write({"ended_on": False, "told_user_ids": [Command.clear()]})
            just_over._keep_current(trouble)
            return
        try:
            with self.env.cr.savepoint():
                alarm = self.create({"kind": kind, "level": level, **self._values_of(key, trouble)})
        except UniqueViolation:
            # Another check was faster, and tells of it.
            return
        alarm._give_activities()
        alarm._send_mail()

    # -- telling -----------------------------------------------------------------------------------

    def _administrators(self):
        """Return who is told: the active administrators, where it is of one company only those who work in it."""
        return self.env["res.users"]._kho_dl_administrators(self.company_id)

    def _for(self, user):
        """Return this alarm in the language and the zone of `user`."""
        return self.with_context(lang=user.lang or self.env.lang, tz=user.tz or OFFICE_TIMEZONE)

    def _summary_for(self, user):
        """Return the title, and before it the office where `user` has several: each may have the same trouble."""
        is_told_of_several = self.company_id and len(user.company_ids) > 1
        return f"{self.company_id.name}: {self.title}" if is_told_of_several else self.title

    def _give_activities(self):
        """Give those who have not been told yet their activity."""
        untold = self._administrators() - self.told_user_ids
        for user in untold:
            # Without the mail that Odoo sends to whoever gets an activity: ours says more.
            told = self._for(user).with_context(mail_activity_quick_update=True)
            told.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=told._summary_for(user),
                note=escape(told.advice),
                user_id=user.id,
            )
        if untold:
            self.told_user_ids = [Command.link(user.id) for user in untold]

    def _send_mail(self):
        """Send one mail to all who are told, one for each language that they speak."""
        template = self.env.ref("kho_dl.mail_template_alarm", raise_if_not_found=False)
        readers = self._administrators().partner_id.filtered("email")
        if not template:
            # Somebody deleted it: then nobody wants mails.
            return
        for lang, partners in readers.grouped("lang").items():
            template.with_context(lang=lang or self.env.lang, tz=OFFICE_TIMEZONE).send_mail(
                self.id, email_values={"recipient_ids": [Command.set(partners.ids)]}
            )


def _as_json(values):
    """Return `values` of a trouble as they are read from a Json field: times are text, tuples are lists."""
    kinds = {datetime: fields.Datetime.to_string, date: fields.Date.to_string, tuple: list}
    return {name: kinds.get(type(value), lambda value: value)(value) for name, value in values.items()}
