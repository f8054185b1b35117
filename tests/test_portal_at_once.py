from functools import partial

from odoo.tests import tagged

from ..models.common.transactions import commit_or_retry
from .at_once_case import AtOnceCase
from .common import AN, new_test_user


@tagged("-at_install", "post_install")
class TestPortalAtOnce(AtOnceCase):
    """A citizen who clicks twice, or in two windows, on real connections."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.forget_people)
        with self.committed() as env:
            env.company.kho_dl_apply_online = True
            citizen = new_test_user(env, "citizen_twice", groups="base.group_portal", name="Twice")
            clerk = new_test_user(env, "clerk_twice", groups="kho_dl.group_clerk", name="Clerk")
            self.people = (citizen | clerk).ids
            self.citizen_id, self.clerk_id, self.partner_ids = citizen.id, clerk.id, (citizen | clerk).partner_id.ids
            # Another case has the number that is verified here.
            env["kho.dl.id.number"].search([("number", "=", AN)]).unlink()
            citizen.partner_id.with_company(env.company).kho_dl_id_number = AN
            env["kho.dl.id.number"].search([("partner_id", "=", citizen.partner_id.id)])._verify("card")

    def forget_people(self):
        with self.committed() as env:
            drafts = env["kho.dl.case"].sudo().search([("owner_id", "in", self.partner_ids)])
            drafts.activity_ids.unlink()
            drafts.unlink()
            env["res.users"].browse(self.people).unlink()
            env["kho.dl.id.number"].search([("partner_id", "in", self.partner_ids)]).unlink()
            env["res.partner"].browse(self.partner_ids).unlink()
            env.company.kho_dl_apply_online = False

    def citizen(self, env):
        return env(user=self.citizen_id)["kho.dl.citizen"]

    def begin(self, env):
        self.citizen(env)._begin(self.made["procedure"])

    def submit(self, case_id, env):
        commit_or_retry(env, partial(self.citizen(env)._submit, case_id))

    # Proves I.2-5.
    def test_two_windows_begin_and_submit_once(self):
        self.at_once(self.begin, self.begin)
        with self.committed() as env:
            [draft] = env["kho.dl.case"].sudo().search([("owner_id", "in", self.partner_ids)])
            draft.document_ids.is_not_had = True
        submit = partial(self.submit, draft.id)
        self.at_once(submit, submit, submit)
        with self.committed() as env:
            case = env["kho.dl.case"].sudo().browse(draft.id)
            self.assertFalse(case.is_draft)
            self.assertEqual(len(case.activity_ids.filtered(lambda one: one.user_id.id == self.clerk_id)), 1)
            self.assertEqual(len(case.message_ids.filtered(lambda one: "submitted this" in one.body)), 1)
