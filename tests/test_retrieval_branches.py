import base64
from unittest.mock import patch

from ..models.retrieval import kho_dl_retrieval_queue, retrieval_run
from ..wizard import kho_dl_retrieve_wizard
from .common import AN, CRIMINAL_RECORD, DUNG
from .leaps import let_silence_be_over
from .test_connection_branches import BranchCase
from .test_connection_breaker import Attaching
from .test_store_digitise import Authority

_COPIED = ("link", "link_key", "server_id", "lane", "agency_code", "agency_name", "file_name", "paper_name", "user_id")


class TestOffices(Attaching, BranchCase):
    """The offices of one account are served together: their files wait for no turn of each."""

    def prepare(self):
        super().prepare()
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        self.patch(kho_dl_retrieval_queue, "_SLOW_MINUTES", 0)
        self.queue = self.env["kho.dl.retrieval"].sudo()
        self.template = self.attach(CRIMINAL_RECORD).sudo()
        self.assertEqual(self.template.state, "pending")

    def wait(self, *offices, template=None):
        """Return a row for a case of each of `offices`, which waits as `template` does."""
        template = template or self.template
        owner = self.env["res.partner"].create({"name": "Applicant"})
        values = {"procedure_id": self.procedure.id, "owner_id": owner.id, "owner_id_number": AN}
        cases = self.env["kho.dl.case"].create([{**values, "company_id": office.id} for office in offices])
        documents = cases.document_ids.filtered(
            lambda one: one.result_code_ids == template.case_document_id.result_code_ids
        )
        copied = {name: self.queue._fields[name].convert_to_write(template[name], template) for name in _COPIED}
        rows = self.queue.create([{**copied, "case_document_id": document.id} for document in documents])
        self.env.cr.commit()
        return rows

    def companies_of_runs(self):
        """Return a list that is filled with the companies of each run."""
        runs, begin = [], retrieval_run.RetrievalRun.__init__

        def noted(run, env, companies, *args, **options):
            runs.append(companies)
            begin(run, env, companies, *args, **options)

        self.enterContext(patch.object(kho_dl_retrieval_queue.RetrievalRun, "__init__", noted))
        return runs

    # Proves K.1-6.
    def test_all_offices_of_an_account_have_one_turn(self):
        offices = self.make_branches(self.company, *(f"Office {number}" for number in range(60)))
        rows, runs = self.wait(*offices), self.companies_of_runs()
        self.env["kho.dl.token"].search([]).unlink()
        self.simulator.clear_requests()
        self.queue._cron_process()
        self.assertEqual(set((rows | self.template).mapped("state")), {"done"}, rows.mapped("error"))
        self.assertEqual(len(rows.company_id), 60)
        self.assertEqual(len(runs), 1)
        self.assertFalse(self.simulator.requests("login"), "files need no token")
        self.queue._cron_seal()
        self.assertTrue(all(rows.mapped("chain_position")))

    def test_offices_that_look_at_files_otherwise_have_turns_of_their_own(self):
        self.commune.kho_dl_max_file_mb = 3
        self.env["kho.dl.trust.certificate"].create(
            {"certificate": base64.b64encode(Authority().root.pem), "company_id": self.other.id}
        )
        rows, runs = self.wait(self.commune, self.other, self.ward, self.hamlet, self.company), self.companies_of_runs()
        self.queue._cron_process()
        self.assertEqual(set(rows.mapped("state")), {"done"})
        self.assertEqual(set(runs), {self.company, self.commune | self.ward | self.hamlet, self.other})

    # Proves K.1-6.
    def test_an_agency_that_says_nothing_holds_up_no_office(self):
        self.simulator.world.add_bulk_person(DUNG, files=1, size=2000, agencies=1, codes=(CRIMINAL_RECORD,))
        self.env["kho.dl.security.server"].action_refresh()
        silent = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG).sudo()
        self.company.kho_dl_timeout = 1
        offices = self.make_branches(self.company, *(f"Office {number}" for number in range(150)))
        waiting, rows = self.wait(*offices, template=silent), self.wait(*offices)
        let_silence_be_over(self)
        self.simulator.order("file", "never_answer", times=None, match=DUNG)
        self.simulator.clear_requests()
        runs = self.companies_of_runs()
        # As Odoo does in a pass, for as long as there is something left to do; a slow machine needs more than one.
        for time in range(8):
            self.queue._cron_process()
            self.assertEqual(len(runs), time + 1, "one turn for all of them")
            if set(rows.mapped("state")) == {"done"}:
                break
        self.assertEqual(set(rows.mapped("state")), {"done"})
        self.assertEqual(set(waiting.mapped("state")), {"pending"})
        self.assertEqual(len(runs[0]), len(offices) + 1)
        asked = [one for one in self.simulator.requests("file") if DUNG in str(one)]
        self.assertLess(len(asked), 20)

    def test_an_office_with_many_files_is_no_hindrance_to_one_with_a_single(self):
        many = self.wait(*[self.other] * 40)
        single = self.wait(self.ward)
        first = self.queue._next_rows(self.queue._takeable(), 3)
        self.assertEqual(first, self.template | many[0] | single)

    def test_a_far_system_has_its_turn_however_many_offices_wait_for_another(self):
        self.simulator.world.add_bulk_person(DUNG, files=1, size=2000, agencies=1, codes=(CRIMINAL_RECORD,))
        self.env["kho.dl.security.server"].action_refresh()
        offices = self.make_branches(self.company, *(f"Office {number}" for number in range(10)))
        self.wait(*offices)
        other = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG).sudo()
        self.assertNotEqual(other.lane, self.template.lane)
        self.assertEqual(self.queue._next_rows(self.queue._takeable(), 2), self.template | other)

    def test_a_dead_agency_is_found_dead_once_for_all_offices(self):
        offices = self.make_branches(self.company, *(f"Office {number}" for number in range(20)))
        rows = self.wait(*offices)
        let_silence_be_over(self)
        self.simulator.order("file", "never_answer", times=None)
        self.simulator.clear_requests()
        self.queue._cron_process()
        self.assertEqual(set(rows.mapped("state")), {"pending"})
        asked = len(self.simulator.requests("file"))
        self.assertLess(asked, 20)
        self.queue._cron_process()
        self.assertEqual(len(self.simulator.requests("file")), asked)
