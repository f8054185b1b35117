import subprocess
import sys
from pathlib import Path

from odoo.tests import BaseCase


class TestReadme(BaseCase):
    def test_readme_and_app_page_are_those_of_the_fragments(self):
        command = Path(__file__).resolve().parents[1] / "dev" / "readme"
        check = subprocess.run([sys.executable, command, "--check"], capture_output=True, text=True, timeout=60)
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
