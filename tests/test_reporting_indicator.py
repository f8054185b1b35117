from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from .common import CRIMINAL_RECORD, DEGREE, new_test_user
from .paper_case import PDF
from .test_outbox import OutboxCase
from .test_reporting_audit import sheets_of

MARCH = date(2026, 3, 1)
NOON = "2026-03-10 05:00:00"


class IndicatorCase(OutboxCase):
    users = {
        "administrator": {"login": "figures", "groups": "kho_dl.group_administrator"},
    }

    def setUp(self):
        super().setUp()
        self.company.kho_dl_sync_enabled = False
        self.procedure.result_code_ids = self.codes[DEGREE]
        self.plain = self.env["kho.dl.procedure"].create({"code": "9.1", "name": "Returns no paper"})

    def received(self, on=NOON, **values):
        return self.make_case(date_received=on, **values)

    def hand_in(self, case, source="upload"):
        """Put a file on a document of `case`, as it comes from `source`."""
        document = self.document(case, CRIMINAL_RECORD).sudo()
        document.write({"attachment_ids": [Command.create({"name": "a.pdf", "raw": PDF})]})
        document.source = source
        return document

    def issue(self, case, number):
        """Enter a result of `case` into our store."""
        paper = self.make_paper(case_id=case.id, number=number)
        paper.action_enter()
        return paper

    def figures(self, user=None, **where):
        """Return {indicator: (cases, that count, share)} of all procedures together."""
        rows = (
            self.env["kho.dl.indicator"]
            .with_user(user or self.administrator)
            ._read_group(
                [(name, "=", value) for name, value in where.items()],
                ["indicator"],
                ["case_count:sum", "counted_count:sum", "share:avg"],
            )
        )
        return {indicator: (cases, counted, round(share, 2)) for indicator, cases, counted, share in rows}

    def reasons(self, case):
        row = self.env["kho.dl.indicator.case"].with_user(self.administrator).browse(case.id)
        self.env.flush_all()
        row.invalidate_recordset()
        return row.result_state, row.digitised_state, row.reuse_state, row.national_state


