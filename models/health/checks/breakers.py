"""Who cannot be reached: our own security server, and those of other agencies behind it."""

from datetime import timedelta

from odoo.tools import SQL

from ...connection.kho_dl_breaker import OWN_SERVER, PORTAL
from ..health_check import Check, Place, _lt, each_row

_PLACE = Place("kho_dl.action_kho_dl_breaker", _lt("Agencies that cannot be reached"))
# Of a `breaker` that is closed: administrators of the account of `company` were told of its last outage, for it was long,
# or of our own server, which is told at once.
WAS_TOLD = SQL(
    """
    breaker.own_server = company.kho_dl_own_server
    AND (breaker.lane = %s OR breaker.outage_until - breaker.outage_since
                              >= make_interval(hours => COALESCE(company.kho_dl_alarm_agency_hours, 0)))
    """,
    OWN_SERVER,
)
# So many agencies are named; the others are counted.
_MOST_NAMED = 5


def _breaker_facts(env, companies):
    rows = each_row(
        env,
        companies,
        """
        SELECT MIN(opened_on) FILTER (WHERE lane = %(own)s) AS own_server_out_since,
               COUNT(*) FILTER (WHERE lane != %(own)s) AS agencies_out,
               -- The whole outage, or one that is interrupted for minutes again and again would never be told of.
               MIN(LEAST(outage_since, opened_on)) FILTER (WHERE lane != %(own)s) AS agencies_out_since,
               ARRAY_AGG(COALESCE(lane_name, lane) ORDER BY opened_on)
                   FILTER (WHERE lane != %(own)s) AS agencies_out_names
          FROM kho_dl_breaker
         WHERE own_server = COALESCE(company.kho_dl_own_server, '') AND opened_on IS NOT NULL
           -- A portal of other companies is none of ours.
           AND (SPLIT_PART(lane, ' ', 1) != %(portal)s OR lane = company.kho_dl_portal_lane)
        """,
        own=OWN_SERVER,
        portal=PORTAL,
    )
    for row in rows.values():
        row["agencies_out_names"] = tuple((row["agencies_out_names"] or ())[:_MOST_NAMED])
    return rows


class OwnServer(Check):
    kind, sequence, place = "own_server", 50, _PLACE
    group = "connection"
    title = _lt("Our own security server cannot be reached since %(time)s")
    advice = _lt("Ask whoever runs it whether it is on and its certificates are valid, then try it again.")
    measures = (_breaker_facts,)

    def judge(self, facts, company, now):
        since = facts.own_server_out_since
        return self.danger(since=since) if since else None


class Agencies(Check):
    kind, sequence, place = "agencies", 130, _PLACE
    group = "connection"
    title = _lt("Agencies cannot be reached since %(time)s: %(names)s")
    advice = _lt(
        "Their files come by themselves once they answer. If it lasts, ask the agency, or check the access rights."
    )
    measures = (_breaker_facts,)
    counts = {"agencies_out": "Agencies that cannot be reached."}

    def judge(self, facts, company, now):
        since, names = facts.agencies_out_since, facts.agencies_out_names
        if since and now - since >= timedelta(hours=company.kho_dl_alarm_agency_hours):
            return self.warning(since=since, names=names, others=facts.agencies_out - len(names))
        return None

    def details(self, env, values):
        names = ", ".join(values["names"])
        if values["others"]:
            names = env._("%(names)s and %(count)s more", names=names, count=values["others"])
        return {**super().details(env, values), "names": names}
