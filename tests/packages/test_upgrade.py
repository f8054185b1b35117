"""A database with the demo of the first version comes up to the present one, with all that people did in it."""

import contextlib
import hashlib
import sys
import tarfile
import threading
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from lib.cache import built, cache_dir, digest
from lib.odoo_server import Odoo
from lib.postgres import private_postgres, throwaway_postgres
from lib.templates import DEMO, add_files, begin_with, postgres_folder

# Version 19.0.1.0.0 without pictures: a clone need not have the history that it is in.
FIRST = Path(__file__).with_name("first_version.tar.xz")
DATABASE = "kho_dl_first"
# What people did. Nobody listens on the port, so the question fails, and the journal says so.
WORK = """
env.company.write({"kho_dl_ss_url": "http://127.0.0.1:9", "kho_dl_unit_code": "H46", "kho_dl_password": "kept"})
env["kho.dl.retrieve.wizard"].create({"case_id": env.ref("kho_dl.case_an").id, "consent_given": True}).action_search()
env["kho.dl.procedure.document"].create({
    "procedure_id": env.ref("kho_dl.procedure_medical_licence").id, "name": "By hand",
    "result_code_ids": [(6, 0, env.ref("kho_dl.result_code_land").ids)],
})
env.cr.commit()
"""
LOOK = """
company = env.company
print("key: settings", company.kho_dl_ss_url, company.kho_dl_unit_code, company.kho_dl_password)
for case in env["kho.dl.case"].search([], order="id"):
    documents = case.document_ids.sorted("id")
    print("key: case", case.id, case.name, case.state, case.owner_id.name, case.owner_id_number, documents.mapped("source"))
    print("key: files", case.id, documents.attachment_ids.mapped("checksum"))
for document in env["kho.dl.procedure.document"].search([], order="id"):
    print("key: mapping", document.id, document.name, document.result_code_ids.sorted("id").mapped("code"))
for query in env["kho.dl.query"].search([], order="id"):
    print("key: query", query.case_id.id, query.outcome, query.error_kind, query.message)
"""
# What is new since: the journal is sealed, who was received is counted, and the database is no copy.
LOOK_AGAIN = """
env["kho.dl.journal"]._cron_seal()
chain = env["kho.dl.journal.chain"]
verdict = chain._verify(env.company)
print("key: sealed", verdict.rows, verdict.fault or "whole")
print("key: confirmed", env["kho.dl.database"]._is_confirmed())
administrator = env["res.users"].create(
    {"name": "A", "login": "kho_administrator", "group_ids": [(6, 0, env.ref("kho_dl.group_administrator").ids)]}
)
code = env["kho.dl.result.code"].search([], limit=1).with_user(administrator)
print("key: result codes", [code.has_access(operation) for operation in ("read", "write", "create", "unlink")])
received = env["kho.dl.case"].search([("state", "in", ("2", "4", "9", "10"))])
print("key: counted", received == env["kho.dl.indicator.case"].search([]).case_id & received, len(received) > 3)
"""


@pytest.fixture
def first(folder):
    """The add-ons folder with the first version."""
    with tarfile.open(FIRST) as files:
        # Debian's Python 3.11 has no filters yet.
        files.extraction_filter = getattr(tarfile, "data_filter", None)
        files.extractall(folder / "first/kho_dl")
    return folder / "first"


@pytest.fixture
def old(first, source, folder):
    """The Odoo of a database with the first version and its demo, which is made once for each state of Odoo."""
    python = Path(sys.executable)
    begin = postgres_folder(source, python, DEMO)

    def make(new):
        with private_postgres(new / "postgres", python, begin) as server:
            odoo = Odoo(source, python, new, server.environment, DATABASE, addons=first)
            begin_with(odoo, DEMO)
            odoo.install("--with-demo")

    state = digest([str(begin), hashlib.sha256(FIRST.read_bytes()).hexdigest()])
    made = built(cache_dir() / f"first-{state}", make)
    run = folder / "run_upgrade"
    run.mkdir()
    with throwaway_postgres(run / "postgres", python, made / "postgres") as environment:
        odoo = Odoo(source, python, run, environment, DATABASE, addons=first)
        add_files(odoo, DATABASE, made)
        yield odoo


# Proves K.3-1.
def test_what_people_did_with_the_first_version_survives(old):
    old.shell(WORK)
    before = _keys(old)
    assert any(line.startswith("key: query") and "failed" in line for line in before)
    present = replace(old, addons=None)
    with _people_at_work(old.postgres):
        present.upgrade()
    assert sorted(before - _keys(present)) == []
    news = _keys(present, LOOK_AGAIN)
    assert "key: sealed 1 whole" in news
    assert "key: counted True True" in news
    assert "key: confirmed True" in news
    assert "key: result codes [True, False, False, False]" in news
    assert " ERROR " not in present.log.read_text()


@contextlib.contextmanager
def _people_at_work(postgres):
    """Read one table and then another all the while, in both directions, as requests on another machine do."""
    over = threading.Event()
    pairs = [("res_company", "kho_dl_case"), ("kho_dl_query", "res_company")]
    workers = [threading.Thread(target=_read, args=(postgres, pair, over)) for pair in pairs]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        over.set()
        for worker in workers:
            worker.join()


def _read(postgres, tables, over):
    connection = psycopg2.connect(host=postgres["PGHOST"], user=postgres["PGUSER"], dbname=DATABASE)
    with contextlib.closing(connection), connection.cursor() as cursor:
        while not over.is_set():
            # Odoo begins such a request anew.
            with contextlib.suppress(psycopg2.errors.DeadlockDetected):
                for table in tables:
                    cursor.execute(f"SELECT count(*) FROM {table}")
                    over.wait(0.2)
            connection.rollback()


def _keys(odoo, script=LOOK):
    return {line for line in odoo.shell(script).splitlines() if line.startswith("key:")}
