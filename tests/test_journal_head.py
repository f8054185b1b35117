import json
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from lxml import html

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import config, mute_logger

from ..models.journal import journal_walk, kho_dl_journal_head
from ..models.journal.journal_walk import row_at
from ..models.lookup import proof_pack
from .common import new_test_user
from .test_journal_check import CheckCase
from .test_lookup_proof import unpacked


class TestHead(CheckCase):
    def setUp(self):
        super().setUp()
        self.cron = self.env.ref("kho_dl.ir_cron_send_heads")

    def send(self, folder=None):
        with patch.dict(config.options, {kho_dl_journal_head.FOLDER_OPTION: folder}):
            self.chain._cron_send_heads()
        self.head.invalidate_recordset()

    def mails(self):
        return self.env["mail.mail"].sudo().search([("model", "=", "kho.dl.journal.chain")])

    def test_the_last_seal_goes_by_mail_in_plain_words(self):
        self.company.kho_dl_head_email = "archive@example.gov.vn, Second <second@example.gov.vn>"
        self.send()
        [mail] = self.mails()
        self.assertEqual(mail.email_to, "archive@example.gov.vn,second@example.gov.vn")
        self.assertFalse(mail.recipient_ids)
        for part in (self.company.name, str(self.head.position), self.head.hash, "Compare with a kept seal"):
            self.assertIn(part, mail.body_html)
        self.assertTrue(self.head.head_sent_on)

    def test_an_archive_of_many_offices_gets_one_mail_with_all_seals(self):
        self.company.kho_dl_head_email = "archive@example.gov.vn, second@example.gov.vn"
        branches = self.env["res.company"].create(
            [{"name": f"Commune {number}", "parent_id": self.company.id} for number in range(3)]
        )
        branches[2].kho_dl_head_email = "other@example.gov.vn"
        branches[1].kho_dl_head_email = "second@example.gov.vn,archive@example.gov.vn"
        heads = self.chain.browse()
        for number, branch in enumerate(branches):
            heads |= self.chain._head(branch)
            heads[number].sudo().write({"position": 20 + number, "hash": f"{number}" * 64})
        self.send()
        by_address = {mail.email_to: mail for mail in self.mails()}
        self.assertEqual(set(by_address), {"archive@example.gov.vn,second@example.gov.vn", "other@example.gov.vn"})
        together = by_address["archive@example.gov.vn,second@example.gov.vn"]
        rows = [
            [cell.text_content().strip() for cell in row.iterchildren()]
            for row in html.fromstring(together.body_html).iter("tr")
        ]
        self.assertEqual(
            [row[:3] for row in rows if len(row) == 4][1:],
            [
                [self.company.name, str(self.head.position), self.head.hash],
                ["Commune 0", "20", "0" * 64],
                ["Commune 1", "21", "1" * 64],
            ],
        )
        alone = by_address["other@example.gov.vn"]
        self.assertIn("2" * 64, alone.body_html)
        self.assertNotIn(self.head.hash, alone.body_html)
        heads.invalidate_recordset()
        self.assertEqual([head.head_mail_no for head in (self.head | heads)], [together.id] * 3 + [alone.id])
        # One that does not go out is said of each.
        together.state, alone.state = "exception", "sent"
        self.send()
        heads.invalidate_recordset()
        self.assertEqual([bool(head.head_problem) for head in (self.head | heads)], [True, True, True, False])

    def test_without_an_address_nothing_is_sent(self):
        self.send()
        self.assertFalse(self.mails() or self.head.head_sent_on)

    def test_addresses_are_checked_and_for_system_administrators(self):
        for wrong in ("nobody", "a@example.com; b@example.com", "a@example.com,"):
            with self.assertRaises(ValidationError):
                self.company.kho_dl_head_email = wrong
        with self.assertRaises(AccessError):
            self.company.with_user(self.auditor).read(["kho_dl_head_email"])

    def test_the_last_seal_is_added_to_a_file_of_the_server(self):
        with tempfile.TemporaryDirectory() as folder:
            self.send(folder)
            self.add_rows(1)
            self.send(folder)
            [name] = os.listdir(folder)
            lines = [line.split("\t") for line in Path(folder, name).read_text().splitlines()]
        self.assertEqual([line[1] for line in lines], ["10", "11"])
        self.assertEqual(lines[1][2:], [self.head.hash, self.company.name])
        self.assertFalse(self.head.head_problem)

    def test_a_file_that_cannot_be_written_is_said_and_the_mail_goes_all_the_same(self):
        self.company.kho_dl_head_email = "archive@example.gov.vn"
        with mute_logger("odoo.addons.kho_dl.models.journal.kho_dl_journal_head"):
            self.send("/nowhere/at/all")
        self.assertIn("could not be written", self.head.head_problem)
        self.assertEqual(len(self.mails()), 1)

    def test_a_mail_that_cannot_be_made_is_said_and_keeps_nobody_waiting(self):
        self.company.kho_dl_head_email = "archive@example.gov.vn"
        # Odoo refuses such a one in its form.
        template = self.env.ref("kho_dl.mail_template_head")
        body = json.dumps({"en_US": '<t t-out="1 / 0"/>'})
        self.env.cr.execute("UPDATE mail_template SET body_html = %s WHERE id = %s", [body, template.id])
        self.env.invalidate_all()
        with (
            tempfile.TemporaryDirectory() as folder,
            self.assertLogs("odoo.addons.kho_dl.models.journal.kho_dl_journal_head", "ERROR"),
            mute_logger("odoo.addons.mail.models.mail_render_mixin"),
        ):
            self.send(folder)
            self.assertEqual(len(os.listdir(folder)), 1)
        self.assertIn("mail could not be made", self.head.head_problem)
        self.assertTrue(self.head.head_sent_on)

    def test_a_mail_that_does_not_go_out_is_said_the_next_time_and_a_trouble(self):
        def kinds():
            return [trouble.kind for trouble in self.env["kho.dl.health"]._facts_and_troubles(self.company)[1]]

        self.company.kho_dl_head_email = "archive@example.gov.vn"
        self.send()
        self.assertFalse(self.head.head_problem)
        mail = self.mails()
        for state in ("exception", "outgoing"):
            mail.state = state
            self.send()
            self.assertIn("did not go out", self.head.head_problem)
            self.assertIn("journal_head", kinds())
            mail = self.mails() - mail
            mail.state = "sent"
            self.send()
            self.assertFalse(self.head.head_problem)
            self.assertNotIn("journal_head", kinds())
            mail = mail.browse(self.head.head_mail_no)

    def test_it_goes_at_night(self):
        for name in ("ir_cron_send_heads", "ir_cron_count_audit"):
            self.assertEqual(self.env.ref(f"kho_dl.{name}").nextcall.hour, 19, name)

    def test_a_link_in_the_folder_is_not_followed(self):
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "target")
            self.send(folder)
            [name] = os.listdir(folder)
            Path(folder, name).unlink()
            Path(folder, name).symlink_to(target)
            with mute_logger("odoo.addons.kho_dl.models.journal.kho_dl_journal_head"):
                self.send(folder)
            self.assertFalse(target.exists())
        self.assertTrue(self.head.head_problem)

    def test_a_copy_sends_nothing(self):
        self.env["ir.config_parameter"].set_param("database.uuid", "another")
        self.company.kho_dl_head_email = "archive@example.gov.vn"
        self.send()
        self.assertFalse(self.mails())

    # -- comparing ---------------------------------------------------------------------------------

    def compare(self, position, seal, user=None):
        form = self.env["kho.dl.compare.seal"].with_user(user or self.auditor)
        form = form.create({"position": position, "seal": seal})
        form.action_compare()
        return form

    def test_a_kept_seal_is_compared(self):
        seal = row_at(self.env, self.company, 7)[1]["chain_hash"]
        kept = f" {seal[:32].upper()} {seal[32:]}\n"
        self.assertEqual(self.compare(7, kept).outcome, "same")
        self.assertEqual(self.compare(8, kept).outcome, "other")
        missing = self.compare(99, kept)
        self.assertEqual(missing.outcome, "missing")
        self.assertIn("ends at 10", missing.message)
        self.change(3, reseal=True, paper_count=7)
        self.assertFalse(self.chain._verify(self.company).fault)
        self.assertEqual(self.compare(7, kept).outcome, "other")

    def test_a_row_that_does_not_fit_its_seal_any_more_is_not_the_same(self):
        seal = row_at(self.env, self.company, 7)[1]["chain_hash"]
        self.change(7, paper_count=7)
        compared = self.compare(7, seal)
        self.assertEqual(compared.outcome, "other")
        self.assertIn("position 7", compared.message)

    def test_only_seals_of_ones_own_journal_are_compared(self):
        for position, seal in ((0, "0" * 64), (1, "0" * 63), (1, "x" * 64), (1, False)):
            with self.assertRaises(UserError):
                self.compare(position, seal)
        with self.assertRaises(AccessError):
            self.compare(1, "0" * 64, self.clerk)
        with self.assertRaises(UserError):
            self.env["kho.dl.compare.seal"].with_user(self.auditor).action_compare()
        other = self.env["res.company"].create({"name": "Other agency"})
        self.chain._head(other)
        form = self.env["kho.dl.compare.seal"].with_user(self.auditor)
        with self.assertRaises(AccessError):
            form.create({"position": 1, "seal": "0" * 64, "company_id": other.id}).action_compare()

    # -- proof packs -------------------------------------------------------------------------------

    def pack(self, position):
        journal, row = row_at(self.env, self.company, position)
        administrator = new_test_user(self.env, f"head_prover{position}", groups="kho_dl.group_administrator")
        parts = unpacked(journal.browse(row["id"]).with_user(administrator).sudo(False)._proof_pack())
        [verified] = json.loads(parts["chain.json"])["verified"].values()
        return parts, verified

    def test_a_pack_checks_what_is_around_its_rows_and_says_so(self):
        self.work()
        self.change(1, paper_count=7)
        with patch.object(proof_pack, "_AROUND", 2):
            parts, verified = self.pack(5)
            self.assertEqual([(s["from"], s["to"]) for s in verified["stretches"]], [(3, 7)])
            self.assertEqual((verified["fault"], verified["whole_journal"]["checked_to"]), ("", 10))
            self.assertEqual(verified["head"], {"position": 10, "seal": self.head.hash})
            self.assertIn("positions 3 to 7 of the journal. They are whole", parts["checked.txt"])
            self.assertIn("Whole up to position 10, as of", parts["checked.txt"])
            parts, verified = self.pack(3)
        self.assertEqual((verified["fault"], verified["stretches"][0]["broken_position"]), ("changed", 1))
        self.assertIn("broken at position 1", parts["checked.txt"])

    def test_stretches_are_bounded_and_hold_each_row_once(self):
        self.assertEqual(proof_pack._stretches([]), [])
        self.assertEqual(proof_pack._stretches([1, 3]), [(1, 503)])
        self.assertEqual(proof_pack._stretches([10, 2000, 2400]), [(1, 510), (1500, 2900)])

    def test_a_pack_reads_little_more_than_its_stretches(self):
        read, read_rows = [], journal_walk.read_rows

        def count(*args, **options):
            rows = read_rows(*args, **options)
            read.extend(rows)
            return rows

        with patch.object(proof_pack, "_AROUND", 1), patch.object(journal_walk, "read_rows", count):
            _parts, verified = self.pack(5)
        self.assertEqual([(s["from"], s["to"]) for s in verified["stretches"]], [(4, 6)])
        # The row itself for this test, the one before the stretch, the stretch, and the next one of each journal.
        self.assertLessEqual(len(read), 1 + 1 + 3 + len(self.journal._journals()))
