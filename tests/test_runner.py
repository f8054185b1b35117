import ast
from pathlib import Path
from unittest.mock import patch

from odoo.tests import BaseCase
from odoo.tests.loader import make_suite
from odoo.tools import config


class TestRunner(BaseCase):
    def test_odoos_own_runner_finds_every_file(self):
        # Read and not imported: pytest, which looks into the folder, has put all of them into the package.
        init = ast.parse(Path(__file__).with_name("__init__.py").read_text())
        named = {name.name for node in ast.walk(init) if isinstance(node, ast.ImportFrom) for name in node.names}
        self.assertEqual({path.stem for path in Path(__file__).parent.glob("test_*.py")} - named, set())

    def test_odoos_own_runner_finds_every_test(self):
        # What its tags keep from both of its turns would be run by pytest alone.
        with patch.dict(config.options, {"test_tags": "/kho_dl"}):
            suites = [make_suite(["kho_dl"], position) for position in ("at_install", "post_install")]
        found = {(type(test).__name__, test._testMethodName) for suite in suites for test in suite}
        written = {
            (cls.name, function.name)
            for path in Path(__file__).parent.glob("test_*.py")
            for cls in ast.parse(path.read_text()).body
            if isinstance(cls, ast.ClassDef) and cls.name.startswith("Test")
            for function in cls.body
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_")
        }
        self.assertGreater(len(written), 1000)
        self.assertEqual(written - found, set())
