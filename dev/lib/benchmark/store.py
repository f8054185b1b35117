"""Looking into our own store, first with a thousand papers and then with a million."""

import json

_SIZES = (1_000, 1_000_000)
_MOST = 2
_TEXT = (
    "What the retrieval form looks up for a case before anybody is asked: the papers of one owner for all results that "
    "the procedure wants, through Odoo's ORM as the clerk, in one process, for owners drawn from the whole store. Rows "
    "are generated; three papers an owner. Medians, in milliseconds."
)
_SCRIPT = """
import json, random, statistics, time

clerk = env.ref("kho_dl.user_clerk")
[procedure] = env["kho.dl.procedure"].search([("code", "=", "1.012289")])
codes = procedure.document_ids.result_code_ids
random.seed(1)

def grow(total):
    # Other parts of the benchmark may have made papers, too.
    env.cr.execute("SELECT count(*) FROM kho_dl_paper WHERE owner_id_number LIKE '0003%'")
    [there] = env.cr.fetchone()
    env.cr.execute(
        '''INSERT INTO kho_dl_paper (name, owner_id_number, result_code_id, number, agency_code, date_issued,
                                     is_unlimited, kind, trust_level, state, version, company_id)
           SELECT 'Paper ' || n, '0003' || lpad((n / 3)::text, 8, '0'), (%s)[1 + n %% %s], n::text, 'H46',
                  date '2010-01-01' + n %% 5000, true, 'original', '4', 'effective', 1, %s
             FROM generate_series(%s, %s) AS n''',
        [codes.ids, len(codes), clerk.company_id.id, there, total - 1],
    )
    env.cr.execute("ANALYZE kho_dl_paper")
    env.cr.commit()

def lookup(owner):
    papers = env["kho.dl.paper"].with_user(clerk)._of_owners({{owner}}, codes, clerk.company_id)
    return papers.mapped("display_name")

result = {{}}
for size in {sizes}:
    grow(size)
    owners = ["0003%08d" % random.randrange(size // 3) for _ in range({rounds})]
    for owner in owners[:20]:
        lookup(owner)
    times = []
    for owner in owners:
        env.invalidate_all()
        started = time.perf_counter()
        found = lookup(owner)
        times.append(time.perf_counter() - started)
        assert found, "nothing was found, so nothing was measured"
    result[size] = statistics.median(times) * 1000
print(json.dumps(result))
"""


def measure(stage, report, quick):
    """Print how much longer a lookup takes in a store a thousand times as large."""
    output = stage.odoo.shell(_SCRIPT.format(sizes=_SIZES, rounds=50 if quick else 300))
    small, large = json.loads(output.strip().splitlines()[-1]).values()
    report.section("Our own store", _TEXT)
    report.table(
        ["papers", "one lookup", "ratio"],
        [
            [f"{_SIZES[0]:,}", f"{small:.2f} ms", ""],
            [f"{_SIZES[1]:,}", f"{large:.2f} ms", report.goal(large / small, most=_MOST)],
        ],
    )
