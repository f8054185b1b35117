"""What the tests ask the processes for, and how they look at what became of it."""

import base64
import contextlib
import hashlib
import time

import psycopg2
import requests

from simulator.documents import bulk_pdf

CRIMINAL_RECORD = "KQ.G15.000007"
OWNER_NAME = "Trần Thị Thử Nghiệm"
# Stands in every file, so that a payload in a log shows.
PAYLOAD = "payload-never-to-be-logged"

# Short limits: what waits for a silence waits for two seconds.
PREPARE = """
company = env.company
company.write({{
    "kho_dl_ss_url": {url!r},
    "kho_dl_unit_code": {unit_code!r},
    "kho_dl_username": {username!r},
    "kho_dl_password": {password!r},
    "kho_dl_timeout": 2,
    "kho_dl_connect_timeout": 2,
    "kho_dl_total_timeout": 4,
}})
env.cr.commit()
env["kho.dl.security.server"].action_refresh()
code = env["kho.dl.result.code"].create({{"code": {code!r}, "name": "Criminal record"}})
env["kho.dl.procedure"].create({{
    "code": "1.012289",
    "name": "First medical licence",
    "document_ids": [(0, 0, {{"name": "Criminal record", "result_code_ids": [(6, 0, code.ids)]}})],
}})
# Nothing runs by itself: a test says when.
env["ir.cron"].search([]).write({{"active": False}})
env.ref("kho_dl.ir_cron_process").active = True
env.ref("kho_dl.ir_cron_seal").active = True
env.ref("kho_dl.ir_cron_send").active = True
from datetime import datetime, timedelta
users = env["res.users"]
users |= users.with_context(no_reset_password=True).create([
    {{"name": login, "login": login, "kho_dl_id_number": {officer!r},
      "group_ids": [(6, 0, [env.ref("kho_dl.group_clerk").id])]}}
    for login in ("clerk1", "clerk2")
])
users |= env.ref("base.user_admin")
# What people read is compared in English.
users.lang = "en_US"
for user in users:
    key = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "faults", datetime.now() + timedelta(days=1))
    print("key:", user.login, key)
env.cr.commit()
"""


class Control:
    """The simulator's own interface, over HTTP."""

    def __init__(self, url):
        self._url = f"{url}/_control/"

    def __call__(self, method, path, **body):
        answer = requests.request(method, self._url + path, json=body or None, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add_owner(self, number, files, size=20_000, agencies=5):
        """Add a person with `files` papers' files; return {name: content} of them."""
        options = {"files": files, "size": size, "agencies": agencies, "codes": [CRIMINAL_RECORD]}
        self("POST", "people/bulk", id_number=number, **options)
        links = [
            file["DuongDan"]
            for paper in self("GET", "world")["people"][number]["papers"]
            for file in paper["DanhSachTepDinhKem"]
        ]
        contents = {link: bulk_pdf(f"{PAYLOAD} {link}", size) for link in links}
        for link, content in contents.items():
            self("PUT", "files", link=link, content=base64.b64encode(content).decode())
        return {link.rpartition("/")[2]: content for link, content in contents.items()}


class Database:
    """Odoo's database, read past Odoo; a connection each time, for the server comes and goes."""

    def __init__(self, environment, name):
        self._options = {"host": environment["PGHOST"], "user": environment["PGUSER"], "dbname": name}

    def __call__(self, statement, *values):
        connection = psycopg2.connect(**self._options)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    @contextlib.contextmanager
    def holding(self, statement):
        """Keep what `statement` locks as long as the `with` block lasts."""
        connection = psycopg2.connect(**self._options)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
            yield
        finally:
            connection.close()

    def wait_for(self, condition, *values, seconds=30):
        """Wait until the query `condition` finds a row. Raises AssertionError after `seconds`."""
        deadline = time.monotonic() + seconds
        while not self(condition, *values):
            assert time.monotonic() < deadline, f"still not so: {condition}"
            time.sleep(0.02)


def rows_of(database, case_id):
    """Return the rows of the queue of a case: (file name, state, error, SHA-256, attachment)."""
    return database(
        "SELECT file_name, state, error, sha256, attachment_id FROM kho_dl_retrieval WHERE case_id = %s ORDER BY id",
        case_id,
    )


def assert_exactly_once(database, filestore, case_id, expected):
    """Each file of `expected`, {name at the other office: content}, is on the case once, whole; nothing else is."""
    rows = rows_of(database, case_id)
    done = [(name, sha256) for name, state, _error, sha256, _attachment in rows if state == "done"]
    assert sorted(done) == sorted((name, hashlib.sha256(content).hexdigest()) for name, content in expected.items())
    attached = database(
        """
        SELECT row.file_name, a.store_fname, a.file_size, a.checksum, a.db_datas
          FROM ir_attachment a
          JOIN kho_dl_case_document_attachment_rel r ON r.attachment_id = a.id
          JOIN kho_dl_case_document d ON d.id = r.case_document_id
          LEFT JOIN kho_dl_retrieval row ON row.attachment_id = a.id
         WHERE d.case_id = %s
        """,
        case_id,
    )
    assert sorted(name or "" for name, *_rest in attached) == sorted(expected)
    for name, stored_as, size, checksum, in_table in attached:
        content = (filestore / stored_as).read_bytes() if stored_as else bytes(in_table)
        assert content == expected[name]
        assert (len(content), hashlib.sha1(content).hexdigest()) == (size, checksum)


def assert_attached_or_reason(database, case_id):
    """Each row of a case has ended, or waits for its turn with a reason that a clerk can read."""
    for name, state, error, _sha256, attachment in rows_of(database, case_id):
        assert (state == "done" and attachment) or (state in ("failed", "pending") and error), (name, state, error)
