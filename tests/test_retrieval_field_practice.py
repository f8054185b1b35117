from ..protocol.filenames import name_in_link
from ..simulator.papers import Paper, PaperFile
from .common import AN, BINH, CRIMINAL_RECORD, KhoDLCase

# What a security server says, and words that tell whose fault it is.
FAULTS = {
    "Server.ServerProxy.AccessDenied": "access right",
    "Server.ServerProxy.UnknownService": "does not offer",
    "Server.ClientProxy.UnknownMember": "does not know the other side",
    "Server.ClientProxy.MessageTooLarge": "our security server lets through",
    "Server.ServerProxy.MessageTooLarge": "other side's security server lets through",
    "Server.ClientProxy.LoggingFailed": "Our security server cannot write its log",
    "Server.ServerProxy.LoggingFailed": "other side's security server cannot write its log",
    "Server.ClientProxy.SslAuthenticationFailed": "does not accept a certificate",
    "Server.ServerProxy.SslAuthenticationFailed": "each other's certificate",
    "Server.ClientProxy.NetworkError": "cannot reach that of the other side",
    "Server.ServerProxy.ServiceFailed": "the system behind it does not answer",
    "Server.ServerProxy.ServiceFailed.NetworkError": "the system behind it does not answer",
    "Server.ClientProxy.OutdatedGlobalConf": "Our security server could not pass this on",
    "Server.ServerProxy.InternalError": "other side's security server could not pass this on",
}


