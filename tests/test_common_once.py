import ast
import re
from itertools import product
from pathlib import Path

from lxml import etree

from odoo.tests import TransactionCase
from odoo.tools import SQL

from ..models.case import paper_states
from ..models.reporting.indicators import CASE_FACTS, COUNTS, DEFINITIONS, FACTS, INDICATORS, period_of_fact
from ..protocol import channels

_TOP = Path(__file__).parents[1]
_FOLDERS = ("models", "wizard", "controllers", "protocol")


def trees():
    """Yield (path below the add-on, syntax tree) of each file of code."""
    for folder in _FOLDERS:
        for path in sorted((_TOP / folder).rglob("*.py")):
            yield path.relative_to(_TOP).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def strings_of(tree):
    """Yield (line, text) of each string of `tree` that is no docstring."""
    told = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in told:
            yield node.lineno, node.value


class TestOnce(TransactionCase):
    """What one file says, no other says again: who changes it there has changed it everywhere."""

    def places(self, pattern, but, within=""):
        """Return where a string of the code matches `pattern`, outside of the file `but`."""
        return [
            f"{path}:{line}"
            for path, tree in trees()
            if path != but and path.startswith(within)
            for line, text in strings_of(tree)
            if re.search(pattern, text)
        ]

    # -- papers ------------------------------------------------------------------------------------

    def test_what_a_state_of_a_paper_means_stands_in_one_file(self):
        codes = [code for code, _name in paper_states.SELECTION]
        self.assertEqual(codes, list(dict(self.env["kho.dl.paper"]._fields["state"].selection)))
        # As a value of Python or of SQL. A signature can be "revoked" as well: that word is looked for in the store alone.
        place = "models/case/paper_states.py"
        own = "|".join(set(codes) - {paper_states.REVOKED})
        self.assertEqual(self.places(rf"^({own})$|'({own})'", place), [])
        self.assertEqual(self.places(r"^revoked$|'revoked'", place, "models/store/"), [])

    def test_a_state_of_a_paper_is_of_one_kind(self):
        """What is given out or offered is locked, and nothing that a clerk can still change is told or counted."""
        locked = set(paper_states.LOCKED)
        for name in ("IN_STORE", "SERVED", "TOLD", "COUNTED"):
            self.assertLessEqual(set(getattr(paper_states, name)), locked, name)
        self.assertNotIn(paper_states.DRAFT, locked)
        self.assertEqual(set(paper_states.ENDED), locked - set(paper_states.IN_STORE))
        self.assertTrue(all(paper_states.ENDED.values()), "the owner reads what became of it")
        paper = self.env["kho.dl.paper"].new({})
        self.assertEqual((paper.state, paper.is_locked, paper.is_in_store), (paper_states.DRAFT, False, False))

    # -- channels ----------------------------------------------------------------------------------

    def test_what_a_channel_means_stands_in_one_file(self):
        found = [
            f"{path}:{node.lineno}"
            for path, tree in trees()
            for node in ast.walk(tree)
            if isinstance(node, ast.Compare) and "channel" in ast.dump(node.left) and "Constant" in ast.dump(node)
        ]
        self.assertEqual(found, [])

    def test_all_that_keep_a_channel_have_the_same(self):
        for model in ("kho.dl.case", "kho.dl.query", "kho.dl.lookup"):
            self.assertEqual(self.env[model]._fields["channel"].selection, channels.SELECTION, model)
        codes = dict(channels.SELECTION).keys()
        self.assertEqual(channels.WITH_OFFICER | channels.BY_CITIZEN, codes)
        self.assertFalse(channels.WITH_OFFICER & channels.BY_CITIZEN)
        self.assertLessEqual(channels.POSTED, codes)
        search = etree.fromstring(self.env.ref("kho_dl.view_kho_dl_case_search").arch)
        asked = search.xpath("//filter[contains(@domain, 'channel')]/@domain")
        self.assertEqual(asked, [f"[('channel', '=', '{code}')]" for code in codes])

    # -- indicators --------------------------------------------------------------------------------

    def test_the_definition_of_an_indicator_stands_in_one_file(self):
        names = [fact.name for fact in FACTS] + [indicator.field for indicator in INDICATORS]
        codes = [re.escape(indicator.code) for indicator in INDICATORS]
        pattern = rf"\b({'|'.join(names)})\b|^({'|'.join(codes)})\b"
        place = "models/reporting/indicators.py"
        self.assertEqual(self.places(pattern, place, "models/reporting/"), [])
        self.assertEqual(self.places(pattern, place, "wizard/kho_dl_indicator"), [])

    def test_each_indicator_is_shown_wherever_one_is(self):
        cases, figures = self.env["kho.dl.indicator.case"], self.env["kho.dl.indicator"]
        case_list, case_search, figure_search = (
            etree.fromstring(self.env.ref(f"kho_dl.view_kho_dl_indicator_{name}").arch)
            for name in ("case_list", "case_search", "search")
        )
        self.assertEqual([code for code, _name in figures._fields["indicator"].selection], [i.code for i in INDICATORS])
        for indicator in INDICATORS:
            with self.subTest(indicator.code):
                field = cases._fields[indicator.field]
                self.assertEqual((field.string, field.selection), (indicator.title, indicator.selection))
                self.assertEqual(cases._field_of(indicator.code), indicator.field)
                [column] = case_list.iterfind(f"field[@name='{indicator.field}']")
                self.assertIn(f"'{indicator.code}'", column.get("column_invisible"))
                self.assertIn(indicator.field, " ".join(case_search.xpath("filter/@domain")))
                self.assertIn(f"{{'group_by': '{indicator.field}'}}", case_search.xpath("group/filter/@context"))
                self.assertIn(f"[('indicator', '=', '{indicator.code}')]", figure_search.xpath("filter/@domain"))

    def test_a_case_counts_or_has_a_reason_whatever_its_facts(self):
        result = self.env["kho.dl.result.code"].create({"code": "ONCE", "name": "Paper"})
        procedures = self.env["kho.dl.procedure"].create(
            [{"code": "1.1", "name": "With a paper", "result_code_ids": result.ids}, {"code": "1.2", "name": "Without"}]
        )
        self.env.flush_all()
        names = [SQL.identifier(fact.name) for fact in FACTS]
        facts = SQL(", ").join(
            SQL("(%s)", SQL(", ").join(SQL("%s", value) for value in values))
            for values in product((True, False), repeat=len(names))
        )
        values = {
            "boolean": ("TRUE", "FALSE"),
            "timestamp": ("NULL::timestamp", "'2026-03-05'", "'2026-04-05'", "'infinity'"),
        }
        cases = SQL(", ").join(
            SQL("(%s)", SQL(", ").join(map(SQL, each)))
            for each in product(*(values[fact.column] for fact in CASE_FACTS))
        )
        companies = SQL(", ").join(
            SQL("(%s, %s)", address, code)
            for address, code in product(("", "x"), (None, *(code for code, _source in DEFINITIONS)))
        )
        for indicator in INDICATORS:
            rows = self.env.execute_query(
                SQL(
                    """SELECT DISTINCT %(state)s, %(counts)s, %(asked)s
                         FROM (SELECT * FROM (VALUES %(facts)s) AS seen(%(names)s), (VALUES %(cases)s) AS job(%(case_names)s),
                                             (VALUES ('2026-03-01'::date)) AS begun(month)) AS fact
                              %(period)s,
                              (VALUES %(companies)s) AS company(kho_dl_own_providerurl, kho_dl_indicator_definition),
                              kho_dl_procedure AS procedure
                        WHERE procedure.id IN %(procedures)s""",
                    procedures=procedures._ids,
                    period=period_of_fact({}),
                    state=SQL(indicator.state),
                    counts=SQL(indicator.counts),
                    asked=SQL(f"({indicator.defined} AND {indicator.asked})"),
                    facts=facts,
                    cases=cases,
                    case_names=SQL(", ").join(SQL.identifier(fact.name) for fact in CASE_FACTS),
                    companies=companies,
                    names=SQL(", ").join(names),
                )
            )
            with self.subTest(indicator.code):
                self.assertLessEqual({state for state, _counts, _asked in rows}, dict(indicator.selection).keys())
                self.assertLessEqual({state for state, _words, _when in indicator.reasons}, {row[0] for row in rows})
                for state, counts, asked in rows:
                    self.assertEqual(state == COUNTS, counts and asked)

    def test_each_fact_is_kept_and_watched(self):
        kept = self.env["kho.dl.indicator.fact"]._fields
        [[figures]] = self.env.execute_query(
            SQL("SELECT indexdef FROM pg_indexes WHERE indexname = 'kho_dl_indicator_fact_figures_idx'")
        )
        for fact in FACTS:
            with self.subTest(fact.name):
                self.assertIn(fact.name, kept)
                self.assertIn(fact.name, figures)
                [[watch]] = self.env.execute_query(
                    SQL("SELECT prosrc FROM pg_proc WHERE proname = %s", f"kho_dl_indicator_watch_{fact.table}")
                )
                self.assertIn(fact.where, watch)
