from lxml import etree

from odoo import SUPERUSER_ID, api
from odoo.addons.kho_dl.hooks import close_sign_in_at_odoo
from odoo.addons.kho_dl.models.common.id_number import with_lost_zeros
from odoo.addons.kho_dl.models.reporting import indicator_triggers
from odoo.tools import SQL, file_open

# When a case came into its state, as its history tells; else nearest to what is known: with its last change.
_SINCE = SQL(
    """
    COALESCE((SELECT max(message.date)
                FROM mail_message message
                JOIN mail_tracking_value change ON change.mail_message_id = message.id
                JOIN ir_model_fields field ON field.id = change.field_id
               WHERE message.model = 'kho.dl.case' AND message.res_id = kho_dl_case.id
                 AND field.model = 'kho.dl.case' AND field.name = 'state'),
             kho_dl_case.write_date)
    """
)


# What a rule of companies said before there were branches, and before an office received for another one.
_OF_COMPANIES = ("[('company_id', 'in', company_ids)]", "[('company_id', 'in', company_ids + [False])]")
_OWN, _OWN_OR_HELD = (
    "[('company_id', 'in', company_ids)",
    "['|', ('company_id', 'in', company_ids), ('held_by_id', 'in', company_ids)",
)


def migrate(cr, version):
    """Give contacts their numbers, cases that ended without a result the day on which they did; branches keep what differs."""
    _give_numbers(cr)
    _bring_rules_up_to_date(cr)
    _bring_mails_up_to_date(cr)
    api.Environment(cr, SUPERUSER_ID, {})["res.company"]._kho_dl_adopt_branches()
    close_sign_in_at_odoo(cr)
    indicator_triggers.keep(cr)
    cr.execute(
        SQL("UPDATE kho_dl_case SET date_stopped = %s WHERE state IN ('3', '7', '8') AND date_stopped IS NULL", _SINCE)
    )
    cr.execute(
        SQL(
            """
            UPDATE kho_dl_case SET supplement_on = %s, supplement_count = 1
             WHERE state = '5' AND date_received IS NOT NULL AND supplement_on IS NULL
            """,
            _SINCE,
        )
    )
    # What was asked for nobody wrote down; that the case waits is told from now on.
    cr.execute(
        SQL(
            """
            INSERT INTO kho_dl_case_supplement
                   (case_id, company_id, asked_on, asked_by, due_before, create_uid, create_date, write_uid, write_date)
            SELECT id, company_id, COALESCE(supplement_on, %s), COALESCE(officer_id, write_uid, 1), date_due,
                   1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
              FROM kho_dl_case
             WHERE state = '5'
                ON CONFLICT (case_id) WHERE received_on IS NULL DO NOTHING
            """,
            _SINCE,
        )
    )


def _give_numbers(cr):
    """Give contacts the numbers that cases have for them: the newest of each length, where no two contacts have it."""
    # One of 10 digits may be a citizen's that lost its zeros, unless somebody has said that it is none.
    cr.execute(
        "SELECT DISTINCT owner_id_number FROM kho_dl_case WHERE owner_id_number ~ '^[0-9]{10}$' AND is_number_right IS NOT TRUE"
    )
    doubtful = [number for (number,) in cr.fetchall() if with_lost_zeros(number)]
    cr.execute(
        r"""
        WITH typed AS (
            SELECT job.owner_id, split_part(company.parent_path, '/', 1)::int AS group_id, job.owner_id_number AS number,
                   max(job.id) AS newest
              FROM kho_dl_case AS job
              JOIN res_company AS company ON company.id = job.company_id
             WHERE job.owner_id_number ~ '^([0-9]{9}|[0-9]{12}|[0-9]{10}(-[0-9]{3})?)$'
               AND NOT (job.owner_id_number = ANY(%s) AND job.is_number_right IS NOT TRUE)
               AND replace(job.owner_id_number, '-', '') !~ '^(0+[0-9]|([0-9])\2+)$'
             GROUP BY 1, 2, 3
        ), judged AS (
            SELECT *, count(*) OVER (PARTITION BY group_id, number) AS holders,
                   row_number() OVER (PARTITION BY group_id, owner_id, length(number) ORDER BY newest DESC) AS place
              FROM typed
        )
        INSERT INTO kho_dl_id_number (partner_id, company_id, number, create_uid, create_date, write_uid, write_date)
        SELECT owner_id, group_id, number, 1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
          FROM judged WHERE holders = 1 AND place = 1
            ON CONFLICT (company_id, number) DO NOTHING
        """,
        [doubtful],
    )


def _bring_mails_up_to_date(cr):
    """Bring templates of mails that nobody changed to what they say now, in all languages: an upgrade leaves them as they are."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    names = env["ir.model.data"].search([("module", "=", "kho_dl"), ("model", "=", "mail.template")])
    templates = env["mail.template"].search([("id", "in", names.mapped("res_id"))])
    # Whoever changes one by hand has signed it.
    templates.filtered(lambda one: one.write_uid.id == SUPERUSER_ID).reset_template()


def _bring_rules_up_to_date(cr):
    """Bring rules that nobody changed to what they say now: an upgrade leaves them as they are."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    with file_open("kho_dl/security/kho_dl_rules.xml", "rb") as file:
        records = etree.parse(file).getroot().iterfind("record[@model='ir.rule']")
        domains = {record.get("id"): record.findtext("field[@name='domain_force']") for record in records}
    for name, domain in domains.items():
        rule = env.ref(f"kho_dl.{name}", raise_if_not_found=False)
        if rule and rule.domain_force in {*_OF_COMPANIES, domain.replace(_OWN_OR_HELD, _OWN)} - {domain}:
            rule.domain_force = domain
