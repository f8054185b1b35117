"""Our files where fs_attachment of the OCA keeps them, from its package, in a folder that plays the object store."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from conftest import rows
from lib.odoo_server import Odoo
from lib.ports import HOST, reserved_port
from lib.postgres import drop_database
from lib.templates import INSTALLED, begin_with
from lib.venv import find_beside

SIZE = 300_000
OWNER = "Nguyễn Thị An"
PROVIDER = "https://dvc.example.gov.vn"
STORE = """
env["fs.storage"].create({{"name": "Store", "code": "store", "protocol": "file", "directory_path": {folder!r},
    "use_as_default_for_attachments": True}})
env.cr.commit()
"""
PREPARE = """
company = env.company
company.write({{"kho_dl_own_providerurl": {provider!r}, "kho_dl_serve_addresses": "127.0.0.1"}})
content = b"%PDF-1.4 " + bytes(range(256)) * ({size} // 256) + b"%%EOF"
partner = env["res.partner"].create({{"name": {owner!r}}})
code = env["kho.dl.result.code"].create({{"code": "KQ.G15.000007", "name": "Certificate"}})
paper = env["kho.dl.paper"].create({{
    "result_code_id": code.id, "owner_id": partner.id, "owner_id_number": "000190000011", "date_issued": "2026-01-01", "agency": "A",
    "attachment_ids": [(0, 0, {{"name": {owner!r} + ".pdf", "raw": content}})],
}})
paper.action_enter()
# One that came to a contact first, and one that stays there.
files = env["ir.attachment"]
moved, stays = files.create([{{"name": {owner!r} + str(place) + ".pdf", "raw": content + bytes([place]), "res_model": "res.partner",
    "res_id": partner.id}} for place in range(2)])
case = env["kho.dl.case"].create({{"owner_id": partner.id, "owner_id_number": "000190000011",
    "procedure_id": env["kho.dl.procedure"].create({{"code": "1.1", "name": "x"}}).id}})
moved.write({{"res_model": case._name, "res_id": case.id}})
env.cr.commit()
env["fs.file.gc"]._gc_files()
assert moved.raw == content + b"\\0" and stays.raw == content + b"\\1"
print("place:", paper.file_ids._address().removeprefix({provider!r}))
print("stays:", stays.store_fname)
"""
OBJECT = """
SELECT substr(file.store_fname, length('store://') + 1)
  FROM kho_dl_paper_file paper JOIN ir_attachment file ON file.id = paper.attachment_id
"""
IN_COPY = """
files = env["ir.attachment"]
old = files.search([("name", "like", {owner!r}), ("res_model", "=", "res.partner")])
assert old.raw
old.name = "Renamed.pdf"
case_file = files.search([("res_model", "=", "kho.dl.case")])
env.cr.execute("UPDATE ir_attachment SET res_model = NULL WHERE id = %s", [case_file.id])
new = files.create({{"name": "New.pdf", "raw": b"%PDF of a copy"}})
old.unlink()
case_file.invalidate_recordset()
case_file.unlink()
env.cr.commit()
env["fs.file.gc"]._gc_files()
print("new:", new.store_fname)
"""


@pytest.fixture(scope="module")
def kept(source, folder, environment, pins):
    """Return (Odoo, folder of the store, address of a paper in it, its content)."""
    run, store, database = folder / "run_store", folder / "store", "kho_dl_object_store"
    for each in (run, store):
        each.mkdir()
    odoo = Odoo(source, Path(sys.executable), run, environment, database, beside=find_beside(pins))
    begin_with(odoo, INSTALLED)
    odoo.install(addon="fs_attachment")
    odoo.shell(STORE.format(folder=str(store)))
    printed = odoo.shell(PREPARE.format(provider=PROVIDER, size=SIZE, owner=OWNER))
    words = dict(line.split(": ", 1) for line in printed.splitlines() if line.startswith(("place:", "stays:")))
    content = b"%PDF-1.4 " + bytes(range(256)) * (SIZE // 256) + b"%%EOF"
    yield odoo, store, words, content
    drop_database(database, environment, Path(sys.executable))


# Proves K.3-4.
def test_ranges_and_head_work_on_what_lies_in_a_store(kept):
    odoo, store, words, content = kept
    with reserved_port(9100) as port, odoo.serving(port, "--max-cron-threads=0"):
        url = f"http://{HOST}:{port}{words['place']}"
        whole = requests.get(url, timeout=30)
        assert (whole.status_code, whole.content) == (200, content)
        assert whole.headers["Content-Length"] == str(len(content))
        head = requests.head(url, timeout=30)
        assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(content)), b"")
        part = requests.get(url, headers={"Range": "bytes=1000-1999"}, timeout=30)
        assert (part.status_code, part.content) == (206, content[1000:2000])
        assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(content)}"
        last = requests.get(url, headers={"Range": "bytes=-5", "If-Range": whole.headers["ETag"]}, timeout=30)
        assert (last.status_code, last.content) == (206, content[-5:])
        assert requests.get(url, headers={"Range": f"bytes={len(content)}-"}, timeout=30).status_code == 416
        same = requests.get(url, headers={"If-None-Match": whole.headers["ETag"]}, timeout=30)
        assert (same.status_code, same.content) == (304, b"")
        # Gone behind our back: said at once, and not in the middle of an answer.
        [(name,)] = rows(odoo.postgres, odoo.database, OBJECT)
        (store / name).rename(store / "aside")
        assert requests.get(url, timeout=30).status_code == 404
        (store / "aside").rename(store / name)
    given = rows(odoo.postgres, odoo.database, "SELECT method, status, size FROM kho_dl_serving ORDER BY id")
    assert given == [
        ("GET", 200, len(content)), ("HEAD", 200, 0), ("GET", 206, 1000), ("GET", 206, 5), ("GET", 416, 0), ("GET", 304, 0),
    ]  # fmt: skip


# Proves K.3-4.
def test_names_in_a_store_do_not_tell_whose_paper_it_is(kept):
    odoo, store, words, _content = kept
    ours = rows(
        odoo.postgres, odoo.database,
        "SELECT checksum, store_fname FROM ir_attachment WHERE res_model LIKE 'kho.dl.%' AND store_fname LIKE 'store://%'",
    )  # fmt: skip
    assert len(ours) == 2
    assert all(stored_as == f"store://{checksum}" for checksum, stored_as in ours)
    names = {path.name for path in store.rglob("*") if path.is_file() and not path.name.startswith(".")}
    # What belongs to others is named as they have chosen.
    assert names == {stored_as.partition("://")[2] for _checksum, stored_as in ours} | {
        words["stays"].partition("://")[2]
    }


# Proves K.3-4.
def test_a_copy_of_the_database_leaves_the_store_alone(kept, environment):
    odoo, store, _words, _content = kept
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}
    copy = replace(odoo, database=f"{odoo.database}_copy")
    odoo.copy_to(copy)
    try:
        printed = copy.shell(IN_COPY.format(owner=OWNER))
    finally:
        drop_database(copy.database, environment, odoo.python)
    assert "new: store://" not in printed
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before
