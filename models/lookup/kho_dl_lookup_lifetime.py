from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..common.office_time import OFFICE_TIMEZONE

# What an answer is about: when one of these is another on the case, it is no longer good.
_ABOUT = ("procedure_id", "owner_id", "owner_id_number", "channel")
# Forms are gone by then.
_KEPT_EMPTY = timedelta(days=1)
# So many are removed at once.
_GC_BATCH = 1000


class KhoDLLookup(models.Model):
    """How long a lookup is good, what it is about, and what is forgotten when it is over."""

    _inherit = "kho.dl.lookup"

    @api.model
    def _open(self, case, agrees=False):
        """Return the lookup of the user for `case`: the one that is still good, or one that begins anew.

        Our own store has been looked at then, nobody was asked. The applicant `agrees` to a lookup that is made herewith.
        Raises AccessError where the user may not look.
        """
        case.ensure_one()
        citizen = self._citizen()
        # sudo: made and begun by this code only; the same one for all officers.
        lookups = self.sudo()
        lookup = lookups.search([("case_id", "=", case.id), ("partner_id", "=", citizen.id)])
        whose = {"case_id": case.id, "partner_id": citizen.id}
        if not lookup:
            lookup = lookups.new(whose)
        lookup.sudo(self.env.su)._check_asker("write" if agrees else "read")
        if not lookup.id:
            # A colleague who opens it at this moment waits, or was first and is read.
            case._hold_still()
            consent = {"consent_given": True, **self._confirmed(True)} if agrees else {}
            lookup = lookups.create({**whose, **lookup._as_of_now(case), **consent})
        elif not lookup._is_good():
            lookup._withdraw_consent()
        lookup = lookup.sudo(self.env.su)
        lookup._refresh()
        return lookup

    def _is_good(self):
        """Whether it is young enough, and about what the case is now."""
        return self.good_until > fields.Datetime.now() and self._is_about_case()

    def _is_about_case(self):
        return all(self[name] == self.case_id[name] for name in _ABOUT)

    def _check_still_good(self):
        """Refuse to attach what was found for something else, too long ago, or what the applicant agrees to no more."""
        if not self._is_about_case():
            raise self._case_has_changed()
        if not self._is_good():
            raise UserError(
                self.env._(
                    "The answer of the national store is no longer good: it is of %(time)s. Nothing was attached: please "
                    "look again.",
                    time=self._clock(self.asked_on or self.create_date, with_day=True),
                )
            )
        if self.consent_needed and not self.consent_given:
            raise UserError(
                self.env._("The applicant does not agree any more. Nothing was attached: tick that they agree first.")
            )

    def _case_has_changed(self):
        return UserError(
            self.env._("The case has changed since these papers were found. Nothing was attached: please look again.")
        )

    def _as_of_now(self, case):
        about = {name: case._fields[name].convert_to_write(case[name], case) for name in _ABOUT}
        return {
            **about,
            "asked_on": False,
            "query_id": False,
            "good_until": self._good_from(fields.Datetime.now(), case),
        }

    @api.model
    def _good_from(self, moment, case):
        return moment + timedelta(minutes=self._answer_minutes(case._office()))

    @api.model
    @tools.ormcache("company.id")
    def _answer_minutes(self, company):
        # sudo: settings are not everybody's to read.
        return company.sudo().kho_dl_answer_minutes

    def _begin_anew(self):
        """Forget what the national store said, and look for what the case is now; who agreed did so for what it was."""
        if not self._is_about_case():
            self._withdraw_consent()
        # sudo: what was found is recorded by this code only.
        lookup = self.sudo()
        lookup.candidate_ids.filtered(lambda candidate: candidate.source == "national").unlink()
        lookup.document_ids.query_id = False
        lookup.write(self._as_of_now(lookup.case_id))

    def _withdraw_consent(self):
        # sudo: a citizen's page has no rights on records.
        self.sudo().consent_given = False

    @api.model
    def _cron_forget(self):
        """Forget what was found, ticked and agreed to in lookups that are over; a form that stands on one finds it empty."""
        over = Domain("good_until", "<=", fields.Datetime.now()) & Domain("owner_id", "!=", False)
        # sudo: of all companies, whoever asked.
        ended = self.sudo().search(over, limit=_GC_BATCH)
        ended.candidate_ids.unlink()
        ended.document_ids.query_id = False
        ended._withdraw_consent()
        ended.write({**dict.fromkeys(_ABOUT, False), "asked_on": False, "query_id": False})
        if len(ended) == _GC_BATCH:
            self.env.ref("kho_dl.ir_cron_forget_lookups")._trigger()

    @api.autovacuum
    def _gc_lookups(self):
        """Remove what was over a day ago: no form stands on it any more."""
        long_over = Domain("good_until", "<=", fields.Datetime.now() - _KEPT_EMPTY)
        ended = self.sudo().search(long_over, limit=_GC_BATCH)
        ended.unlink()
        return len(ended), len(ended) == _GC_BATCH

    def _clock(self, moment, with_day=False):
        zone = self.env.context.get("tz") or self.env.user.tz or OFFICE_TIMEZONE
        return format_datetime(self.env, moment, tz=zone, dt_format="short" if with_day else "HH:mm")


class ResCompany(models.Model):
    _inherit = "res.company"

    def _forget_cached(self, names):  # pylint: disable=missing-return
        super()._forget_cached(names)
        if "kho_dl_answer_minutes" in names:
            self.env.registry.clear_cache()
