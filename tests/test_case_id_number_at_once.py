from functools import partial

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.common.transactions import commit_or_retry
from .at_once_case import AtOnceCase
from .common import AN, BINH


@tagged("-at_install", "post_install")
class TestNumberAtOnce(AtOnceCase):
    """Two officers at the same number, on real connections."""

    def number(self, env):
        return env["res.partner"].browse(self.made["owner"]).kho_dl_number_ids

    def test_a_number_that_is_corrected_as_its_card_is_seen_was_not_seen(self):
        # Proves W.9-5.
        with mute_logger("odoo.sql_db"), self.committed() as env:
            seen = env["kho.dl.case"].browse(self.made["case"]).with_context(kho_dl_number_shown=AN)
            self.assertEqual(self.number(env).number, AN)
            with self.committed() as other:
                self.number(other).number = BINH
                other["kho.dl.case"].browse(self.made["case"]).owner_id_number = BINH
            with self.assertRaises(UserError):
                commit_or_retry(env, partial(seen.action_card_seen))
            env.cr.rollback()
            self.assertFalse(self.number(env).verified_how)

    def test_a_number_that_two_cases_name_is_the_first_ones(self):
        values = {"procedure_id": self.made["procedure"], "owner_id_number": BINH}
        with self.committed() as env:
            owners = env["res.partner"].create([{"name": "First"}, {"name": "Second"}])
            ids = owners.ids
        try:
            with mute_logger("odoo.sql_db"), self.committed() as env:
                env.company.name  # noqa: B018 - the transaction begins before the other one's
                with self.committed() as other:
                    other["kho.dl.case"].create({**values, "owner_id": ids[0]})
                with self.assertRaises(SerializationFailure):
                    env["kho.dl.case"].create({**values, "owner_id": ids[1]})
                env.cr.rollback()
                # As Odoo repeats it.
                env["kho.dl.case"].create({**values, "owner_id": ids[1]})
                [row] = env["kho.dl.id.number"].search([("number", "=", BINH)])
                self.assertEqual(row.partner_id.id, ids[0])
        finally:
            with self.committed() as env:
                env["kho.dl.case"].search([("owner_id", "in", ids)]).unlink()
                env["res.partner"].browse(ids).unlink()
