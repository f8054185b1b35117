from .common import AN
from .leaps import let_silence_be_over
from .test_connection_branches import BranchCase
from .test_outbox_run import RunCase


class TestOffices(BranchCase, RunCase):
    """The offices of one account share its lane: one login, one width, and turns among them."""

    def make_offices(self, count):
        return self.make_branches(self.company, *(f"Office {number}" for number in range(count)))

    def make_cases_of(self, offices):
        """Return a new case of each of the offices, whose first two messages wait."""
        owners = self.env["res.partner"].create([{"name": "Applicant"} for _office in offices])
        values = {"procedure_id": self.procedure.id, "owner_id_number": AN}
        return (
            self.env["kho.dl.case"]
            .sudo()
            .create(
                [
                    {**values, "owner_id": owner.id, "company_id": office.id}
                    for owner, office in zip(owners, offices, strict=True)
                ]
            )
        )

    # Proves K.1-6.
    def test_all_offices_of_an_account_are_told_in_one_pass(self):
        self.env["kho.dl.token"].sudo().search([]).unlink()
        cases = self.make_cases_of(self.make_offices(150))
        self.simulator.clear_requests()
        self.send()
        self.assert_all_told(cases)
        self.assertEqual(len(self.simulator.requests("login")), 1)

    def test_an_office_with_many_messages_is_no_hindrance_to_one_with_a_single(self):
        first, *others = self.make_offices(20)
        self.make_cases(200, first)
        cases = self.make_cases_of(others)
        self.simulator.clear_requests()
        self.send()
        self.assert_all_told(cases)
        told = self.offices()
        last = max(told.index(office.name) for office in others)
        self.assertLess(last, 60, told[:80])

    def test_a_portal_that_says_nothing_is_found_out_once_for_all_offices(self):
        self.make_cases_of(self.make_offices(40))
        let_silence_be_over(self)
        self.simulator.order("sync", "never_answer", times=None)
        self.simulator.clear_requests()
        self.send()
        asked = len(self.simulator.requests("sync"))
        self.assertLess(asked, 30)
        self.send()
        self.assertEqual(len(self.simulator.requests("sync")), asked)
