from .common import KhoDLCase, new_test_user
from .many_rows import grow
from .ordinary_day import next_stretch, ordinary_day

_FILES, _A_DAY = 20_000, 20
# A statement that reads more of a table than this share reads the whole of it, or will in some years.
_MOST = 0.3
_LARGE = ("kho_dl_case", "kho_dl_case_document", "kho_dl_query", "kho_dl_retrieval", "kho_dl_outbox", "kho_dl_paper")
_LARGE += ("kho_dl_indicator_fact", "kho_dl_audit_total", "kho_dl_id_number", "res_partner")


class TestPlansOfADay(KhoDLCase):
    """Nothing of the ordinary day reads a whole large table: PostgreSQL itself counts the rows that it looks at."""

    @classmethod
    def _make_fixtures(cls, env):
        made = super()._make_fixtures(env)
        groups = ("clerk", "administrator", "auditor")
        user = new_test_user(env, "kho_all_day", ",".join(f"kho_dl.group_{name}" for name in groups))
        cls._user_id = user.id
        grow(env, env.company, user, _FILES, _A_DAY)
        # As autovacuum does.
        names = ("kho_dl_case_number_part_idx", "kho_dl_case__name_index", "kho_dl_id_number__number_index")
        for index in (*names, "res_partner_kho_dl_words_idx"):
            env.cr.execute("SELECT gin_clean_pending_list(%s)", [index])
        env.cr.execute(f"ANALYZE {', '.join(_LARGE)}")
        return made

    def setUp(self):
        super().setUp()
        # What other processes read for a statement is counted in theirs.
        self.env.cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        # As docs/operations.md has it for disks without heads: small as they are, these tables lie in memory anyway.
        self.env.cr.execute("SET LOCAL random_page_cost = 1.1")
        self.user = self.env["res.users"].browse(self._user_id)

    def read_so_far(self):
        """Return {table: rows that this transaction has looked at}."""
        self.env.cr.execute(
            "SELECT relname, seq_tup_read + COALESCE(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname IN %s",
            [_LARGE],
        )
        return dict(self.env.cr.fetchall())

    def rows(self):
        """Return {table: its rows}."""
        counts = {}
        for table in _LARGE:
            self.env.cr.execute(f"SELECT COUNT(*) FROM {table}")
            [[counts[table]]] = self.env.cr.fetchall()
        return counts

    def too_much(self, call, rows):
        """Return {table: share of its rows} of what `call` reads too much of."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.read_so_far()
        call()
        self.env.flush_all()
        shares = {table: (read - before.get(table, 0)) / rows[table] for table, read in self.read_so_far().items()}
        return {table: round(share, 2) for table, share in shares.items() if share > _MOST}

    # Proves K.2-2.
    def test_nothing_of_the_ordinary_day_reads_a_whole_large_table(self):
        rows = self.rows()
        self.assertGreater(min(rows.values()), 500)
        day = [("the next stretch of the journal", next_stretch(self.env, self.company, 100))]
        day += ordinary_day(self.env, self.user, page=10, most=100)
        for name, call in day:
            with self.subTest(name):
                # What is done once, and what Odoo keeps in memory.
                call()
                self.assertEqual(self.too_much(call, rows), {})

    def test_a_statement_that_reads_all_is_noticed(self):
        found = self.too_much(
            lambda: self.env["kho.dl.query"].sudo().search_count([("message", "=", "x")]), self.rows()
        )
        self.assertEqual(found, {"kho_dl_query": 1.0})

    def test_cases_and_reasons_are_looked_up_by_their_ids(self):
        others = self.env["res.company"].create({"name": "An office that receives for others"})
        self.env.cr.execute(
            "UPDATE kho_dl_indicator_fact SET receiving_company_id = %s, kept_month = month, kept_received_on = received_on "
            "WHERE case_id %% 2 = 0 RETURNING case_id",
            [others.id],
        )
        ids = [case_id for (case_id,) in self.env.cr.fetchall()[:10]]
        self.env.cr.execute("ANALYZE kho_dl_indicator_fact")
        # As behind an import of the catalogue: PostgreSQL has not counted the procedures yet.
        self.env.cr.execute("UPDATE pg_class SET reltuples = 0, relpages = 1 WHERE relname = 'kho_dl_procedure'")
        rows = self.rows()
        for sign in (1, -1):
            shown = self.env["kho.dl.indicator.case"].sudo().browse(sign * case_id for case_id in ids)
            with self.subTest(sign=sign):
                self.assertEqual(self.too_much(lambda shown=shown: shown.mapped("procedure_id"), rows), {})
                self.assertEqual(shown.company_id, self.company if sign > 0 else others)