class TestFieldPractice(KhoDLCase):
    """What real systems send otherwise than the guideline prints it."""

    def attached_names(self):
        case = self.make_case()
        wizard = self.attach_all(case)
        self.assertEqual(set(wizard.line_ids.filtered("selected").mapped("status")), {"attached"})
        return sorted(case.document_ids.attachment_ids.mapped("name"))

    def names_there(self):
        """Return how the other offices call the files that were attached last."""
        return self.retrievals(self.env["kho.dl.case"].search([], order="id desc", limit=1)).mapped("file_name")

    # Proves W.4-5.
    def test_a_file_that_only_claims_to_be_compressed_is_attached(self):
        names = self.attached_names()
        for encoding in ("gzip", "deflate", "br", "identity"):
            with self.subTest(encoding=encoding):
                self.simulator.order("file", "false_encoding", times=None, encoding=encoding)
                self.assertEqual(self.attached_names(), names)
                self.simulator.clear_faults()

    # Proves W.4-4.
    def test_a_file_without_a_name_has_the_one_that_comes_with_it(self):
        readable = self.attached_names()
        for form in ("raw", "rfc5987", "rfc2047"):
            with self.subTest(form=form):
                self.simulator.order("papers", "named_in_header", times=None)
                self.simulator.order("file", "named_in_header", times=None, form=form)
                self.assertEqual(self.attached_names(), readable)
                self.assertEqual(set(self.names_there()), {"Giấy khai sinh.pdf", "Giấy khai sinh.jpg"})
                self.simulator.clear_faults()

    def test_a_file_without_any_name_has_the_one_in_its_link(self):
        self.simulator.order("papers", "named_in_header", times=None)
        self.attached_names()
        rows = self.retrievals(self.env["kho.dl.case"].search([], order="id desc", limit=1))
        self.assertEqual([row.file_name.rpartition(".")[0] for row in rows], [name_in_link(row.link) for row in rows])

    # Proves W.0-4.
    def test_an_answer_that_a_proxy_has_wrapped_is_read(self):
        for form in ("string", "message", "data"):
            with self.subTest(form=form):
                self.simulator.order("any", "wrapped", times=None, form=form, match="mapi")
                self.simulator.order("papers", "wrapped", times=None, form=form)
                self.assertTrue(self.attached_names())
                self.simulator.clear_faults()

    # Proves W.0-5.
    def test_a_byte_order_mark_changes_nothing(self):
        self.simulator.order("any", "byte_order_mark", times=None, match="mapi")
        self.simulator.order("any", "byte_order_mark", times=None, match="bndp")
        self.env["kho.dl.token"].sudo().search([]).unlink()
        self.env["kho.dl.security.server"].action_refresh()
        self.assertEqual(self.env["kho.dl.directory.refresh"].search([], limit=1).outcome, "done")
        self.assertTrue(self.attached_names())

    # Proves W.0-1.
    def test_a_security_server_behind_one_more_forwarder_is_used_as_it_is(self):
        self.company.kho_dl_ss_url = f"{self.simulator.url}/api/forward/http://10.0.0.1:8081"
        said = self.env["res.config.settings"].create({}).action_kho_dl_test_connection()["params"]
        self.assertEqual(said["type"], "success")
        self.assertTrue(self.attached_names())
        paths = {request["path"].partition("/RestService")[0] for request in self.simulator.requests()}
        forwarder = "/api/forward/http://10.0.0.1:8081"
        self.assertEqual(paths, {f"{forwarder}/XrdAdapter", f"{forwarder}/VXPAdapter"})

    # Proves W.4-1, W.4-4.
    def test_links_of_the_field_lead_to_their_files(self):
        base, dstcode = "http://10.0.0.41:8083/", "VN:COM:0106001236:NganLuongPaymentSvc"
        links = (
            # Its own query first, a private provider with port and slash, a placeholder in lower case.
            f"http://ip-ss-donvi:8080/XrdAdapter/RestService/forward/service/vpcp/viewbill?token=a%2Bb&dstcode={dstcode}"
            f"&providerurl={base}",
            # A UUID behind the name.
            f"http://ip-ss-donvi:8080/VXPAdapter/RestService/forward/giay/3f2b8a52-7f0e-4a39-9d0e-1c2d3e4f5a6b?t=1&download=true"
            f"&dstcode={dstcode}&providerurl={base}",
        )
        world = self.simulator.world
        world.add_agency("G99", "Cổng thanh toán", dstcode, base)
        self.env["kho.dl.security.server"].action_refresh()
        files = tuple(PaperFile(None, link) for link in links)
        world.add_person(BINH, "Bình", [Paper(CRIMINAL_RECORD, "Phiếu", "1", "G99", files)])
        self.simulator.order("file", "named_in_header", times=None)
        case = self.make_case(BINH)
        self.attach_all(case)
        self.assertEqual(self.retrievals(case).mapped("state"), ["done", "done"])
        self.assertEqual(set(self.retrievals(case).mapped("file_name")), {"Giấy khai sinh.pdf"})
        queries = [request["query"] for request in self.simulator.requests("file")]
        self.assertEqual({query.get("token") for query in queries}, {"a+b", None})
        self.assertEqual({query.get("download") for query in queries}, {"true", None})

    # Proves W.0-6.
    def test_a_fault_of_a_security_server_says_whose_fault_it_is(self):
        for code, words in FAULTS.items():
            for form, status in (("json", 500), ("bare", 200), ("soap", 200), ("soap", 500)):
                with self.subTest(code=code, form=form, status=status):
                    self.env["kho.dl.breaker"].sudo().search([]).unlink()
                    self.simulator.order("papers", "server_fault", code=code, form=form, status=status)
                    wizard = self.make_wizard(self.make_case())
                    wizard.action_search()
                    self.assertEqual((wizard.outcome, wizard.query_id.error_kind), ("failed", "security_server_fault"))
                    self.assertIn(words, wizard.message)
                    self.assertEqual(wizard.query_id.error_code, code)
                    self.assertNotIn(code, wizard.message)
                    self.assertIn("Nothing is lost", wizard.message)
                    self.assertNotIn("Request is not allowed", wizard.message)

    def test_a_fault_while_a_file_is_fetched_is_told_on_its_line(self):
        for code in ("Server.ServerProxy.AccessDenied", "Server.ClientProxy.MessageTooLarge"):
            with self.subTest(code=code):
                wizard = self.make_wizard(self.make_case())
                wizard.action_search()
                self.simulator.order("file", "server_fault", times=None, code=code)
                wizard.action_attach()
                line = wizard.line_ids.filtered("selected")[0]
                self.assertEqual(line.status, "failed")
                self.assertIn(FAULTS[code], line.message)
                self.simulator.clear_faults()

    # Proves W.3-4.
    def test_an_answer_whose_papers_cannot_be_read_is_not_an_answer_without_papers(self):
        self.simulator.world.set_raw_papers(AN, [{"MaGiayTo": CRIMINAL_RECORD, "TenGiayTo": "x"}])
        wizard = self.make_wizard(self.make_case())
        wizard.action_search()
        self.assertEqual((wizard.outcome, wizard.query_id.error_kind), ("failed", "answer_not_understood"))

    def test_what_went_wrong_is_said_with_who_can_do_what(self):
        for fault, values, words, code in (
            ("error_code", {"code": "99", "message": ""}, "gave no reason", "99"),
            ("error_page", {"status": 502}, "has trouble", "502"),
        ):
            with self.subTest(fault=fault):
                self.env["kho.dl.breaker"].sudo().search([]).unlink()
                self.simulator.order("papers", fault, **values)
                wizard = self.make_wizard(self.make_case())
                wizard.action_search()
                self.assertIn(words, wizard.message)
                self.assertNotIn(code, wizard.message)
                self.assertEqual(wizard.query_id.error_code, code)
                self.assertIn("Nothing is lost", wizard.message)
                self.assertIn("administrator", wizard.message)

    def test_an_office_that_keeps_a_file_to_itself_is_not_said_to_have_lost_it(self):
        wizard = self.make_wizard(self.make_case())
        wizard.action_search()
        self.simulator.order("file", "server_error", times=None, status=403)
        wizard.action_attach()
        line = wizard.line_ids.filtered("selected")[0]
        self.assertEqual(line.status, "failed")
        self.assertIn("does not give us this file", line.message)
        self.assertEqual(set(line.sudo().retrieval_ids.mapped("error_code")), {"403"})

    def test_the_office_of_a_paper_is_named_also_where_nobody_is_known_to_serve_it(self):
        link = "http://IP-SS:8080/VXPAdapter/RestService/forward/a.pdf?dstcode=VN:COM:1:new&providerurl=http://a.vn"
        paper = {"MaKetQua": CRIMINAL_RECORD, "TenGiayTo": "x", "SoKyHieu": "1", "CoQuanChuQuan": "H22"}
        papers = [paper, {**paper, "DanhSachTepDinhKem": [{"TenFile": "a.pdf", "DuongDan": link}]}]
        self.simulator.world.set_raw_papers(AN, papers)
        wizard = self.make_wizard(self.make_case())
        wizard.action_search()
        self.assertEqual(set(wizard.line_ids.mapped("agency")), {"UBND tỉnh Hà Giang"})

    def test_a_code_that_comes_back_in_other_letters_is_the_one_that_was_asked_for(self):
        paper = {"MaKetQua": CRIMINAL_RECORD.lower(), "TenGiayTo": "Paper", "DanhSachTepDinhKem": []}
        self.simulator.world.set_raw_papers(AN, [paper, {**paper, "MaKetQua": "KQ.OTHER"}])
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        self.assertEqual(wizard.outcome, "found")
        self.assertEqual(wizard.line_ids.case_document_id, self.document(wizard.case_id, CRIMINAL_RECORD))
        self.assertEqual([kept["result_code"] for kept in wizard.query_id.sudo().answer], [CRIMINAL_RECORD])

    def test_a_code_that_differs_by_its_letters_alone_is_another_where_the_catalogue_has_both(self):
        other = CRIMINAL_RECORD.lower()
        self.env["kho.dl.result.code"].create({"code": other, "name": "Another paper"})
        paper = {"MaKetQua": other, "TenGiayTo": "Paper", "DanhSachTepDinhKem": []}
        self.simulator.world.set_raw_papers(AN, [paper])
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        self.assertEqual((wizard.outcome, wizard.query_id.sudo().answer or []), ("none", []))
