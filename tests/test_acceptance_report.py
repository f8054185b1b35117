import os
from pathlib import Path

import tomllib
from lxml import etree

from odoo.modules import get_module_path
from odoo.tests import tagged

from ..models.acceptance import kho_dl_acceptance
from ..models.acceptance.acceptance_steps import REQUIREMENTS, STEPS
from ..models.acceptance.kho_dl_acceptance import VIETNAMESE
from .common import AN
from .test_acceptance import NUMBER, AcceptanceCase


@tagged("post_install", "-at_install")
class TestAcceptanceReport(AcceptanceCase):
    def printed(self, run):
        """Return the report as the page that the PDF is made from; it is kept where KHO_DL_REPORT names a file."""
        report = self.env["ir.actions.report"].with_user(self.administrator)
        page = report._render_qweb_html("kho_dl.acceptance_report", run.ids)[0].decode()
        if path := os.environ.get("KHO_DL_REPORT"):
            Path(path).write_text(page, encoding="utf-8")
        return page

    def test_a_file_that_does_not_come_is_held_against_no_other_kind_of_link(self):
        self.simulator.order("file", "server_fault")
        run = self.made(is_case_sent=False)
        shown = {name: steps for name, _words, steps in run._requirements()}
        self.assertEqual((shown["V.3-4"].state, bool(shown["V.3-5"])), ("failed", False))

    # Proves A-5.
    def test_the_report_has_both_sides_every_step_and_places_to_sign(self):
        self.company.name = "Sở Tư pháp tỉnh H46"
        self.simulator.order("file", "server_fault")
        run = self.made(other_side="Cổng Dịch vụ công quốc gia")
        page = self.printed(run)
        for text in (self.company.name, run.other_side, self.simulator.url, run.version, NUMBER, "Lan"):
            self.assertIn(text, page)
        for step in run.step_ids:
            self.assertIn(dict(step._fields["kind"].selection)[step.kind], page)
        for name in REQUIREMENTS:
            self.assertIn(f">{name}<", page)
        self.assertEqual(page.count("Signature and seal"), 2)
        self.assertIn("DongBoHoSoMC", page)
        self.assertIn("X-Road-Error", page)
        self.assertNotIn(AN, page)
        self.assertIn("•••", page)

    def test_what_is_not_finished_is_no_minutes(self):
        run = self.make_run()
        page = self.printed(run)
        self.assertIn("Not finished", page)
        self.assertNotIn("Signature and seal", page)
        run.action_run()
        self.assertNotIn("Not finished", self.printed(run))
        action = self.env.ref("kho_dl.action_report_acceptance")
        self.assertEqual(action.get_valid_action_reports("kho.dl.acceptance", self.make_run().ids), [])

    def test_it_is_in_vietnamese_whoever_prints_it(self):
        self.env["res.lang"]._activate_lang(VIETNAMESE)
        self.patch(kho_dl_acceptance, "VIETNAMESE", VIETNAMESE)
        self.administrator.lang = "en_US"
        run = self.made()
        run.sudo().write({"started_on": "2026-11-27 03:04:05", "ended_on": "2026-11-27 03:14:15"})
        page = self.printed(run)
        # Dates and numbers as in Vietnam, and the time of an office there.
        self.assertIn("27/11/2026 10:04:05", page)
        self.assertIn("27/11/2026 10:14:15", page)
        template = self.env.ref("kho_dl.acceptance_report_run").with_context(lang=VIETNAMESE)
        heading = etree.fromstring(template.arch).findtext(".//h2")
        self.assertIn(heading, page)
        step = run.step_ids[0].with_context(lang=VIETNAMESE)
        self.assertIn(dict(step._fields["kind"]._description_selection(step.env))[step.kind], page)

    def test_what_it_says_to_cover_is_what_the_requirements_say(self):
        path = Path(get_module_path("kho_dl")) / "docs/requirements.toml"
        chapters = tomllib.loads(path.read_text(encoding="utf-8"))["chapter"]
        known = {one["id"]: one["text"] for chapter in chapters for one in chapter["requirement"]}
        shown = {name for step in STEPS.values() for name in step.shows}
        self.assertEqual(set(REQUIREMENTS), shown)
        # The source of a lazy term is English.
        self.assertEqual(
            {name: str(REQUIREMENTS[name]._source) for name in shown}, {name: known[name] for name in shown}
        )
