import logging
from datetime import date, datetime, timedelta

from markupsafe import escape

from odoo import Command, api, fields, models

from ..common.office_language import in_office_language
from ..common.office_time import OFFICE_TIMEZONE
from ..common.transactions import LOST_RACES
from ..common.unforeseen import log_unforeseen
from ..connection.kho_dl_database import rests_in_copies
from .health_check import CHECKS, Trouble, trouble_words

_logger = logging.getLogger(__name__)

# What comes back so soon is the same trouble: nobody gets a second mail.
SAME_WITHIN = timedelta(hours=1)
_KEPT = timedelta(days=365)
# What tells one alarm from another.
_KEY = ("kind", "level", "company_id", "for_user_id")


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
    where = fields.Char(compute="_compute_words")
    title = fields.Char("What it is", compute="_compute_words")
    advice = fields.Char("What to do", compute="_compute_words")

    _once = models.UniqueIndex(
        "(kind, level, COALESCE(company_id, 0), COALESCE(for_user_id, 0)) WHERE ended_on IS NULL",
        "There is an alarm for this already.",
    )

    @api.depends("kind", "level", "facts", "company_id")
    @api.depends_context("lang", "tz")
    def _compute_words(self):
        for alarm in self:
            # sudo: who reads an alarm reads of whom it tells, also where they do not work.
            alarm.where = alarm.sudo().company_id.name
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
        lasting = {alarm._key(): alarm for alarm in checks.search([("ended_on", "=", False)])}
        # Of what could not be measured nobody knows whether it is over.
        over = [
            alarm
            for key, alarm in lasting.items()
            if key not in present and alarm.company_id not in unknown and (alarm.company_id or is_decided)
        ]
        self._apart("alarm {0.id} could not be ended", checks._end, over)
        known = [(trouble, lasting[key]) for key, trouble in present.items() if key in lasting]
        self._apart("nobody was told more of {0[0].kind}", checks._keep_current, known)
        new = [(trouble, key) for key, trouble in present.items() if key not in lasting]
        self._apart("nobody was told of {0[0].kind}", checks._begin, new)

    @api.model
    def _present(self):
        """Return the troubles of all companies that are worth an alarm, {(kind, level, company id or False, False): Trouble}, what
        branches share once for all of them; the companies that could not be measured; and whether it is known nevertheless
        what is a trouble of all: one company that is connected, or was to be, tells it for them all.
        """
        # sudo: the scheduled action looks after all companies.
        companies, measured = self.env["res.company"].sudo().search([]), {}  # pylint: disable=no-search-all
        health = self.env["kho.dl.health"]
        self._apart(
            "company {0.id} could not be measured", lambda some: measured.update(health._measured(some)), companies
        )
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
                    key = (trouble.kind, trouble.level, owner, False)
                    present[key] = check.together(present[key], trouble) if key in present else trouble
        return present, unknown, is_decided

    @api.model
    def _apart(self, what, step, items):
        """Do `step(items)`; where it fails in an unforeseen way, undo it, log `what` of the one item to blame, and do the others."""
        if not items:
            return
        try:
            with self.env.cr.savepoint():
                step(items)
            return
        except LOST_RACES:
            raise
        except Exception as problem:  # noqa: BLE001 - one company's alarms must not silence those of all others
            if len(items) == 1:
                log_unforeseen(_logger, what.format(*items), problem)
                return
        # Which one it is, is soon found among hundreds.
        half = len(items) // 2
        self._apart(what, step, items[:half])
        self._apart(what, step, items[half:])

    def _key(self):
        return self.kind, self.level, self.company_id.id, self.for_user_id.id

    @api.model
    def _keep_current(self, known):
        alarms, changed = self.concat(*(alarm for _trouble, alarm in known)), self.browse()
        for trouble, alarm in known:
            facts = _as_json(trouble.values)
            if facts != alarm.facts:
                alarm.facts = facts
                changed += alarm
        # All at once: one by one, each would read about its own user.
        for activity in changed._ours():
            activity.write(changed.browse(activity.res_id)._words_for(activity.user_id))
        # Who joined since is told, who does not administer any more is not reminded.
        for alarm in alarms:
            former = alarm.told_user_ids - alarm._administrators()
            if former:
                alarm._ours().filtered(lambda activity, former=former: activity.user_id in former).unlink()
                alarm.told_user_ids -= former
        alarms._give_activities()

    def _ours(self):
        """Return the activities that tell of this alarm; people may have added others."""
        warning = self._activity_type_id()
        return self.activity_ids.filtered(lambda activity: activity.activity_type_id.id == warning)

    @api.model
    def _activity_type_id(self):
        return self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_warning")

    @api.model
    def _end(self, over):
        alarms = self.concat(*over)
        alarms.ended_on = fields.Datetime.now()
        alarms.activity_ids.unlink()

    @api.model
    def _begin(self, new):
        lately = self.search([("ended_on", ">=", fields.Datetime.now() - SAME_WITHIN)])
        # Of each the newest.
        just_over = {alarm._key(): alarm for alarm in reversed(lately)}
        again = [(trouble, just_over[key]) for trouble, key in new if key in just_over]
        self.concat(*(alarm for _trouble, alarm in again)).write(
            {"ended_on": False, "told_user_ids": [Command.clear()]}
        )
        self._keep_current(again)
        alarms = self.create(
            [
                {**dict(zip(_KEY, key, strict=True)), "facts": _as_json(trouble.values)}
                for trouble, key in new
                if key not in just_over
            ]
        )
        alarms._give_activities()
        alarms._tell_of_beginning()

    # -- telling -----------------------------------------------------------------------------------

    def _administrators(self):
        """Return who is told: the active administrators, where it is of one company only those who work in it."""
        return self.env["res.users"]._kho_dl_administrators(self.company_id)

    def _for(self, user):
        """Return this alarm in the language and the zone of `user`."""
        return self.with_context(lang=user.lang or self.env.lang, tz=user.tz or OFFICE_TIMEZONE)

    def _words_for(self, user):
        """Return what the activity of `user` says, with the office where that may have several: each may have the same trouble."""
        told = self._for(user)
        is_told_where = told.where and (self.for_user_id or len(user.company_ids) > 1)
        return {"summary": f"{told.where}: {told.title}" if is_told_where else told.title, "note": escape(told.advice)}

    def _give_activities(self):
        """Give those who have not been told yet their activity."""
        of_each = {
            "activity_type_id": self._activity_type_id(),
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "automated": True,
        }
        given = []
        for alarm in self:
            untold = alarm._administrators() - alarm.told_user_ids
            for user in untold:
                day = fields.Date.context_today(alarm._for(user))
                words = alarm._words_for(user)
                given.append({**of_each, "res_id": alarm.id, "user_id": user.id, "date_deadline": day, **words})
            if untold:
                alarm.told_user_ids += untold
        # Without the mail that Odoo sends to whoever gets an activity: ours says more.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(given)

    def _tell_of_beginning(self):
        for alarm in self:
            alarm._send_mail()

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
