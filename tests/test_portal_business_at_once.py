from datetime import timedelta
from functools import partial

from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models.common.transactions import commit_or_retry
from .at_once_case import PATIENCE, AtOnceCase
from .common import BINH, new_test_user
from .leaps import hold_answers

NUMBER, TAX_CODE = "000291000091", "0012345672"


@tagged("-at_install", "post_install")
class TestBusinessAtOnce(AtOnceCase):
    """A business whose representative acts, names and is revoked at the same moment, on real connections."""

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            user = new_test_user(env, "business_citizen", groups="base.group_portal", name="An", lang="en_US")
            business = env["res.partner"].create({"name": "Pharmacy", "is_company": True})
            for contact, number in ((user.partner_id, NUMBER), (business, TAX_CODE)):
                contact.kho_dl_id_number = number
                contact._kho_dl_verify("card")
            mandates = env["kho.dl.mandate"]
            until = mandates._today() + timedelta(days=9)
            row = mandates._note_lawful(business, user.partner_id, until, "Certificate")
            online = {"owner_id": business.id, "owner_id_number": TAX_CODE, "channel": "2"}
            env["kho.dl.case"].browse(self.made["case"]).write(online)
            self.made |= {"user": user.id, "business": business.id, "mandate": row.id}
            self.until = until

    def forget(self):
        super().forget()
        with self.committed() as env:
            env.cr.execute(SQL("DELETE FROM kho_dl_mandate WHERE id >= %s", self.made["mandate"]))
            user = env["res.users"].browse(self.made["user"])
            contacts = user.partner_id | env["res.partner"].browse(self.made["business"])
            user.unlink()
            contacts.unlink()

    def mandate(self, env):
        return env["kho.dl.mandate"].browse(self.made["mandate"])

    def rows(self, **values):
        with self.committed() as env:
            return env["kho.dl.mandate"].search_count([(name, "=", value) for name, value in values.items()])

    # Proves I.0-4.
    def test_an_answer_that_comes_after_it_was_revoked_is_not_offered(self):
        let_go = hold_answers(self, "papers")
        problems = []

        def look(env):
            env = env(user=self.made["user"], su=True)
            lookup = env["kho.dl.lookup"]._open(env["kho.dl.case"].browse(self.made["case"]))
            lookup.consent_given = True
            env.cr.commit()
            try:
                lookup._look()
            except AccessError as problem:
                problems.append(str(problem))
                env.cr.rollback()

        [thread] = self.in_threads(look)
        self.wait_for(lambda: self.simulator.requests("papers"))
        with self.committed() as env:
            commit_or_retry(env, partial(self.mandate(env)._revoke, "Left us"))
        let_go()
        thread.join(PATIENCE)
        self.assertTrue(problems)
        with self.committed() as env:
            lookup = env["kho.dl.lookup"].search([("case_id", "=", self.made["case"])])
            self.assertFalse(lookup.candidate_ids or lookup.query_id)
            [query] = env["kho.dl.query"].search([("case_id", "=", self.made["case"])])
            self.assertEqual((query.outcome, query.user_id.id), ("none", self.made["user"]))

    def test_who_is_revoked_twice_at_once_is_revoked_once(self):
        with mute_logger("odoo.sql_db"), self.committed() as env:
            mandate = self.mandate(env)
            self.assertEqual(mandate.state, "in_force")
            with self.committed() as other:
                self.mandate(other)._revoke("First")
            with self.assertRaises(SerializationFailure):
                mandate._revoke("Second")
            env.cr.rollback()
            # As Odoo repeats it.
            mandate._revoke("Second")
        self.assertEqual(self.rows(revokes_id=self.made["mandate"]), 1)

    def test_who_is_named_twice_at_once_is_named_once(self):
        name = partial(self.name, "Binh", BINH)
        with mute_logger("odoo.sql_db"), self.committed() as env:
            self.assertEqual(self.mandate(env).state, "in_force")
            with self.committed() as other:
                name(other)
            with self.assertRaises(SerializationFailure):
                name(env)
            env.cr.rollback()
            with self.assertRaises(UserError):
                name(env)
        self.assertEqual(self.rows(under_id=self.made["mandate"]), 1)

    def test_who_is_named_as_it_is_revoked_acts_for_nobody(self):
        with self.committed() as env:
            self.assertEqual(self.mandate(env).state, "in_force")
            with self.committed() as other:
                self.mandate(other)._revoke("Left us")
            self.name("Binh", BINH, env)
        self.assertEqual(self.rows(under_id=self.made["mandate"]), 1)
        self.assertEqual(self.rows(state="in_force"), 0)

    def name(self, name, number, env):
        return self.mandate(env)._name_another(name, number, self.until)
