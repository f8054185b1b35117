from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.tools.safe_eval import safe_eval

from .test_health_levels import HealthByLevelCase


class TestHealthAlike(HealthByLevelCase):
    """What several offices have alike is one line on the page of the office above, and opened it shows the offices."""

    def ended(self, office, count, *, seconds=60, lane="agency", **values):
        """Let `count` files of `office` end, each `seconds` after it was selected."""
        now = fields.Datetime.now()
        self.waiting(office, count)
        rows = self.env["kho.dl.retrieval"].sudo().search([("company_id", "=", office.id), ("state", "=", "pending")])
        rows.write(
            {
                "state": "done",
                "lane": lane,
                "agency_code": "H46",
                "agency_name": f"Name of {lane}",
                "requested_on": now - timedelta(seconds=seconds),
                "closed_on": now,
                **values,
            }
        )

    def failed(self, office, count, error_kind, **values):
        self.ended(office, count, state="failed", error_kind=error_kind, error=f"Words of {error_kind}", **values)

    def test_an_agency_is_one_line_of_all_offices(self):
        self.ended(self.ward, 3, seconds=10)
        self.ended(self.other, 5, seconds=300)
        self.failed(self.other, 2, "unreachable")
        self.ended(self.other, 1, lane="another")
        self.commune.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        opened = fields.Datetime.now() - timedelta(hours=1)
        self.env["kho.dl.breaker"].create(
            {"own_server": self.other.kho_dl_own_server, "lane": "agency", "failures": 3, "opened_on": opened}
        )
        first, second = self.page(self.upper).agency_ids
        self.assertEqual(
            (first.name, first.office_count, first.all_files, first.all_failed), ("Name of agency", 2, 10, 2)
        )
        self.assertEqual((first.all_success_rate, first.all_median_seconds), (80, 300))
        self.assertEqual((first.all_median_time[:2], first.all_opened_on), ("5 ", opened))
        self.assertEqual(
            (second.lane, second.office_count, second.all_files, second.all_opened_on), ("another", 1, 1, False)
        )
        action = first.action_open_offices()
        rows = self.env[action["res_model"]].with_user(self.upper).with_context(**action["context"])
        self.assertEqual(rows.search(action["domain"]).company_id, self.ward | self.other)
        # Who works in one office only sees it alone.
        self.lower.company_ids |= self.ward
        [line] = self.page(self.lower).agency_ids
        self.assertEqual((line.office_count, line.all_files), (1, 3))
        line.invalidate_recordset()
        self.assertEqual((line.sudo().office_count, line.all_files), (1, 3))

    def test_a_cause_is_one_line_and_all_of_it_is_tried_again(self):
        for office, count in ((self.ward, 2), (self.other, 3)):
            self.failed(office, count, "remote_server")
        self.failed(self.other, 4, "link_not_usable")
        several, one = sorted(self.page(self.upper).failure_ids, key=lambda line: -line.office_count)
        self.assertEqual((several.office_count, several.all_items, several.error), (2, 5, "Words of remote_server"))
        self.assertEqual((one.office_count, one.all_items, one.company_id), (1, 4, self.other))
        self.assertEqual(one.action_open_line()["res_model"], "kho.dl.retrieval")
        action = several.action_open_line()
        rows = self.env[action["res_model"]].with_user(self.upper).with_context(**action["context"])
        self.assertEqual(
            {row.company_id: row.item_count for row in rows.search(action["domain"])}, {self.ward: 2, self.other: 3}
        )
        several.action_retry_line()
        waiting = self.env["kho.dl.retrieval"].sudo().search([("state", "=", "pending")])
        self.assertEqual(waiting.company_id, self.ward | self.other)
        self.assertEqual((len(waiting), self.page(self.upper).failure_ids.error_kind), (5, "link_not_usable"))
        # A second press finds nothing to do.
        self.assertEqual(several.action_retry_line()["params"]["type"], "warning")

    def test_the_buttons_reach_no_further_than_the_page(self):
        """A page that was loaded anew is of all that is selected at the top of the screen, also of other offices."""
        for office in (self.ward, self.hamlet, self.other):
            self.failed(office, 2, "remote_server")
        page = self.page(self.upper, self.commune).with_context(allowed_company_ids=self.every.ids)
        arch = etree.fromstring(page.get_view(view_type="form")["arch"])

        def line(name):
            context = safe_eval(arch.find(f".//field[@name='{name}']").get("context"), {"id": page.id})
            return page[name].with_context(**context)

        self.assertEqual((line("failure_ids").office_count, line("failure_ids").all_items), (2, 4))
        for action in (line("failure_ids").action_open_line(), line("agency_ids").action_open_offices()):
            rows = self.env[action["res_model"]].with_user(self.upper).with_context(**action["context"])
            self.assertEqual(rows.search(action["domain"]).company_id, self.ward | self.hamlet)
        line("failure_ids").action_retry_line()
        waiting = self.env["kho.dl.retrieval"].sudo().search([("state", "=", "pending")])
        self.assertEqual(waiting.company_id, self.ward | self.hamlet)

    def test_what_was_missed_is_one_line_of_all_offices(self):
        needs = self.env["kho.dl.unmet.need"].sudo()
        for office in (self.ward, self.other, self.other):
            case = self.case_of(office)
            needs.create({"case_id": case.id, "code": "KQ.MISSED", "company_id": office.id, "month": self.this_month()})
        [line] = self.page(self.upper).demand_ids
        self.assertEqual((line.code, line.office_count, line.all_cases), ("KQ.MISSED", 2, 3))

    def this_month(self):
        return fields.Date.context_today(self.env["kho.dl.health"]).replace(day=1)
