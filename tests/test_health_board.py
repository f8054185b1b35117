import json
import re
from pathlib import Path

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ..models.health.health_check import CHECKS
from ..models.health.health_metrics import as_registry
from .test_health import HealthCase

_FOLDER = Path(__file__).resolve().parents[1] / "docs/monitoring"
_NAME = re.compile(r"\bkho_dl_\w+")


class TestHealthBoard(HealthCase):
    """The rules for Prometheus and the board for Grafana name what there is (docs/monitoring)."""

    def families(self):
        """Return {name: labels} of all figures, also of those that have no value at present, as a province exports them."""
        facts, troubles = self.env["kho.dl.health"]._facts_and_troubles(self.company)
        now = facts.directory_done_on
        for name in [name for check in CHECKS.values() for name in check.times]:
            setattr(facts, name, now)
        told = generate_latest(as_registry(facts, troubles, [("H46.001", facts, troubles)])).decode()
        families = text_string_to_metric_families(told)
        return {family.name: {label for one in family.samples for label in one.labels} for family in families}

    def expressions(self):
        """Return [(expression, words with labels in them)] of the rules and of the board."""
        rules = (_FOLDER / "kho_dl.rules.yml").read_text()
        asked = re.findall(r"^ *expr: (.*)$((?:(?!^ *expr:)[\s\S])*)", rules, re.MULTILINE)
        board = json.loads((_FOLDER / "grafana.json").read_text())
        targets = [target for panel in board["panels"] for target in panel["targets"]]
        return asked + [(target["expr"], target["legendFormat"]) for target in targets]

    # Proves K.3-1.
    def test_rules_and_board_name_figures_that_there_are(self):
        families = self.families()
        names = set(families)
        self.assertIn("kho_dl_seal_until_timestamp_seconds", names)
        said = {name for expression, _words in self.expressions() for name in _NAME.findall(expression)}
        # "kho_dl" is the name of the job.
        self.assertGreaterEqual(names | {"kho_dl"}, said)
        # Whatever is measured is on the board, but for what is told as a trouble, and how old a token is; of each office, its
        # state and what it waits for are.
        told = {"kho_dl_catalogue_failed_timestamp_seconds", "kho_dl_token_since_timestamp_seconds"}
        shown = said | {name for name in names if name.startswith("kho_dl_unit_")}
        self.assertEqual(names - shown, told)
        self.assertGreaterEqual(said, {"kho_dl_unit_state", "kho_dl_unit_files_waiting"})

    def test_rules_and_board_ask_by_labels_that_there_are(self):
        families = self.families()
        self.assertEqual(families["kho_dl_unit_state"], {"unit"})
        for expression, words in self.expressions():
            with self.subTest(expression):
                found = [families[name] for name in _NAME.findall(expression) if name in families]
                asked = set(re.findall(r"(\w+)=~?\"", expression))
                asked |= {
                    label for labels in re.findall(r"by \(([\w, ]+)\)", expression) for label in labels.split(", ")
                }
                asked |= set(re.findall(r"\{\{ *(?:\$labels\.)?(\w+) *\}\}", words))
                # Those that Prometheus gives each figure itself: see prometheus.yml.
                self.assertLessEqual(asked, {"job", "office", *(label for labels in found for label in labels)})

    def test_the_rules_that_are_tried_are_those_that_are_printed(self):
        rules = set(re.findall(r"alert: (\w+)", (_FOLDER / "kho_dl.rules.yml").read_text()))
        tried = set(re.findall(r"alertname: (\w+)", (_FOLDER / "kho_dl.rules.test.yml").read_text()))
        self.assertLessEqual(tried, rules)