class TestIndicator(IndicatorCase):
    # Proves W.8-1.
    def test_figures_of_a_month_by_hand(self):
        """Five cases: 1 with nothing, 2 with a file, 3 with file and result, 4 reused and national, 5 of no paper."""
        cases = [self.received() for _ in range(4)]
        self.received(procedure_id=self.plain.id)
        self.hand_in(cases[1])
        self.hand_in(cases[2])
        self.issue(cases[2], "1")
        self.hand_in(cases[3], "national")
        self.assertEqual(
            self.figures(month=MARCH),
            {"4.1": (4, 1, 25.0), "4.2": (5, 1, 20.0), "4.3": (5, 1, 20.0), "4.4": (5, 1, 20.0)},
        )
        row = self.env["kho.dl.indicator"].search([("indicator", "=", "4.1"), ("month", "=", MARCH)])
        self.assertEqual((row.procedure_id, row.missing_count, row.share), (self.procedure, 3, 25.0))
        self.assertEqual((row.points, row.month_name), (31.25, "03/2026"))

    # Proves W.8-1.
    def test_each_case_says_why_it_does_not_count(self):
        bare, filed, issued, reused, plain = (self.received() for _ in range(5))
        plain.procedure_id = self.plain
        self.hand_in(filed)
        self.issue(issued, "1")
        self.hand_in(reused, "local")
        expected = {
            bare: ("no_result", "nothing", "no_file", "no_result"),
            filed: ("no_result", "no_result", "not_reused", "no_result"),
            issued: ("counts", "no_file", "no_file", "not_told"),
            reused: ("no_result", "no_result", "counts", "no_result"),
            plain: ("not_measured", "nothing", "no_file", "no_result"),
        }
        for case, reasons in expected.items():
            self.assertEqual(self.reasons(case), reasons)

    def test_a_synchronised_result_counts_for_the_national_store(self):
        self.company.kho_dl_sync_enabled = True
        with freeze_time(NOON):
            case = self.received()
            self.send()
        self.assertEqual(self.reasons(case)[3], "no_result")
        with freeze_time("2026-03-11 05:00:00"):
            self.issue(case, "1")
            self.assertEqual(self.reasons(case)[3], "not_told")
            self.send()
        self.assertEqual(self.reasons(case)[3], "counts")
        self.assertEqual(self.figures()["4.4"], (1, 1, 100.0))

    def test_links_count_as_they_were_told_whatever_address_the_agency_has_today(self):
        self.company.kho_dl_sync_enabled = True
        told, untold = self.received(), self.received()
        self.issue(told, "1")
        self.send()
        self.company.kho_dl_own_providerurl = False
        self.issue(untold, "2")
        self.send()
        self.assertEqual([self.reasons(case)[3] for case in (told, untold)], ["counts", "no_address"])
        self.assertEqual(self.figures()["4.4"], (2, 1, 50.0))
        self.company.kho_dl_sync_enabled = False
        self.company.kho_dl_own_providerurl = "https://dvc.example.gov.vn"
        self.assertEqual([self.reasons(case)[3] for case in (told, untold)], ["counts", "not_told"])
        self.assertEqual(self.figures()["4.4"], (2, 1, 50.0))

    def test_a_result_whose_link_was_dead_before_the_portal_heard_of_it_is_not_synchronised(self):
        self.company.kho_dl_sync_enabled = True
        revoked, withdrawn, expired = (self.received() for _ in range(3))
        self.issue(revoked, "1").sudo()._revoke("Mistake")
        self.issue(withdrawn, "2").file_ids.action_withdraw()
        self.make_paper(
            case_id=expired.id, number="3", date_issued="2020-01-01", date_expiry="2020-02-01"
        ).action_enter()
        self.send()
        for case in (revoked, withdrawn, expired):
            self.assertEqual((self.at_portal(case)["DanhSachGiayToKetQua"], self.reasons(case)[3]), ([], "not_told"))
        self.assertEqual(self.figures()["4.4"], (3, 0, 0.0))

    def test_a_file_that_is_deleted_counts_no_more(self):
        case = self.received()
        file = self.env["ir.attachment"].create(
            {"name": "a.pdf", "raw": PDF, "res_model": "kho.dl.case", "res_id": case.id}
        )
        document = self.document(case, CRIMINAL_RECORD)
        document.write({"attachment_ids": [Command.link(file.id)]})
        self.assertEqual((document.source, self.figures()["4.2"][1]), ("upload", 0))
        self.assertEqual(self.reasons(case)[1], "no_result")
        file.sudo().unlink()
        self.assertEqual(document.source, "upload", "the document has a copy of its own")
        document.attachment_ids.sudo().unlink()
        self.assertFalse(document.source)
        self.assertEqual(self.reasons(case)[1], "nothing")
        self.hand_in(case, "national")
        self.assertEqual(self.reasons(case)[2:], ("counts", "counts"))
        self.env.cr.execute("DELETE FROM ir_attachment WHERE id = %s", [document.attachment_ids.id])
        self.assertEqual(self.reasons(case)[1:], ("nothing", "no_file", "no_result"))

    def test_a_result_that_left_the_catalogue_is_not_asked_for(self):
        self.received()
        self.assertIn("4.1", self.figures())
        self.codes[DEGREE].active = False
        self.assertNotIn("4.1", self.figures())

    def test_a_result_that_was_replaced_or_revoked_later_still_counts(self):
        case = self.received()
        draft = self.make_paper(case_id=case.id)
        self.assertEqual(self.figures()["4.1"], (1, 0, 0.0))
        draft.action_enter()
        draft.sudo()._revoke("Mistake")
        self.assertEqual(self.figures()["4.1"], (1, 1, 100.0))

    def test_figures_follow_every_change_at_once(self):
        case = self.received()
        document = self.hand_in(case, "national")
        self.assertEqual(self.figures()["4.4"][1], 1)
        document.attachment_ids.unlink()
        self.assertEqual(self.figures()["4.3"][1], 0)
        case.sudo().date_received = "2026-04-10 05:00:00"
        self.assertFalse(self.figures(month=MARCH))
        self.assertTrue(self.figures(month=date(2026, 4, 1)))
        case.sudo().date_received = False
        self.assertFalse(self.figures())
        case.sudo().date_received = NOON
        self.assertTrue(self.figures())
        case.sudo().unlink()
        self.assertFalse(self.figures())

    def test_months_are_those_of_vietnam(self):
        self.received("2026-03-31 16:59:59")
        self.received("2026-03-31 17:00:00")
        self.make_case()
        months = dict(
            self.env["kho.dl.indicator"]._read_group([("indicator", "=", "4.2")], ["month:month"], ["case_count:sum"])
        )
        self.assertEqual(months, {MARCH: 1, date(2026, 4, 1): 1})

    # -- groups ------------------------------------------------------------------------------------

    def test_a_share_is_never_a_mean_of_shares(self):
        sector = self.env["kho.dl.sector"].create({"code": "S1", "name": "Justice"})
        (self.procedure | self.plain).sector_id = sector
        for _ in range(3):
            self.received()
        self.hand_in(self.received(), "local")
        other = self.received(procedure_id=self.plain.id)
        self.env["kho.dl.procedure.document"].create({"procedure_id": self.plain.id, "name": "Form"})
        document = self.env["kho.dl.case.document"].sudo()
        document = document.create({"case_id": other.id, "procedure_document_id": self.plain.document_ids.id})
        document.write({"attachment_ids": [Command.create({"name": "a.pdf", "raw": PDF})]})
        document.source = "local"
        [[group, share, points, cases]] = self.env["kho.dl.indicator"]._read_group(
            [("indicator", "=", "4.3")], ["sector_id"], ["share:avg", "points:avg", "case_count:sum"]
        )
        self.assertEqual((group, share, points, cases), (sector, 40.0, 50.0, 5))

    def test_several_indicators_together_have_sums_and_what_is_made_of_them(self):
        case = self.received()
        self.hand_in(case, "local")
        self.issue(case, "1")
        self.received()
        # 4.1, 4.2 and 4.3: 50 % each, so 62.5 points; 4.4: none.
        [[cases, counted, share, points]] = self.env["kho.dl.indicator"]._read_group(
            [], [], ["case_count:sum", "counted_count:sum", "share:avg", "points:avg"]
        )
        self.assertEqual((cases, counted, share), (8, 3, 37.5))
        self.assertEqual(points, 3 * 62.5 / 4)

    # Proves W.8-2.
    def test_points_are_full_from_eighty_percent(self):
        for number in range(5):
            case = self.received()
            if number:
                self.hand_in(case, "national")
        row = self.env["kho.dl.indicator"].search([("indicator", "=", "4.3")])
        self.assertEqual((row.share, row.points), (80.0, 100.0))

    def test_a_procedure_of_two_agencies_counts_for_each_and_once_in_the_total(self):
        agencies = self.env["kho.dl.agency"].create([{"code": "H46.1", "name": "A"}, {"code": "H46.2", "name": "B"}])
        self.procedure.agency_ids = agencies
        self.received()
        self.received(procedure_id=self.plain.id)
        indicator = self.env["kho.dl.indicator"].with_user(self.administrator)
        domain = [("indicator", "=", "4.2")]
        by_agency = dict(indicator._read_group(domain, ["agency_ids"], ["case_count:sum"]))
        self.assertEqual(by_agency, {agencies[0]: 1, agencies[1]: 1, agencies.browse(): 1})
        self.assertEqual(indicator._read_group(domain, [], ["case_count:sum"]), [(2,)])
        self.assertEqual(indicator.search([*domain, ("agency_ids", "in", agencies[0].ids)]).case_count, 1)

    # -- drilling down -----------------------------------------------------------------------------

    def test_buttons_open_the_cases_that_count_and_those_that_do_not(self):
        good, bad = self.received(), self.received()
        self.issue(good, "1")
        self.received("2026-05-10 05:00:00")
        rows = self.env["kho.dl.indicator"].with_user(self.administrator)
        row = rows.search([("indicator", "=", "4.1"), ("month", "=", MARCH)])

        def opened(action):
            return self.env[action["res_model"]].with_user(self.administrator).search(action["domain"]).case_id

        self.assertEqual(opened(row.action_open_counted()), good)
        self.assertEqual(opened(row.action_open_missing()), bad)
        both = row | rows.search([("indicator", "=", "4.2"), ("month", "=", MARCH)])
        self.assertEqual(opened(both.action_open_missing()), good | bad)
        case_row = self.env["kho.dl.indicator.case"].with_user(self.administrator).browse(bad.id)
        self.assertEqual(case_row.action_open_case()["res_id"], bad.id)

    def test_the_sheet_has_figures_by_all_groups_and_the_reasons(self):
        agency = self.env["kho.dl.agency"].create({"code": "H46.1", "name": "A"})
        self.procedure.write({"agency_ids": [Command.set(agency.ids)]})
        self.hand_in(self.received(), "local")
        self.received("2026-04-10 05:00:00")
        form = (
            self.env["kho.dl.indicator.sheet"]
            .with_user(self.administrator)
            .create({"date_from": "2026-03-05", "date_to": "2026-04-30"})
        )
        self.assertEqual((form.case_count, form._file_name()), (2, "kho-dl-4.1-4.4-2026-03-2026-04.xlsx"))
        sheets = sheets_of(form._sheet())
        source = "2024: Decision 766/QĐ-TTg"
        titles = ["Indicators", "By month", "By field", "By agency", "By procedure", "Reasons", "About this table"]
        self.assertEqual(list(sheets), titles)
        about = dict(sheets["About this table"])
        self.assertEqual(about["Period measured"], "03/2026 – 04/2026")
        self.assertEqual(about["Office with those below it"], self.company.display_name)
        self.assertEqual(about["Made by"], self.administrator.name)
        figures = sheets["Indicators"]
        form.date_to = "9999-12-31"
        self.assertEqual(sheets_of(form._sheet())["Indicators"], figures)
        self.assertEqual(sheets["Indicators"][3], ("4.3 Digitised data reused", 2, 1, 1, 50, 80, 62.5, source))
        months = {row[:2]: row[2:4] for row in sheets["By month"][1:]}
        self.assertEqual(months["03/2026", "4.3 Digitised data reused"], (1, 1))
        self.assertEqual(months["04/2026", "4.3 Digitised data reused"], (1, 0))
        self.assertEqual(sheets["By agency"][1][0], "[H46.1] A")
        self.assertEqual(sheets["By field"][1][0], "Not entered")
        self.assertIn(("4.3 Digitised data reused", "No document file", 1), sheets["Reasons"])
        form.date_to = "2026-02-01"
        with self.assertRaises(UserError):
            form.action_download()

    # -- who may see it ----------------------------------------------------------------------------

    def test_clerks_and_auditors_are_not_shown_the_score(self):
        self.received()
        for group in ("kho_dl.group_clerk", "kho_dl.group_auditor", "base.group_user"):
            user = new_test_user(self.env, group, groups=group)
            for model in ("kho.dl.indicator", "kho.dl.indicator.case"):
                with self.subTest(group=group, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_companies_do_not_see_each_other(self):
        self.received()
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "other_figures",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.figures(stranger))
        self.assertFalse(self.env["kho.dl.indicator.case"].with_user(stranger).search([]))
        self.assertTrue(self.figures())
