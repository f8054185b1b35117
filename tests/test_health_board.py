import json
import re
from pathlib import Path

from ..models.health.health_check import CHECKS
from ..models.health.health_metrics import as_registry
from .test_health import HealthCase

_FOLDER = Path(__file__).resolve().parents[1] / "docs/monitoring"
_NAME = re.compile(r"\bkho_dl_\w+")


class TestHealthBoard(HealthCase):
    """The rules for Prometheus and the board for Grafana name what there is (docs/monitoring)."""

    def names(self):
        """Return the names of all figures, also of those that have no value at present."""
        facts, troubles = self.env["kho.dl.health"]._facts_and_troubles(self.company)
        now = facts.directory_done_on
        for name in [name for check in CHECKS.values() for name in check.times]:
            setattr(facts, name, now)
        return {family.name for family in as_registry(facts, troubles).collect()}

    # Proves K.3-1.
    def test_rules_and_board_name_figures_that_there_are(self):
        names = self.names()
        self.assertIn("kho_dl_seal_until_timestamp_seconds", names)
        rules = (_FOLDER / "kho_dl.rules.yml").read_text()
        said = set(_NAME.findall("\n".join(re.findall(r"^ *expr: (.*)", rules, re.MULTILINE))))
        self.assertGreaterEqual(names | {"kho_dl"}, said)
        board = json.loads((_FOLDER / "grafana.json").read_text())
        shown = {
            name for panel in board["panels"] for target in panel["targets"] for name in _NAME.findall(target["expr"])
        }
        self.assertGreaterEqual(names | {"kho_dl"}, shown)
        # Whatever is measured is on the board, but for what is told as a trouble, and how old a token is.
        told = {"kho_dl_catalogue_failed_timestamp_seconds", "kho_dl_token_since_timestamp_seconds"}
        self.assertEqual(names - shown, told)

    def test_the_rules_that_are_tried_are_those_that_are_printed(self):
        rules = set(re.findall(r"alert: (\w+)", (_FOLDER / "kho_dl.rules.yml").read_text()))
        tried = set(re.findall(r"alertname: (\w+)", (_FOLDER / "kho_dl.rules.test.yml").read_text()))
        self.assertLessEqual(tried, rules)
