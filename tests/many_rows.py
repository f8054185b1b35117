"""The rows of years of a province by SQL: so many a day, back from now, all closed but for those of the last days.

For tests of what is read beside them, and for `./dev/years`, which runs this file in `odoo shell`.
"""

from contextlib import contextmanager
from datetime import timedelta

from odoo.addons.kho_dl.models.reporting import audit_triggers, indicator_triggers
from odoo.fields import Datetime

_TABLES = ("kho_dl_case", "kho_dl_case_document", "kho_dl_query", "kho_dl_retrieval", "kho_dl_outbox", "kho_dl_paper")
_PEOPLE = """
    CREATE TEMP TABLE person AS
    WITH made AS (
        INSERT INTO res_partner (name, complete_name, active, type, partner_share, create_date, write_date)
        SELECT name, name, true, 'contact', true, now(), now()
          FROM (SELECT ('{Nguyễn,Nguyễn,Nguyễn,Trần,Trần,Lê,Phạm,Hoàng,Đặng,Vũ}'::text[])[1 + n %% 10] || ' '
                       || ('{Văn,Thị,Hữu,Đức,Minh,Ngọc,Xuân}'::text[])[1 + n %% 7] || ' '
                       || ('{An,Bình,Châu,Dung,Giang,Hà,Hoa,Lan,Mai,Nga,Sơn,Tâm,Yến}'::text[])[1 + n %% 13]
                       || CASE WHEN n %% 3 = 0 THEN ' ' || chr(97 + n %% 23) ELSE '' END AS name
                  FROM generate_series(1, %(people)s) AS n) AS named
        RETURNING id
    ) SELECT n, id, '000' || lpad((n * 104729 %% 999999937)::text, 9, '0') AS number
        FROM (SELECT row_number() OVER (ORDER BY id) AS n, id FROM made) AS numbered;
    CREATE INDEX ON person (n);
    INSERT INTO kho_dl_id_number (partner_id, company_id, number, create_date, write_date)
    SELECT id, %(company)s, number, now(), now() FROM person;
"""
_CASES = """
    INSERT INTO kho_dl_case (name, procedure_id, owner_id, owner_id_number, company_id, officer_id, channel, state,
                             date_submitted, date_received, date_due, date_finished, date_returned, create_date, write_date)
    SELECT 'YEARS-' || made.n, procedure.id, person.id, person.number, %(company)s, %(user)s, '1',
           CASE WHEN is_open THEN '4' ELSE '10' END, moment, moment, moment + interval '5 days',
           CASE WHEN NOT is_open THEN moment + interval '3 days' END, CASE WHEN NOT is_open THEN moment + interval '4 days' END,
           moment, moment
      FROM (SELECT n, moment, moment > now() - interval '5 days' AS is_open
              FROM (SELECT n, now() AT TIME ZONE 'UTC' - (%(cases)s - n) / %(day)s * interval '1 day' AS moment
                      FROM generate_series(1, %(cases)s) AS n) AS at) AS made
      JOIN person ON person.n = 1 + made.n %% %(people)s
      JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM kho_dl_procedure WHERE code LIKE '9.%%') AS procedure
        ON procedure.n = made.n %% 200;
"""
_DOCUMENTS = """
    CREATE TEMP TABLE job AS
    SELECT row_number() OVER (ORDER BY id) AS n, id, procedure_id, owner_id, owner_id_number, date_received AS moment, state
      FROM kho_dl_case WHERE name LIKE 'YEARS-%%';
    CREATE UNIQUE INDEX ON job (n);
    INSERT INTO kho_dl_case_document (case_id, procedure_document_id, company_id, source, sequence, create_date)
    SELECT job.id, document.id, %(company)s, CASE WHEN state = '10' THEN 'national' END, 10, moment
      FROM job JOIN kho_dl_procedure_document document USING (procedure_id);
    CREATE TEMP TABLE paper AS
    SELECT row_number() OVER (ORDER BY id) AS n, id, case_id FROM kho_dl_case_document WHERE create_date IS NOT NULL;
    CREATE UNIQUE INDEX ON paper (n);
"""
_JOURNALS = """
    INSERT INTO kho_dl_query (user_id, case_id, procedure_id, owner_id, procedure_code, owner_id_number, channel, outcome, codes,
                              asked, answer, duration, consent_given, paper_count, company_id, asked_on, closed_on, create_date,
                              write_date, chain_position, chain_hash, chain_previous, payload_digest, payload_salt)
    SELECT %(user)s, job.id, procedure_id, owner_id, '9.000001', owner_id_number, '1', 'found', 'YEARS.1',
           jsonb_build_object('MaThuTuc', '9.000001', 'DanhSachDanhMucKetQua', '[]'), jsonb_build_array(
           jsonb_build_object('name', repeat('x', 900))), 0.3, true, 2, %(company)s, moment, moment, moment, moment,
           k, md5(k::text) || md5('q'), md5('p'), md5('d'), md5('s')
      FROM generate_series(1, %(questions)s) AS made(k) JOIN job ON job.n = 1 + (k - 1) / 3
     ORDER BY k;
    INSERT INTO kho_dl_retrieval (case_document_id, case_id, query_id, user_id, file_name, link, link_key, provider_host, lane, state, tries,
                                  size, sha256, agency_code, agency_name, paper_name, company_id, requested_on, started_on,
                                  closed_on, is_summed_up, is_announced, is_told, create_date, write_date,
                                  chain_position, chain_hash, chain_previous, payload_digest, payload_salt)
    SELECT paper.id, paper.case_id, question.first_id + (job.n - 1) * 3 + k %% 3, %(user)s, 'file.pdf', 'https://a' || k %% 60 || '.gov.vn/' || k, md5(k::text),
           'a' || k %% 60 || '.gov.vn', 'vn:gov:000.00.00.h' || k %% 60, CASE WHEN k %% 50 = 0 THEN 'failed' ELSE 'done' END, 1, 200000,
           md5(k::text) || md5(k::text), 'H' || k %% 60, 'Agency ' || k %% 60, 'Paper', %(company)s, moment, moment, moment, true,
           true, true, moment, moment, %(questions)s + seal.at, md5(seal.at::text) || md5('f'), md5('p'), md5('d'), md5('s')
      FROM generate_series(1, %(size)s) AS made(k) JOIN job ON job.n = 1 + (k - 1) / 5
      CROSS JOIN LATERAL (SELECT CASE WHEN k <= %(sealed)s THEN k END) AS seal(at)
      JOIN paper ON paper.n = 1 + (k - 1) * 2 / 5
      CROSS JOIN (SELECT MIN(id) AS first_id FROM kho_dl_query WHERE codes = 'YEARS.1') AS question
     ORDER BY k;
    INSERT INTO kho_dl_outbox (case_id, kind, state, company_id, step_state, step_on, step_user_id, closed_on, sha256, has_links, tries,
                               create_date, write_date)
    SELECT job.id, CASE WHEN k %% 2 = 0 THEN 'case' ELSE 'progress' END, 'accepted', %(company)s, '4', moment, %(user)s, moment,
           md5(k::text), k %% 10 = 0, 1, moment, moment
      FROM generate_series(1, %(messages)s) AS made(k) JOIN job ON job.n = 1 + (k - 1) / 10
     ORDER BY k;
    INSERT INTO kho_dl_paper (name, result_code_id, case_id, owner_id, owner_id_number, company_id, kind, trust_level, state, entered_on,
                              version, number, agency_code, create_date, write_date)
    SELECT 'Result', result.result_id, job.id, job.owner_id, job.owner_id_number, %(company)s, 'original', '4', 'effective', moment, 1,
           'N' || k, 'H46', moment, moment
      FROM generate_series(1, %(papers)s) AS made(k) JOIN job ON job.n = k
      JOIN (SELECT id AS result_id, row_number() OVER (ORDER BY id) - 1 AS at FROM kho_dl_result_code WHERE code LIKE 'YEARS.%%')
           AS result ON result.at = k %% 40
     ORDER BY k;
"""


