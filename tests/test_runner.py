import ast
from pathlib import Path

from odoo.tests import BaseCase


class TestRunner(BaseCase):
    def test_odoos_own_runner_finds_every_file(self):
        # Read and not imported: pytest, which looks into the folder, has put all of them into the package.
        init = ast.parse(Path(__file__).with_name("__init__.py").read_text())
        named = {name.name for node in ast.walk(init) if isinstance(node, ast.ImportFrom) for name in node.names}
        self.assertEqual({path.stem for path in Path(__file__).parent.glob("test_*.py")} - named, set())
