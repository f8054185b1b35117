import hashlib
import logging
import socket
import time
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo.tests import HttpCase, tagged
from odoo.tests.common import TEST_CURSOR_COOKIE_NAME
from odoo.tools import config

from .common import KhoDLFixtures
from .paper_case import CONTENT, PDF, ServedFixtures

NAME = "Giấy chứng nhận số 1.pdf"


@tagged("post_install", "-at_install")
class TestServing(ServedFixtures, KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.prepare()
        self.company.kho_dl_serve_addresses = "10.9.8.7, 127.0.0.0/8"
        self.paper = self.make_stored(NAME)
        self.file = self.paper.file_ids
        self.address = self.local(self.file)

    def rows(self):
        return self.env["kho.dl.serving"].search([], order="id")

    def assert_nothing(self, answer, why=""):
        self.assertEqual(answer.status_code, 404, why)
        self.assertEqual(answer.content, b"Not Found", why)
        self.assertNotIn("Set-Cookie", answer.headers)
        return {name: value for name, value in answer.headers.items() if name != "Date"}

    # -- what is given -----------------------------------------------------------------------------

    def test_the_file_comes_whole_under_its_name(self):
        answer = self.get()
        self.assertEqual((answer.status_code, answer.content), (200, CONTENT))
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("filename*=UTF-8''Gi%E1%BA%A5y%20ch%E1%BB%A9ng", answer.headers["Content-Disposition"])
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertNotIn("Set-Cookie", answer.headers)
        self.assertNotIn("public", answer.headers["Cache-Control"])

    # Proves W.5-1.
    def test_with_and_without_the_prefix_of_the_adapter(self):
        for adapter in ("VXPAdapter", "XrdAdapter", "web/guest/VXPAdapter", "a/b/c/VXPAdapter"):
            answer = self.get(f"/{adapter}/RestService/forward{self.address}?dstcode=VN%3AGOV%3Aa%3Ab&providerurl=x")
            self.assertEqual((answer.status_code, answer.content), (200, CONTENT), adapter)

    def test_the_name_in_the_address_is_decoration(self):
        base = self.address.rpartition("/")[0]
        for name in ("x", "%2e%2e", "a/b/c", "..%2f..%2fetc%2fpasswd", "%00", "Gi%E1%BA%A5y", "x" * 2000):
            self.assertEqual(self.get(f"{base}/{name}").content, CONTENT, name)

    def test_a_part_of_the_file(self):
        answer = self.get(Range="bytes=5-9")
        self.assertEqual((answer.status_code, answer.content), (206, CONTENT[5:10]))
        self.assertEqual(answer.headers["Content-Range"], f"bytes 5-9/{len(CONTENT)}")
        self.assertEqual(self.get(Range="bytes=-4").content, CONTENT[-4:])
        self.assertEqual(self.rows().mapped("byte_range"), ["bytes=5-9", "bytes=-4"])
        self.assertEqual(self.rows().mapped("size"), [5, 4])

    def test_abused_ranges_cost_nothing(self):
        many = "bytes=" + ",".join(f"{start}-{start + 1}" for start in range(0, 4000, 2))
        for wanted in (many, "bytes=99999999-", "bytes=0-1,2-3,0-1", "bytes=5-2"):
            answer = self.get(Range=wanted)
            self.assertIn(answer.status_code, (200, 416), wanted[:30])
            self.assertLessEqual(len(answer.content), len(CONTENT))
        self.assertEqual(self.get(Range="bytes=99999999-").headers["Content-Range"], f"bytes */{len(CONTENT)}")
        self.assertLessEqual(max(map(len, self.rows().mapped("byte_range"))), 200)

    def test_what_is_no_part_of_a_file_is_read_over(self):
        """RFC 9110, 14.2: other units and several parts, which we do not give, are as if nobody had asked for them."""
        for wanted in ("items=0-1", "bytes=0-9,20-29", "bytes=5-2", "bytes", "bytes=x-"):
            answer = self.get(Range=wanted)
            self.assertEqual((answer.status_code, answer.content), (200, CONTENT), wanted)

    def test_who_wants_another_version_gets_nothing_of_this_one(self):
        for headers in ({"If_Match": '"another"'}, {"If_Match": '"another"', "Range": "bytes=0-9"}):
            answer = self.get(**headers)
            self.assertEqual((answer.status_code, answer.content), (412, b"Precondition Failed"))
        self.assertEqual([(row.status, row.size) for row in self.rows()], [(412, 0), (412, 0)])
        self.assertEqual(self.get(If_Match=self.get().headers["ETag"]).content, CONTENT)

    def test_what_is_known_already_is_not_sent_again(self):
        etag = self.get().headers["ETag"]
        answer = self.get(If_None_Match=etag)
        self.assertEqual((answer.status_code, answer.content), (304, b""))
        self.assertEqual(self.get(If_None_Match='"other"').status_code, 200)
        self.assertEqual(self.rows().mapped("status"), [200, 304, 200])

    def test_head_tells_the_size_and_sends_nothing(self):
        answer = self.get(method="HEAD")
        self.assertEqual((answer.status_code, answer.content), (200, b""))
        self.assertEqual(answer.headers["Content-Length"], str(len(CONTENT)))
        self.assertEqual((self.rows().method, self.rows().size), ("HEAD", 0))

    def test_no_other_method(self):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            self.assertIn(self.get(method=method).status_code, (404, 405), method)
        self.assertFalse(self.rows())

    # -- what is not -------------------------------------------------------------------------------

    def test_everything_that_is_wrong_gets_the_same_answer(self):
        withdrawn = self.make_stored(number="withdrawn").file_ids
        withdrawn.action_withdraw()
        revoked = self.make_stored(number="revoked").file_ids
        revoked.paper_id._revoke("x")
        expired = self.make_stored(number="expired", date_issued="2001-01-01", date_expiry="2001-02-01").file_ids
        wrong = {
            "unknown": "/kho_dl/papers/" + "a" * 43 + "/x.pdf",
            "withdrawn": self.local(withdrawn),
            "revoked": self.local(revoked),
            "expired": self.local(expired),
            "no name": self.address.rpartition("/")[0],
            "empty name": self.address.rpartition("/")[0] + "/",
            "id": f"/kho_dl/papers/{self.file.id}/x.pdf",
            "listing": "/kho_dl/papers",
            "listing of the adapter": "/VXPAdapter/RestService/forward/kho_dl/papers",
            "way up": "/kho_dl/papers/%2e%2e/%2e%2e/x",
            "injected": "/kho_dl/papers/'%20OR%201=1--/x",
            "nothing": "/kho_dl/papers/%00/x",
            "like": "/kho_dl/papers/%25/x.pdf",
            "long": "/kho_dl/papers/" + "a" * 5000 + "/x.pdf",
        }
        answers = {why: self.assert_nothing(self.get(address), why) for why, address in wrong.items()}
        self.company.kho_dl_serve_addresses = "10.0.0.1"
        answers["foreign"] = self.assert_nothing(self.get(), "foreign")
        self.assertEqual(len({tuple(sorted(headers.items())) for headers in answers.values()}), 1)
        self.assertFalse(self.rows())

    def test_nobody_is_served_before_addresses_are_entered(self):
        self.company.kho_dl_serve_addresses = False
        self.assert_nothing(self.get())

    def test_headers_do_not_change_where_a_call_comes_from(self):
        self.company.kho_dl_serve_addresses = "10.0.0.1"
        for name in ("X_Forwarded_For", "X_Real_IP", "Forwarded", "X_Client_IP", "X_Remote_Addr"):
            self.assert_nothing(self.get(**{name: "10.0.0.1"}), name)
        self.assert_nothing(self.get(X_Forwarded_For="10.0.0.1", X_Forwarded_Host="x"))

    def test_behind_a_proxy_odoo_tells_where_a_call_comes_from(self):
        self.company.kho_dl_serve_addresses = "10.0.0.1"
        forwarded = {"X_Forwarded_For": "10.0.0.1", "X_Forwarded_Host": "dvc.example.gov.vn"}
        self.assert_nothing(self.get(**forwarded))
        with patch.dict(config.options, {"proxy_mode": True}):
            self.assertEqual(self.get(**forwarded).content, CONTENT)
            # The proxy adds the caller behind what the caller claims.
            self.assert_nothing(self.get(X_Forwarded_For="10.0.0.1, 10.0.0.2", X_Forwarded_Host="x"))
        self.assertEqual(self.rows().address, "10.0.0.1")

    def test_readers_that_take_nothing_hold_up_nobody(self):
        large = (
            self.env["kho.dl.paper"]
            .with_user(self.clerk)
            .create(
                self.paper_values(
                    number="large", attachment_ids=[(0, 0, {"name": "x.pdf", "raw": PDF + bytes(8_000_000)})]
                )
            )
        )
        large.action_enter()
        address = urlsplit(f"{self.base_url()}{self.local(large.file_ids)}")
        self.env.flush_all()
        readers = [socket.create_connection((address.hostname, address.port)) for _number in range(5)]
        try:
            with self.allow_requests():
                for reader in readers:
                    cookie = f"{TEST_CURSOR_COOKIE_NAME}={self.http_request_key}"
                    lines = [f"GET {address.path} HTTP/1.1", f"Host: {address.netloc}", f"Cookie: {cookie}", "", ""]
                    reader.sendall("\r\n".join(lines).encode())
                    self.assertIn(b"HTTP/1.1 200", reader.recv(400))
            self.assertEqual(self.get().content, CONTENT)
        finally:
            for reader in readers:
                reader.close()

    def test_a_dead_address_stays_dead(self):
        self.assertEqual(self.get().status_code, 200)
        self.file.action_withdraw()
        self.assert_nothing(self.get())
        self.file.action_give_again()
        self.assert_nothing(self.get())
        self.assertEqual(self.get(self.local(self.file)).content, CONTENT)

    def test_a_replaced_paper_is_not_given_any_more(self):
        draft = self.env["kho.dl.paper"].browse(self.paper.action_supersede()["res_id"])
        draft.attachment_ids = [(0, 0, {"name": "new.pdf", "raw": PDF})]
        self.assertEqual(self.get().status_code, 200)
        draft.action_enter()
        self.assert_nothing(self.get())
        self.assertEqual(self.get(self.local(draft.file_ids)).content, PDF)

    def test_the_security_server_of_another_company_gets_nothing(self):
        other = self.env["res.company"].create({"name": "B", "kho_dl_serve_addresses": "127.0.0.1"})
        self.assertEqual(self.get().status_code, 200)
        self.company.kho_dl_serve_addresses = "10.0.0.1"
        self.assert_nothing(self.get())
        self.assertTrue(other.kho_dl_serve_addresses)

    def test_ten_thousand_unknown_tokens_leave_nothing_behind(self):
        self.get()
        early = self.seconds_of_unknown(200, 0)
        servings = self.env["kho.dl.serving"]
        for number in range(10_000):
            self.assertFalse(servings._admitted(f"{number:043d}", "127.0.0.1", "VN/A"))
        late = self.seconds_of_unknown(200, 1)
        self.assertEqual(len(self.rows()), 1)
        self.assertLess(late, early * 3)
        self.assertEqual(self.get().status_code, 200)

    def seconds_of_unknown(self, count, kind):
        # Of this process, which asks and answers: those of others on the machine do not count.
        started = time.process_time()
        for number in range(count):
            self.assert_nothing(self.get(f"/kho_dl/papers/{kind}{number:042d}/x.pdf"))
        return time.process_time() - started

    # -- what is kept ------------------------------------------------------------------------------

    # Proves W.5-2.
    def test_each_serving_is_a_row_of_the_journal(self):
        self.get(X_Road_Client="VN/GOV/000.00.00.H22/hagiang")
        self.get()
        first, second = self.rows()
        self.assertEqual((first.caller, second.caller), ("VN/GOV/000.00.00.H22/hagiang", "127.0.0.1"))
        self.assertEqual((first.address, first.status, first.size), ("127.0.0.1", 200, len(CONTENT)))
        self.assertEqual(first.sha256, hashlib.sha256(CONTENT).hexdigest())
        self.assertEqual((first.paper_file_id, first.company_id), (self.file, self.company))
        self.assertTrue(first._is_closed())

    def test_a_forged_name_of_the_caller_is_cleaned(self):
        self.get(X_Road_Client="VN/GOV/x<script>'; DROP--" + "y" * 5000)
        self.assertEqual(self.rows().caller[:26], "VN/GOV/xscriptDROP--yyyyyy")
        self.assertEqual(len(self.rows().caller), 200)

    def test_who_comes_too_often_waits(self):
        self.company.kho_dl_serve_per_minute = 3
        self.assertEqual([self.get(X_Road_Client="VN/A").status_code for _again in range(4)], [200, 200, 200, 429])
        refused = self.get(X_Road_Client="VN/A")
        self.assertEqual(refused.headers["Retry-After"], "60")
        self.assertEqual(self.get(X_Road_Client="VN/B").status_code, 200)
        self.assertEqual(len(self.rows()), 4)

    def test_no_session_is_made(self):
        self.opener.cookies.clear()
        self.assertFalse(self.get().cookies)

    def test_the_log_names_no_token(self):
        with self.assertLogs("werkzeug", logging.INFO) as caught:
            self.get()
            self.get("/kho_dl/papers/unknown-token/x.pdf")
        log = "\n".join(caught.output)
        self.assertIn("/kho_dl/papers/…/", log)
        self.assertNotIn(self.file.sudo().token, log)
        self.assertNotIn("unknown-token", log)

    def test_a_file_that_is_gone_from_the_disk_is_not_there(self):
        attachment = self.file.attachment_id.sudo()
        self.env.cr.execute("UPDATE ir_attachment SET store_fname = 'no/nothing' WHERE id = %s", [attachment.id])
        self.env.invalidate_all()
        with self.assertLogs("odoo.addons.kho_dl.controllers.papers", logging.ERROR):
            self.assert_nothing(self.get())
