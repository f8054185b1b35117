from odoo import api, fields, models
from odoo.tools import SQL

from ..case.kho_dl_case import OPEN_STATES

# The day in Vietnam, written as the indexes below have it.
DAY_ASKED = "((asked_on AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)"
DAY_SELECTED = "((requested_on AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)"
# Of rows from before this version the state of their case is not known; these were certainly asked after its end.
_KNOWN_AS_CLOSED = SQL("job.date_finished < query.asked_on OR job.write_date <= query.asked_on")
_FRESH = SQL("query.id, query.user_id, query.asked_on, query.owner_id_number, query.owner_id, query.case_id")
# Where the number is gone already, the contact stands for it.
_PERSON = SQL("COALESCE(NULLIF(query.owner_id_number, ''), 'contact ' || query.owner_id)")
# What the auditor counts of the questions `fresh`; `is_known` says whether the state that the case of a question has now is
# the one that it had then.
_COUNTED = """
    WITH fresh AS (
        SELECT query.*, %(day)s AS day, %(person)s AS person FROM (%(fresh)s) AS query
    ), known AS (
        SELECT touched.user_id, touched.day, %(person)s AS person,
               MIN(query.person_of_day) AS person_of_day
          FROM (SELECT DISTINCT user_id, day FROM fresh) AS touched
          JOIN kho_dl_query query ON query.user_id = touched.user_id AND %(day)s = touched.day
         WHERE query.person_of_day IS NOT NULL
         GROUP BY 1, 2, 3
    ), highest AS (
        SELECT user_id, day, MAX(person_of_day) AS person_of_day FROM known GROUP BY user_id, day
    ), numbered AS (
        SELECT fresh.*,
               COALESCE(known.person_of_day, COALESCE(highest.person_of_day, 0) + DENSE_RANK() OVER (
                   PARTITION BY fresh.user_id, fresh.day, known.person_of_day IS NULL ORDER BY fresh.person
               )) AS person_of_day
          FROM fresh
          LEFT JOIN known USING (user_id, day, person)
          LEFT JOIN highest ON highest.user_id = fresh.user_id AND highest.day = fresh.day
    ), counted AS (
        SELECT query.id, query.person_of_day,
               COALESCE(query.owner_id_number = clerk.kho_dl_id_number, FALSE)
               OR query.owner_id = clerk.partner_id AS was_own_number,
               job.state NOT IN %(open)s AND (%(is_known)s) AS was_case_closed
          FROM numbered AS query
          JOIN kho_dl_case job ON job.id = query.case_id
          JOIN res_users clerk ON clerk.id = query.user_id
    )
"""


class KhoDLQuery(models.Model):
    """What the auditor counts, kept apart from the personal data, so that emptying that changes no report.

    Not under the seal: rows of earlier versions were sealed without. While the personal data is there, all of it can be
    worked out again.
    """

    _inherit = "kho.dl.query"

    # A person has the same number in all questions of one clerk on one day; on another day it says nothing.
    person_of_day = fields.Integer("Person of the clerk's day", readonly=True, copy=False)
    was_own_number = fields.Boolean("Asked about oneself", readonly=True, copy=False)
    was_case_closed = fields.Boolean("Asked for a closed case", readonly=True, copy=False)

    _clerk_day_idx = models.Index(f"(user_id, {DAY_ASKED})")
    _day_idx = models.Index(f"({DAY_ASKED})")
    # Of few or none; each upgrade looks for them.
    _not_noted_idx = models.Index("(id) WHERE person_of_day IS NULL")

    def init(self):  # pylint: disable=missing-return
        super().init()
        # The columns of the tables that are read may not be there yet.
        self.pool.post_init(self._note_for_auditor, SQL("TRUE"), _KNOWN_AS_CLOSED)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [{"asked_on": fields.Datetime.now(), **vals} for vals in vals_list]
        counted = self._counted_for_auditor(vals_list)
        return super().create([{**vals, **values} for vals, values in zip(vals_list, counted, strict=True)])

    @api.model
    def _counted_for_auditor(self, vals_list):
        """Return the values of what the auditor counts, for each of the new questions `vals_list`."""
        self.flush_model(["user_id", "asked_on", "owner_id_number", "owner_id", "person_of_day"])
        names = ("user_id", "asked_on", "owner_id_number", "owner_id", "case_id")
        columns = ([vals.get(name) or None for vals in vals_list] for name in names)
        fresh = SQL(
            """
            SELECT * FROM unnest(%s::integer[], %s::integer[], %s::timestamp[], %s::varchar[], %s::integer[], %s::integer[])
                       AS given(id, user_id, asked_on, owner_id_number, owner_id, case_id)
            """,
            list(range(len(vals_list))),
            *columns,
        )
        found = self.env.execute_query_dict(SQL("%s SELECT * FROM counted", self._counted(fresh, SQL("TRUE"))))
        by_place = {values.pop("id"): values for values in found}
        return [by_place.get(place, {}) for place in range(len(vals_list))]

    @api.model
    def _note_for_auditor(self, wanted, is_known):
        """Keep what the auditor counts for those of the questions `wanted` (SQL) that lack it."""
        fresh = SQL(
            "SELECT %s FROM kho_dl_query query WHERE query.person_of_day IS NULL AND %s",
            _FRESH,
            wanted,
        )
        self.env.cr.execute(
            SQL(
                """
                %s
                UPDATE kho_dl_query query
                   SET person_of_day = counted.person_of_day,
                       was_own_number = counted.was_own_number,
                       was_case_closed = counted.was_case_closed
                  FROM counted
                 WHERE counted.id = query.id
                """,
                self._counted(fresh, is_known),
            )
        )

    @api.model
    def _counted(self, fresh, is_known):
        self.env["kho.dl.case"].flush_model(["state"])
        self.env["res.users"].flush_model(["kho_dl_id_number"])
        return SQL(_COUNTED, day=SQL(DAY_ASKED), person=_PERSON, fresh=fresh, open=OPEN_STATES, is_known=is_known)


class KhoDLRetrieval(models.Model):
    _inherit = "kho.dl.retrieval"

    retried_by_id = fields.Many2one(
        "res.users", "Tried again by", readonly=True, copy=False, help="Who had a file that failed fetched once more."
    )

    _clerk_day_idx = models.Index(f"(user_id, {DAY_SELECTED})")
    _day_idx = models.Index(f"({DAY_SELECTED})")
