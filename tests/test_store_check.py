import base64
import gzip
import hashlib
import io
import re
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import AN, KhoDLFixtures, new_test_user
from .paper_case import PDF, PaperFixtures

PAGE = "/kho-dl/check"
CODE = "q7Zt0Yw3mVv8uQpRrSsTtU"
_BETWEEN_TAGS = re.compile(r"<script.*?</script>|<[^>]+>", re.DOTALL)


@tagged("post_install", "-at_install")
class TestCheck(PaperFixtures, KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.prepare()
        self.env["res.lang"]._activate_lang("en_US")
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        self.paper = self.make_stored(PDF)

    def make_stored(self, content=PDF, **values):
        paper = self.make_paper(attachment_ids=[Command.create({"name": "result.pdf", "raw": content})], **values)
        paper.action_enter()
        return paper

    def words(self, answer):
        """Return what people read on the page of `answer`."""
        self.assertEqual(answer.status_code, 200)
        return " ".join(_BETWEEN_TAGS.sub(" ", answer.text.partition("<main>")[2]).split())

    def token(self):
        return re.search(r'name="csrf_token"\s+value="([^"]+)"', self.url_open(PAGE).text)[1]

    def send(self, **data):
        return self.url_open(PAGE, data={"csrf_token": self.token(), "lang": "en_US", **data})

    def upload(self, content):
        data = {"csrf_token": self.token(), "lang": "en_US"}
        return self.url_open(PAGE, data=data, files={"file": ("x.pdf", io.BytesIO(content), "application/pdf")})

    def by_hash(self, content):
        return self.words(self.send(sha256=hashlib.sha256(content).hexdigest()))

    def by_code(self, code=CODE):
        return self.words(self.url_open(f"{PAGE}/{code}?lang=en_US"))

    # -- what is said ------------------------------------------------------------------------------

    def test_a_paper_of_ours_by_its_hash_and_by_its_file(self):
        for words in (self.by_hash(PDF), self.words(self.upload(PDF))):
            self.assertIn("Issued by us, unchanged: in force", words)
            self.assertIn(f"Result {self.paper.result_code_id.name} Issued by {self.company.name}", words)
            self.assertIn("Issued on 01/15/2026 Valid until Without end", words)

    def test_a_byte_more_less_or_other_is_not_ours(self):
        for content in (PDF[:-1], PDF + b"\n", PDF.replace(b"a result", b"A result")):
            for words in (self.by_hash(content), self.words(self.upload(content))):
                self.assertIn("Not ours, or changed", words)
                self.assertNotIn("Issued by us", words)

    # Proves I.7-1.
    def test_what_became_of_a_paper(self):
        over = self.make_stored(PDF + b"1", number="1", date_issued="2001-01-01", date_expiry="2001-02-01")
        self.assertIn("no longer in force: its time is over", self.by_hash(PDF + b"1"))
        withdrawn = self.make_stored(PDF + b"2", number="2")
        withdrawn.file_ids.action_withdraw()
        self.assertIn("does not give out this file any more", self.by_hash(PDF + b"2"))
        draft = self.env["kho.dl.paper"].browse(self.paper.action_supersede()["res_id"])
        draft.attachment_ids = [Command.create({"name": "corrected.pdf", "raw": PDF + b"3"})]
        self.assertIn("Not ours", self.by_hash(PDF + b"3"))
        draft.action_enter()
        self.assertIn("no longer in force: replaced", self.by_hash(PDF))
        self.assertIn("in force", self.by_hash(PDF + b"3"))
        over.with_user(self.clerk)._revoke("Nguyễn Văn A asked")
        words = self.by_hash(PDF + b"1")
        self.assertIn("not in force: revoked", words)
        self.assertNotIn("Nguyễn", words)

    def test_the_code_of_a_print(self):
        self.assertIn("Not ours", self.by_code())
        self.paper.sudo()._write_below_the_guard({"check_code": CODE})
        words = self.by_code()
        self.assertIn("Issued by us: in force", words)
        self.assertNotIn("unchanged:", words)
        self.assertIn("Compare this with the print", words)
        self.paper.file_ids.action_withdraw()
        self.assertIn("does not give out this file", self.by_code())
        self.paper._revoke("x")
        self.assertIn("revoked", self.by_code())

    def test_a_code_of_what_has_not_entered_is_not_ours(self):
        draft = self.make_paper(number="draft")
        draft.sudo()._write_below_the_guard({"check_code": CODE})
        self.assertIn("Not ours", self.by_code())

    # Proves I.7-1.
    def test_never_whose_it_is_nor_a_number_nor_what_somebody_typed(self):
        paper = self.make_stored(PDF + b"4", number="33/2026", name="Paper of Nguyen Van A", owner_name="Nguyen Van A")
        paper.sudo()._write_below_the_guard({"check_code": CODE})
        for words in (self.by_hash(PDF + b"4"), self.by_code()):
            self.assertIn("Issued by us", words)
            for secret in (AN, "33/2026", "Nguyen", "result.pdf", "Paper of"):
                self.assertNotIn(secret, words)

    # -- to whom, and about whose ------------------------------------------------------------------

    def test_everybody_reads_the_same(self):
        new_test_user(self.env, "kho_citizen", groups="base.group_portal", password="kho_citizen_of_the_test")
        self.clerk.password = "kho_clerk_of_the_test"
        said = {self.by_hash(PDF)}
        for login in ("kho_citizen", "kho_clerk"):
            self.authenticate(login, f"{login}_of_the_test")
            said.add(self.by_hash(PDF))
        self.assertEqual(len(said), 1)

    def test_papers_of_all_companies_that_give_papers_and_of_no_other(self):
        other = self.env["res.company"].create({"name": "Other office", "kho_dl_serve_addresses": "10.0.0.2"})
        clerk = new_test_user(
            self.env, "other", groups="kho_dl.group_clerk", company_id=other.id, company_ids=other.ids
        )
        self.clerk = clerk
        self.make_stored(PDF + b"5", number="5")
        self.make_stored(PDF, number="6")
        self.assertIn("Issued by Other office", self.by_hash(PDF + b"5"))
        self.assertEqual(self.by_hash(PDF).count("Issued by us, unchanged"), 2)
        unknown = self.by_hash(b"unknown")
        other.kho_dl_serve_addresses = False
        self.assertEqual(self.by_hash(PDF + b"5"), unknown)
        self.assertEqual(self.by_hash(PDF).count("Issued by us, unchanged"), 1)
        self.company.kho_dl_serve_addresses = False
        for answer in (self.url_open(PAGE), self.url_open(f"{PAGE}/{CODE}")):
            self.assertEqual(answer.status_code, 404)

    def test_a_copy_of_the_database_says_nothing(self):
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "another")
        words = self.words(self.url_open(f"{PAGE}?lang=en_US"))
        self.assertIn("This is a copy", words)
        self.assertNotIn("Choose", words)

    # -- abuse -------------------------------------------------------------------------------------

    def test_whatever_is_no_hash_or_code_of_ours_gets_one_answer(self):
        whole = hashlib.sha256(PDF).hexdigest()
        wrong = [whole[:-1], whole + "0", "%" * 64, "' OR 1=1 --", "\x00" * 64, "0" * 64, "x" * 100_000]
        self.assertEqual(len({self.words(self.send(sha256=text)) for text in wrong}), 1)
        self.assertIn("unchanged", self.words(self.send(sha256=f" {whole.upper()} ")))
        codes = ["a" * 22, "%25", "..%2f", "a" * 3000, "%00", str(self.paper.id), self.paper.file_ids.sudo().token]
        self.assertEqual(len({self.by_code(code) for code in codes}), 1)

    def test_nothing_chosen_is_said(self):
        self.assertIn("Nothing was checked", self.words(self.send()))
        self.assertIn("Nothing was checked", self.words(self.send(file="a text")))

    def test_a_huge_file_is_turned_away_and_nothing_is_kept(self):
        before = self.env["ir.attachment"].search_count([])
        answer = self.upload(b"\x00" * (51 * 1024**2))
        self.assertEqual(answer.status_code, 413)
        self.words(self.upload(PDF))
        self.assertEqual(self.env["ir.attachment"].search_count([]), before)

    # Proves I.7-1.
    def test_too_many_questions_within_a_minute(self):
        self.company.kho_dl_serve_per_minute = 20
        checks = self.env["kho.dl.check"]
        self.assertEqual([self.upload(PDF).status_code for _ in range(3)], [200, 200, 429])
        codes = [self.url_open(f"{PAGE}/{CODE}") for _ in range(19)]
        self.assertEqual([answer.status_code for answer in codes], [200] * 18 + [429])
        self.assertEqual(codes[-1].headers["Retry-After"], "60")
        self.assertEqual(self.send(sha256="0" * 64).status_code, 429)
        self.assertEqual(self.url_open(PAGE).status_code, 200)
        self.assertTrue(checks._admit("10.1.1.1"))
        self.env.cr.execute("UPDATE kho_dl_check SET create_date = %s", [fields.Datetime.now() - timedelta(minutes=2)])
        self.assertEqual(self.url_open(f"{PAGE}/{CODE}").status_code, 200)

    def test_what_is_sent_is_counted_before_it_is_read(self):
        self.company.kho_dl_serve_per_minute = 20
        codes = []
        for _each in range(3):
            # Refused for what the form lacks, so it was read; and it counts all the same.
            with mute_logger("odoo.http"):
                codes.append(self.url_open(PAGE, data={"lang": "en_US"}, files={"file": ("x.pdf", PDF)}).status_code)
        self.assertEqual(codes, [400, 400, 429])
        self.assertEqual(self.url_open(PAGE, data={"sha256": "0" * 2 * 1024**2}).status_code, 413)

    def test_one_line_has_many_addresses_of_the_new_kind(self):
        self.company.kho_dl_serve_per_minute = 2
        admit = self.env["kho.dl.check"]._admit
        self.assertEqual([admit(f"2001:db8:0:1::{host}") for host in (1, 2, "a:b")], [True, True, False])
        self.assertTrue(admit("2001:db8:0:2::1"))
        self.assertEqual([admit(caller) for caller in ("::ffff:10.1.1.1", "10.1.1.1", "10.1.1.1")], [True, True, False])
        self.assertTrue(admit("10.1.1.2"))

    def test_a_form_of_another_site_is_refused(self):
        self.url_open(PAGE)
        with self.assertLogs("odoo.http", "WARNING"):
            self.assertEqual(self.url_open(PAGE, data={"sha256": "0" * 64}).status_code, 400)
        self.assertIn(self.url_open(PAGE, method="PUT").status_code, (404, 405))

    # -- the page ----------------------------------------------------------------------------------

    def test_search_engines_and_other_sites_learn_nothing(self):
        for answer in (self.url_open(PAGE), self.url_open(f"{PAGE}/{CODE}"), self.send(sha256="0" * 64)):
            self.assertIn("noindex", answer.headers["X-Robots-Tag"])
            self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
            self.assertIn("no-store", answer.headers["Cache-Control"])
            self.assertIn('name="robots"', answer.text)

    def test_the_page_is_light(self):
        page = self.url_open(PAGE)
        parts = [
            self.url_open(path) for path in re.findall(r'(?:src|href)="(/web/assets/[^"]+\.(?:js|css))"', page.text)
        ]
        # Odoo's own tests add one to every page.
        parts = [part for part in parts if "assets_tests" not in part.url]
        # As a web server in front of Odoo sends it.
        self.assertLess(sum(len(gzip.compress(part.content)) for part in [page, *parts]), 150_000)
        self.assertEqual(len(parts), 3)

    def test_the_page_is_in_the_language_of_who_reads_it(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        for headers, code in (
            ({}, "vi_VN"),
            ({"Accept-Language": "en-US"}, "en_US"),
            ({"Accept-Language": "fr"}, "vi_VN"),
        ):
            self.assertIn(f'name="lang" value="{code}"', self.url_open(PAGE, headers=headers).text)
        english = {"Accept-Language": "en"}
        self.assertIn('name="lang" value="vi_VN"', self.url_open(f"{PAGE}?lang=vi_VN", headers=english).text)
        self.assertIn('name="lang" value="vi_VN"', self.url_open(f"{PAGE}?lang=nothing").text)

    def test_a_browser_sends_the_hash_and_never_the_file(self):
        before = self.env["kho.dl.check"].search_count([])
        self.browser_js(
            f"{PAGE}?lang=en_US",
            f"""
            const form = document.querySelector("#kho_dl_check");
            if (form) {{
                const choice = new DataTransfer();
                choice.items.add(new File([atob("{base64.b64encode(PDF).decode()}")], "x.pdf"));
                form.elements.file.files = choice.files;
                form.submit = () => {{
                    const sent = [...new FormData(form).keys()].sort().join();
                    const isRight = form.elements.sha256.value === "{hashlib.sha256(PDF).hexdigest()}";
                    isRight && sent === "csrf_token,lang,sha256"
                        ? console.log("test successful")
                        : console.error(sent + form.elements.sha256.value);
                }};
                form.elements.file.dispatchEvent(new Event("change"));
            }}
            """,
            ready="!!document.querySelector('.o_kho_dl_kept:not([hidden])')",
        )
        self.assertEqual(self.env["kho.dl.check"].search_count([]), before)

    def test_what_was_found_of_one_file_does_not_stand_above_another(self):
        self.paper.sudo()._write_below_the_guard({"check_code": CODE})
        self.browser_js(
            f"{PAGE}/{CODE}?lang=en_US",
            """
            const form = document.querySelector("#kho_dl_check");
            const verdict = document.querySelector("#kho_dl_verdict");
            if (form) {
                const was = verdict.checkVisibility();
                form.dataset.mostBytes = 1;
                const choice = new DataTransfer();
                choice.items.add(new File(["too large"], "x.pdf"));
                form.elements.file.files = choice.files;
                form.elements.file.dispatchEvent(new Event("change"));
                const isSaid = form.querySelector("[data-says='large']").checkVisibility();
                was && isSaid && !verdict.checkVisibility()
                    ? console.log("test successful")
                    : console.error("Both are shown");
            }
            """,
            ready="!!document.querySelector('.o_kho_dl_kept:not([hidden])')",
        )
