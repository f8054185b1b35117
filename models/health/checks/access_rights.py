"""Whether the other side's security servers let us in."""

from datetime import timedelta

from odoo import fields

from ..health_check import Check, Place, _lt, one_row

# A file that failed longer ago may have its right by now.
_LATELY = timedelta(days=1)


def _right_facts(env, company):
    """Return how much of what was asked, fetched and told last was stopped by a missing right, and none has come through since."""
    return one_row(
        env,
        """
        SELECT (SELECT COUNT(*) FILTER (WHERE lacks_right)
                  FROM (SELECT lacks_right
                          FROM kho_dl_query
                         WHERE company_id = %(company)s AND outcome IS NOT NULL
                         ORDER BY id DESC LIMIT 1) AS last)
             + (SELECT COUNT(*)
                  FROM kho_dl_retrieval file
                 WHERE company_id = %(company)s AND closed_on >= %(since)s AND state = 'failed' AND lacks_right
                   AND NOT EXISTS (SELECT FROM kho_dl_retrieval later
                                    WHERE later.company_id = file.company_id AND later.lane = file.lane
                                      AND later.state = 'done'
                                      AND (later.closed_on, later.id) > (file.closed_on, file.id)))
             + (SELECT COUNT(*)
                  FROM kho_dl_outbox
                 WHERE company_id = %(company)s AND state = 'pending' AND lacks_right) AS rights_missing
        """,
        company=company.id,
        since=fields.Datetime.now() - _LATELY,
    )


class RightsMissing(Check):
    kind, sequence = "rights_missing", 55
    place = Place("kho_dl.action_kho_dl_access_right", _lt("Open the list of access rights"))
    title = _lt("Another side's security server does not let us in (%(count)s questions, files or messages)")
    advice = _lt("Ask that side for the right: the list names the systems, and shows what was granted. Nothing is lost.")
    measures = (_right_facts,)
    counts = {"rights_missing": "Questions, files and messages that a missing access right stopped."}

    def judge(self, facts, company, now):
        return self.warning(count=facts.rights_missing) if facts.rights_missing else None
