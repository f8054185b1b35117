"""A whole national catalogue brought in, and brought in again; and candidates for all its documents."""

import json

_PROCEDURES, _QUICK_PROCEDURES = 2_000, 200
_DOCUMENTS, _RESULTS = 10_000, 5_000
_QUICK_DOCUMENTS, _QUICK_RESULTS = 1_000, 500
_MOST_GROWTH = 256
_MOST_SECONDS = 60
_SYNC_TEXT = (
    "The scheduled action that synchronises, in one process of Odoo, until the run is done: first with procedures that are all "
    "new, then with the same once more. Beside it the bare reading of the same lists. Memory is the process's own (VmRSS "
    "before, VmHWM after). Written rows are those of procedures, documents and their mappings whose version in "
    "PostgreSQL (`xmin`, `ctid`) is another one afterwards."
)
_MAPPING_TEXT = (
    "The scheduled action that looks for candidates, for required documents of which no two have the same name among "
    "results of which no two have, abbreviated and misspelt like in offices. Each run of the action stops after a minute; "
    "the time is that of all runs."
)
_SYNC_SCRIPT = """
import json, time
from pathlib import Path

documents = env["kho.dl.procedure.document"]
TABLES = ["kho_dl_procedure", documents._table, documents._fields["result_code_ids"].relation]

def versions():
    found = set()
    for table in TABLES:
        env.cr.execute(f"SELECT xmin::text, ctid::text FROM {{table}}")
        found.update((table, *row) for row in env.cr.fetchall())
    return found

def memory(name):
    lines = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0]) / 1024

def read():
    started = time.perf_counter()
    with env["kho.dl.gateway"]._client(env.company) as client:
        client.sectors(), client.agencies()
        listing = client.procedures()
        for code in listing.codes:
            client.procedure(code)
    return time.perf_counter() - started

def sync():
    started = time.perf_counter()
    run = env["kho.dl.catalogue.sync"]._start(env.company)
    env.cr.commit()
    while run.state in ("pending", "running"):
        env["kho.dl.catalogue.sync"]._cron_sync()
    assert run.state == "done", run.error
    return time.perf_counter() - started, run.new_count, run.changed_count

# The server beside it would write candidates to the same rows; they are measured below.
env.ref("kho_dl.ir_cron_candidates").active = False
env.cr.commit()
reading = read()
idle = memory("VmRSS")
first, new, _changed = sync()
before = versions()
again, _new, changed = sync()
assert new >= {count} - 100 and not changed, (new, changed)
print(json.dumps({{
    "reading": reading, "first": first, "again": again, "written": len(before ^ versions()),
    "idle": idle, "peak": memory("VmHWM"), "count": env["kho.dl.procedure"].search_count([]),
}}))
"""
_MAPPING_SCRIPT = """
import json, random, time

random.seed(1)
KINDS = ["Giấy chứng nhận", "Giấy phép", "Quyết định", "Phiếu", "Chứng chỉ", "Bằng", "Văn bản xác nhận", "Biên bản"]
WORDS = ("đăng ký kinh doanh đất đai xây dựng hành nghề dược y tế lý lịch tư pháp hộ tịch khai sinh kết hôn "
         "môi trường khoáng sản thủy lợi vận tải đường bộ an toàn thực phẩm giáo dục đào tạo lao động nước ngoài").split()
SHORT = {{"Giấy chứng nhận": "GCN", "Quyết định": "QĐ", "Giấy phép": "GP"}}

def some_name(number):
    return f"{{random.choice(KINDS)}} {{' '.join(random.sample(WORDS, 6))}} số {{number}}"

def as_offices_write(name):
    for long, short in SHORT.items():
        if random.random() < 0.5:
            name = name.replace(long, short)
    words = name.split()
    words.pop(random.randrange(1, len(words)))
    return "Bản sao " * (random.random() < 0.3) + " ".join(words)

names = [some_name(number) for number in range({results})]
env["kho.dl.procedure.document"].search([]).write({{"active": False}})
env["kho.dl.result.code"].create([
    {{"code": f"BENCH.{{number}}", "name": name}} for number, name in enumerate(names)
])
procedure = env["kho.dl.procedure"].create({{"code": "BENCH", "name": "Benchmark"}})
wanted = {{f"{{as_offices_write(names[n % len(names)])}} ({{n}})": names[n % len(names)] for n in range({documents})}}
env["kho.dl.procedure.document"].create([{{"name": name, "procedure_id": procedure.id}} for name in wanted])
env.cr.commit()
documents = env["kho.dl.procedure.document"].search([("procedure_id", "=", procedure.id)])
started = time.perf_counter()
while documents.search_count([("id", "in", documents.ids), ("candidates_on", "=", False)]):
    env["kho.dl.procedure.document"]._cron_find_candidates()
seconds = time.perf_counter() - started
env.invalidate_all()
right = sum(wanted[document.name] in document.candidate_ids.result_code_id.mapped("name") for document in documents)
print(json.dumps([seconds, right / len(documents)]))
"""


def measure(stage, report, quick):
    """Print seconds, memory and rows written of both runs, then seconds and hits of the search for candidates."""
    count = _QUICK_PROCEDURES if quick else _PROCEDURES
    stage.other_side.ask("POST", "catalogue", count=count)
    found = _last_line(stage.odoo.shell(_SYNC_SCRIPT.format(count=count)))
    report.section("Catalogue of procedures", _SYNC_TEXT)
    report.table(
        [
            "procedures",
            "bare reading",
            "all new",
            "÷ reading",
            "unchanged",
            "÷ reading",
            "rows written",
            "growth in MiB",
        ],
        [
            [
                f"{found['count']:,}",
                f"{found['reading']:.2f} s",
                f"{found['first']:.1f} s",
                f"{found['first'] / found['reading']:.3g}",
                f"{found['again']:.1f} s",
                f"{found['again'] / found['reading']:.3g}",
                report.goal(found["written"], most=0),
                report.goal(found["peak"] - found["idle"], most=_MOST_GROWTH),
            ]
        ],
    )
    documents, results = (_QUICK_DOCUMENTS, _QUICK_RESULTS) if quick else (_DOCUMENTS, _RESULTS)
    seconds, right = _last_line(stage.odoo.shell(_MAPPING_SCRIPT.format(documents=documents, results=results)))
    report.section("Candidates for mapping", _MAPPING_TEXT)
    report.table(
        ["documents", "results", "seconds", "right one among the five"],
        [[f"{documents:,}", f"{results:,}", report.goal(seconds, most=_MOST_SECONDS), f"{right:.1%}"]],
    )


def _last_line(output):
    return json.loads(output.strip().splitlines()[-1])
