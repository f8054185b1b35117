"""Which certificates end soon: that of our seal, and those of issuers that count here."""

from dataclasses import replace
from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_date

from ..health_check import SETTINGS, Check, Place, _lt, each_row


class KhoDLHealth(models.Model):
    _inherit = "kho.dl.health"

    seal_until = fields.Datetime("Certificate of the seal until", compute="_compute_facts")
    trust_until = fields.Datetime("First trusted certificate until", compute="_compute_facts")


def _seal_facts(_env, companies):
    return {company.id: {"seal_until": company._kho_dl_seal_until() or None} for company in companies}


def _trust_facts(env, companies):
    return each_row(
        env,
        companies,
        """
        SELECT MAX(valid_until) AS trust_until, MAX(name) AS trust_name, MAX(company_id) AS trust_company
          FROM (SELECT valid_until, name, company_id
                  FROM kho_dl_trust_certificate
                 WHERE active AND valid_until >= %(now)s - make_interval(days => COALESCE(company.kho_dl_alarm_certificate_days, 0))
                   AND (company_id IS NULL
                        OR company_id = ANY(string_to_array(trim('/' FROM company.parent_path), '/')::integer[]))
                 -- One that was over long ago is kept on purpose, for what was signed under it; one that ended, and was said then, hides none that will.
                 ORDER BY valid_until < %(now)s, valid_until, id
                 LIMIT 1) AS next
        """,
        now=fields.Datetime.now(),
    )


def _said_before(company):
    return timedelta(days=company.kho_dl_alarm_certificate_days)


def _last_day(env, values):
    return format_date(env, fields.Datetime.to_datetime(values["until"]).date())


class Seal(Check):
    kind, sequence, place = "seal", 150, replace(SETTINGS, setting="kho_dl_seal")
    group = "seal"
    title = _lt("The certificate of the agency's seal: its last day is %(day)s")
    advice = _lt(
        "After that day no certified copy can be made. Have it renewed, and enter the new key file in the settings."
    )
    measures = (_seal_facts,)
    times = {"seal_until": "When the certificate of the seal ends."}

    def judge(self, facts, company, now):
        until = facts.seal_until
        if until and until - now < _said_before(company):
            return (self.danger if until < now else self.warning)(until=until)
        return None

    def details(self, env, values):
        return {"day": _last_day(env, values)}


class Trust(Check):
    kind, sequence = "trust", 160
    place = Place("kho_dl.action_kho_dl_trust_certificate", _lt("Trusted certificates"))
    title = _lt("The trusted certificate “%(name)s”: its last day is %(day)s")
    advice = _lt(
        "Add the issuer's new certificate, and archive this one when nothing signed under it is expected any more."
    )
    measures = (_trust_facts,)
    times = {"trust_until": "When the first of the trusted certificates ends."}

    def judge(self, facts, company, now):
        until = facts.trust_until
        if until and until - now < _said_before(company):
            return self.warning(until=until, name=facts.trust_name)
        return None

    def owner(self, facts, company):
        # One that all companies share is said once to those of a tree.
        return company.browse(facts.trust_company or company.root_id.id)

    def details(self, env, values):
        return {**values, "day": _last_day(env, values)}
