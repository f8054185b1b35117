from freezegun import freeze_time

from .common import AN, CRIMINAL_RECORD, KhoDLCase
from .test_reporting_audit import DAY, MORNING, AuditFixtures, sheets_of

COUNTED = {
    "kho.dl.indicator.sheet": "case_count",
    "kho.dl.audit.sheet": "day_count",
    "kho.dl.demand.request": "case_count",
}


class TestReportingSheets(AuditFixtures, KhoDLCase):
    """A table is of an office with those below it, whichever of them the screen is switched to."""

    users = {"boss": {"login": "boss", "groups": "kho_dl.group_administrator,kho_dl.group_auditor"}}

    def setUp(self):
        super().setUp()
        self.commune = self.env["res.company"].create({"name": "Commune", "parent_id": self.company.id})
        (self.clerk | self.boss).company_ids |= self.commune
        case = self.make_case(AN, company_id=self.commune.id, officer_id=self.clerk.id, date_received=MORNING)
        self.asked(case)
        self.env["kho.dl.unmet.need"].create(
            {"company_id": self.commune.id, "case_id": case.id, "month": DAY.replace(day=1), "code": CRIMINAL_RECORD}
        )
        self.env.flush_all()

    def form(self, model, offices):
        forms = self.env[model].with_user(self.boss).with_context(allowed_company_ids=offices.ids)
        return forms.create({"company_id": self.company.id, "date_from": DAY, "date_to": DAY})

    # The table says when it was made.
    @freeze_time("2026-04-01")
    def test_the_form_counts_what_the_file_holds(self):
        models = {name for name in self.env if hasattr(self.env[name], "_sheet") and "company_id" in self.env[name]}
        self.assertEqual(models - {"kho.dl.sheet"}, set(COUNTED))
        for model, count in COUNTED.items():
            narrow = self.form(model, self.company)
            self.assertEqual(narrow[count], 1, model)
            self.assertTrue(narrow.action_download(), model)
            wide = sheets_of(self.form(model, self.company | self.commune)._sheet())
            narrow = sheets_of(narrow._sheet())
            self.assertEqual(narrow, wide, model)

    def test_offices_that_the_user_does_not_work_in_are_not_counted(self):
        self.boss.company_ids = self.company
        for model, count in COUNTED.items():
            self.assertEqual(self.form(model, self.company)[count], 0, model)
