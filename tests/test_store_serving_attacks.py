import logging
import socket
from datetime import timedelta
from functools import partial
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import config

from ..models.store.kho_dl_serving import Call
from .common import KhoDLFixtures, new_test_user
from .paper_case import CONTENT, PaperCase, ServedFixtures

SIZE = len(CONTENT)
PATIENCE = 20
FORM = b"application/x-www-form-urlencoded"


@tagged("post_install", "-at_install")
class TestServingAttacks(ServedFixtures, KhoDLFixtures, HttpCase):
    """A paper of our store that this machine may fetch, and somebody who speaks HTTP by hand."""

    def setUp(self):
        super().setUp()
        self.prepare()
        self.company.kho_dl_serve_addresses = "127.0.0.0/8"
        self.file = self.make_stored().file_ids
        self.address = self.local(self.file)
        self.token = self.file.sudo().token
        self.unknown = f"/kho_dl/papers/{'a' * 43}/paper.pdf"

    def by_hand(self, address, *headers, body=b""):
        """Ask with these very bytes; return (status, headers as sent, body)."""
        self.env.flush_all()
        host = urlsplit(self.base_url())
        line = b"GET %s HTTP/1.1" % address.encode()
        lines = [line, b"Host: %s" % host.netloc.encode(), b"Connection: close", *headers, b"", body]
        with (
            self.allow_requests(all_requests=True),
            socket.create_connection((host.hostname, host.port), timeout=PATIENCE) as connection,
        ):
            connection.sendall(b"\r\n".join(lines))
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _gap, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head, body

    def rows(self):
        return self.env["kho.dl.serving"].search([], order="id")

    def assert_given(self, answer, why=""):
        self.assertEqual((answer[0], answer[2]), (200, CONTENT), why)

    def assert_nothing(self, answer, why=""):
        self.assertEqual((answer.status_code, answer.content), (404, b"Not Found"), why)
        self.assertNotIn("Set-Cookie", answer.headers, why)

    # -- methods, arguments, bodies ----------------------------------------------------------------

    def test_options_gives_no_content(self):
        for address in (self.address, self.unknown):
            self.assert_nothing(self.get(address, method="OPTIONS"))
        self.assertFalse(self.rows())

    def test_other_methods_learn_nothing_of_a_token(self):
        for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
            right, wrong = (self.get(address, method=method) for address in (self.address, self.unknown))
            self.assertEqual((right.status_code, right.content), (405, wrong.content), method)
            self.assertNotIn("Set-Cookie", right.headers)
        self.assertFalse(self.rows())

    def test_what_stands_behind_the_question_mark_changes_nothing(self):
        for word in ("self", "rest", "adapter", "args", "params", "debug", "db", "csrf_token", "%00"):
            self.assertEqual(self.get(f"{self.address}?{word}=1").content, CONTENT, word)
            self.assert_nothing(self.get(f"{self.unknown}?{word}=1"), word)
        self.assert_nothing(self.get(f"/kho_dl/papers?rest={self.token}/paper.pdf"))

    def test_a_body_is_not_read(self):
        headers = (b"Content-Type: " + FORM, b"Content-Length: 6")
        answers = [self.by_hand(address, *headers, body=b"self=1") for address in (self.address, self.unknown)]
        self.assertEqual([status for status, _head, _body in answers], [413, 413])
        self.assertEqual(answers[0][2], answers[1][2])
        self.assert_given(self.by_hand(self.address, b"Content-Type: " + FORM, b"Content-Length: 0"))

    # -- the address -------------------------------------------------------------------------------

    def test_other_ways_to_write_the_right_address(self):
        last = f"{self.token[:-1]}%{ord(self.token[-1]):02x}"
        for address in (
            f"//kho_dl/papers/{self.token}/x",
            f"/kho%5Fdl/%70apers/{last}/x",
            f"/kho_dl/papers/{self.token}%2Fx",
            f"/kho_dl/papers/{self.token}//../../etc/passwd",
            f"/kho_dl/papers/{self.token}/%ff%fe%00",
            f"http://far.example{self.address}",
            f"/%2e%2e/RestService/forward{self.address}",
        ):
            self.assert_given(self.by_hand(address), address)

    def test_a_token_that_is_nearly_right_is_wrong(self):
        token = self.token
        for wrong in (
            token[:-1], token + "A", token.swapcase(), f"%20{token}", f"{token}%20", f"{token}%00", f"{token}%c2%a0",
            f"{token};", f"{token}.pdf", f"%ff{token}", f"%2e%2e%2f{token}", f"..%5c{token}", "%25", "_" * 43,
            "%ef%bc%a1" + token[1:],
        ):  # fmt: skip
            status, _head, body = self.by_hand(f"/kho_dl/papers/{wrong}/paper.pdf")
            self.assertEqual((status, body), (404, b"Not Found"), wrong)
        self.assertFalse(self.rows())

    def test_a_slash_too_many_tells_nothing_of_a_token(self):
        places = []
        for token in (self.token, "a" * 43):
            status, head, _body = self.by_hand(f"/kho_dl/papers//{token}/x")
            places.append((status, [line for line in head.splitlines() if line.startswith(b"Location")]))
            places[-1] = repr(places[-1]).replace(token, "…")
        self.assertEqual(*places)
        self.assertFalse(self.rows())

    def test_no_way_to_write_an_address_brings_its_token_into_the_log(self):
        for address in (
            f"/kho_dl//papers/{self.token}/x", f"/kho_dl/papers//{self.token}/x", f"/KHO_DL/papers/{self.token}/x",
            f"/kho_dl/papers/../papers/{self.token}/x", f"/kho%5Fdl/papers/{self.token}",
            f"/kho_dl/papers/{self.token}%2Fx", f"//kho_dl/papers/{self.token}/x?providerurl=https://a/b",
            f"/X/RestService/forward/kho_dl/papers/{self.token}/a/b",
            f"/web/guest/X/RestService/forward/kho_dl/papers/{self.token}/a",
        ):  # fmt: skip
            with self.assertLogs("werkzeug", logging.INFO) as caught:
                self.by_hand(address)
            self.assertNotIn(self.token, "\n".join(caught.output), address.replace(self.token, "…"))

    # -- the headers -------------------------------------------------------------------------------

    def test_bytes_that_the_database_refuses(self):
        for header, status in (
            (b"Range: bytes=0-1\x00", 200),
            (b"Range: bytes=\xff\xfe", 200),
            (b"Range: bytes=" + b"0" * 60_000, 200),
            (b"X-Road-Client: VN/\x00GOV\xff/a", 200),
            (b"X-Road-Client: \x00\x01", 200),
            (b"If-None-Match: \x00", 200),
            (b"If-Modified-Since: \x00\xff", 200),
            (b"If-Range: \x00\xff", 200),
        ):
            self.assertEqual(self.by_hand(self.address, header)[0], status, header[:30])
        ranges, callers = self.rows().mapped("byte_range"), self.rows().mapped("caller")
        self.assertEqual((ranges[0], len(ranges[2])), ("bytes=0-1", 200))
        self.assertEqual(callers[3:5], ["VN/GOVÿ/a", "127.0.0.1"])

    def test_neither_host_nor_database_nor_cookie_changes_what_is_given(self):
        self.authenticate("kho_clerk", "kho_clerk")
        for headers in ({}, {"Host": "far.example"}, {"X_Odoo_Database": self.env.cr.dbname}):
            answer = self.get(**headers)
            self.assertEqual(answer.content, CONTENT, headers)
            self.assertNotIn("Set-Cookie", answer.headers)
            self.assert_nothing(self.get(self.unknown, **headers))
        self.company.kho_dl_serve_addresses = "10.0.0.1"
        self.assert_nothing(self.get())

    def test_parts_of_a_file(self):
        for wanted, start, stop in (
            ("bytes=0-0", 0, 1), (f"bytes={SIZE - 1}-", SIZE - 1, SIZE), ("bytes=-1", SIZE - 1, SIZE),
            ("bytes=3-99999999999999999999", 3, SIZE), ("bytes=0-", 0, SIZE),
        ):  # fmt: skip
            answer = self.get(Range=wanted)
            self.assertEqual((answer.status_code, answer.content), (206, CONTENT[start:stop]), wanted)
            self.assertEqual((self.rows()[-1].status, self.rows()[-1].size), (206, stop - start), wanted)
        refused = b"Range Not Satisfiable"
        for wanted in ("bytes=9-1", "bytes=a-b", "bytes=--1", f"bytes={SIZE}-", "bytes=0-1,0-1,0-1", "lines=0-1"):
            answer = self.get(Range=wanted)
            self.assertIn((answer.status_code, answer.content), [(200, CONTENT), (416, refused)], wanted)
            self.assertEqual(self.rows()[-1].size, SIZE if answer.status_code == 200 else 0, wanted)

    def test_a_part_is_of_the_file_that_the_caller_knows(self):
        whole = self.get()
        etag, changed = whole.headers["ETag"], whole.headers["Last-Modified"]
        self.assertEqual(self.get(Range="bytes=0-4", If_Range=etag).content, CONTENT[:5])
        self.assertEqual(self.get(Range="bytes=0-4", If_Range='"other"').content, CONTENT)
        self.assertEqual(self.get(If_Modified_Since=changed).status_code, 304)
        self.assertEqual(self.get(If_None_Match="*").status_code, 304)
        self.assertEqual(self.rows().mapped("size"), [SIZE, 5, SIZE, 0, 0])
        self.file.action_withdraw()
        for headers in ({"If_None_Match": etag}, {"If_None_Match": "*"}, {"Range": "bytes=0-4", "If_Range": etag}):
            self.assert_nothing(self.get(**headers))

    # -- the file ----------------------------------------------------------------------------------

    def test_names_of_any_kind(self):
        for number, (name, given) in enumerate((
            ("a\r\nSet-Cookie: x=1\r\n\r\n.pdf", 'filename="a Set-Cookie: x=1 .pdf"'),
            ("..", "filename=document.pdf"),
            ("../../etc/passwd.pdf", "filename=_.._etc_passwd.pdf"),
            ('"; filename=x.exe; y=".pdf', r'filename="\"; filename=x.exe; y=\".pdf"'),
            ("hóa\u202efdp.exe.pdf", "filename*=UTF-8''h%C3%B3afdp.exe.pdf"),
            ("Giấy phép.pdf", "filename*=UTF-8''Gi%E1%BA%A5y%20ph%C3%A9p.pdf"),
        )):  # fmt: skip
            answer = self.get(self.local(self.make_stored(name, number=f"name {number}").file_ids))
            self.assertEqual((answer.status_code, answer.content), (200, CONTENT), name)
            self.assertIn(given, answer.headers["Content-Disposition"])
            self.assertNotIn("Set-Cookie", answer.headers)

    def test_a_file_that_is_kept_in_the_database(self):
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        address = self.local(self.make_stored(number="in the database").file_ids)
        self.assertEqual(self.get(address).content, CONTENT)
        self.assertEqual(self.get(address, Range="bytes=1-4").content, CONTENT[1:5])

    def test_the_web_server_in_front_reads_the_file_and_the_journal_knows_how_much(self):
        with patch.dict(config.options, {"x_sendfile": True}):
            self.assertFalse(self.get().content)
            self.get(Range="bytes=0-4")
            self.get(method="HEAD")
        self.assertEqual(self.rows().mapped("size"), [SIZE, 5, 0])

    def test_a_paper_ends_with_its_last_day(self):
        today = self.env["kho.dl.paper"]._today()
        for last_day, status in ((today, 200), (today - timedelta(days=1), 404)):
            self.env.cr.execute(
                "UPDATE kho_dl_paper SET date_expiry = %s, is_unlimited = false WHERE id = %s",
                [last_day, self.file.paper_id.id],
            )
            self.assertEqual(self.get().status_code, status)

    # -- who may ---------------------------------------------------------------------------------------

    def test_addresses_of_all_kinds(self):
        self.company.kho_dl_serve_addresses = "10.1.0.0/24, 2001:db8::/32\n192.0.2.7"
        servings = self.env["kho.dl.serving"]
        for address in ("10.1.0.255", "::ffff:10.1.0.1", "2001:db8:1::5", "192.0.2.7"):
            self.assertIn(self.company.id, servings._companies_of(address), address)
        for address in (
            "10.1.1.0", "192.0.2.70", "::10.1.0.1", "2001:db9::1", "", "x", "10.1.0.1:80", "10.1.0.1, x", "010.1.0.1",
        ):  # fmt: skip
            self.assertFalse(servings._companies_of(address), address)

    def test_a_token_cannot_be_fished_for(self):
        self.get()
        places = {
            "kho.dl.paper.file": "token",
            "kho.dl.paper": "file_ids.token",
            "kho.dl.serving": "paper_file_id.token",
        }
        for group in ("clerk", "administrator", "auditor"):
            user = new_test_user(self.env, f"fisher_{group}", groups=f"kho_dl.group_{group}")
            for model, path in places.items():
                records = self.env[model].with_user(user)
                for attempt in (
                    lambda records, path: records.search([(path, "=like", f"{self.token[:3]}%")]),
                    lambda records, path: records.search([]).mapped(path),
                    lambda records, path: records.search([]).export_data([path.replace(".", "/")]),
                    lambda records, path: records.formatted_read_group([], [path], ["__count"]),
                ):
                    self.assert_refused(partial(attempt, records, path), f"{group}: {path}")

    def assert_refused(self, attempt, why):
        try:
            attempt()
        except (AccessError, UserError, ValueError):
            return
        self.fail(why)


class TestServingSealed(PaperCase):
    def test_servings_stand_in_the_chain_of_the_company(self):
        self.company.kho_dl_serve_addresses = "127.0.0.1"
        paper = self.make_paper()
        paper.action_enter()
        self.env.flush_all()
        servings, chain = self.env["kho.dl.serving"], self.env["kho.dl.journal.chain"]
        for caller in ("VN/A", "VN/B"):
            served = servings._admitted(paper.file_ids.sudo().token, "127.0.0.1", caller)
            servings._note(served, Call(caller, "127.0.0.1", "GET", ""), 200, served.size)
        before = chain._verify(self.company).rows
        servings._cron_seal()
        self.assertEqual(chain._verify(self.company).rows, before + 2)
        self.env.cr.execute("UPDATE kho_dl_serving SET caller = 'VN/C' WHERE caller = 'VN/A'")
        verdict = chain._verify(self.company)
        self.assertEqual((verdict.fault, verdict.model), ("changed", "kho.dl.serving"))
