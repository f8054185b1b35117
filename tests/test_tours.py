from odoo.tests import HttpCase, tagged

from .common import AN, CHAU, CRIMINAL_RECORD, KhoDLFixtures


@tagged("-at_install", "post_install")
class TestTours(KhoDLFixtures, HttpCase):
    """The main job in a real browser."""

    def setUp(self):
        super().setUp()
        # A database made for Vietnam may have Vietnamese alone; the tours read English.
        self.env["res.lang"]._activate_lang("en_US")
        self.prepare()
        self.clerk.write({"password": "kho_clerk_of_the_test", "lang": "en_US"})

    def start(self, tour, case):
        self.start_tour(f"/odoo/action-kho_dl.action_kho_dl_case/{case.id}", tour, login="kho_clerk")

    def test_four_actions_by_keyboard(self):
        case = self.make_case(AN)
        self.start("kho_dl_retrieve", case)
        self.assertEqual(self.document(case, CRIMINAL_RECORD).source, "national")
        self.assertEqual(len(self.asked()), 1)

    def test_none_exists_is_said(self):
        case = self.make_case(CHAU)
        self.start("kho_dl_none_exists", case)
        self.assertEqual(case.query_ids.outcome, "none")

    def test_an_administrator_tests_the_connection(self):
        self.start_tour("/odoo/settings#kho_dl", "kho_dl_test_connection", login="admin")
        self.assertEqual(len(self.simulator.requests("login")), 2)

    def test_an_administrator_sees_what_is_wrong_and_has_it_tried_again(self):
        self.env.ref("base.user_admin").lang = "en_US"
        self.company.write({"kho_dl_sync_enabled": True, "kho_dl_alarm_rejected": 1})
        self.make_case(AN)
        refused = {"state": "rejected", "error_kind": "portal_rejected", "portal_message": "Not like this"}
        self.env["kho.dl.outbox"].search([]).write(refused)
        self.start_tour("/odoo/kho-dl-health", "kho_dl_health", login="admin")

    def test_a_system_administrator_goes_the_first_steps(self):
        self.env.ref("base.user_admin").lang = "en_US"
        self.company.kho_dl_unit_code = False
        self.env["kho.dl.directory.refresh"].sudo().search([]).unlink()
        self.start_tour("/odoo/action-kho_dl.action_kho_dl_settings", "kho_dl_first_steps", login="admin")
        self.assertEqual(self.company.kho_dl_unit_code, "H46")
        self.assertTrue(self.company.kho_dl_health_token and self.company.kho_dl_tested_on)

    def test_an_administrator_maps_by_keyboard(self):
        self.env.ref("base.user_admin").lang = "en_US"
        documents = self.env["kho.dl.procedure.document"]
        documents.search([("mapping_state", "=", "open")]).is_reusable = False
        self.env["kho.dl.result.code"].create(
            [
                {"code": code, "name": name}
                for code, name in (
                    ("KQ.T1", "Phiếu lý lịch tư pháp số 1"),
                    ("KQ.T2", "Khác"),
                    ("KQ.T3", "Giấy khai sinh"),
                )
            ]
        )
        names = ("Phiếu LLTP số 1", "Đơn đề nghị", "Giấy tờ khác", "Giấy khai sinh (bản sao)")
        made = documents.create([{"procedure_id": self.procedure.id, "name": name} for name in names])
        made._find_candidates(documents._finder())
        self.start_tour("/odoo/action-kho_dl.action_kho_dl_mapping", "kho_dl_mapping", login="admin")
        self.assertEqual([one.result_code_ids.code for one in made], ["KQ.T1", False, "KQ.T2", "KQ.T3"])
        self.assertEqual(made[1].mapping_state, "open")

    def test_a_clerk_says_which_paper_it_is(self):
        case = self.make_case(AN)
        self.start("kho_dl_propose", case)
        proposal = self.env["kho.dl.mapping.proposal"].search([])
        self.assertEqual((proposal.user_id, proposal.document_id.name), (self.clerk, "Application form"))

    def test_the_import_names_the_files_that_were_not_chosen(self):
        self.browser_js(
            "/odoo/action-kho_dl.action_kho_dl_paper",
            """
            const { BaseImportModel } = odoo.loader.modules.get("@base_import/import_model");
            // Without its constructor, which belongs to a component.
            const model = Object.assign(Object.create(BaseImportModel.prototype), {
                resModel: "kho.dl.paper",
                importMessages: [],
                importOptionsValues: {},
                binaryFilesParams: {
                    binaryFiles: { value: { "1.pdf": new File(["x"], "1.pdf") } },
                    delayAfterEachBatch: { value: 0 },
                    maxSizePerBatch: { value: 1 },
                },
            });
            model._pushLocalImageToRecords([1, 2, 3], { file: ["1.pdf", "2.pdf", null] }, true).then(() => {
                const [message] = model.importMessages;
                const isRight = model.importMessages.length === 1 && /2: 2.pdf$/.test(message.lines[1]);
                isRight ? console.log("test successful") : console.error(JSON.stringify(model.importMessages));
            });
            """,
            ready="odoo.isReady === true",
            login="admin",
        )

    def test_what_is_seen_to_in_the_settings_is_shown_there(self):
        for kind in ("seal", "account_ending"):
            url = self.env["kho.dl.health"].action_open_place(kind)["url"]
            with self.subTest(kind=kind):
                self.browser_js(
                    url,
                    """
                    const look = () => {
                        const place = document.querySelector("#SETTING.o_setting_highlight");
                        const { top } = place?.getBoundingClientRect() || { top: -1 };
                        if (top > 0 && top < innerHeight / 2) {
                            console.log("test successful");
                        } else {
                            setTimeout(look, 50);
                        }
                    };
                    look();
                    """.replace("SETTING", url.partition("#")[2]),
                    login="admin",
                )