def grow(env, company, user, files, a_day, unsealed=0, indexed=()):
    """Make `files` files that `user` fetched for `company`, `a_day` of them a day, and what goes with them.

    That is 0.6 questions, two messages, 0.2 papers and 0.2 cases each. The last `unsealed` files wait for their seal. Indexes of
    the tables `indexed` are made anew behind millions of rows; this transaction itself cannot use all of them then.
    """
    _make_procedures(env, company)
    values = {
        "company": company.id,
        "user": user.id,
        "cases": files // 5,
        "questions": files * 3 // 5,
        "messages": files * 2,
        "papers": files // 5,
        "people": files // 5,
        "size": files,
        "sealed": files - unsealed,
        "day": a_day / 5,
    }
    _settle(env, company)
    with _only_rows(env.cr, indexed):
        for statement in (_PEOPLE, _CASES, _DOCUMENTS, _JOURNALS):
            env.cr.execute(statement, values)
    env.cr.execute(f"ANALYZE {', '.join(_TABLES)}")
    _set_head(env, company)
    env.invalidate_all()
    indicator_triggers.count_all(env.cr)
    audit_triggers.count_between(env.cr, None, None)


@contextmanager
def _only_rows(cr, indexed):
    """Make rows without what else is made with each: what triggers keep is counted afterwards."""
    cr.execute("SET LOCAL work_mem = '256MB'")
    cr.execute("SET LOCAL maintenance_work_mem = '1GB'")
    cr.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
          FROM pg_index
         WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        """,
        [list(indexed)],
    )
    indexes = cr.fetchall()
    for table in _TABLES:
        cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for name, _definition in indexes:
        cr.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        cr.execute(definition)
    for table in _TABLES:
        cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _make_procedures(env, company):
    codes = env["kho.dl.result.code"].create([{"code": f"YEARS.{n}", "name": f"Result {n}"} for n in range(40)])
    env["kho.dl.procedure"].create(
        [
            {
                "code": f"9.{n:06d}",
                "name": f"Procedure {n}",
                "company_id": company.id,
                "result_code_ids": [(6, 0, codes[n % 40].ids)],
                "document_ids": [
                    (0, 0, {"name": f"Document {m}", "result_code_ids": [(6, 0, codes[(n + m) % 40].ids)]})
                    for m in (0, 1)
                ],
            }
            for n in range(200)
        ]
    )
    env.flush_all()


def _settle(env, company):
    """Let what is done once a day have been done yesterday."""
    yesterday = Datetime.now() - timedelta(days=1)
    company.write(
        {
            "kho_dl_sync_enabled": True,
            "kho_dl_unused_gone_before": yesterday - timedelta(days=company.kho_dl_unused_days),
            "kho_dl_messages_gone_to": yesterday - timedelta(days=company.kho_dl_message_days),
            "kho_dl_ends_told_before": yesterday.date(),
        }
    )
    env.flush_all()


def _set_head(env, company):
    """Let the journal be checked up to its last seal."""
    env.cr.execute(
        "SELECT chain_position, chain_hash FROM kho_dl_retrieval WHERE chain_position > 0 ORDER BY 1 DESC LIMIT 1"
    )
    position, seal = env.cr.fetchone()
    head = env["kho.dl.journal.chain"]._head(company)
    env.cr.execute(
        """
        UPDATE kho_dl_journal_chain
           SET position = %s, hash = %s, checked_position = %s, checked_hash = %s, checked_on = now(),
               round_ended_on = now() AT TIME ZONE 'UTC'
         WHERE id = %s
        """,
        [position, seal, position, seal, head.id],
    )
