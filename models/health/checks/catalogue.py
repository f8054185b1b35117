"""Whether the last synchronisation of the catalogue failed."""

from datetime import timedelta

from odoo import fields

from ..health_check import Check, Place, _lt, each_row

# So long a synchronisation that failed is said.
_SAID = timedelta(days=7)


def _catalogue_facts(env, companies):
    return each_row(
        env,
        companies,
        """
        SELECT MAX(ended_on) AS catalogue_failed_on
          FROM kho_dl_catalogue_sync
         WHERE state = 'failed' AND ended_on >= %(since)s
           AND id = (SELECT MAX(id) FROM kho_dl_catalogue_sync WHERE company_id = company.id)
        """,
        # Who brings procedures in from tables since need not be reminded for ever.
        since=fields.Datetime.now() - _SAID,
    )


class Catalogue(Check):
    kind, sequence = "catalogue", 140
    place = Place("kho_dl.action_kho_dl_catalogue_sync", _lt("National catalogue"))
    title = _lt("The catalogue of procedures could not be synchronised on %(time)s")
    advice = _lt("Read why on the run. What was brought in stays; let the run go on once the reason is gone.")
    measures = (_catalogue_facts,)
    times = {"catalogue_failed_on": "When the last synchronisation of the catalogue failed."}

    def judge(self, facts, company, now):
        return self.warning(on=facts.catalogue_failed_on) if facts.catalogue_failed_on else None
